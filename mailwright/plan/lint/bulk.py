"""The rules of large receivers for those who send much, held against a plan.

What DNS cannot show is ``not-checkable`` and never a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from mailwright.catalog.bulk import Profile, Requirement, profiles
from mailwright.model.checks import Status
from mailwright.model.families import Family
from mailwright.model.finding import Finding
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.judging import policy_of, verdict
from mailwright.spec.model import MailSpec
from mailwright.standards import spf

UNMET = rule(
    "bulk-sender-rule-unmet",
    Severity.WARNING,
    en="{domain} is to send {volume} mails a day; {receiver} then asks for {what}, and {name} has not "
    "got it: {otherwise}.",
    zh="{domain} 计划每天发信 {volume} 封；{receiver} 要求{what}，而 {name} 尚未满足：{otherwise}。",
    hint_en="Set it up before the volume grows; `mailwright check --bulk-senders` shows all of it.",
    hint_zh="请在提高发信量之前设好；`mailwright check --bulk-senders` 可查看全部要求。",
)
LISTED = rule(
    "bulk-sender-rules",
    Severity.INFO,
    en="{receiver} requires of mail from @{name}: {listed}.",
    zh="{receiver} 对 @{name} 来信的要求：{listed}。",
    hint_en="What DNS cannot show, the receiver's own postmaster pages do.",
    hint_zh="DNS 无法显示的部分，请查看收件方的 postmaster 页面。",
)


@dataclass(frozen=True, slots=True)
class Held:
    """One requirement of one receiver at one sending name, and whether the plan keeps it."""

    profile: Profile
    requirement: Requirement
    name: str  # without final dot
    status: Status


def held(domain: str, records: Sequence[PlannedRecord]) -> tuple[Held, ...]:
    """Every requirement at every sending name of a domain: pass, fail or not-checkable."""
    names = [bare(record.name) for record in records if record.family is Family.SPF and record.type == "TXT"]
    ours = [fromkey for fromkey in dict.fromkeys(names) if is_below(fromkey, domain)]
    return tuple(
        Held(profile, requirement, name, _CHECKS[requirement.check](_Sending(domain, name, records)))
        for profile in profiles()
        for name in ours
        for requirement in profile.requirements
    )


def findings(spec: MailSpec, records: Sequence[PlannedRecord]) -> Iterator[Finding]:
    """What is not kept, once the volumes that the spec names make the rules for bulk senders apply."""
    volume = sum(sender.volume_per_day or 0 for sender in spec.senders)
    # Where a receiver publishes no number, the least that another publishes stands in for it.
    least = min(profile.per_day for profile in profiles() if profile.per_day is not None)
    if volume < least:
        return
    path = next(
        f"senders[{n}].volume_per_day" for n, sender in enumerate(spec.senders) if sender.volume_per_day
    )
    for judgement in held(spec.domain, records):
        if judgement.status is Status.FAIL and volume >= (judgement.profile.per_day or least):
            params: Mapping[str, object] = {
                "domain": spec.domain,
                "volume": volume,
                "receiver": judgement.profile.names,
                "what": judgement.requirement.text,
                "name": judgement.name,
                "otherwise": judgement.profile.otherwise,
            }
            yield Finding(UNMET.id, path, spec.at(path), params)


def listed(several: Sequence[Held]) -> Iterator[Finding]:
    """The same as findings, one a receiver and sending name, for formats without a table."""
    for (profile, name), those in groupby(several, key=lambda judgement: (judgement.profile, judgement.name)):
        parts = [
            Text("{what} ({word})", "{what}（{word}）", {"what": e.requirement.text, "word": WORDS[e.status]})
            for e in those
        ]
        text = parts[0]
        for part in parts[1:]:
            text = Text("{one}; {other}", "{one}；{other}", {"one": text, "other": part})
        yield Finding(LISTED.id, "", None, {"receiver": profile.names, "name": name, "listed": text})


@dataclass(frozen=True, slots=True)
class _Sending:
    """A name that mail is sent as, within a plan."""

    domain: str
    name: str
    records: Sequence[PlannedRecord]

    @property
    def has_spf(self) -> bool:
        """Whether somebody may send; ``v=spf1 -all`` alone lets nobody."""
        return any(_authorises(value) for value in self._texts(absolute(self.name), Family.SPF))

    @property
    def keys(self) -> tuple[PlannedRecord, ...]:
        """The DKIM keys and aliases below the name; a revoked key is none."""
        end = "._domainkey." + absolute(self.name)
        here = (
            record for record in self.records if record.family is Family.DKIM and record.name.endswith(end)
        )
        return tuple(
            record for record in here if record.name[:2] != "*." and "dkim-key-revoked" not in _said(record)
        )

    @property
    def has_dmarc(self) -> bool:
        """Whether a policy holds at the name: its own record, or that of the domain above it."""
        owners = (absolute("_dmarc", self.name), absolute("_dmarc", self.domain))
        return any(policy_of(texts) for owner in owners if (texts := self._texts(owner, Family.DMARC)))

    def _texts(self, owner: str, family: Family) -> tuple[str, ...]:
        return tuple(
            value
            for record in self.records
            if (record.name, record.type, record.family) == (owner, "TXT", family)
            for value in record.values
        )


def _authorises(text: str) -> bool:
    try:
        return any(mechanism.name != "all" for mechanism in spf.parse(text).mechanisms)
    except spf.SpfError:
        return False


def _said(key: PlannedRecord) -> frozenset[str]:
    return frozenset(finding.rule for finding in verdict(key.name, key.type, key.family, key.values))


def _judged(kept: bool) -> Status:
    return Status.PASS if kept else Status.FAIL


def _key_length(sending: _Sending) -> Status:
    """A key behind an alias is the service's, and not seen here."""
    rule_sets = [_said(key) for key in sending.keys if key.type == "TXT"]
    if any("dkim-rsa-under-1024" in rules for rules in rule_sets):
        return Status.FAIL
    seen = rule_sets and len(rule_sets) == len(sending.keys)
    return Status.PASS if seen else Status.NOT_CHECKABLE


def _aligned(sending: _Sending) -> Status:
    """A key below the From domain signs for it; whether a return path aligns, only mail shows."""
    if sending.keys:
        return Status.PASS
    return Status.NOT_CHECKABLE if sending.has_spf else Status.FAIL


_CHECKS: Mapping[str, Callable[[_Sending], Status]] = {
    "spf-or-dkim": lambda sending: _judged(sending.has_spf or bool(sending.keys)),
    "spf-and-dkim": lambda sending: _judged(sending.has_spf and bool(sending.keys)),
    "dkim-1024": _key_length,
    "dmarc": lambda sending: _judged(sending.has_dmarc),
    "aligned": _aligned,
    "not-checkable": lambda _: Status.NOT_CHECKABLE,
}

#: The words for a status.
WORDS = {
    Status.PASS: Text("yes", "满足"),
    Status.FAIL: Text("NO", "未满足"),
    Status.NOT_CHECKABLE: Text("not checkable", "无法检查"),
}
