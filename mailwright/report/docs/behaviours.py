"""The part of ``docs/mail-hosts.md`` about what each host does to mail, and what cannot be tried here."""

from __future__ import annotations

from collections.abc import Iterator

from mailwright.catalog import service
from mailwright.catalog.behaviour import Behaviour, behaviours, questions
from mailwright.catalog.service import Service
from mailwright.model.text import Lang, Text
from mailwright.report.formats.markdown import table

_TITLE = Text("What they do to mail", "如何处理邮件")
_HEAD = Text(
    "By their documents, not seen on a living tenant. `trace`, `who`, "
    "`expect:` and the checklist of `mailwright export` are made from the same answers, so they cannot say "
    "different things. `?`: no public document says it; then `trace` answers “not known”.",
    "依据各家文档整理，并非在真实账号上验证。`trace`、`who`、`expect:` 与 "
    "`mailwright export` 的清单都出自同一份答案，因此不会互相矛盾。`?` 表示没有公开文档说明，此时 `trace` "
    "的答案是“未知”。",
)
_QUESTION = Text("question", "问题")
_UNDO = Text("a deleted mailbox comes back for", "删除的邮箱可恢复")
_DAYS = Text("{days} days", "{days} 天")
_RESERVED = Text("reserved names", "保留名称")
_AS = {
    "group": Text("{name}: a group alone", "{name}：只能是群组"),
    "administrator": Text("{name}: the administrator's own account", "{name}：管理员自己的账号"),
}
_NONE = Text("none known", "未见")
_EVIDENCE = Text("Evidence", "依据")
_CONFIDENCE = Text(
    "D: the provider's own documentation. R: two or more sources. W: one source.",
    "D：服务商自己的文档；R：两个以上来源；W：单一来源。",
)
_EVIDENCE_COLUMNS = (
    Text("answer", "答案"),
    Text("confidence", "可信度"),
    Text("day", "日期"),
    Text("source", "来源"),
)
_LEFT = Text("What cannot be tried here", "此处无法验证的内容")
_LEFT_HEAD = Text(
    "Each needs a living tenant. Anybody with a trial account can find it out in ten minutes, and the answer "
    "belongs into the host's catalog file, with the transcript as its source.",
    "以下各项需要真实账号。用试用账号十分钟即可得出结论；请连同记录作为来源写入该服务的目录文件。",
)
_LEFT_COLUMNS = (Text("what", "内容"), Text("how", "方法"))
_TRIALS = (
    (
        Text("mail to a suspended mailbox", "已停用邮箱的来信"),
        Text(
            "Suspend a test user; after 15 minutes send a mail from outside. Note the bounce, or bring "
            "the user back and look for the mail.",
            "停用一个测试用户，15 分钟后从外部发一封邮件；记录退信内容，或恢复用户后查看是否收到。",
        ),
    ),
    (
        Text("a redirection that survives suspension", "停用后转交是否仍有效"),
        Text(
            "Set the leaver's redirection, suspend, send a mail from outside, look at the successor's inbox.",
            "设置离职转交，停用该用户，再从外部发信，查看接手人收件箱。",
        ),
    ),
    (
        Text("recycle bin", "回收站"),
        Text(
            "Delete a test user, note the day that the console shows, bring the user "
            "back, look for the aliases.",
            "删除一个测试用户，记下后台显示的期限；恢复后检查别名是否还在。",
        ),
    ),
    (
        Text("how soon a change holds", "变更多久生效"),
        Text(
            "Make an alias and send a mail from outside every minute until one arrives; note the minutes.",
            "新建别名，每分钟从外部发一封，直到收到为止；记录分钟数。",
        ),
    ),
    (
        Text("how long a freed address is nobody's", "释放后的地址多久可以再用"),
        Text(
            "Delete an alias, make a group of the same name at once, and send a mail from outside every "
            "minute; note the refusals and the first that arrives. Then the same with a deleted user.",
            "删除一个别名，立即用同一名称新建群组，每分钟从外部发一封；记录被拒收的和首封送达的。再用已删除的用户试一次。",
        ),
    ),
    (
        Text(
            "mail of a member to their own group, and answers of members",
            "成员给自己所在群组发信，以及成员的自动回复",
        ),
        Text(
            "Write to a group as a member and look whether it is in your own inbox; turn a member's "
            "auto-reply on and write to the group from outside.",
            "以成员身份给群组发信，查看自己的收件箱是否也有；再开启某成员的自动回复，从外部给群组发信。",
        ),
    ),
    (
        Text("moderation of groups", "群组审核"),
        Text(
            "Write to a new group from an address that never wrote before; look into the moderators' queue.",
            "用从未来过信的地址给新群组发信，查看待审核队列。",
        ),
    ),
    (
        Text("what a rule compares", "规则如何比对文字"),
        Text(
            "A rule for `产品A`; mails with `产品A`, `新产品A询价`, `产品 A` and `产品Ａ` in the subject.",
            "设一条匹配 `产品A` 的规则，分别发主题含 `产品A`、`新产品A询价`、`产品 A`、`产品Ａ` 的邮件。",
        ),
    ),
    (
        Text("whom an auto-reply answers", "自动回复会回复谁"),
        Text(
            "With the auto-reply on, send a mail without a reverse-path, one with `List-Id`, one with "
            "`Auto-Submitted: auto-generated`, and a plain one twice.",
            "开启自动回复后，依次发送：无退信地址的邮件、带 `List-Id` 的、带 `Auto-Submitted: "
            "auto-generated` 的，以及同一封普通邮件两次。",
        ),
    ),
    (
        Text("throttling", "限流"),
        Text(
            "Send fifty mails to a group within a minute from one outside address; note the first "
            "that is put off.",
            "从同一外部地址在一分钟内向群组发送五十封，记录首封被推迟的邮件。",
        ),
    ),
    (
        Text("the console's words", "后台用词"),
        Text(
            "Follow a checklist in the console's Chinese and English; note each word and path that differs.",
            "分别在中文与英文后台按清单操作，记下不一致的名称与路径。",
        ),
    ),
)


def section(lang: Lang) -> str:
    """The part in one language, without a final line feed."""
    parts = [f"## {_TITLE(lang)}", _HEAD(lang), table(_answers(lang)), _evidence(lang)]
    rows = [[text(lang) for text in _LEFT_COLUMNS], *([what(lang), how(lang)] for what, how in _TRIALS)]
    parts += [f"## {_LEFT(lang)}", _LEFT_HEAD(lang), table(rows)]
    return "\n\n".join(parts)


def _answers(lang: Lang) -> list[list[str]]:
    hosts = behaviours()
    rows = [[_QUESTION(lang), *(_known(host).names(lang) for host in hosts)]]
    for name, question in questions().items():
        answers = (host.says(name) for host in hosts)
        rows.append(
            [question.text(lang), *(question.answers[word](lang) if word else "?" for word in answers)]
        )
    rows.append([_UNDO(lang), *(_undo(host, lang) for host in hosts)])
    rows.append([_RESERVED(lang), *(_reserved(host, lang) for host in hosts)])
    return rows


def _undo(host: Behaviour, lang: Lang) -> str:
    return _DAYS.using(days=host.undo_days)(lang) if host.undo_days else "?"


def _reserved(host: Behaviour, lang: Lang) -> str:
    phrases = (_AS[way].using(name=f"`{name}`")(lang) for name, way in host.reserved.items())
    return Text("; ", "；")(lang).join(phrases) or _NONE(lang)


def _evidence(lang: Lang) -> str:
    parts = [f"## {_EVIDENCE(lang)}", _CONFIDENCE(lang)]
    for host in behaviours():
        known = _known(host)
        parts.append(f"### {known.names(lang)}")
        parts.append(table([[text(lang) for text in _EVIDENCE_COLUMNS], *_sources(known)]))
    return "\n\n".join(parts)


def _sources(known: Service) -> Iterator[list[str]]:
    for path, evidence in known.evidence.items():
        if path.startswith("behaviour."):
            sources = ", ".join(f"<{known.sources[key]}>" for key in evidence.sources)
            yield [
                f"`{path.removeprefix('behaviour.')}`",
                evidence.confidence,
                evidence.checked.isoformat(),
                sources,
            ]


def _known(host: Behaviour) -> Service:
    known = service(host.host)
    assert known is not None, "behaviours() reads the services' own files"
    return known
