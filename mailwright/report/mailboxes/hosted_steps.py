"""The steps in the console of a mail host: one for each object of the plan, in the order of the work.

Each says where in the console, what to enter, why, and how to see that it worked; what has an end has a step
that ends it. What no document of the host says stands last, as a question and never as a step.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from mailwright.catalog.behaviour import Behaviour, behaviour
from mailwright.model.days import later
from mailwright.model.hosted import Case, Hosted, HostObject
from mailwright.model.mail_rules import Condition, Reply
from mailwright.model.text import Lang, Text

#: (id, words)
Step = tuple[str, str]
#: A condition in one language.
Words = Callable[[Condition, Lang], str]

_ORDER = ("user", "shared", "delegated", "alias", "group", "routing", "catch_all")
_ACTIONS = {
    "user": Text("Mailbox `{of}` for {name}", "邮箱 `{of}`，使用人 {name}"),
    "role": Text(
        "Mailbox `{of}` that only passes mail on; nobody logs in to it",
        "邮箱 `{of}`，只按规则转交，平时无人登录",
    ),
    "shared": Text("{word} `{of}`, read by {to}", "{word} `{of}`，由 {to} 阅读"),
    "delegated": Text("Mailbox `{of}`, delegated to {to}", "邮箱 `{of}`，委托给 {to}"),
    "alias": Text("Alias `{of}` of {to}", "别名 `{of}`，归 {to}"),
    "group": Text("{word} `{of}`: {to}", "{word} `{of}`：{to}"),
    "routing": Text(
        "{word}: replace the recipient `{of}` by {to}, for recognised and unrecognised addresses",
        "{word}：把收件人 `{of}` 替换为 {to}，对已识别和未识别的地址都生效",
    ),
    "catch_all": Text("{word}: mail to unknown addresses goes to {to}", "{word}：未知地址的来信送达 {to}"),
    "public": Text(
        "Turn the mailbox `{of}` into a {word} that {to} reads", "把邮箱 `{of}` 转为{word}，由 {to} 阅读"
    ),
    "convert": Text(
        "Turn the mailbox `{of}` into a {word} and pass all its mail on to {to}",
        "把邮箱 `{of}` 转为{word}，并把全部来信转给 {to}",
    ),
    "onward": Text(
        "Pass all mail of `{of}` on to {to}, and keep a copy", "把 `{of}` 的全部来信转给 {to}，并保留副本"
    ),
    "released": Text(
        "Release `{of}`, and at once make it an alias of {to}; the release cannot be undone",
        "释放 `{of}`，并立即设为 {to} 的别名；释放后无法撤销",
    ),
}
_WORDS = {
    "shared": Text("shared mailbox", "共享邮箱"),
    "group": Text("group", "群组"),
    "routing": Text("Routing", "路由"),
    "catch_all": Text("Catch-all", "catch-all"),
}
_WHERE = Text("Where: {path}", "位置：{path}")
_WHY = Text("Why: {why}", "原因：{why}")
_OPEN_UP = Text(
    "Let anybody write to it, outsiders too: a new group takes mail from colleagues alone",
    "放开“任何人”来信：新建群组默认只收内部邮件",
)
_SEE = {
    "user": Text(
        "Done when: its owner reads a mail from outside in it", "确认：使用人能在其中看到一封外部来信"
    ),
    "shared": Text("Done when: {to} read a mail from outside in it", "确认：{to} 能在其中看到一封外部来信"),
    "group": Text("Done when: a mail from outside is with {to}", "确认：从外部发一封，{to} 已收到"),
    "alias": Text(
        "Done when: a mail from outside to `{of}` is with {to}", "确认：从外部发给 `{of}`，{to} 已收到"
    ),
}
_RULE = Text(
    "Rule {number} in the mailbox `{box}`: {when} → {then}",
    "邮箱 `{box}` 的第 {number} 条规则：{when} → {then}",
)
_ONLY = Text("only to {to}", "只转给 {to}")
_KEEP = Text("it stays here too", "本邮箱也保留")
_TRASH = Text("move it to the trash here", "本邮箱中移到已删除")
_SEE_RULE = Text(
    "Done when: such a mail from outside is with {to}, and with nobody else",
    "确认：从外部发一封这样的邮件，只有 {to} 收到",
)
_SEE_COVER = Text("Done when: a mail to `{of}` is with {to} too", "确认：发给 `{of}` 的邮件，{to} 也收到一份")
_MISSING = Text(
    "Not yet {to}: nothing is made for it here, and one member that does not exist may fail all of them",
    "暂不加入 {to}：此处没有为它建立任何对象，不存在的成员可能导致整组被拒绝",
)
_STOP = Text("no later rule", "不再执行后续规则")
_LABEL = Text("mark {to}", "标记 {to}")
_REST = Text("for all the rest", "其余全部")
_BUT = Text("but not where {when}", "但排除：{when}")
_COVER = Text(
    "From {start}: a copy of mail to `{of}` goes to {to}",
    "{start} 起：把 `{of}` 的来信抄送 {to}",
)
_COVER_RULES = Text(
    "From {start}: let the rules of `{of}` that keep mail here also send a copy to {to}",
    "{start} 起：在 `{of}` 中保留邮件的规则里，同时抄送 {to}",
)
_COVER_REST = Text(
    "and one more rule, the last: {when}: a copy to {to}", "再加最后一条规则：{when}：抄送 {to}"
)
_GRANT = Text("Let `{of}` forward mail: it is not granted by default", "授权 `{of}` 使用转发：默认未授权")
_COVER_END = Text("On {end}: end the copy of mail to `{of}` to {to}", "{end}：取消 `{of}` 给 {to} 的抄送")
_REPLY = Text(
    "Auto-reply in the mailbox `{of}`, {audience}, {days}:",
    "在邮箱 `{of}` 中设自动回复，{audience}，{days}：",
)
_REPLY_END = Text(
    "On {end}: turn the auto-reply of `{of}` off, if it does not end by itself",
    "{end}：若未自动结束，请关闭 `{of}` 的自动回复",
)
_INSIDE = Text("to colleagues alone", "仅回复同事")
_ANYBODY = Text("to everybody", "回复所有人")
_DAYS = Text("{start} to {until}, both included", "{start} 至 {until}（含首尾两天）")
_NOW = Text("now", "即日")
_ALWAYS = Text("from now on, without an end", "立即生效，长期有效")
_ON = Text("{day}: {text}", "{day}：{text}")
_PERMIT = Text(
    "Allow passing mail of `{of}` on to {to}, for this mailbox alone; it is refused by default",
    "仅为 `{of}` 放行转发到 {to}；默认会被拒绝",
)
_CONFIRM = Text(
    "Enter {to} as a forwarding address of `{of}` and let its owner confirm it: nothing is passed on before",
    "在 `{of}` 中把 {to} 添加为转发地址，并请对方确认；确认之前不会转发",
)
#: What an object says already.
_GOES_TO = "goes to {to}"
_ASK = Text("Not known, so not a step: {why}", "未知，因此不列为步骤：{why}")


def steps(hosted: Hosted, day: dt.date, words: Words, lang: Lang) -> Iterator[Step]:
    """Every step. ``day`` is that of the plan: a step that ends something stays until it is over."""
    host = behaviour(hosted.service)
    assert host is not None, "only a host that is written down has objects"
    work = _Steps(hosted, host, day, words, lang)
    yield from work.all()


class _Steps:
    def __init__(self, hosted: Hosted, host: Behaviour, day: dt.date, words: Words, lang: Lang) -> None:
        self.hosted, self.host, self.day, self.words, self.lang = hosted, host, day, words, lang
        #: Whoever leaves later still has a mailbox.
        self.left = {
            due.address for due in hosted.leaving if due.step == "sign-out" and due.day and due.day <= day
        }

    def all(self) -> Iterator[Step]:
        for kind in _ORDER:
            for host_object in self.hosted.objects:
                if host_object.kind == kind and host_object.address not in self.left:
                    yield self._object(host_object)
        for host_object in self.hosted.objects:
            if host_object.address not in self.left:
                yield from self._rules(host_object)
        for host_object in self.hosted.objects:
            yield from self._ends(host_object)
        yield from self._leaving()
        for host_object in self.hosted.objects:
            if host_object.kind == "unknown" and host_object.address not in self.left:
                yield f"unknown:{host_object.address}", _ASK.using(why=host_object.why)(self.lang)

    # ── objects ──

    def _word(self, kind: str) -> Text:
        known = self.host.words.get(kind)
        return known.word if known else _WORDS.get(kind, Text(kind, kind))

    def _object(self, host_object: HostObject) -> Step:
        key = "role" if host_object.role else host_object.kind
        id = {"user": "person", "delegated": "shared", "catch_all": "catch-all"}.get(
            host_object.kind, host_object.kind
        )
        return (id if id == "catch-all" else f"{id}:{host_object.address}"), self._lines(
            host_object, _ACTIONS[key], host_object.kind
        )

    def _there(self, targets: Iterable[str]) -> tuple[str, ...]:
        """Those that exist at the host: what nobody knows how to make is no member of anything."""
        return tuple(to for to in targets if not self.hosted.is_open(to))

    def _lines(self, host_object: HostObject, action: Text, kind: str) -> str:
        there = self._there(host_object.to)
        say = {
            "of": host_object.address,
            "to": _codes(there),
            "name": _plain(host_object.name or host_object.address),
        }
        lines = [action.using(word=self._word(kind), **say)(self.lang)]
        if len(there) < len(host_object.to):
            missing = [to for to in host_object.to if to not in there]
            lines.append(_MISSING.using(to=_codes(missing))(self.lang))
        if kind == "group" and self.host.says("group_outside_senders") == "switch":
            lines.append(_OPEN_UP(self.lang))
        if kind in self.host.words:
            lines.append(_WHERE.using(path=self.host.words[kind].path)(self.lang))
        if host_object.why(self.lang) and host_object.why.en != _GOES_TO:
            lines.append(_WHY.using(why=host_object.why)(self.lang))
        seen = _SEE.get({"delegated": "shared", "routing": "alias"}.get(kind, kind))
        if seen is not None and not host_object.role:
            lines.append(seen.using(**say)(self.lang))
        return _bullets(lines)

    # ── rules ──

    def _rules(self, box: HostObject) -> Iterator[Step]:
        for number, case in enumerate(box.cases, 1):
            text = _RULE.using(
                number=number, box=box.address, when=self._when(case), then=self._then(case, box)
            )
            lines = [text(self.lang)]
            if "rule" in self.host.words:
                lines.append(_WHERE.using(path=self.host.words["rule"].path)(self.lang))
            outside = [to for to in case.to if not to.endswith("@" + box.address.partition("@")[2])]
            for way, words, id in (("blocked", _PERMIT, "permit"), ("confirmed", _CONFIRM, "confirm")):
                if outside and self.host.says("forward_outside") == way:
                    text = words.using(of=box.address, to=_codes(outside))
                    yield f"{id}:{box.address}:{number}", text(self.lang)
            if case.to and not case.keeps:
                lines.append(_SEE_RULE.using(to=_codes(case.to))(self.lang))
            yield "+".join(case.paths) or f"rest:{box.address}", _bullets(lines)

    def _when(self, case: Case) -> str:
        both = Text(" and ", " 且 ")(self.lang)
        text = both.join(self.words(condition, self.lang) for condition in case.when) or _REST(self.lang)
        if self.host.says("rules") != "stop":
            text += "".join(
                Text("; ", "；")(self.lang) + _BUT.using(when=self.words(condition, self.lang))(self.lang)
                for condition in case.unless
            )
        return text

    def _then(self, case: Case, box: HostObject) -> str:
        parts = [_ONLY.using(to=_codes(case.to))(self.lang)] if case.to else []
        if case.labels:
            parts.append(_LABEL.using(to=_codes(label.name for label in case.labels))(self.lang))
        if not box.role:
            parts.append((_KEEP if case.keeps else _TRASH)(self.lang))
        if self.host.says("rules") == "stop":
            parts.append(_STOP(self.lang))
        return Text("; ", "；")(self.lang).join(parts)

    # ── what has an end ──

    def _ends(self, host_object: HostObject) -> Iterator[Step]:
        if host_object.kind == "forward":
            yield from self._copy(host_object)
        elif host_object.kind == "reply" and host_object.reply is not None:
            yield from self._reply(host_object, host_object.reply)

    def _copy(self, host_object: HostObject) -> Iterator[Step]:
        say = {"of": host_object.address, "to": _codes(host_object.to)}
        until = host_object.window.until
        if until is None or self.day <= until:
            start = host_object.window.start or _NOW
            ruled = any(box.cases for box in self.hosted.at(host_object.address, "user"))
            words = _COVER_RULES if ruled else _COVER
            if self.host.says("forward_granted") == "yes":
                yield f"grant:{host_object.address}", _GRANT.using(**say)(self.lang)
            rest = [
                _COVER_REST.using(when=self._when(case), to=say["to"])(self.lang)
                for case in host_object.cases
            ]
            yield (
                f"cover:{host_object.address}",
                _bullets(
                    [words.using(start=start, **say)(self.lang), *rest, _SEE_COVER.using(**say)(self.lang)]
                ),
            )
        if until:
            end = later(until, 1)
            yield f"cover-end:{host_object.address}", _COVER_END.using(end=end, **say)(self.lang)

    def _reply(self, host_object: HostObject, reply: Reply) -> Iterator[Step]:
        window = reply.window
        if window.until and window.until < self.day:
            yield from self._reply_end(host_object, window.until)
            return
        days = _DAYS.using(start=window.start or _NOW, until=window.until) if window.until else _ALWAYS
        who = _ANYBODY if self.host.says("reply_outside") == "yes" else _INSIDE
        head = _REPLY.using(of=host_object.address, days=days, audience=who)(self.lang)
        where = (
            [_WHERE.using(path=self.host.words["reply"].path)(self.lang)]
            if "reply" in self.host.words
            else []
        )
        lines = [*([reply.subject, ""] if reply.subject else []), *reply.text.split("\n")]
        text = "\n".join(f"       {line}".rstrip() for line in lines)
        yield host_object.path, f"{_bullets([head, *where])}\n\n{text}\n\n   "
        if window.until:
            yield from self._reply_end(host_object, window.until)

    def _reply_end(self, host_object: HostObject, until: dt.date) -> Iterator[Step]:
        end = later(until, 1)
        yield f"{host_object.path}:end", _REPLY_END.using(end=end, of=host_object.address)(self.lang)

    # ── who left ──

    def _leaving(self) -> Iterator[Step]:
        for due in self.hosted.leaving:
            text = due.text(self.lang)
            if due.step == "redirect" and due.address in self.left:
                text = _bullets([text, *self._redirection(due.address)])
            id = {"redirect": "handover", "lock": "suspended"}.get(due.step, due.step)
            shown = _ON.using(day=due.day, text=text)(self.lang) if due.day else text
            yield f"{id}:{due.address}", shown

    def _redirection(self, address: str) -> Iterator[str]:
        """What the redirection is made of here."""
        for host_object in self.hosted.at(address, "shared", "user", "routing", "alias"):
            key = host_object.kind
            if host_object.kind == "shared":
                key = "public" if host_object.readers else "convert"
            elif host_object.kind == "user":
                key = "onward"
            elif host_object.kind == "alias":
                key = "released"
            to = host_object.to or tuple(to for case in host_object.cases for to in case.to)
            say = {"of": host_object.address, "to": _codes(to), "word": self._word(host_object.kind)}
            yield _ACTIONS[key].using(**say)(self.lang)
            if host_object.kind in self.host.words:
                yield _WHERE.using(path=self.host.words[host_object.kind].path)(self.lang)


def _bullets(lines: Iterable[str]) -> str:
    first, *more = lines
    return first + "".join(f"\n   - {bullet}" for bullet in more)


def _codes(values: Iterable[str]) -> str:
    return ", ".join(f"`{_plain(value)}`" for value in values) or "–"


def _plain(text: str) -> str:
    """A value that cannot leave its place in Markdown."""
    shown = "".join(char if char.isprintable() else "?" for char in text)
    return shown.replace("`", "'").replace("<", "&lt;")
