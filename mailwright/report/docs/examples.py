"""The bad and the good example of each rule, read from ``docs/rules-examples.yaml`` and shown on the page.

An example is of a kind: a line of a spec, a record, the bytes of a file, what servers answer, a change. The
kind says how to try it (``tests/rules/tries.py``) and how to show it (``KINDS``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mailwright.model.text import Lang, Text

_BAD, _GOOD, _GIVEN = Text("bad", "错误"), Text("good", "正确"), Text("given", "前提")
_COLON = Text(": ", "：")
#: Words that name a part of an example; file and server names stand for themselves.
_PARTS = {
    "before": Text("before", "之前"),
    "after": Text("after", "之后"),
    "resolver": Text("a resolver", "解析器"),
    "policy": Text("policy file", "策略文件"),
    "spec": Text("spec", "规格"),
    "exchanger": Text("exchanger", "MX 主机"),
    "zone": Text("zone", "区域"),
    "command": Text("command", "命令"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """How examples of a kind are shown: the fence's language, the sign of a comment, a line above."""

    fence: str
    comment: str
    caption: Text | None = None


#: Every kind. A kind ``records.spf`` is shown as ``records``.
KINDS: Mapping[str, Kind] = {
    "spec": Kind("yaml", "#"),
    "specs": Kind("yaml", "#", Text("Specs read together:", "一起读取的规格：")),
    "records": Kind("text", "#"),
    "file": Kind(
        "text",
        "#",
        Text("The bytes of the file (`\\x…` is one byte):", "文件的字节（`\\x…` 表示一个字节）："),
    ),
    "command": Kind("sh", "#"),
    "list": Kind(
        "text",
        "#",
        Text("`verify LIST --expect SPEC`, and the list:", "`verify LIST --expect SPEC`，以及列表内容："),
    ),
    "zone": Kind("text", ";", Text("`look`, and what the zone has:", "`look`，以及区域中的记录：")),
    "policy": Kind("text", "#", Text("The policy file:", "策略文件：")),
    "lookups": Kind(
        "text",
        ";",
        Text(
            "`check --online`, and what the names of others answer:",
            "`check --online`，以及其他名称的应答：",
        ),
    ),
    "served": Kind(
        "text",
        ";",
        Text("`verify`, `drift`, and what is served:", "`verify`、`drift`，以及服务器提供的内容："),
    ),
    "recipients": Kind(
        "text",
        "#",
        Text(
            "`verify --mail`, and what the exchanger says to each address:",
            "`verify --mail`，以及 MX 主机对每个地址的答复：",
        ),
    ),
    "change": Kind("yaml", "#", Text("`up`, from one to the other:", "`up` 前后：")),
    "tables": Kind(
        "text",
        "#",
        Text(
            "`up`, `drift`, and the manual lines in the table `aliases`:",
            "`up`、`drift`，以及表 `aliases` 中手工写的内容：",
        ),
    ),
    "scripts": Kind(
        "text",
        "#",
        Text(
            "`drift`, and the script that runs in wang's mailbox:", "`drift`，以及 wang 的邮箱中启用的脚本："
        ),
    ),
    "routing": Kind(
        "text",
        "#",
        Text(
            "`drift`, and what Email Routing of the zone has:", "`drift`，以及该区域 Email Routing 中的内容："
        ),
    ),
    "workspace": Kind(
        "text",
        "#",
        Text(
            "`drift`, `up`, and what Google Workspace has for wang:",
            "`drift`、`up`，以及 Google Workspace 中 wang 的内容：",
        ),
    ),
    "agreement": Kind("text", ";", Text("What exists side by side:", "同时存在的内容：")),
    "state": Kind(
        "yaml",
        "#",
        Text("`drift` on 2026-11-23, and what retires:", "2026-11-23 运行 `drift`，以及退役中的内容："),
    ),
    "folder": Kind(
        "text",
        "#",
        Text("The folder that a stack is deployed from, before and after:", "部署栈所用的文件夹，前后："),
    ),
    "program": Kind("python", "#", Text("The Pulumi program, from one to the other:", "Pulumi 程序前后：")),
}


@dataclass(frozen=True, slots=True)
class Example:
    """One rule's example; the parts of ``bad`` and ``good`` by name, a single part's name is empty."""

    rule: str
    kind: str
    given: str
    bad: Mapping[str, str]
    good: Mapping[str, str]

    def lines(self, lang: Lang) -> Iterator[str]:
        """The example as Markdown."""
        kind = KINDS[self.kind.partition(".")[0]]
        if kind.caption:
            yield from (kind.caption(lang), "")
        yield f"```{kind.fence}"
        yield from self._shown(kind.comment, lang)
        yield from ("```", "")

    def _shown(self, sign: str, lang: Lang) -> Iterator[str]:
        if self._is_short():
            yield f"{self.bad['']}   {sign} {_BAD(lang)}"
            yield f"{self.good['']}   {sign} {_GOOD(lang)}"
            return
        if self.given:
            yield from (f"{sign} {_GIVEN(lang)}", *self.given.rstrip().splitlines())
        for word, parts in ((_BAD, self.bad), (_GOOD, self.good)):
            for name, text in parts.items():
                shown = _PARTS[name](lang) if name in _PARTS else name
                yield f"{sign} {word(lang)}{_COLON(lang)}{shown}" if name else f"{sign} {word(lang)}"
                yield from text.rstrip().splitlines()

    def _is_short(self) -> bool:
        texts = [*self.bad.values(), *self.good.values()]
        return not self.given and set(self.bad) == set(self.good) == {""} and "\n" not in "".join(texts)


def examples(body: Mapping[str, Any], *, shorten: bool = False) -> dict[str, Example]:
    """Every example by rule. ``shorten`` puts the beginning in place of a long key, for people.

    Raises ValueError where a rule has two, or an example is not of a known kind or shape.
    """
    words = {name: _filling(value, shorten) for name, value in body["keys"].items()}
    by_rule: dict[str, Example] = {}
    for kind, rule, written in _written(body):
        if rule in by_rule:
            raise ValueError(f"{rule} has two examples")
        if kind.partition(".")[0] not in KINDS:
            raise ValueError(f"{rule}: no kind of example: {kind}")
        given, bad, good = _pair(rule, written)
        by_rule[rule] = Example(rule, kind, _filled(given, words), _parts(bad, words), _parts(good, words))
    return by_rule


def reasons(body: Mapping[str, Any]) -> dict[str, Text]:
    """Why a rule has no example, for those that have none."""
    return {rule: Text(reason["en"], reason["zh"]) for rule, reason in (body.get("none") or {}).items()}


def _written(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for kind, several in body.items():
        if kind == "records":
            for record, those in several.items():
                yield from ((f"records.{record}", rule, written) for rule, written in those.items())
        elif kind not in ("keys", "none"):
            yield from ((kind, rule, written) for rule, written in several.items())


def _pair(rule: str, written: Any) -> tuple[str, Any, Any]:
    if isinstance(written, list) and len(written) == 2:
        return "", written[0], written[1]
    if isinstance(written, dict) and {"bad", "good"} <= set(written) <= {"given", "bad", "good"}:
        return written.get("given", ""), written["bad"], written["good"]
    raise ValueError(f"{rule}: write [bad, good] or given:, bad: and good:")


def _parts(written: Any, words: Mapping[str, str]) -> dict[str, str]:
    parts = written if isinstance(written, dict) else {"": written}
    return {name: _filled(text, words) for name, text in parts.items()}


def _filled(text: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text


def _filling(value: Any, shorten: bool) -> str:
    """A long word, or a piece that is repeated (``n`` in it counts)."""
    if isinstance(value, str):
        return f"{value[:12]}…" if shorten else value
    times, piece, between = value["times"], value["repeat"], value.get("between", "")
    shown = min(times, 3) if shorten else times
    text = between.join(piece.replace("{n}", str(n)) for n in range(1, shown + 1))
    return f"{text} … (× {times})" if shorten else text
