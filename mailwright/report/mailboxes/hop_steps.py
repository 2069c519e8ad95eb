"""What a person does so that two mail hosts under one domain hand each other mail, in the safe order."""

from __future__ import annotations

from collections.abc import Iterator

from mailwright.catalog import service_name
from mailwright.catalog.behaviour import behaviour
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Lang, Text
from mailwright.plan.mailboxes.two_hosts import PASSING, REST, TRUSTING, answer, exchanger
from mailwright.plan.records.moving import terms
from mailwright.spec.model import MailHost, MailSpec
from mailwright.spec.own_server import SELF_HOSTED

_TRUST = Text(
    "At {here}: trust {other} as a relay ({word}), by the addresses of `{terms}`, so that SPF and DMARC "
    "are not "
    "judged by its address. Before {other} passes anything on. These addresses may be shared with other "
    "customers of {other}: "
    "leave spam checks on\n"
    "   - Done when: a mail of a sender with p=reject came by {other} and is not in the junk folder",
    "在{here}：把{other}设为可信中继（{word}），填写 `{terms}` 所含的地址，避免按其地址判断 SPF 和 DMARC。"
    "须在{other}开始转交之前完成。这些地址可能与{other}的其他客户共用：请保留垃圾邮件检查\n"
    "   - 确认：来自 p=reject 域名的邮件经{other}到达，且不在垃圾箱",
)
_LISTED = Text(
    "At {here} ({word}): pass mail to these addresses on to `{exchanger}`, and to no others; each only "
    "once it "
    "takes mail at {other}: {addresses}\n"
    "   - Done when: a mail from outside to each was read by its person, and a mail to an address that "
    "nobody has "
    "came back once",
    "在{here}（{word}）：只把下列地址的来信转给 `{exchanger}`，其他地址一律不转；每个地址须先在{other}能收"
    "信："
    "{addresses}\n"
    "   - 确认：从外部发给每个地址的邮件都已由负责人读到；发往不存在地址的邮件只退回一次",
)
_REST = Text(
    "At {here} ({word}): pass mail to addresses that it does not have on to `{exchanger}`; {other} then "
    "refuses "
    "those that nobody has. Only once these take mail at {other}: {addresses}\n"
    "   - Done when: a mail from outside to each was read by its person, and a mail to an address that "
    "nobody has "
    "came back once",
    "在{here}（{word}）：把此处没有的地址的来信转给 `{exchanger}`；不存在的地址由{other}拒收。"
    "下列地址须先在{other}能收信：{addresses}\n"
    "   - 确认：从外部发给每个地址的邮件都已由负责人读到；发往不存在地址的邮件只退回一次",
)
_TABLES = Text(
    "On your own server, before the first `up` with two hosts: make an empty `transports`, name it in "
    "main.cf "
    "(`transport_maps`) and reload, else mail to the other host's people comes back. Then `up` writes a "
    "line in "
    "`mailboxes` and one in `transports` for each address at {other}, which takes mail there before: "
    "{addresses}\n"
    "   - Done when: a mail from outside to each was read by its person",
    "在自建服务器，首次以两家服务运行 `up` 之前：新建空的 `transports` 表，在 main.cf 的 `transport_maps` "
    "中引用并重新加载，"
    "否则发给另一家人员的邮件会被退回。之后 `up` 为{other}的每个地址在 `mailboxes` 和 `transports` 中各写"
    "一行；"
    "这些地址须先在{other}能收信：{addresses}\n"
    "   - 确认：从外部发给每个地址的邮件都已由负责人读到",
)
_MOVE = Text(
    "To move somebody from one host to the other: make the mailbox at the new host, change at: in the "
    "spec, run "
    "`up` with consent to `address-gap`, at once change the two lists above, and delete the old mailbox only "
    "after the old mail was copied and five days have passed",
    "要把某人从一家迁到另一家：先在新的一家建好邮箱，再修改规格中的 at:，确认 `address-gap` 后运行 `up`，"
    "随即修改上面两处列表；旧邮件复制完并过五天之后，才删除旧邮箱",
)
_OWN = Text("its spam filter and DMARC filter", "反垃圾与 DMARC 过滤程序")


def steps(spec: MailSpec, here: MailHost, view: Mailboxes, lang: Lang) -> Iterator[tuple[str, str]]:
    """(id, words) of each step at one of two mail hosts; ``view`` is what it has."""
    (other,) = (one for one in spec.mail_hosts if one is not here)
    params: dict[str, object] = {
        "here": service_name(here.service),
        "other": service_name(other.service),
        "exchanger": exchanger(spec, other) or "–",
        "addresses": ", ".join(f"`{address}`" for address in view.hops) or "–",
        "terms": " ".join(terms(spec, other)) or "–",
    }
    # What the second's own people send passes SPF; an own server's groups send customers' mail back.
    if here is spec.beside or other.service == SELF_HOSTED:
        yield "hop:trust", _TRUST.using(**params, word=_word(here, TRUSTING))(lang)
    words = _REST if answer(here.service, PASSING) == REST else _LISTED
    words = _TABLES if here.service == SELF_HOSTED else words
    if view.hops:
        yield "hop:pass", words.using(**params, word=_word(here, PASSING))(lang)
    yield "hop:move", _MOVE(lang)


def _word(host: MailHost, kind: str) -> Text:
    known = behaviour(host.service)
    word = known.words.get(kind) if known else None
    if word is None:
        return _OWN
    return Text("{word}: {path}", "{word}：{path}").using(word=word.word, path=word.path)
