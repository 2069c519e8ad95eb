"""Values that are nearly a record: to some receivers they are one, or to none although they look like it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailwright.model.families import Family, meant
from mailwright.model.finding import Finding, found
from mailwright.model.readings import Reading, beginning, readers, reading
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text, shortened

NOT_READ = rule(
    "record-not-read",
    Severity.WARNING,
    en="“{text}” at {name} is not a valid {kind} record, which begins with {beginning}. It is left as it is.",
    zh="{name} 处的“{text}”不是 {kind} 记录：{kind} 记录以 {beginning} 开头。该值保持不动。",
    hint_en="Delete it, if nobody needs it: it says nothing to receivers.",
    hint_zh="如无用处请删除：收件方不会理会它。",
    reference="RFC 8461 §3.1, RFC 8460 §3",
)
_SOME = Text(
    "; some receivers ({readers}) take it for one all the same, and a second one beside it makes two",
    "；但部分收件方（{readers}）仍会当作记录，若旁边再有一条，便成了两条",
)


def sure(family: Family, values: Sequence[str]) -> list[str]:
    """The values that are a record of the family to everybody."""
    return [value for value in values if reading(family, value) is Reading.SURELY]


def unsure(family: Family, values: Sequence[str]) -> list[str]:
    """The values that are a record of the family to some receivers only."""
    return [value for value in values if reading(family, value) is Reading.SOME]


def read_by(family: Family, value: str) -> Text | str:
    """How a sentence ends that says of a value that it is no record: who takes it for one, or ""."""
    return _SOME.using(readers=readers(family)) if reading(family, value) is Reading.SOME else ""


def unread(family: Family, values: Sequence[str], name: str) -> Iterator[Finding]:
    """A finding for each value at ``name`` that was meant as a record and is none to anybody."""
    for value in values:
        if not reading(family, value) and meant(f"{name}.", "TXT", value) is family:
            text = shortened(value)
            kind, begins = str(family).upper(), beginning(family)
            yield found(NOT_READ, name=name, text=text, kind=kind, beginning=begins)
