"""The verdict on one published record, whoever wrote it: the same for a plan and for the living world."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mailwright.catalog import spf_costs
from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.names import bare
from mailwright.model.position import Position
from mailwright.model.readings import reading
from mailwright.model.rules import Severity, rule
from mailwright.standards import beginnings, bimi, dane, dkim, dmarc, mta_sts, null_mx, spf, tls_rpt

MX_IS_ADDRESS = rule(
    "mx-is-address",
    Severity.ERROR,
    en="The exchanger of {name} is written as an address, {host}: an MX names a host.",
    zh="{name} 的 MX 写成了地址 {host}：MX 必须是主机名。",
    hint_en="Give the machine a name with an A record, and name that in the MX.",
    hint_zh="请为该主机设置带 A 记录的名称，并在 MX 中写这个名称。",
    reference="RFC 5321 §5.1",
)
MX_NOT_PUBLIC = rule(
    "mx-address-not-public",
    Severity.ERROR,
    en="The exchanger {host} of {name} has the address {address}, which nobody outside can reach.",
    zh="{name} 的 MX 主机 {host} 地址为 {address}，外部无法访问。",
    hint_en="Publish the public address by which mail comes in.",
    hint_zh="请发布收信用的公网地址。",
    reference="RFC 6890",
)
NULL_MX_PREFERENCE = rule(
    "null-mx-preference",
    Severity.WARNING,
    en="The null MX of {name} has the preference {preference}; it is written 0.",
    zh="{name} 的空 MX 优先级为 {preference}，应写 0。",
    hint_en="Write 0 and a single dot.",
    hint_zh="请写 0 和一个点。",
    reference="RFC 7505 §3",
)
NULL_MX_BESIDE = rule(
    "null-mx-not-alone",
    Severity.ERROR,
    en="{name} has a null MX beside others.",
    zh="{name} 同时有空 MX 与其他 MX。",
    hint_en="Remove '0 .' where the domain receives mail.",
    hint_zh="域名需要收信时请去掉“0 .”。",
    reference="RFC 7505 §3",
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a verdict needs beside the record.

    ``policy`` is the DMARC policy beside it; ``tree`` makes a budget of an SPF record's text at a name
    (default: by the catalog's dated snapshot of what includes cost). ``addresses`` gives the addresses
    of a host, where they are known; the addresses of exchangers are judged only then. ``written``: the
    values are ours to write, so what readers merely bear is an error.
    """

    policy: str | None = None
    tree: Callable[[str, str], spf.BudgetTree] | None = None
    addresses: Callable[[str], Sequence[str]] | None = None
    written: bool = False


def verdict(
    name: str, type: str, family: Family, values: Sequence[str], context: Context | None = None
) -> list[Finding]:
    """Everything that is wrong with the values of one family at one owner name (absolute). Never raises."""
    judge = _JUDGES.get((family, type))
    return list(judge(name, values, context or Context())) if judge and values else []


def placed(findings: Iterable[Finding], path: str, position: Position | None) -> list[Finding]:
    """The same findings, at a line of the spec."""
    return [
        replace(finding, path=finding.path or path, position=finding.position or position)
        for finding in findings
    ]


def policy_of(values: Sequence[str]) -> str | None:
    """The DMARC policy that these values ask receivers for; None where there is none."""
    record = dmarc.only_record(values)
    return record.policy if record else None


def snapshot_tree(name: str, text: str) -> spf.BudgetTree:
    """The budget of an SPF record without a network, by what the catalog has measured."""
    return spf.budget(bare(name), text, _Measured())


class _Measured(Mapping[str, spf.Cost]):
    """What the catalog has measured, by the name of the include; what it has not is not there."""

    def __getitem__(self, name: str) -> spf.Cost:
        known = spf_costs()[name]
        if known.lookups is None:
            raise KeyError(name)
        return spf.Cost(known.lookups, known.voids or 0, known.checked)

    def __iter__(self) -> Iterator[str]:
        return (name for name, spf_cost in spf_costs().items() if spf_cost.lookups is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _spf(name: str, values: Sequence[str], context: Context) -> Iterable[Finding]:
    records = spf.select(tuple(values))
    tree = None
    if len(records) == 1:
        with contextlib.suppress(spf.SpfError):  # a record that does not parse has no budget
            tree = (context.tree or snapshot_tree)(name, records[0])
    return spf.lint_set(values, domain=bare(name), tree=tree)


def _spf_type(name: str, values: Sequence[str], _context: Context) -> Iterable[Finding]:
    """RFC 7208 §3.1: the type SPF (99) is ended."""
    return spf.lint_old_type(values, domain=bare(name))


def _dkim(name: str, values: Sequence[str], context: Context) -> Iterable[Finding]:
    return [finding for value in values for finding in dkim.lint(value, name, context.policy)]


def _dmarc(name: str, values: Sequence[str], _context: Context) -> Iterable[Finding]:
    return dmarc.lint_set(values, bare(name))


def _mta_sts(name: str, values: Sequence[str], context: Context) -> Iterable[Finding]:
    return mta_sts.lint_record(values, bare(name), written=context.written)


def _tls_rpt(name: str, values: Sequence[str], _context: Context) -> Iterable[Finding]:
    return tls_rpt.lint(values, bare(name))


def _bimi(name: str, values: Sequence[str], _context: Context) -> Iterable[Finding]:
    domain = bare(name).partition("._bimi.")[2]
    sure = beginnings.sure(Family.BIMI, values)
    others = tuple(beginnings.unread(Family.BIMI, values, bare(name))) if sure else ()
    read = [value for value in values if not others or reading(Family.BIMI, value)]
    return [*others, *(finding for value in read for finding in bimi.lint(value, domain, None, bare(name)))]


def _tlsa(name: str, values: Sequence[str], _context: Context) -> Iterable[Finding]:
    return dane.lint(values, bare(name)) if "._tcp." in name else ()


def _mx(name: str, values: Sequence[str], context: Context) -> Iterable[Finding]:
    """RFC 5321 §5.1: an exchanger is a host that everybody can reach."""
    if len(set(values)) > 1 and any(value.endswith(" .") for value in values):
        yield found(NULL_MX_BESIDE, name=bare(name))
    for preference, host in (value.split(maxsplit=1) for value in values):
        if host == "." and preference != "0":
            yield found(NULL_MX_PREFERENCE, name=bare(name), preference=preference)
        if _address(bare(host).strip("[]")):
            yield found(MX_IS_ADDRESS, name=bare(name), host=bare(host))
        elif context.addresses and not null_mx.is_null([f"{preference} {host}"]):
            for text in context.addresses(host):
                address = _address(text)
                if address and not address.is_global:
                    yield found(MX_NOT_PUBLIC, name=bare(name), host=bare(host), address=text)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


_Judge = Callable[[str, Sequence[str], Context], Iterable[Finding]]
_JUDGES: Mapping[tuple[Family, str], _Judge] = {
    (Family.MX, "MX"): _mx,
    (Family.SPF, "TXT"): _spf,
    (Family.SPF, "SPF"): _spf_type,
    (Family.DKIM, "TXT"): _dkim,
    (Family.DMARC, "TXT"): _dmarc,
    (Family.MTA_STS, "TXT"): _mta_sts,
    (Family.TLS_RPT, "TXT"): _tls_rpt,
    (Family.BIMI, "TXT"): _bimi,
    (Family.SERVICE, "TLSA"): _tlsa,
}
