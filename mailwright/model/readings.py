"""What a TXT value is to receivers: surely a record of its kind, to some of them one, or to none.

Everything asks here: parsers, ownership, gate, look, import, verify and drift. Where two of them disagreed,
one published a second record beside what the other took for the first.

*Surely* is what the standard says. *Some* is what at least one receiver in use takes for a record although
the standard does not: read in the source of mail-auth 0.8.0 (Stalwart), which skips blanks, ignores case and
what stands before the version, and of OpenDMARC 1.4.2, which finds ``v=`` anywhere, its value in any case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from mailwright.model.family import Family

BLANKS = " \t\r\n"
"""White space of the mail standards: U+00A0, U+3000 and others that ``str.strip`` takes are none."""


class Reading(IntEnum):
    """Who takes a value for a record of a family; the order is of certainty."""

    NO = 0
    SOME = 1
    SURELY = 2


@dataclass(frozen=True, slots=True)
class _Version:
    """How a family's records begin.

    ``surely`` is the standard's own beginning; ``word`` the version without blanks, in lower case. ``first``:
    receivers that are lenient want it as the first tag all the same. ``readers`` are those receivers.
    """

    shown: str
    surely: re.Pattern[str]
    word: str
    first: bool
    readers: str


_VERSIONS = {
    # RFC 9989 §4.7: tag names lose their case, the value DMARC1 does not; blanks may stand at "=".
    Family.DMARC: _Version(
        "v=DMARC1", re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)"), "v=dmarc1", False,
        "OpenDMARC 1.4.2, mail-auth 0.8.0",
    ),
    # RFC 8461 §3.1, RFC 8460 §3: the very octets, at the very beginning.
    Family.MTA_STS: _Version(
        "v=STSv1;", re.compile(r"v=STSv1[ \t]*(?:;|\Z)"), "v=stsv1", False, "mail-auth 0.8.0"
    ),
    Family.TLS_RPT: _Version(
        "v=TLSRPTv1;", re.compile(r"v=TLSRPTv1[ \t]*(?:;|\Z)"), "v=tlsrptv1", True, "mail-auth 0.8.0"
    ),
    # draft-brand-indicators §4.3
    Family.BIMI: _Version(
        "v=BIMI1;", re.compile(r"v[ \t]*=[ \t]*BIMI1[ \t]*(?:;|\Z)"), "v=bimi1", True, "–"
    ),
}  # fmt: skip

# RFC 7208 §4.5: the version in any case, ended by a space or the end of the record.
_SPF = re.compile(r"(?i)v=spf1(?: |\Z)", re.ASCII)
_SPF_LOOSE = re.compile(r"(?i)[ \t\r\n]*v[ \t\r\n]*=[ \t\r\n]*spf1(?:[ \t\r\n]+|\Z)", re.ASCII)
_SPF_READERS = "mail-auth 0.8.0"
_NOTHING = str.maketrans("", "", BLANKS)

#: The families that this module tells apart by the beginning of a value.
VERSIONED: tuple[Family, ...] = (Family.SPF, *_VERSIONS)


def reading(family: Family, value: str) -> Reading:
    """Who takes this TXT value for a record of ``family``; NO outside ``VERSIONED``. Never raises."""
    if surely(family, value):
        return Reading.SURELY
    if family is Family.SPF:
        return Reading(bool(_SPF_LOOSE.match(value)))
    version = _VERSIONS.get(family)
    return Reading.NO if version is None or _loose(version, value) is None else Reading.SOME


def surely(family: Family, value: str) -> bool:
    """Whether the value is a record of the family by the letter of its standard. Never raises."""
    if family is Family.SPF:
        return _SPF.match(value) is not None
    version = _VERSIONS.get(family)
    return version is not None and version.surely.match(value) is not None


def as_read(family: Family, value: str) -> str | None:
    """The record as whoever takes the value for one reads it, in the standard's spelling; else None.

    What is surely a record comes back as it is.
    """
    meaning = reading(family, value)
    if meaning is not Reading.SOME:
        return value if meaning else None
    if family is Family.SPF:
        match = _SPF_LOOSE.match(value)
        assert match is not None
        return " ".join(["v=spf1", *filter(None, re.split(r"[ \t\r\n]+", value[match.end() :]))])
    version = _VERSIONS[family]
    parts, at = value.split(";"), _loose(version, value)
    assert at is not None
    rest = [part.strip(BLANKS) for number, part in enumerate(parts) if number != at]
    return "; ".join([version.shown.rstrip(";"), *filter(None, rest)])


def readers(family: Family) -> str:
    """Receivers that read what is no record by the standard, with their versions."""
    return _SPF_READERS if family is Family.SPF else _VERSIONS[family].readers


def beginning(family: Family) -> str:
    """How a record of the family begins."""
    return "v=spf1" if family is Family.SPF else _VERSIONS[family].shown


def _loose(version: _Version, value: str) -> int | None:
    """Which part between semicolons is the version to a lenient reader."""
    for number, part in enumerate(value.split(";")):
        plain = part.translate(_NOTHING)
        if plain.lower() == version.word and plain.isascii():
            return number
        if plain and version.first:
            return None
    return None
