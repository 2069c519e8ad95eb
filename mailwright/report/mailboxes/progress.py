"""A checklist is a change: what was ticked is not asked again, and what ends has a step that ends it.

The file itself is the memory. Its last line keeps, step by step, what was shown and what is done, so that the
next checklist begins where this one was left, in either language.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from mailwright.model.text import Lang, Text

#: The same words in English and in Chinese.
Both = tuple[str, str]
#: A step in both languages, by its id.
Planned = tuple[str, Both]

_STEP = re.compile(r"^\d+\. \[([ xX])\].*?<!-- (.+?) -->", re.MULTILINE | re.DOTALL)
_MEMORY = re.compile(r"^<!-- carried out at (\S+): (\{.*\}) -->\s*\Z", re.MULTILINE)
#: Done once, for good: nothing is left that would have to be taken away.
_ONCE = frozenset(
    (
        *("upload", "unknown", "sign-out", "look", "old-mail", "licence", "decide", "close", "delete"),
        *("suspended", "keep-open", "cover-end", "confirm", "quota"),
        *("free", "route", "unroute", "test", "end"),
    )
)
#: Those of a change that goes on: done is done, whatever their words are now.
_BRIDGE = frozenset(("free", "route", "unroute", "test"))
_CHANGED = Text("Set up before, and different now: change it", "以前已设置，现在有变化：请修改")
_TAKE_AWAY = Text("No longer wanted, take it away: {what}", "不再需要，请撤销：{what}")
_BOX_LEFT = Text(
    "No longer in the spec: {what}. Delete nothing yet: whoever leaves is written with left:. If it is to "
    "go, move its mail first, and let `mailwright plan --against` show who gets mail to it then",
    "规格中已没有：{what}。先不要删除：人员离职请写 left:。若确实要撤销，请先移走其中的邮件，"
    "并用 `mailwright plan --against` 确认之后由谁收信",
)
_NOTHING = Text("Nothing is left to do.", "没有待办步骤。")


@dataclass(frozen=True, slots=True)
class Known:
    """A step that was shown or carried out: its text by digest, and its first line."""

    shown: str
    headline: Both
    done: str = ""

    @property
    def is_done(self) -> bool:
        """Whether anything of it was carried out."""
        return bool(self.done)


@dataclass(frozen=True, slots=True)
class Memory:
    """What an earlier checklist of the mail host ``service`` knows, by id; empty on the first one."""

    service: str
    steps: Mapping[str, Known] = field(default_factory=lambda: MappingProxyType({}))

    @staticmethod
    def of(text: str, service: str) -> Memory:
        """Read a checklist, ticks included.

        One of an earlier version is no memory, and neither is one of another mail host: what was made there
        is not here.
        """
        written = _MEMORY.search(text)
        try:
            body = json.loads(written[2]) if written and written[1] == service else {}
            steps = {str(id): _known(values) for id, values in body.items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            return Memory(service)
        for mark, id in _STEP.findall(text):
            if mark in "xX" and id in steps:
                steps[id] = replace(steps[id], done=steps[id].shown)
        return Memory(service, _ended(steps))

    def is_done(self, id: str) -> bool:
        """Whether a step was ticked."""
        return id in self.steps and self.steps[id].is_done

    def done(self) -> tuple[str, ...]:
        """The ids of what was carried out."""
        return tuple(id for id, known in self.steps.items() if known.is_done)


def _known(values: Sequence[str]) -> Known:
    shown, english, chinese, done = values
    return Known(str(shown), (str(english), str(chinese)), str(done))


def _ended(steps: Mapping[str, Known]) -> dict[str, Known]:
    """Without what a later step took away."""
    gone: set[str] = set()
    for id, known in steps.items():
        if known.is_done:
            gone |= _taken_away(id)
    return {id: known for id, known in steps.items() if id not in gone}


def _taken_away(id: str) -> set[str]:
    """What is no more once a step was carried out; whoever comes back after leaving needs all of it again."""
    kind, _, rest = id.partition(":")
    if id.endswith(":end"):
        return {id.removesuffix(":end")}
    if kind == "end":
        return {id, rest}
    gone = {"free": rest, "cover-end": f"cover:{rest}", "close": f"handover:{rest}"}
    return {gone[kind]} if kind in gone else {f"person:{rest}"} if kind in {"sign-out", "delete"} else set()


def continued(
    planned: Sequence[Planned], memory: Memory, stays: Callable[[str], bool], lang: Lang
) -> tuple[list[tuple[str, str]], str]:
    """The steps still to do, and the line that the next checklist begins with.

    ``stays``: whether what a step made is left alone though no step is planned for it any more.
    """
    todo: list[Planned] = []
    kept: dict[str, Known] = {}
    for id, words in planned:
        before, shown = memory.steps.get(id), _digest(words)
        done = before.done if before else ""
        kept[id] = Known(shown, _headline(words), done)
        if done != shown and not (done and _kind(id) in _BRIDGE):
            todo.append((id, _with(words, _CHANGED) if done else words))
    for id, known in _to_end(memory, {id for id, _ in planned}):
        box = _kind(id) in {"person", "shared"}
        words = both(_BOX_LEFT if box else _TAKE_AWAY, what=known.headline)
        kept[id] = known
        leaving = f"sign-out:{id.partition(':')[2]}" in kept
        if f"free:{id}" not in kept and not leaving and not stays(id):
            kept[f"end:{id}"] = Known(_digest(words), words)
            todo.append((f"end:{id}", words))
    todo = _uploaded(planned, todo)
    steps = [(id, words[lang == "zh"]) for id, words in todo]
    return steps, _line(memory.service, kept)


def both(text: Text, **more: Both) -> Both:
    """A sentence in both languages; parameters that are in both come in the one of the sentence."""
    english, chinese = ({name: words[at] for name, words in more.items()} for at in (0, 1))
    return text.using(**english)("en"), text.using(**chinese)("zh")


def _kind(id: str) -> str:
    return id.partition(":")[0]


def _uploaded(planned: Sequence[Planned], todo: list[Planned]) -> list[Planned]:
    """A file is uploaded again where anything that it holds is new."""
    shown = {id for id, _ in todo}
    new = any(_kind(id) in {"person", "shared", "group"} for id in shown)
    again = [step for step in planned if new and _kind(step[0]) == "upload" and step[0] not in shown]
    return [*again, *todo]


def _to_end(memory: Memory, planned: set[str]) -> Iterator[tuple[str, Known]]:
    for id, known in memory.steps.items():
        once = _kind(id) in _ONCE or id.endswith(":end")
        if known.is_done and id not in planned and not once:
            yield id, known


def nothing(lang: Lang) -> str:
    """What a checklist says where all is done."""
    return _NOTHING(lang)


def _with(words: Both, bullet: Text) -> Both:
    """A further line below the first."""
    english, chinese = (
        "\n".join([first, f"   - {line}", *rest])
        for (first, *rest), line in zip(
            (text.split("\n", 1) for text in words), (bullet("en"), bullet("zh")), strict=True
        )
    )
    return english, chinese


def _headline(words: Both) -> Both:
    english, chinese = (text.split("\n", 1)[0] for text in words)
    return english, chinese


def _digest(words: Both) -> str:
    return hashlib.sha256(words[0].encode()).hexdigest()[:12]


def _line(service: str, steps: Mapping[str, Known]) -> str:
    body = {id: [known.shown, *known.headline, known.done] for id, known in steps.items()}
    text = json.dumps(body, ensure_ascii=False).replace(">", "\\u003e")
    return f"<!-- carried out at {service}: {text} -->"
