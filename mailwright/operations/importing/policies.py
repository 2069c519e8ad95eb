"""What SPF and DMARC records say, as parts of a spec."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping

from mailwright.catalog.service import template_values
from mailwright.model.families import Family
from mailwright.model.names import absolute
from mailwright.model.readings import as_read
from mailwright.model.records import Observed
from mailwright.model.text import Text
from mailwright.operations.importing import evidence
from mailwright.operations.importing.fitting import Use
from mailwright.operations.importing.parts import Part
from mailwright.spec import names
from mailwright.spec.model import DMARC_POLICY
from mailwright.standards import dmarc, spf

_STAGES = {policy: stage for stage, policy in DMARC_POLICY.items()}


def takes_no_mail(observed: Observed, domain: str, flattened: str | None = None) -> bool:
    """Whether a null MX says so (RFC 7505), or neither exchanger nor address is there (RFC 5321 §5.1)."""
    apex = absolute(domain)
    live = observed.get(apex, "MX")
    if live:
        return all(value.split()[-1] == "." for value in live.plain)
    return not flattened and not any(observed.get(apex, type) for type in ("A", "AAAA"))


def refuses_all(observed: Observed, domain: str) -> bool:
    """Whether every SPF record lets nobody send; without any, too."""
    texts = evidence.spf_texts(observed, domain)
    return all(re.fullmatch(r"(?i)v=spf1 +-all *", text) for text in texts)


def dmarc_policy(observed: Observed, domain: str, given: str | None, *, silent: bool) -> tuple[Part, Part]:
    """The policy as keys of the spec, and the contact: given, or who gets the reports, or postmaster.

    ``silent``: the domain takes no mail, so the contact is elsewhere where it can be known.
    """
    live = observed.get(absolute("_dmarc", domain), "TXT")
    texts = live.plain if live else ()
    # What only some receivers read is what was meant: its policy goes into the spec, its spelling stays.
    meant = [text for value in texts if (text := as_read(Family.DMARC, value)) is not None]
    record = dmarc.only_record(texts) or dmarc.only_record(meant)
    rua = [address for address in (record.rua if record else ()) if _is_address(address)]
    ours = next((address for address in rua if address.lower().endswith("@" + domain)), None)
    if silent:
        ours = next(iter(rua), None)
    contact = given or ours or f"postmaster@{domain}"
    notes = () if given or ours else (_NOBODY if silent else _POSTMASTER,)
    keys: dict[str, object] = {}
    if record:
        keys["stage"] = _STAGES[record.policy or "none"]
        keys |= {tag: v for tag in ("sp", "np", "adkim", "aspf", "t") if (v := record.value(tag))}
        if rua and rua != [contact]:
            keys["rua"] = rua
        ruf = [address for address in record.ruf if _is_address(address)]
        if ruf:
            keys["ruf"] = ruf
    if keys == {"stage": "watch"} and not silent:
        keys = {}
    return Part(keys), Part({"contact": contact}, notes=notes)


_NOBODY = Text(
    "assumed, and nobody can be reached there: write an address at a domain that takes mail",
    "假定值，且该地址无法收信：请改为能收信的域名下的地址",
)
_POSTMASTER = Text("assumed: no record names an address here", "假定值：记录中没有本域名的地址")


def _is_address(text: str) -> bool:
    try:
        return bool(names.address(text))
    except names.BadNameError:
        return False


def spf_policy(
    observed: Observed, domain: str, use: Use | None, uses: tuple[Use, ...], filters: tuple[str, ...]
) -> Part:
    """Networks, includes and what is done with the rest that no recognised service explains."""
    records = list(_records(observed, domain))
    taken = {term for other in uses for term in other.spf} | set(filters)
    if use and not use.missing:
        given = {**use.inputs, **template_values(domain)}
        own = (with_inputs(term, given) for term in (use.site.spf if use.site else ()))
        taken |= {term.removeprefix("include:") for term in own}
        taken.add(use.inputs.get("spf_include", ""))
    keys: dict[str, object] = {}
    if any(record.all and record.all.qualifier == "-" for record in records):
        keys["all"] = "fail"
    elif records and use is None and takes_no_mail(observed, domain):
        keys["all"] = "softfail"
    terms = [mechanism for record in records for mechanism in record.mechanisms if mechanism.qualifier == "+"]
    for kind in ("ip4", "ip6"):
        networks = list(dict.fromkeys(_network(term) for term in terms if term.name == kind))
        if networks:
            keys[kind] = networks
    rest = [
        include
        for include in evidence.includes(observed, domain)
        if include not in taken and "%" not in include
    ]
    if rest:
        keys["include"] = rest
    return Part(keys)


def _records(observed: Observed, domain: str) -> Iterator[spf.SpfRecord]:
    """Those of the SPF records that parse: of two, what both let through is kept."""
    for text in evidence.spf_texts(observed, domain):
        with contextlib.suppress(spf.SpfError):
            yield spf.parse(text)


def _network(term: spf.Mechanism) -> str:
    return str(term).lstrip("+").partition(":")[2]


def with_inputs(term: str, inputs: Mapping[str, str]) -> str:
    """A term of the catalog with its ``{inputs}`` filled in; empty where one is not known."""
    return term.format_map({name: inputs.get(name, "") for name in re.findall(r"\{(\w+)\}", term)})
