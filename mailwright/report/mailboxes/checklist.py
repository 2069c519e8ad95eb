"""Planned mailboxes for hosts whose console a person works in: a numbered checklist."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from mailwright.model.mailboxes import Condition, Mailbox, Mailboxes, Reply, Route, Rule, Test
from mailwright.model.text import Lang, Text
from mailwright.report.mailboxes import hosted_steps, kind_changes, progress

_TITLE = Text(
    "# {domain} at {service}: steps, {day}\n\nNew targets come first; do not close anything before "
    "its replacement is in place.",
    "# {domain}（{service}）操作步骤，{day}\n\n先建好新的去向，再关闭旧的。",
)
_DOCUMENTS = Text(
    "These steps follow the documents of {service}; they were not seen on a living tenant. Where the console "
    "differs, docs/mail-hosts.md says how to find out in ten minutes.",
    "以下步骤依据{service}的文档，未在真实账号上验证。若与后台不一致，"
    "可按 docs/mail-hosts.zh-CN.md 的方法用十分钟确认。",
)
_UPLOAD = Text(
    "Upload `{file}`; then delete the file where it holds passwords",
    "上传 `{file}`；若其中含有密码，上传后请删除该文件",
)
_MAILBOX = Text("Mailbox `{of}` for {name}", "邮箱 `{of}`，使用人 {name}")
_SHARED = Text("Shared mailbox `{of}`, read by {to}", "共享邮箱 `{of}`，由 {to} 阅读")
_ALIAS = Text("Alias `{of}` of {to}", "别名 `{of}`，归 {to}")
_GROUP = Text(
    "Group `{of}`: {to}; anybody may write to it, outsiders too",
    "群组 `{of}`：{to}；任何人（包括外部）均可来信",
)
_FORWARD = Text("Forward `{of}` to {to}", "将 `{of}` 转发到 {to}")
_HANDOVER = Text("Give mail to `{of}` to {to} ({why})", "将 `{of}` 的来信转给 {to}（{why}）")
_CATCH_ALL = Text("Catch-all: mail to unknown addresses goes to {to}", "catch-all：未知地址的来信送达 {to}")
_QUOTA = Text("Quota of `{of}`: {size} GB", "`{of}` 的配额：{size} GB")
_ARCHIVE_IN = Text("Archive: a copy of mail to `{of}` goes to {to}", "归档：发往 `{of}` 的邮件抄送 {to}")
_ARCHIVE_OUT = Text(
    "Archive: a copy of mail sent as `{of}` goes to {to}", "归档：以 `{of}` 发出的邮件抄送 {to}"
)
_RULE = Text(
    "Rule in {box}: for mail to `{of}`, {when}: {then}",
    "在 {box} 中设规则：发往 `{of}` 的邮件，{when}：{then}",
)
_REPLY = Text("Auto-reply of `{of}`, {window}", "`{of}` 的自动回复，{window}")
_CLOSE = Text("Suspend `{of}`: nobody logs in, the content stays", "停用 `{of}`：禁止登录，保留内容")
_ALWAYS = Text("from now on, without an end", "立即生效，长期有效")
_DAYS = Text("{start} to {until}, both included", "{start} 至 {until}（含首尾两天）")
_NAMES = {
    "from": Text("the sender contains {words}", "发件人包含 {words}"),
    "to": Text("To or Cc contains {words}", "收件人或抄送包含 {words}"),
    "subject": Text("the subject contains {words}", "主题包含 {words}"),
    "body": Text("the text contains {words}", "正文包含 {words}"),
    "header": Text("the header {name} contains {words}", "邮件头 {name} 包含 {words}"),
    "has_header": Text("it has the header {words}", "带有邮件头 {words}"),
    "larger_than": Text("it is larger than {size} bytes", "大于 {size} 字节"),
    "smaller_than": Text("it is smaller than {size} bytes", "小于 {size} 字节"),
    "attachments": Text("it has attachments", "带附件"),
    "no-attachments": Text("it has no attachments", "不带附件"),
}


_ID = re.compile(r"^\d+\. \[.*?<!-- (.+?) -->", re.MULTILINE | re.DOTALL)


def checklist(
    mailboxes: Mailboxes,
    service: Text,
    lang: Lang,
    answers: Callable[[str], str],
    *,
    files: Iterable[str] = (),
    after: Callable[[Lang], Iterable[tuple[str, str]]] = lambda _: (),
    memory: progress.Memory | None = None,
) -> str:
    """Markdown, one numbered line a console step with the value to paste and an id a program may tick.

    ``answers`` is the host's capability by feature; what Mailwright applies itself is left out. ``files``
    are the import files that lie beside it, ``after`` further steps (id, words) that need the mailboxes.
    ``memory``: what the checklist before knows; then only what changes is asked for, and the last line is
    for the next one.
    """
    title = _TITLE.using(domain=mailboxes.domain, service=service, day=mailboxes.as_of.isoformat())
    files = tuple(files)
    steps, last = [*_planned(mailboxes, lang, answers, files), *after(lang)], ""
    if memory is not None:
        chinese = [*_planned(mailboxes, "zh", answers, files), *after("zh")]
        english = [*_planned(mailboxes, "en", answers, files), *after("en")]
        pairs = [(id, (text, other)) for (id, text), (_, other) in zip(english, chinese, strict=True)]
        pairs = kind_changes.in_order(pairs, memory, mailboxes)
        steps, last = progress.continued(pairs, memory, kind_changes.staying(memory, mailboxes), lang)
    lines = [title(lang), ""]
    if mailboxes.hosted is not None:
        lines += [_DOCUMENTS.using(service=service)(lang), ""]
    lines += [] if steps else [progress.nothing(lang)]
    return "\n".join([*lines, *_numbered(steps), *(["", last] if last else [])]) + "\n"


def _planned(
    mailboxes: Mailboxes, lang: Lang, answers: Callable[[str], str], files: Iterable[str]
) -> list[tuple[str, str]]:
    """Every step of the plan, whatever was done already."""
    steps = [(f"upload:{file}", _UPLOAD.using(file=file)(lang)) for file in files]
    if mailboxes.hosted is None:
        planned = _steps(mailboxes, lang)
        return steps + [(id, text) for feature, id, text in planned if answers(feature) != "apply"]
    steps += hosted_steps.steps(mailboxes.hosted, mailboxes.as_of, _when, lang)
    return [*steps, *_further(mailboxes, lang, answers)]


def of_steps(domain: str, service: Text, day: str, lang: Lang, steps: Iterable[tuple[str, str]]) -> str:
    """A checklist of these steps (id, words) alone."""
    title = _TITLE.using(domain=domain, service=service, day=day)(lang)
    return "\n".join([title, "", *_numbered(steps)]) + "\n"


def _numbered(steps: Iterable[tuple[str, str]]) -> Iterator[str]:
    for number, (id, text) in enumerate(steps, 1):
        yield f"{number}. [ ] {text} <!-- {id} -->"


def ids(text: str) -> tuple[str, ...]:
    """The ids of the steps of a checklist, in their order."""
    return tuple(_ID.findall(text))


def _further(mailboxes: Mailboxes, lang: Lang, answers: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Quotas and archives, which no object of a mail host stands for."""
    for feature, id, text in _steps(mailboxes, lang):
        if feature in ("quota", "archive") and answers(feature) != "apply":
            yield id, text


def _steps(mailboxes: Mailboxes, lang: Lang) -> Iterator[tuple[str, str, str]]:
    """(feature, id, words), in the order of the work."""
    for box in mailboxes.mailboxes:
        shared = box.kind == "shared"
        text = (
            _SHARED.using(of=box.address, to=_codes(box.members))
            if shared
            else _MAILBOX.using(of=box.address, name=_plain(box.name or box.address))
        )
        yield "shared" if shared else "mailbox", f"{box.kind}:{box.address}", text(lang)
    for route in mailboxes.routes:
        several = len(route.to) > 1
        outside = any(not mailboxes.inside(goal) for goal in route.to)
        feature = "group" if several else "forward" if outside else "alias"
        words = {"group": _GROUP, "forward": _FORWARD, "alias": _ALIAS}[feature]
        text = (_HANDOVER if route.kind == "handover" else words).using(
            of=route.address, to=_codes(route.to), why=route.why
        )
        yield feature, f"{route.kind}:{route.address}", text(lang)
    if mailboxes.catch_all:
        yield "catch_all", "catch-all", _CATCH_ALL.using(to=_codes(mailboxes.catch_all))(lang)
    for box in mailboxes.mailboxes:
        if box.quota:
            size = _QUOTA.using(of=box.address, size=f"{box.quota / (1 << 30):.4g}")
            yield "quota", f"quota:{box.address}", size(lang)
    for which, word, table in (
        ("in", _ARCHIVE_IN, mailboxes.archive_in),
        ("out", _ARCHIVE_OUT, mailboxes.archive_out),
    ):
        for address, target in table.items():
            yield "archive", f"archive-{which}:{address}", word.using(of=address, to=f"`{target}`")(lang)
    holders: tuple[Mailbox | Route, ...] = (*mailboxes.routes, *mailboxes.mailboxes)
    for holder in holders:
        runs_in = (holder.router or "–") if isinstance(holder, Route) else holder.address
        for rule in holder.rules:
            step_text = _RULE.using(
                box=f"`{runs_in}`", of=holder.address, when=_when(rule.when, lang), then=_then(rule, lang)
            )
            yield _feature(rule), rule.path, step_text(lang)
        for reply in holder.replies:
            yield "auto_reply", reply.path, _reply(reply, lang)
    for suspended in mailboxes.suspended:
        yield "suspend", f"suspended:{suspended.address}", _CLOSE.using(of=suspended.address)(lang)


def _feature(rule: Rule) -> str:
    """The rarest feature that a rule needs."""
    fields = {test.field for test in rule.when.tests} if rule.when else set()
    for feature, needs in (
        ("rule_attachments", {"attachments"}),
        ("rule_size", {"larger_than", "smaller_than"}),
        ("rule_header", {"header", "has_header"}),
        ("rule_body", {"body"}),
    ):
        if fields & needs:
            return feature
    return "rule_header" if rule.when and rule.when.not_spam else "rule_subject"


def rule_words(rule: Rule, lang: Lang) -> str:
    """A rule as one plain sentence: when, and what then."""
    return f"{_when(rule.when, lang)}: {_then(rule, lang)}".replace("`", "")


def _when(when: Condition | None, lang: Lang) -> str:
    if when is None:
        return Text("for all the rest", "其余全部")(lang)
    either, both = Text(" or ", " 或 ")(lang), Text(" and ", " 且 ")(lang)
    tests = [_test(test, lang) for test in when.tests]
    musts = [
        text(lang)
        for text, asked in (
            (Text("not a reply", "不是回复"), when.not_replies),
            (Text("not marked as spam", "未被标记为垃圾邮件"), when.not_spam),
        )
        if asked
    ]
    if not when.any or len(tests) < 2:
        return both.join([*tests, *musts])
    return both.join([f"({either.join(tests)})" if musts else either.join(tests), *musts])


def _test(test: Test, lang: Lang) -> str:
    key = "no-attachments" if test.field == "attachments" and not test.present else test.field
    shown = {"words": _codes(test.contains, " / "), "name": _codes([test.name]), "size": test.size}
    return _NAMES[key].using(**shown)(lang)


def _then(rule: Rule, lang: Lang) -> str:
    parts = []
    for text, values in (
        (Text("only to {to}", "只交给 {to}"), rule.assign_to),
        (Text("a copy to {to}", "抄送 {to}"), rule.copy_to),
        (Text("a short notice to {to}", "短通知 {to}"), rule.notify),
        (Text("folder {to}", "移入文件夹 {to}"), tuple(e.name for e in rule.labels if e.kind == "folder")),
        (Text("tag {to}", "标签 {to}"), tuple(e.name for e in rule.labels if e.kind == "tag")),
    ):
        if values:
            parts.append(text.using(to=_codes(values))(lang))
    if rule.stop:
        parts.append(Text("no later rule", "不再执行后续规则")(lang))
    return Text("; ", "；")(lang).join(parts)


def _reply(reply: Reply, lang: Lang) -> str:
    window = reply.window
    days = (
        _DAYS.using(start=window.start or "…", until=window.until or "…")
        if window.start or window.until
        else _ALWAYS
    )
    head = _REPLY.using(of=reply.sender, window=days)(lang)
    lines = [*([reply.subject, ""] if reply.subject else []), *reply.text.split("\n")]
    text = "\n".join(f"       {line}".rstrip() for line in lines)
    return f"{head}\n\n{text}\n\n   "


def _codes(values: Iterable[str], separator: str = ", ") -> str:
    return separator.join(f"`{_plain(value)}`" for value in values)


def _plain(text: str) -> str:
    """A value that cannot leave its place in Markdown."""
    return (
        "".join(char if char.isprintable() else "?" for char in text).replace("`", "'").replace("<", "&lt;")
    )
