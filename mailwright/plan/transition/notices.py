"""What a change brings with it and loses no mail: said beside the change, and refused by nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

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
_ITSELF = Text("it", "它")
_BOTH = Text("it and for names below it", "它及其下级名称")
_BELOW = Text("names below it", "其下级名称")


def notices(changes: ChangeSet) -> tuple[Finding, ...]:
    """What is worth knowing before this change is made. Empty for most."""
    return (*_lost(changes), *_back(changes))


def notices_text(findings: Iterable[Finding], lang: Lang) -> tuple[str, ...]:
    """One paragraph a notice."""
    return tuple(f"[{finding.rule}] {finding.message(lang)} {finding.hint(lang)}" for finding in findings)


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
