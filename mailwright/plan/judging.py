"""The verdict on one published record, whoever wrote it: the same for a plan and for the living world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mailwright.catalog import lookup_costs
from mailwright.model.families import Family
from mailwright.model.finding import Finding
from mailwright.model.names import bare
from mailwright.model.position import Position
from mailwright.standards import bimi, dane, dkim, dmarc, mta_sts, spf, tls_rpt


@dataclass(frozen=True, slots=True)
class Context:
    """What a verdict needs beside the record.

    ``policy`` is the DMARC policy beside it; ``tree`` makes a budget of an SPF record's text at a name
    (default: by the catalog's dated snapshot of what includes cost).
    """

    policy: str | None = None
    tree: Callable[[str, str], spf.BudgetTree] | None = None


def verdict(
    name: str, type: str, family: Family, values: Sequence[str], context: Context | None = None
) -> list[Finding]:
    """Everything that is wrong with the values of one family at one owner name (absolute). Never raises."""
    judge = _JUDGES.get((family, type))
    return list(judge(name, values, context or Context())) if judge and values else []


def placed(findings: Iterable[Finding], path: str, position: Position | None) -> list[Finding]:
    """The same findings, at a line of the spec."""
    return [replace(each, path=each.path or path, position=each.position or position) for each in findings]


def policy_of(values: Sequence[str]) -> str | None:
    """The DMARC policy that these values ask receivers for; None where there is none."""
    record = dmarc.only_record(values)
    return record.policy if record else None


def snapshot_tree(name: str, text: str) -> spf.BudgetTree:
    """The budget of an SPF record without a network."""
    return spf.budget(bare(name), text, lookup_costs())


def _spf(name: str, values: Sequence[str], context: Context) -> Iterable[Finding]:
    records = spf.select(tuple(values))
    tree = (context.tree or snapshot_tree)(name, records[0]) if len(records) == 1 else None
    return spf.lint_set(values, domain=bare(name), tree=tree)


def _dkim(name: str, values: Sequence[str], context: Context) -> Iterable[Finding]:
    return [found for value in values for found in dkim.lint(value, name, context.policy)]


def _dmarc(name: str, values: Sequence[str], _context: Context) -> Iterable[Finding]:
    return dmarc.lint_set(values, bare(name))


def _mta_sts(name: str, values: Sequence[str], _context: Context) -> Iterable[Finding]:
    return mta_sts.lint_record(values, bare(name))


def _tls_rpt(name: str, values: Sequence[str], _context: Context) -> Iterable[Finding]:
    return tls_rpt.lint(values, bare(name))


def _bimi(name: str, values: Sequence[str], _context: Context) -> Iterable[Finding]:
    domain = bare(name).partition("._bimi.")[2]
    return [found for value in values for found in bimi.lint(value, domain, None, bare(name))]


def _tlsa(name: str, values: Sequence[str], _context: Context) -> Iterable[Finding]:
    return dane.lint(values, bare(name)) if "._tcp." in name else ()


_Judge = Callable[[str, Sequence[str], Context], Iterable[Finding]]
_JUDGES: Mapping[tuple[Family, str], _Judge] = {
    (Family.SPF, "TXT"): _spf,
    (Family.DKIM, "TXT"): _dkim,
    (Family.DMARC, "TXT"): _dmarc,
    (Family.MTA_STS, "TXT"): _mta_sts,
    (Family.TLS_RPT, "TXT"): _tls_rpt,
    (Family.BIMI, "TXT"): _bimi,
    (Family.SERVICE, "TLSA"): _tlsa,
}
