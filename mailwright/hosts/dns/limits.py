"""What a host refuses to store, as it documents it: said before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from mailwright.model.text import Text

_PREFERENCE = Text("an MX preference from {least} to {most} only", "MX 优先级只能为 {least} 到 {most}")
_EMPTY = Text("no empty TXT", "TXT 不能为空")
_TOO_LONG = Text("{most} characters of TXT at most", "TXT 最多 {most} 个字符")
_NO_NULL = Text("no null MX (RFC 7505)", "不支持空 MX（RFC 7505）")
_CHARACTERS = Text("no TXT with {characters}", "TXT 中不能有 {characters}")
_NOT_ASCII = Text("TXT of printable ASCII only", "TXT 只能是可打印的 ASCII 字符")
_NOT_TEXT = Text("TXT that is text (UTF-8) only", "TXT 只能是文本（UTF-8）")


@dataclass(frozen=True, slots=True)
class Limits:
    """``mx``: least and most preference. ``plain``: TXT travels as one text, so neither empty nor octets.

    ``null_mx``: whether "no mail here" can be stored. ``without``: characters that no TXT may have;
    ``ascii``: it has printable ones of ASCII only.
    """

    mx: tuple[int, int] | None = None
    plain: bool = False
    txt_most: int | None = None
    null_mx: bool = True
    without: str = ""
    ascii: bool = False

    def refusal(self, type: str, value: str) -> Text | None:
        """Why this value cannot be stored; None where it can."""
        if type == "MX" and not self.null_mx and value.rsplit(maxsplit=1)[-1] == ".":
            return _NO_NULL
        if type == "MX" and self.mx:
            least, most = self.mx
            inside = least <= int(value.split(maxsplit=1)[0]) <= most
            return None if inside else _PREFERENCE.using(least=least, most=most)
        return self._text(value) if type == "TXT" else None

    def _text(self, value: str) -> Text | None:
        if self.plain and not value:
            return _EMPTY
        if self.plain and any("\udc80" <= char <= "\udcff" for char in value):
            return _NOT_TEXT
        if self.ascii and not (value.isascii() and value.isprintable()):
            return _NOT_ASCII
        if forbidden := " ".join(sorted(set(value) & set(self.without))):
            return _CHARACTERS.using(characters=forbidden)
        if self.txt_most is not None and len(value) > self.txt_most:
            return _TOO_LONG.using(most=self.txt_most)
        return None
