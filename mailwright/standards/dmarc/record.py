"""The DMARC policy record as a value (RFC 9989 §4.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from mailwright.model.family import Family
from mailwright.model.readings import BLANKS, Reading, as_read, reading, surely
from mailwright.standards import tags as taglist
from mailwright.standards.faults import Fault

Policy = Literal["none", "quarantine", "reject"]
POLICIES: tuple[Policy, ...] = ("none", "quarantine", "reject")

#: The tags of RFC 9989 §4.7 and, where their values are a closed set, these values.
VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "p": POLICIES,
        "sp": POLICIES,
        "np": POLICIES,
        "adkim": ("r", "s"),
        "aspf": ("r", "s"),
        "t": ("y", "n"),
        "psd": ("y", "n", "u"),
    }
)
KNOWN_TAGS = (*VALUES, "fo", "rua", "ruf")

#: Tags of RFC 7489 that RFC 9989 removed: receivers ignore them.
REMOVED_TAGS = ("pct", "rf", "ri")


class DmarcError(Fault):
    """The text is no DMARC record, or what was asked for makes none."""


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """The tags of a record in order, names in lower case, values as written (RFC 9989 §4.7).

    ``ignored`` holds what receivers pass over: parts that are no tag, and repeated tags.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The record's text, without what is ignored."""
        return "; ".join(["v=DMARC1", *(f"{name}={value}" for name, value in self.tags.items())])

    def value(self, name: str) -> str | None:
        """A tag's value where it is one that the standard knows, in lower case; else None."""
        written = self.tags.get(name, "").lower()
        return written if written in VALUES[name] else None

    @property
    def policy(self) -> Policy | None:
        """What receivers apply, RFC 9989 §4.10.1: None where this is no DMARC at all."""
        wrong = any(name in self.tags and self.value(name) is None for name in ("sp", "np"))
        value = self.value("p")
        if value is not None and not wrong:
            return POLICIES[POLICIES.index(value)]
        return "none" if self.has_reports else None

    @property
    def subdomain_policy(self) -> Policy | None:
        """What holds for names below the domain: ``sp``, else ``p``."""
        return self._below("sp", self.policy)

    @property
    def nonexistent_policy(self) -> Policy | None:
        """What holds for names below the domain that do not exist: ``np``, else ``sp``, else ``p``."""
        return self._below("np", self.subdomain_policy)

    def _below(self, name: str, default: Policy | None) -> Policy | None:
        if self.policy is None or self.value("p") is None:
            return self.policy
        value = self.value(name)
        if any(tag in self.tags and self.value(tag) is None for tag in ("sp", "np")):
            return self.policy  # an invalid one turns the whole record into p=none
        return default if value is None else POLICIES[POLICIES.index(value)]

    @property
    def rua(self) -> tuple[str, ...]:
        """The mailboxes that get aggregate reports; what is no ``mailto:`` is left out."""
        return _mailboxes(self.tags.get("rua", ""))

    @property
    def has_reports(self) -> bool:
        """Whether ``rua`` holds a valid URI, of whatever scheme (RFC 9989 §4.10.1)."""
        return any(map(taglist.is_uri, self.tags.get("rua", "").split(",")))

    @property
    def ruf(self) -> tuple[str, ...]:
        """The mailboxes that get failure reports (RFC 9991)."""
        return _mailboxes(self.tags.get("ruf", ""))

    @property
    def testing(self) -> bool:
        """``t=y``: the applied policy is one step lower."""
        return self.value("t") == "y"

    @property
    def psd(self) -> str:
        """``y`` a public suffix, ``n`` an organizational domain, ``u`` (the default) not said."""
        return self.value("psd") or "u"

    def strict(self, name: Literal["adkim", "aspf"]) -> bool:
        """Whether this alignment is strict; relaxed is the default (RFC 9989 §4.4)."""
        return self.value(name) == "s"

    def strength(self) -> tuple[int, int, int]:
        """Comparable strictness for the domain, its subdomains and non-existing names.

        0 is ``none``, 2 ``reject``, -1 no DMARC at all; ``t=y`` counts one step lower.
        """
        first, second, third = (
            -1 if asked_policy is None else POLICIES.index(lowered(asked_policy, self.testing))
            for asked_policy in (self.policy, self.subdomain_policy, self.nonexistent_policy)
        )
        return (first, second, third)


def lowered(policy: Policy, testing: bool) -> Policy:
    """The policy that is applied: one step lower where the record says ``t=y`` (RFC 9989 §4.7)."""
    return POLICIES[max(POLICIES.index(policy) - 1, 0)] if testing else policy


def parse(text: str) -> DmarcRecord:
    """Read a record. Raises DmarcError where it is none.

    ``v`` comes first, nothing before it, and is exactly ``DMARC1``. Unknown tags are kept and mean nothing;
    what is no tag is ignored as receivers do (RFC 9989 §4.7), and kept in ``ignored``. Of a repeated tag the
    first counts.
    """
    if not surely(Family.DMARC, text):
        raise DmarcError("a DMARC record starts with v=DMARC1", "DMARC 记录必须以 v=DMARC1 开头")
    read = taglist.split(text)
    tags: dict[str, str] = {}
    ignored = list(read.faults)
    for name, value in read.tags[1:]:
        if name.lower() in tags or name.lower() == "v":
            ignored.append(f"{name}={value}")
        else:
            tags[name.lower()] = value
    return DmarcRecord(MappingProxyType(tags), tuple(ignored))


def build(
    policy: str,
    *,
    subdomains: str | None = None,
    nonexistent: str | None = None,
    rua: Sequence[str] = (),
    ruf: Sequence[str] = (),
    adkim: str | None = None,
    aspf: str | None = None,
    testing: bool = False,
    psd: str | None = None,
    fo: str | None = None,
) -> DmarcRecord:
    """A record from its parts; ``rua`` and ``ruf`` are mailboxes. Raises DmarcError for a wrong value.

    Only what is given is written. The tags that RFC 9989 removed cannot be.
    """
    tags = {"p": policy, "sp": subdomains, "np": nonexistent, "adkim": adkim, "aspf": aspf, "psd": psd}
    given = {name: value for name, value in tags.items() if value is not None}
    for name, value in given.items():
        if value not in VALUES[name]:
            raise DmarcError(
                "{name}={value} is none of {values}",
                "{name}={value} 不是以下之一：{values}",
                name=name,
                value=value,
                values=", ".join(VALUES[name]),
            )
    if testing:
        given["t"] = "y"
    for name, mailboxes in (("rua", rua), ("ruf", ruf)):
        if mailboxes:
            given[name] = ",".join(_uri(mailbox) for mailbox in mailboxes)
    if fo is not None:
        given["fo"] = _failure_options(fo)
    return DmarcRecord(MappingProxyType(given))


def failure_options(text: str) -> bool:
    """Whether ``fo=`` is valid: letters of ``01ds``, and not both 0 and 1 (RFC 9989 §4.7)."""
    options = [part.strip(BLANKS).lower() for part in text.split(":")]
    return all(option in ("0", "1", "d", "s") for option in options) and not {"0", "1"} <= set(options)


def only_record(values: Sequence[str]) -> DmarcRecord | None:
    """The one record of a TXT set; several are all discarded (RFC 9989 §4.10)."""
    records = []
    for value in values:
        try:
            records.append(parse(value))
        except DmarcError:
            continue
    return records[0] if len(records) == 1 else None


def policy_strength(values: Sequence[str]) -> tuple[int, int, int]:
    """The strictness of a record set: several records are all discarded (RFC 9989 §4.10), none is -1."""
    record = only_record(values)
    return record.strength() if record else (-1, -1, -1)


def strictest(values: Sequence[str]) -> tuple[int, int, int]:
    """The strictest that any receiver applies for a record set, as ``DmarcRecord.strength`` has it.

    Some take for a record what the standard does not, each of them something else: whatever one of them alone
    may be reading counts. Several that all receivers see are discarded by all.
    """
    sure = [value for value in values if surely(Family.DMARC, value)]
    some = [value for value in values if reading(Family.DMARC, value) is Reading.SOME]
    if len(sure) > 1:
        return (-1, -1, -1)
    texts = [text for value in (*sure, *some) if (text := as_read(Family.DMARC, value)) is not None]
    strengths = [parse(record_text).strength() for record_text in texts]
    first, second, third = (max((strength[at] for strength in strengths), default=-1) for at in range(3))
    return (first, second, third)


def report_authorisation_name(policy_domain: str, report_domain: str) -> str:
    """Where another domain says that it wants the reports: absolute, TXT ``v=DMARC1`` (RFC 9990 §3)."""
    return f"{policy_domain.rstrip('.').lower()}._report._dmarc.{report_domain.rstrip('.').lower()}."


def _failure_options(text: str) -> str:
    if not failure_options(text):
        raise DmarcError(
            "fo={value} is none of 0, 1, d, s joined by colons",
            "fo={value} 应为 0、1、d、s，以冒号连接",
            value=text,
        )
    return text


def _uri(mailbox: str) -> str:
    uri = taglist.mailto(mailbox)
    if taglist.mailbox_of(uri) != mailbox:
        raise DmarcError(
            "{mailbox} is not a mail address that can take reports",
            "{mailbox} 不能用作报告地址",
            mailbox=mailbox,
        )
    return uri


def _mailboxes(text: str) -> tuple[str, ...]:
    return tuple(mailbox for part in text.split(",") if (mailbox := taglist.mailbox_of(part)) is not None)
