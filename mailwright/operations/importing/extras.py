"""What a domain has beyond the default, as keys of the spec: each only where the spec says it exactly so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from mailwright.model.families import Family, family_of
from mailwright.model.names import absolute, bare
from mailwright.model.records import Observed
from mailwright.operations.importing.fitting import Use
from mailwright.plan.records.transport import policy
from mailwright.spec.extra import MAX_AGE, MtaSts
from mailwright.standards import bimi, client_setup, mta_sts, null_mx, tls_rpt
from mailwright.standards.client_setup import Protocol
from mailwright.standards.faults import Fault
from mailwright.standards.tags import mailbox_of

#: The value of a key of the spec: a mapping of scalars and lists, or a list.
Value = Mapping[str, object] | Sequence[str]
_REPORT = "._report._dmarc."


def extras(observed: Observed, domain: str, host: Use | None) -> dict[str, Value]:
    """The keys ``mta_sts``, ``tls_rpt``, ``bimi``, ``clients`` and ``reports_from``, those that are there."""
    makers: Mapping[str, Callable[[], Value]] = {
        "mta_sts": lambda: _mta_sts(observed, domain),
        "tls_rpt": lambda: _tls_rpt(observed, domain),
        "bimi": lambda: _bimi(observed, domain),
        "clients": lambda: _clients(observed, domain, host),
        "reports_from": lambda: list(_reports_from(observed, domain)),
    }
    return {key: value for key, make in makers.items() if (value := make())}


def _only(observed: Observed, name: str, type: str, family: Family | None = None) -> str:
    """The one value of a family at a name, "" for none and for several."""
    live = observed.get(name, type)
    values = [v for v in (live.plain if live else ()) if family in (None, family_of(name, type, v))]
    return values[0] if len(values) == 1 else ""


def _mta_sts(observed: Observed, domain: str) -> Value:
    """The policy of which the record's id is the mark: one that the spec would make of these exchangers."""
    text = _only(observed, absolute("_mta-sts", domain), "TXT", Family.MTA_STS)
    live = observed.get(absolute(domain), "MX")
    exchangers = null_mx.exchangers(live.plain) if live else ()
    for mode in mta_sts.MODES:
        try:
            sts_policy = policy(MtaSts(mode, (), MAX_AGE[mode]), exchangers)
        except Fault:  # an exchanger that no policy can name
            return {}
        if sts_policy is not None and text == mta_sts.build_record(sts_policy):
            keys: dict[str, object] = {"mode": mode}
            served = _only(observed, absolute(mta_sts.policy_host(domain)), "CNAME")
            return keys | ({"served_by": bare(served)} if served else {})
    return {}


def _tls_rpt(observed: Observed, domain: str) -> Value:
    text = _only(observed, absolute("_smtp._tls", domain), "TXT", Family.TLS_RPT)
    try:
        rua = [mailbox_of(address) or address for address in tls_rpt.parse(text).rua]
        return {"rua": rua} if str(tls_rpt.build(rua)) == text else {}
    except Fault:
        return {}


def _bimi(observed: Observed, domain: str) -> Value:
    """One logo; those at other selectors stay as found."""
    end = "._bimi." + absolute(domain)
    names = [
        record_set.name
        for record_set in observed
        if record_set.type == "TXT" and record_set.name.endswith(end)
    ]
    for name in sorted(names, key=lambda owner: (not owner.startswith("default."), owner)):
        text = _only(observed, name, "TXT", Family.BIMI)
        try:
            record = bimi.parse(text)
        except Fault:
            continue
        selector = name.removesuffix(end)
        if record.logo and "." not in selector and str(record) == text:
            keys: dict[str, object] = {"logo": record.logo}
            keys |= {"certificate": record.certificate} if record.certificate else {}
            return keys | ({"selector": selector} if selector != "default" else {})
    return {}


def _clients(observed: Observed, domain: str, host: Use | None) -> Value:
    """The servers of mail programs, where every record is as ``clients:`` writes it."""
    given = {absolute(record.host, domain) for record in (host.site.records if host and host.site else ())}
    hosts: dict[Protocol, str] = {}
    for protocol in client_setup.PORTS:
        name = client_setup.owner_name(domain, protocol)
        text = _only(observed, name, "SRV") if name not in given else ""
        try:
            srv = client_setup.parse(text)
        except Fault:
            continue
        if srv.offered:
            hosts[protocol] = bare(srv.target)
    body: dict[str, object] = {}
    srvs = client_setup.records(domain, hosts)
    if all(_only(observed, name, "SRV") == str(srv) for name, srv in srvs.items()):
        body |= dict(hosts.items())
    name = client_setup.autoconfig_name(domain)
    target = _only(observed, name, "CNAME")
    if target and name not in given:
        body["autoconfig"] = bare(target)
    name = absolute("_autodiscover._tcp", domain)
    try:
        srv = client_setup.parse(_only(observed, name, "SRV"))
    except Fault:
        return body
    beside = {name, absolute("autodiscover", domain)}
    if str(client_setup.autodiscover(domain, bare(srv.target))[1]) == str(srv) and not beside & given:
        body["autodiscover"] = bare(srv.target)
    return body


def _reports_from(observed: Observed, domain: str) -> Iterator[str]:
    """Other domains whose DMARC reports may come here (RFC 9990 §3)."""
    end = _REPORT + absolute(domain)
    for record_set in sorted(observed, key=lambda one: one.name):
        other = record_set.name.removesuffix(end)
        if (
            record_set.type == "TXT"
            and other != record_set.name
            and record_set.plain == ("v=DMARC1",)
            and other != "*"
        ):
            yield other
