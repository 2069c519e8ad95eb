"""DMARC (RFC 9989): the policy record as a value. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

POLICIES = ("none", "quarantine", "reject")

#: Tags of RFC 7489 that RFC 9989 removed: receivers ignore them.
REMOVED_TAGS = ("pct", "rf", "ri")


class DmarcError(ValueError):
    """The text is no DMARC record."""


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """The tags of a record in order, names in lower case, values as written (RFC 9989 §4.7)."""

    tags: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The record's text."""
        return "; ".join(["v=DMARC1", *(f"{name}={value}" for name, value in self.tags.items())])

    @property
    def policy(self) -> str | None:
        """What receivers apply, RFC 9989 §4.10.1: None where this is no DMARC at all."""
        value = self.tags.get("p", "").lower()
        if value in POLICIES and all(self.tags.get(t, "none").lower() in POLICIES for t in ("sp", "np")):
            return value
        return "none" if self.rua else None

    @property
    def rua(self) -> tuple[str, ...]:
        """The valid report addresses, as mailto addresses."""
        return _addresses(self.tags.get("rua", ""))

    @property
    def testing(self) -> bool:
        """``t=y``: the applied policy is one step lower."""
        return self.tags.get("t", "n").lower() == "y"

    def strength(self) -> tuple[int, int, int]:
        """Comparable strictness for the domain, its subdomains and non-existing names (0 to 2)."""
        policy = self.policy
        if policy is None:
            return (-1, -1, -1)
        valid = self.tags.get("p", "").lower() in POLICIES
        subdomains = (self.tags.get("sp") or policy).lower() if valid else policy
        missing = (self.tags.get("np") or subdomains).lower() if valid else policy
        lower = 1 if self.testing else 0
        first, second, third = (
            max(POLICIES.index(each) - lower, 0) for each in (policy, subdomains, missing)
        )
        return (first, second, third)


def parse(text: str) -> DmarcRecord:
    """Read a record; unknown tags are kept and mean nothing. Raises DmarcError.

    ``v`` comes first and is exactly ``DMARC1`` (RFC 9989 §4.7); of a repeated tag the first counts.
    """
    parts = [each.strip(" \t") for each in text.split(";")]
    head = re.fullmatch(r"v[ \t]*=[ \t]*(\S+)", parts[0])
    if not head or head.group(1) != "DMARC1":
        raise DmarcError("a DMARC record starts with v=DMARC1")
    tags: dict[str, str] = {}
    for each in parts[1:]:
        if not each:
            continue
        match = re.fullmatch(r"([A-Za-z][A-Za-z0-9_]*)[ \t]*=[ \t]*([^;]*)", each)
        if not match:
            raise DmarcError(f"not a tag: {each}")
        tags.setdefault(match.group(1).lower(), match.group(2))
    return DmarcRecord(MappingProxyType(tags))


def policy_strength(values: Sequence[str]) -> tuple[int, int, int]:
    """The strictness of a record set: several records are all discarded (RFC 9989 §4.7), none is -1."""
    records = []
    for each in values:
        try:
            records.append(parse(each))
        except DmarcError:
            continue
    return records[0].strength() if len(records) == 1 else (-1, -1, -1)


def _addresses(text: str) -> tuple[str, ...]:
    found = []
    for each in text.split(","):
        match = re.fullmatch(r"(?i)mailto:([^\s@,!]+@[^\s@,!]+\.[^\s@,!]+)(?:![0-9]+[kmgt]?)?", each.strip())
        if match:
            found.append(match.group(1))
    return tuple(found)
