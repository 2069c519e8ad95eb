"""Text in the two languages every user-facing sentence exists in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")


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
        return (self.zh if lang == "zh" else self.en).format_map(_rendered(self.params, lang))

    def using(self, **params: object) -> Text:
        """The same sentence with more parameters."""
        return Text(self.en, self.zh, {**self.params, **params})


def _rendered(params: Mapping[str, object], lang: Lang) -> _Lenient:
    return _Lenient({key: value(lang) if isinstance(value, Text) else value for key, value in params.items()})


def visible(text: str) -> str:
    """For a terminal: control and direction characters shown as ``\\x1b``, never carried out."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )
