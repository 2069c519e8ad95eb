"""``gate(changes, consents) → refusals``: no apply loses mail without somebody saying so.

It judges what is live against what would be, so it holds on a first ``up`` over a living
domain, on updates, renames and destroys alike, whatever the zone's size. Consent names the
rule: an ``allow:`` entry with a date in the reviewed spec, ``--allow``, or ``MAILWRIGHT_ALLOW``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from mailwright.model.changes import ChangeSet, SetChange
from mailwright.model.consent import Consent, consented, proposed
from mailwright.model.families import Family, family_of
from mailwright.model.finding import Finding, found
from mailwright.model.names import bare, relative
from mailwright.model.readings import as_read, surely
from mailwright.model.records import ObservedSet
from mailwright.model.rules import Rule
from mailwright.model.text import Lang, Text
from mailwright.plan.transition import steps
from mailwright.plan.transition.compare import canonical
from mailwright.plan.transition.gate_rules import (
    BELOW_CUT,
    CONSENTABLE,
    DMARC_WEAKENED,
    FOUND_REMOVED,
    IN_THE_WAY,
    MTA_STS_BLOCKS_MX,
    MTA_STS_GONE,
    MX_CHANGED,
    NO_MX_LEFT,
    OTHER_LINE_DIFFERS,
    SELECTOR_CHANGED,
    SELECTOR_GONE,
    SPF_GONE,
    SPF_SENDER_DROPPED,
    SWAP_LEAVES_GAP,
    WHOLE_ZONE_WRITE,
    WILDCARD_MAIL,
)
from mailwright.plan.transition.notices import CARRYING, kept_lines
from mailwright.plan.transition.notices import shown as shown_sets
from mailwright.standards import dkim, dmarc, spf


def gate(changes: ChangeSet, consents: Iterable[Consent] = ()) -> tuple[Finding, ...]:
    """What must not happen without consent, and has none. Empty: the change may be applied."""
    pending = {change.key for change in changes.sets if change.added}
    given = tuple(consent for consent in consents if not consent.served & pending)
    consentable = {consentable_rule.id for consentable_rule in CONSENTABLE}
    return tuple(
        fault
        for fault in _faults(changes)
        if fault.rule not in consentable or not consented(fault.rule, given, changes.as_of, _spoken_of(fault))
    )


def _spoken_of(refusal: Finding) -> tuple[str, ...]:
    """What a consent to this refusal has to name, if it names anything."""
    return tuple(part for part in str(refusal.params.get("values", "")).split(", ") if part)


_REFUSED = Text("Refused: this change could lose mail.", "已拒绝：这次变更可能会丢失邮件。")
_UNTOUCHED = Text("Nothing was changed.", "未做任何修改。")
_REMOVAL = Text(
    "If this is meant, say so for this run alone: {command}",
    "如果确实要这样做，请仅为这一次运行表示同意：{command}",
)


def refusal_text(refusals: Iterable[Finding], lang: Lang = "en", *, removal: str = "") -> str:
    """One paragraph a refusal, below what is refused; see ``refusal_lines``."""
    return "\n".join([refusal_head(lang), *refusal_lines(refusals, lang, removal=removal)])


def refusal_head(lang: Lang = "en", *, untouched: bool = True) -> str:
    """What is refused; ``untouched``: and nothing else is done either."""
    gap = "" if lang == "zh" else " "
    return _REFUSED(lang) + (gap + _UNTOUCHED(lang) if untouched else "")


def refusal_lines(refusals: Iterable[Finding], lang: Lang = "en", *, removal: str = "") -> list[str]:
    """The rule, the records, and what to write.

    ``removal``: how to consent where no spec asks for the domain any more, with ``{rules}`` in it.
    """
    findings = list(refusals)
    consentable = {consentable_rule.id for consentable_rule in CONSENTABLE}
    rules = ",".join(dict.fromkeys(finding.rule for finding in findings if finding.rule in consentable))
    lines: list[str] = []
    for listed_finding in findings:
        lines.append(f"  [{listed_finding.rule}] {listed_finding.message(lang)}")
        if not (removal and listed_finding.rule in consentable):
            lines.append(f"    {listed_finding.hint(lang)}")
    if removal and rules:
        lines.append("  " + _REMOVAL.using(command=removal.replace("{rules}", rules))(lang))
    return lines


def _faults(changes: ChangeSet) -> Iterator[Finding]:
    for blocked in changes.in_the_way:
        yield found(IN_THE_WAY, name=bare(blocked.name), type=blocked.type, before=_list(blocked.plain))
    for name in changes.below_cut:
        types = sorted({change.type for change in changes.sets if change.name == name and change.after}) or [
            "TXT"
        ]
        owner = relative(name, changes.domain)
        line = ", ".join(
            f"{{name: {owner}, type: {type}, elsewhere: true, values: [{_values(changes, name, type)}]}}"
            for type in types
        )
        yield found(BELOW_CUT, name=bare(name), line=line)
    yield from _wildcards(changes)
    yield from _swaps(changes)
    yield from _other_lines(changes)
    yield from _found_before(changes)
    if changes.whole_zone and changes.changes:
        yield _finding(WHOLE_ZONE_WRITE, changes, changes.changes[0], name=bare(changes.domain))
    for set_change in changes.sets:
        if not set_change.is_change and not set_change.leaving:
            continue
        for judge in _JUDGES:
            yield from judge(changes, set_change)


#: What must be the same on every line.
_ON_EVERY_LINE = (Family.MX, Family.SPF, Family.DMARC, Family.DKIM)


def _other_lines(changes: ChangeSet) -> Iterator[Finding]:
    """A line of its own answers in place of the default one, whole set by whole set."""
    by_key = {change.key: change for change in changes.sets}
    for line, there in changes.other_lines:
        set_change = by_key[there.key]
        planned = tuple(value.value for value in set_change.after)
        for family in _ON_EVERY_LINE:
            members, served = (_members(set_change, values, family) for values in (planned, there.plain))
            if members and members != served:
                shown = {"line": line, "there": _list(sorted(served)), "after": _list(sorted(members))}
                yield _finding(OTHER_LINE_DIFFERS, changes, set_change, **shown)


def _found_before(changes: ChangeSet) -> Iterator[Finding]:
    """Who only took records over did not make them: an apply of somebody else may still hold them."""
    going: list[str] = []
    for change in changes.changes:
        before, kept = changes.found.get(change.key, ()), {value.value for value in change.after}
        there = change.before.plain if change.before else ()
        for family in _ON_EVERY_LINE:
            values = _members(change, (value for value in there if value not in kept), family)
            if values & _members(change, before, family):
                going.append(f"{change.type} {_list(sorted(values))}")
    if going:
        shown = {"name": bare(changes.domain), "id": FOUND_REMOVED.id, "day": proposed(changes.as_of)}
        yield Finding(FOUND_REMOVED.id, "", None, {**shown, "before": "; ".join(going)})


def _members(change: SetChange, values: Iterable[str], family: Family) -> set[str]:
    family_values = (value for value in values if family_of(change.name, change.type, value) is family)
    return {canonical(change.type, value) for value in family_values}


def _swaps(changes: ChangeSet) -> Iterator[Finding]:
    """RFC 1034 §3.6.2: a CNAME stands alone, so what it replaces, or what replaces it, goes first."""
    for coming in changes.changes if not changes.atomic else ():
        for going in changes.changes:
            same = coming.name == going.name and coming.after and not coming.before and not going.after
            if same and "CNAME" in (coming.type, going.type):
                shown = {"before": going.type, "after": coming.type}
                yield _finding(SWAP_LEAVES_GAP, changes, coming, **shown)


def _values(changes: ChangeSet, name: str, type: str) -> str:
    """The values planned at a name, as a spec writes them."""
    sets = (change for change in changes.sets if (change.name, change.type) == (name, type))
    return ", ".join(f"'{value.value}'" for change in sets for value in change.after)


def _wildcards(changes: ChangeSet) -> Iterator[Finding]:
    """RFC 4592 §3.3.1: what exists is not covered by a wildcard above it."""
    for uncovered in changes.uncovered:
        if not uncovered.mail:
            continue
        lost, below = (
            [one for one in sets if one.type in CARRYING] for sets in (uncovered.lost, uncovered.below)
        )
        shown = {"id": WILDCARD_MAIL.id, "day": proposed(changes.as_of)}
        shown |= {"lines": kept_lines(uncovered, changes.domain, lost, below), "before": shown_sets(lost)}
        yield Finding(WILDCARD_MAIL.id, "", None, {"name": bare(uncovered.name), **shown})


def _finding(broken: Rule, changes: ChangeSet, change: SetChange, **params: object) -> Finding:
    shown = {"name": bare(change.name), "id": broken.id, "day": proposed(changes.as_of), **params}
    return Finding(broken.id, "", change.position, shown)


def _mx(changes: ChangeSet, change: SetChange) -> Iterator[Finding]:
    """RFC 5321 §5.1: mail goes to whom the MX set names."""
    if change.type != "MX" or change.before is None:
        return
    before = _exchangers(change.before.plain)
    after = _exchangers(tuple(value.value for value in change.after))
    if not before or change.repair or change.halfway:
        return
    if not after:
        yield _finding(NO_MX_LEFT, changes, change, before=_list(change.before.plain))
        yield from _by_wildcard(changes, change, before)
        return
    leaving = {canonical("MX", value) for value in change.leaving}
    going = (before - after - {canonical("MX", value) for value in change.due}) | leaving
    if going or after - before:
        staying = (v.value for v in change.after if canonical("MX", v.value) not in leaving)
        shown = {"before": _list(change.before.plain), "after": _list(staying)}
        shown["values"] = ", ".join(sorted(bare(host) for host in _hosts(before | after)))
        yield _finding(MX_CHANGED, changes, change, **shown)
        if _announces_mta_sts(changes, change.name) and _hosts(after) - _hosts(before):
            yield _finding(MTA_STS_BLOCKS_MX, changes, change, **shown)


def _by_wildcard(changes: ChangeSet, change: SetChange, before: set[str]) -> Iterator[Finding]:
    """RFC 4592 §3.3.1: with the name a wildcard is back, and may name other exchangers."""
    wild = (one for name in changes.covered if name.name == change.name for one in name.answers)
    values = next((one.plain for one in wild if one.type == "MX"), ())
    if _exchangers(values) - before and change.before is not None:
        yield _finding(MX_CHANGED, changes, change, before=_list(change.before.plain), after=_list(values))


def _spf(changes: ChangeSet, change: SetChange) -> Iterator[Finding]:
    """RFC 7208 §5: a sender whose term goes fails from then on."""
    before, after = _of(change, Family.SPF)
    if not before or change.repair or (change.type == "SPF" and _has_spf(changes, change.name)):
        return
    if not after:
        yield _finding(SPF_GONE, changes, change, before=_list(before))
        return
    # What only some receivers take for a record lets senders through there all the same.
    old, new = steps.parsed(_as_read(before)), steps.parsed(after)
    if old is None or new is None:
        return
    gone = [term for term in map(str, spf.dropped(old, new)) if term not in change.due]
    gone += change.leaving
    if gone:
        yield _finding(SPF_SENDER_DROPPED, changes, change, terms=_list(gone), values=_list(gone))


def _has_spf(changes: ChangeSet, name: str) -> bool:
    """RFC 7208 §3.1: receivers read TXT, so the type SPF (99) may go while that stands."""
    texts = (one for one in changes.sets if (one.name, one.type) == (name, "TXT"))
    return any(surely(Family.SPF, value.value) for one in texts for value in one.after)


def _dkim(changes: ChangeSet, change: SetChange) -> Iterator[Finding]:
    """RFC 6376 §3.6.1: the key must be there as long as mail signed with it travels."""
    before, after = _of(change, Family.DKIM)
    due = {canonical(change.type, value) for value in change.due}
    going = [value for value in before if canonical(change.type, value) not in due]
    after = tuple(value for value in after if value not in change.leaving)
    going = [value for value in going if not dkim.is_revoked(value)] if change.type == "TXT" else going
    if not going or change.repair:
        return
    elsewhere = any(
        other.name == change.name and other.type != change.type and other.after for other in changes.sets
    )
    if not after and not elsewhere:
        yield _finding(SELECTOR_GONE, changes, change, values=bare(change.name))
    elif elsewhere or not _same_keys(change.type, going, after):
        yield _finding(SELECTOR_CHANGED, changes, change, values=bare(change.name))


def _dmarc(changes: ChangeSet, change: SetChange) -> Iterator[Finding]:
    """RFC 9989 §4.7: what receivers do with mail that fails."""
    before, after = _of(change, Family.DMARC)
    if not before or change.repair:
        return
    was, will = dmarc.strictest(before), dmarc.policy_strength(after)
    if any(later < earlier for earlier, later in zip(was, will, strict=True)):
        yield _finding(DMARC_WEAKENED, changes, change, before=_list(before), after=_list(after))


def _mta_sts(changes: ChangeSet, change: SetChange) -> Iterator[Finding]:
    """RFC 8461 §8.3: a policy is ended by mode none, not by taking its record away."""
    before, after = _of(change, Family.MTA_STS)
    if before and not after and not change.repair:
        yield _finding(MTA_STS_GONE, changes, change)


_JUDGES: tuple[Callable[[ChangeSet, SetChange], Iterator[Finding]], ...] = (
    _mx,
    _spf,
    _dkim,
    _dmarc,
    _mta_sts,
)


def _of(change: SetChange, family: Family) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The values of one family before and after."""

    def members(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(value for value in values if family_of(change.name, change.type, value) is family)

    before = members(change.before.plain) if change.before else ()
    return before, members(value.value for value in change.after)


def _as_read(values: Iterable[str]) -> tuple[str, ...]:
    """SPF records as whoever takes them for records reads them."""
    return tuple(text for value in values if (text := as_read(Family.SPF, value)) is not None)


def _exchangers(values: Iterable[str]) -> set[str]:
    return {canonical("MX", value) for value in values} - {steps.NULL_MX}


def _hosts(values: Iterable[str]) -> set[str]:
    return {value.rsplit(maxsplit=1)[-1] for value in values}


def _same_keys(type: str, before: Iterable[str], after: Iterable[str]) -> bool:
    if type != "TXT":
        return {canonical(type, value) for value in before} <= {canonical(type, value) for value in after}
    return {dkim.key_of(value) for value in before} <= {dkim.key_of(value) for value in after}


def _announces_mta_sts(changes: ChangeSet, name: str) -> bool:
    policy_name = "_mta-sts." + name

    def announces(values: Iterable[str]) -> bool:
        return any(family_of(policy_name, "TXT", value) is Family.MTA_STS for value in values)

    def is_there(record_set: ObservedSet) -> bool:
        return (record_set.name, record_set.type) == (policy_name, "TXT") and announces(record_set.plain)

    return any(map(is_there, changes.foreign)) or any(
        is_there(change.before) for change in changes.sets if change.before
    )


def _list(values: Iterable[str]) -> str:
    return ", ".join(values) or "–"
