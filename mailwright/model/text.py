"""Text in the two languages every user-facing sentence exists in."""

from __future__ import annotations

import functools
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")
_FORMATTER = string.Formatter()


class _Lenient(dict[str, object]):
    """Leaves an unknown placeholder as it is, so that a message never raises."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence, in English and Chinese, with named parameters.

    ``en`` and ``zh`` are ``str.format`` templates over ``params``.
    """

    en: str
    zh: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __call__(self, lang: Lang) -> str:
        """The sentence in one language; values that are Text are rendered in it too."""
        params = _rendered(self.params, lang)
        return _closed_up(self.zh, params) if lang == "zh" else self.en.format_map(params)

    def using(self, **params: object) -> Text:
        """The same sentence with more parameters."""
        return Text(self.en, self.zh, {**self.params, **params})


def _rendered(params: Mapping[str, object], lang: Lang) -> _Lenient:
    return _Lenient({key: value(lang) if isinstance(value, Text) else value for key, value in params.items()})


def _closed_up(template: str, params: Mapping[str, object]) -> str:
    """A Chinese sentence. A blank sets Latin letters off, never one Chinese word from the next.

    So 由 {service} 接收 becomes 由腾讯企业邮接收, and 由 Fastmail 接收.
    """
    if " {" not in template and "} " not in template:
        return template.format_map(params)
    parts: list[str] = []
    for literal, name, form, conversion in _FORMATTER.parse(template):
        parts.append(literal)
        if name is not None:
            replaced = name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            parts.append(f"{{{replaced}}}".format_map(params))
    return functools.reduce(_joined, parts, "")


def _joined(left: str, right: str) -> str:
    if left.endswith(" ") and _is_wide(left[-2:-1]) and _is_wide(right[:1]):
        left = left[:-1]
    elif right.startswith(" ") and _is_wide(left[-1:]) and _is_wide(right[1:2]):
        right = right[1:]
    return left + right


def _is_wide(char: str) -> bool:
    """A Chinese character or full-width punctuation."""
    return "\u2e80" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"


def listed(words: Sequence[Text]) -> Text:
    """Several words, at least one, as a list."""
    whole = words[0]
    for word in words[1:]:
        whole = Text("{one}, {other}", "{one}、{other}", {"one": whole, "other": word})
    return whole


def shortened(text: str, most: int = 60) -> str:
    """The text, its end an ellipsis where it has more than ``most`` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def visible(text: str) -> str:
    """For a terminal: control and direction characters shown as ``\\x1b``, never carried out."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )
