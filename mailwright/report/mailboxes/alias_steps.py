"""What a person does so that every address takes mail at an alias domain, before its MX leads here."""

from __future__ import annotations

from collections.abc import Iterator

from mailwright.catalog import service, service_name
from mailwright.catalog.behaviour import behaviour
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Lang, Text
from mailwright.spec.model import MailSpec

_SEEN = Text(
    "\n   - Done when: a mail from outside to every address at `{alias}`, sent straight to its "
    "exchangers, is read by its "
    "person; only then `up` publishes the MX of `{alias}`",
    "\n   - 确认：从外部直接向其 MX 投递，`{alias}` 下的每个地址都已由负责人读到；之后才用 `up` 发布 "
    "`{alias}` 的 MX",
)
_WHOLE = Text(
    "At {service}: add `{alias}` as an alias domain of `{domain}`",
    "在{service}：把 `{alias}` 添加为 `{domain}` 的别名域名",
)
_EACH = Text(
    "At {service}: add `{alias}`, then give each address an alias there, leavers whose mail goes on "
    "included: {addresses}",
    "在{service}：添加 `{alias}`，再逐个为地址设置别名（包括邮件仍有人接手的离职人员）：{addresses}",
)
_OWN = Text(
    "On your own server: add `{alias}` to `virtual_alias_domains` in main.cf; its lines in the tables are "
    "written "
    "like those of `{domain}`",
    "在自建服务器：在 main.cf 的 `virtual_alias_domains` 中加入 `{alias}`；表中的行与 `{domain}` "
    "的一样由程序写入",
)
_OPEN = Text(
    "Not known, so not a step: whether addresses of {service} take mail at `{alias}` too",
    "不清楚，因此不列为步骤：{service}的地址能否在 `{alias}` 也收信",
)
_OTHERS = Text(
    "No document says whether these addresses (groups, aliases, leavers) take mail at `{alias}` too. Try "
    "each; where "
    "nothing arrives, make "
    "the same group, alias or routing there, for leavers before their mailbox is suspended: {others}",
    "没有文档说明下列地址（并非邮箱）能否在 `{alias}` 也收信。请逐个试发；收不到的，在那里另设同样的群组、"
    "别名或路由，"
    "离职人员的须在停用邮箱之前设好：{others}",
)
_SIGN = Text(
    "At {service}: have mail of `{alias}` signed with a key of its own, and write that under alias_domains: "
    "{{dkim: […]}}\n   - Done when: a mail written as `{alias}` shows dkim=pass with d={alias}",
    "在{service}：为 `{alias}` 启用单独的 DKIM 密钥，并写入 alias_domains: {{dkim: […]}}\n"
    "   - 确认：以 `{alias}` 发出的邮件显示 dkim=pass 且 d={alias}",
)


def steps(spec: MailSpec, mailboxes: Mailboxes | None, lang: Lang) -> Iterator[tuple[str, str]]:
    """(id, words) of each step; none without alias domains."""
    host, known = service(spec.mail_host.service), behaviour(spec.mail_host.service)
    says = known.says("alias_domain") if known else ""
    own = host is not None and host.exchangers == "own"
    for alias in spec.alias_domains:
        params: dict[str, object] = {
            "service": service_name(spec.mail_host.service),
            "alias": alias.domain,
            "domain": spec.domain,
            "addresses": _addresses(mailboxes, alias.domain),
        }
        text = _OWN if own else {"yes": _WHOLE, "each": _EACH}.get(says, _OPEN)
        end = "" if text is _OPEN else _SEEN.using(**params)(lang)
        yield f"alias-domain:{alias.domain}", text.using(**params)(lang) + end
        if others := _others(mailboxes, alias.domain) if says == "yes" and not own else "":
            yield f"alias-domain-others:{alias.domain}", _OTHERS.using(**params, others=others)(lang)
        if not alias.dkim and not (own and spec.signing) and host and host.dkim:
            yield f"alias-domain-key:{alias.domain}", _SIGN.using(**params)(lang)


def _addresses(mailboxes: Mailboxes | None, alias: str) -> str:
    if mailboxes is None:
        return "–"
    names = [box.address for box in mailboxes.mailboxes] + [route.address for route in mailboxes.routes]
    pairs = (f"`{name.rpartition('@')[0]}@{alias}` → `{name}`" for name in sorted(names))
    return ", ".join(pairs) or "–"


def _others(mailboxes: Mailboxes | None, alias: str) -> str:
    """The addresses that are no mailboxes: groups, aliases, leavers whose mail is passed on."""
    routes = mailboxes.routes if mailboxes else ()
    return ", ".join(f"`{route.address.rpartition('@')[0]}@{alias}`" for route in routes)
