"""What a change brings with it and loses no mail: said beside the change, and refused by nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mailwright.catalog.filters import filter_at
from mailwright.model.changes import ChangeSet, Uncovered
from mailwright.model.finding import Finding, found
from mailwright.model.names import bare, relative
from mailwright.model.records import ObservedSet
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Lang, Text

#: Types by which mail arrives (RFC 5321 §5.1).
CARRYING = ("MX", "A", "AAAA")

LOST = rule(
    "wildcard-record-lost",
    Severity.WARNING,
    en="With this change {name} comes into being, and the wildcard's records ({lost}) no longer answer for "
    "{where}.",
    zh="此次变更会使 {name} 存在，通配符记录（{lost}）不再对{where}生效。",
    hint_en="If somebody relies on that, keep it: as_found: [{lines}].",
    hint_zh="若仍有人依赖它，请保留：as_found: [{lines}]。",
    reference="RFC 4592 §3.3.1",
)
BACK = rule(
    "wildcard-answers-again",
    Severity.WARNING,
    en="With this change {name} goes; unless others have records there, the wildcard ({answers}) answers for "
    "it again.",
    zh="此次变更会删除 {name}；若该名称没有其他记录，通配符记录（{answers}）将重新对它生效。",
    hint_en="Mail, pages and programs that ask for this name then reach what the wildcard names.",
    hint_zh="之后访问该名称的邮件、网页和程序都会到达通配符指向之处。",
    reference="RFC 4592 §3.3.1",
)
FILTER_COMES = rule(
    "gateway-put-in",
    Severity.WARNING,
    en="With this change mail for {name} comes in at {filter} first.",
    zh="此次变更后，{name} 的来信先到{filter}。",
    hint_en="Before it: the filter holds the domain, delivers to the mail host and knows every address; a "
    "mail sent "
    "straight to {hosts} was read by its person. The mail host is restricted to the filter only afterwards.",
    hint_zh="变更之前：网关已添加该域名、投递到邮件服务并拥有全部地址；直接投递到 {hosts} "
    "的邮件已由负责人读到。"
    "变更之后才可限制邮件服务只接受网关的来信。",
    reference="RFC 5321 §5.1",
)
FILTER_GOES = rule(
    "gateway-taken-out",
    Severity.WARNING,
    en="With this change {filter} no longer takes the mail for {name}.",
    zh="此次变更后，{name} 的来信不再经过{filter}。",
    hint_en="Before it: the mail host takes mail from everybody again, or it refuses what comes to "
    "{hosts}. Keep the "
    "filter until five days after the old TTL.",
    hint_zh="变更之前：邮件服务须重新接受所有来信，否则投递到 {hosts} 的邮件会被拒收。旧 TTL "
    "过完后再保留网关五天。",
    reference="RFC 5321 §4.5.4.1",
)
_ITSELF = Text("it", "它")
_BOTH = Text("it and for names below it", "它及其下级名称")
_BELOW = Text("names below it", "其下级名称")


def notices(changes: ChangeSet) -> tuple[Finding, ...]:
    """What is worth knowing before this change is made. Empty for most."""
    return (*_lost(changes), *_back(changes), *_filters(changes))


def notices_text(findings: Iterable[Finding], lang: Lang) -> tuple[str, ...]:
    """One paragraph a notice."""
    return tuple(f"[{finding.rule}] {finding.message(lang)} {finding.hint(lang)}" for finding in findings)


def _filters(changes: ChangeSet) -> Iterator[Finding]:
    """A filter before the mail host comes or goes: what has to be true on the day on which the MX changes."""
    for change in changes.changes:
        if change.type != "MX" or change.before is None:
            continue
        before = [value.split()[-1] for value in change.before.plain]
        after = [value.value.split()[-1] for value in change.after]
        old, new = (next(filter(None, map(filter_at, hosts)), None) for hosts in (before, after))
        changed = new if new is not old and new else old if new is None and old and after else None
        if changed:
            shown = ", ".join(dict.fromkeys(map(bare, after)))
            broken = FILTER_COMES if changed is new else FILTER_GOES
            yield found(broken, name=bare(change.name), filter=changed.names, hosts=shown)


def _lost(changes: ChangeSet) -> Iterator[Finding]:
    """RFC 4592 §3.3.1: what exists is not covered by a wildcard above it."""
    for uncovered in changes.uncovered:
        refused = CARRYING if uncovered.mail else ()  # by the gate
        lost = [one for one in uncovered.lost if one.type not in refused]
        below = [one for one in uncovered.below if one.type not in refused]
        if lost or below:
            where = (_BOTH if below else _ITSELF) if lost else _BELOW
            dict_values = {one.type: one for one in (*lost, *below)}.values()
            lines = kept_lines(uncovered, changes.domain, lost, below)
            yield found(LOST, name=bare(uncovered.name), where=where, lost=shown(dict_values), lines=lines)


def _back(changes: ChangeSet) -> Iterator[Finding]:
    for covered in changes.covered:
        yield found(BACK, name=bare(covered.name), answers=shown(covered.answers))


def shown(sets: Iterable[ObservedSet]) -> str:
    """Record sets in one line, a value after the other."""
    return ", ".join(f"{record_set.type} {value}" for record_set in sets for value in record_set.plain) or "–"


def kept_lines(
    uncovered: Uncovered, domain: str, lost: Sequence[ObservedSet], below: Sequence[ObservedSet]
) -> str:
    """The entries of ``as_found`` that give a name, and names below it, what the wildcard gave."""
    owner = relative(uncovered.name, domain)
    return ", ".join(
        f"{{name: '{name}', type: {one.type}, values: [{', '.join(map(repr, one.plain))}]}}"
        for name, sets in ((owner, lost), (f"*.{owner}", below))
        for one in sets
    )
