"""The MTA-STS record and policy as values (RFC 8461 §3)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mailwright.model.family import Family
from mailwright.model.readings import surely
from mailwright.standards.beginnings import read_by
from mailwright.standards.faults import Fault
from mailwright.standards.fields import fields

Mode = Literal["enforce", "testing", "none"]
MODES: tuple[Mode, ...] = ("enforce", "testing", "none")

MAX_AGE_MOST = 31557600  # seconds, about a year: RFC 8461 §3.2

_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,31}")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_LABEL = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
_PATTERN = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})+")


class MtaStsError(Fault):
    """The text is no MTA-STS record, or no policy."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: ``mx`` are host names or ``*.`` patterns in lower case, ``max_age`` is in seconds.

    Raises MtaStsError for what RFC 8461 §3.2 does not allow, so that a value is always a valid policy.
    """

    mode: Mode
    mx: tuple[str, ...]
    max_age: int

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise MtaStsError(
                "mode: {mode} is none of enforce, testing, none",
                "mode: {mode} 不是 enforce、testing、none 之一",
                mode=self.mode,
            )
        if not 0 <= self.max_age <= MAX_AGE_MOST:
            raise MtaStsError(
                "max_age: {age} is not between 0 and 31557600 seconds",
                "max_age: {age} 不在 0 到 31557600 秒之间",
                age=self.max_age,
            )
        if not self.mx and self.mode != "none":
            raise MtaStsError("the policy names no mx", "策略没有列出 mx")
        for pattern in self.mx:
            if not _PATTERN.fullmatch(pattern) or len(pattern) > 255:
                raise MtaStsError(
                    "mx: {mx} is neither a host name nor *. and a domain",
                    "mx: {mx} 既不是主机名，也不是 *. 加域名",
                    mx=pattern,
                )

    def __str__(self) -> str:
        """The policy file's text, lines ended by CRLF (RFC 8461 §3.2)."""
        lines = ["version: STSv1", f"mode: {self.mode}", *(f"mx: {pattern}" for pattern in self.mx)]
        return "".join(f"{line}\r\n" for line in (*lines, f"max_age: {self.max_age}"))

    def covers(self, host: str) -> bool:
        """Whether mail may be delivered to this exchanger."""
        return any(matches(pattern, host) for pattern in self.mx)


def matches(pattern: str, host: str) -> bool:
    """Whether a host is what an ``mx`` pattern means: ``*`` is exactly one label (RFC 8461 §4.1)."""
    name, mask = host.rstrip(".").lower(), pattern.rstrip(".").lower()
    if mask.startswith("*."):
        first, _, rest = name.partition(".")
        return bool(first) and rest == mask[2:]
    return name == mask


def policy_id(policy: Policy) -> str:
    """The record's ``id``: from the policy itself, so that it changes exactly when the policy does.

    32 hexadecimal digits, the longest that RFC 8461 §3.1 allows.
    """
    return hashlib.sha256(str(policy).encode("ascii")).hexdigest()[:32]


def build_record(policy: Policy) -> str:
    """The TXT value at ``_mta-sts``."""
    return f"v=STSv1; id={policy_id(policy)};"


def parse_record(text: str) -> str:
    """The ``id`` of a record, the first where there are several. Raises MtaStsError (RFC 8461 §3.1)."""
    if not surely(Family.MTA_STS, text):
        raise MtaStsError(
            "an MTA-STS record starts with v=STSv1;{some}",
            "MTA-STS 记录必须以 v=STSv1; 开头{some}",
            some=read_by(Family.MTA_STS, text),
        )
    ids = []
    for field in fields(text, "id"):
        if field.fault:
            raise MtaStsError("{fault}", "{fault}", fault=field.fault)
        if field.name == "id":
            ids.append(field.value)
    if not ids or not all(map(_ID.fullmatch, ids)):
        raise MtaStsError(
            "id is missing, or is not 1 to 32 letters and digits", "缺少 id，或 id 不是 1 到 32 位字母数字"
        )
    return ids[0]


def repeats_id(text: str) -> bool:
    """Whether a record says ``id`` more than once: readers take the first, writers must not."""
    return sum(field.name == "id" for field in fields(text, "id")) > 1


def parse_policy(text: str) -> Policy:
    """Read a policy file (RFC 8461 §3.2): LF or CRLF; unknown keys are passed over. Raises MtaStsError.

    Of a key that is repeated the first counts, except ``mx``. An empty line is none of the grammar's.
    """
    values: dict[str, str] = {}
    exchangers: list[str] = []
    for name, value in _lines(text):
        if name == "mx":
            exchangers.append(value.lower())
        else:
            values.setdefault(name, value)
    if values.get("version") != "STSv1":
        raise MtaStsError("version: STSv1 is missing", "缺少 version: STSv1")
    age = values.get("max_age", "")
    if not re.fullmatch(r"[0-9]{1,10}", age):
        raise MtaStsError("max_age is missing, or not a number of seconds", "缺少 max_age，或不是秒数")
    mode = values.get("mode", "")
    return Policy(mode, tuple(exchangers), int(age))  # type: ignore[arg-type]  # __post_init__ judges it


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """The keys and values of a policy file."""
    lines = re.split(r"\r?\n", text)
    if lines and not lines[-1]:
        lines.pop()  # what the last line end ends
    for number, line in enumerate(lines, 1):
        key, colon, value = line.partition(":")
        value = value.strip(" \t")
        if not line.strip(" \t"):
            raise MtaStsError("line {number} is empty", "第 {number} 行为空", number=number)
        if not colon or not _KEY.fullmatch(key) or not value or _CONTROL.search(value):
            raise MtaStsError("not “key: value”: {line}", "不是“键: 值”：{line}", line=line[:60])
        yield key, value
