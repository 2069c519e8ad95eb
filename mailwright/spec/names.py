"""Domain names and addresses as people write them, to what DNS has."""

from __future__ import annotations

import re

from mailwright.model.text import Text

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
_HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


class BadNameError(ValueError):
    """Not a name; ``reason`` says why, in both languages."""

    def __init__(self, en: str, zh: str, part: str = "") -> None:
        super().__init__(en)
        self.reason = Text(en, zh, {"part": part})


def domain(text: str) -> str:
    """The A-label form, lower case, without final dot. Raises BadNameError.

    International names are converted as IDNA 2008 with the UTS 46 mapping that browsers use.
    """
    name = text.strip()
    if "://" in name or "/" in name:
        raise BadNameError("it is a web address", "这是网址")
    if "@" in name:
        raise BadNameError("it is a mail address", "这是邮件地址")
    if name.startswith("*."):
        raise BadNameError("it is a wildcard", "这是通配符")
    ascii_name = to_ascii(name.removesuffix("."))
    if "." not in ascii_name:
        raise BadNameError("it has no dot: a domain has at least two parts", "没有点：域名至少有两段")
    _check(ascii_name, _HOST_LABEL)
    if ascii_name.rpartition(".")[2].isdigit():
        raise BadNameError("it is an IP address", "这是 IP 地址")
    return ascii_name


def owner(text: str) -> str:
    """Any owner name (underscores, one leading ``*``), lower case without final dot. Raises BadNameError."""
    name = to_ascii(text.strip().removesuffix("."))
    if name != "*":
        _check(name.removeprefix("*."), _LABEL)
    return name


def to_ascii(name: str) -> str:
    """A-labels, lower case. Raises BadNameError."""
    if name.isascii():
        return name.lower()
    import idna

    try:
        return idna.encode(name, uts46=True, std3_rules=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise BadNameError("its characters cannot be a domain name", "含有不能用于域名的字符") from None


def _check(name: str, label: re.Pattern[str]) -> None:
    if len(name) > 253:
        raise BadNameError("it has more than 253 characters", "超过 253 个字符")
    for part in name.split("."):
        if not part:
            raise BadNameError("two dots follow each other", "有连续的点")
        if len(part) > 63:
            raise BadNameError(
                "the part {part}… has more than 63 characters",
                "其中一段 {part}… 超过 63 个字符",
                part[:20],
            )
        if not label.fullmatch(part):
            raise BadNameError(
                "the part {part} has characters that are not allowed there",
                "其中一段 {part} 含有不允许的字符",
                part,
            )


def address(text: str) -> str:
    """A mail address with its domain as A-labels. Raises BadNameError."""
    local, at, host = text.strip().rpartition("@")
    if not at or not local:
        raise BadNameError("it has no @ with something on both sides", "缺少 @ 或 @ 前后内容")
    if not _LOCAL.fullmatch(local) or len(local) > 64:
        raise BadNameError("{part} cannot be the part before the @", "@ 前不能是 {part}", local)
    return f"{local}@{domain(host)}"


def doubled(name: str, base: str) -> bool:
    """Whether ``name`` ends in the domain twice, the usual slip of pasting into a console."""
    return name.endswith(f".{base}.{base}") or name == f"{base}.{base}"
