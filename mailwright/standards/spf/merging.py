"""Putting records together, and saying what one has that another lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mailwright.standards.spf.parser import SpfError
from mailwright.standards.spf.record import Mechanism, Modifier, Qualifier, SpfRecord, Term


def merge(records: Sequence[SpfRecord], *, final_all: Qualifier) -> SpfRecord:
    """One record that passes whatever any of ``records`` passes; the caller decides the ``all``.

    Every term and its qualifier is kept, once; a record's own ``all``, ``+all`` too, is not. ``redirect=``
    becomes the include it means: what its target passes, passes; what the target says of everybody else
    is the final ``all``'s to say. Its macros keep their meaning, since both expand in the record's own
    domain. Beside an ``all`` it has none (RFC 7208 §6.1) and goes.

    Records that only pass come first: a ``-`` or ``?`` term of one sender would otherwise refuse what
    another record passes. Where two records restrict, the earlier one is asked first.
    Raises SpfError where two records explain failures differently (``exp=``).
    """
    terms: dict[str, Term] = {}
    for record in sorted(records, key=_restricts):
        for mechanism in _effective(record):
            terms.setdefault(mechanism.identity, mechanism)
    others = _other_modifiers(records)
    return SpfRecord((*terms.values(), Mechanism(final_all, "all"), *others))


def _restricts(record: SpfRecord) -> bool:
    return any(mechanism.qualifier != "+" for mechanism in record.mechanisms)


def _other_modifiers(records: Sequence[SpfRecord]) -> tuple[Modifier, ...]:
    kept: dict[str, Modifier] = {}
    for record in records:
        for modifier in record.modifiers:
            if modifier.name == "redirect":
                continue
            if modifier.name == "exp" and kept.setdefault("exp", modifier).identity != modifier.identity:
                raise SpfError("two different explanations cannot be merged", str(modifier))
            kept.setdefault(modifier.name if modifier.name == "exp" else modifier.identity, modifier)
    return tuple(kept.values())


def union(old: SpfRecord, new: SpfRecord) -> SpfRecord:
    """``new``, and before its ``all`` whatever ``old`` allows beside it."""
    extra = dropped(old, new)
    if not extra:
        return new
    at = next(
        (i for i, term in enumerate(new.terms) if isinstance(term, Modifier) or term.name == "all"),
        len(new.terms),
    )
    return SpfRecord((*new.terms[:at], *extra, *new.terms[at:]))


def dropped(old: SpfRecord, new: SpfRecord) -> tuple[Mechanism, ...]:
    """The mechanisms (a live ``redirect=`` as its include) of ``old`` that ``new`` lacks."""
    have = {mechanism.identity for mechanism in _effective(new)}
    return tuple({e.identity: e for e in _effective(old) if e.identity not in have}.values())


def _effective(record: SpfRecord) -> tuple[Mechanism, ...]:
    if record.redirect and record.all is None:
        return (*record.mechanisms, Mechanism("+", "include", record.redirect))
    return record.mechanisms


def lookup_cost(record: SpfRecord, costs: Mapping[str, int]) -> int:
    """Look-ups of an evaluation that reads every term (RFC 7208 §4.6.4), by a dated table.

    ``costs`` gives for an include's target what that target costs itself, its own include
    counted; unknown targets count one, the least they can cost.
    """
    total = 0
    for mechanism in record.mechanisms:
        if mechanism.looks_up:
            total += costs.get((mechanism.domain or "").lower(), 1) if mechanism.name == "include" else 1
    if record.redirect and record.all is None:
        total += costs.get(record.redirect.lower(), 1)
    return total
