"""What was recognised, as the parts of a spec."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from mailwright.catalog import Service
from mailwright.model.families import Family
from mailwright.model.names import absolute, bare, relative
from mailwright.model.readings import as_read
from mailwright.model.records import Observed
from mailwright.model.rules import Severity
from mailwright.model.text import Text
from mailwright.operations.importing import recognising
from mailwright.operations.importing.recognising import Use
from mailwright.operations.importing.sources import World
from mailwright.plan.judging import verdict
from mailwright.spec import names
from mailwright.standards import dkim, dmarc, spf

Key = tuple[str, str, str]  # owner name, type, value
_STAGES = {"none": "watch", "quarantine": "guard", "reject": "reject"}


@dataclass(frozen=True, slots=True)
class Part:
    """A block of the spec: its keys, its keys of DKIM, and what could not be known about it."""

    keys: Mapping[str, object]
    dkim: tuple[Key, ...] = ()
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A line of ``as_found``."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    ttl: int | None = None
    absent: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A spec in the making; ``host_service`` and ``uses`` are what was recognised."""

    domain: str
    timezone: str
    host: Part
    dns: Part
    contact: Part
    dmarc: Part
    spf: Part
    senders: tuple[Part, ...] = ()
    ttl: int | None = None
    kept: tuple[Kept, ...] = ()
    recognised: Use | None = None
    uses: tuple[Use, ...] = ()
    notes: tuple[Text, ...] = field(default_factory=tuple)


def draft(world: World, *, contact: str | None, timezone: str) -> Draft:
    """The first draft; what the world has beside it is kept as found by a later step."""
    domain, observed = world.domain, world.observed
    use = recognising.mail_host(observed, domain)
    uses = recognising.senders(observed, domain, use)
    keys, notes = _keys(observed, domain, use, uses)
    host = _host(use, observed, domain)
    notes += _passing_notes(observed, domain, use)
    policy, reporting = _dmarc(observed, domain, contact)
    return Draft(
        domain=domain,
        timezone=timezone,
        host=replace(host, dkim=keys.get("", ())),
        dns=_dns(world),
        contact=reporting,
        dmarc=policy,
        spf=_spf(observed, domain, use, uses),
        senders=tuple(_sender(each, keys.get(each.service.id, ())) for each in uses),
        recognised=use,
        uses=uses,
        notes=tuple(notes),
    )


def own_server(drafted: Draft, observed: Observed) -> Draft:
    """The same with the exchangers written out, for a mail host whose own values cannot be seen."""
    return replace(drafted, host=_own(observed, drafted.domain, drafted.host.notes))


def _host(use: Use | None, observed: Observed, domain: str) -> Part:
    if use is None:
        return _own(observed, domain, ())
    wanted = {each.name: each for each in use.service.wants(use.site.id if use.site else None)}
    guesses = {key: wanted[key] for key in use.missing if key in wanted and wanted[key].guess}
    missing = [key for key in use.missing if key not in guesses]
    if missing:
        hidden = Text(
            "it looks like {service}, and these values of its console show in no record: {keys}",
            "看起来是{service}，但其后台的这些值在 DNS 中看不到：{keys}",
            {"service": use.service.names, "keys": ", ".join(missing)},
        )
        return _own(observed, domain, (hidden,))
    keys: dict[str, object] = {"service": use.service.id}
    if use.site and (use.service.site_required or use.site != use.service.site(None)):
        keys["site"] = use.site.id
    notes = tuple(_GUESSED.using(key=key, where=each.where) for key, each in guesses.items())
    return Part(keys | dict(use.inputs) | {key: each.guess for key, each in guesses.items()}, notes=notes)


_GUESSED = Text(
    "{key} is a guess, no record shows it. Look it up: {where}",
    "{key} 为推测值，记录中看不到。请核对：{where}",
)


def _own(observed: Observed, domain: str, notes: tuple[Text, ...]) -> Part:
    live = observed.get(absolute(domain), "MX")
    exchangers = [each for each in live.plain if _is_exchanger(each)] if live else []
    if not live:
        notes = (
            *notes,
            Text(
                "there is no MX: mail goes to the domain's own address", "没有 MX：邮件会投向域名本身的地址"
            ),
        )
    elif not notes and not recognising.gateway(observed, domain):
        notes = (Text("the catalog does not know who runs these exchangers", "目录中没有这些 MX 的服务商"),)
    return Part(
        {"service": "self-hosted", "mx": [bare(each) for each in exchangers] or [f"10 {domain}"]}, notes=notes
    )


def _is_exchanger(mx: str) -> bool:
    try:
        return bool(names.domain(mx.rsplit(maxsplit=1)[-1]))
    except names.BadNameError:
        return False


def _dns(world: World) -> Part:
    console = recognising.dns_console(world.nameservers)
    if console:
        return Part({"service": "manual", "console": console})
    shown = ", ".join(world.nameservers) or "–"
    note = Text("whose console this is: unknown ({names})", "未识别 DNS 服务商（{names}）", {"names": shown})
    return Part({"service": "manual", "console": "generic"}, notes=(note,))


def _dmarc(observed: Observed, domain: str, given: str | None) -> tuple[Part, Part]:
    """The policy as keys of the spec, and the contact: given, or who gets the reports, or postmaster."""
    live = observed.get(absolute("_dmarc", domain), "TXT")
    texts = live.plain if live else ()
    # What only some receivers read is what was meant: its policy goes into the spec, its spelling stays.
    meant = [text for each in texts if (text := as_read(Family.DMARC, each)) is not None]
    record = dmarc.only_record(texts) or dmarc.only_record(meant)
    rua = [each for each in (record.rua if record else ()) if _is_address(each)]
    ours = next((each for each in rua if each.lower().endswith("@" + domain)), None)
    contact = given or ours or f"postmaster@{domain}"
    notes = () if given or ours else (_POSTMASTER,)
    keys: dict[str, object] = {}
    if record:
        keys["stage"] = _STAGES[record.policy or "none"]
        keys |= {tag: v for tag in ("sp", "np", "adkim", "aspf", "t") if (v := record.value(tag))}
        if rua and rua != [contact]:
            keys["rua"] = rua
        ruf = [each for each in record.ruf if _is_address(each)]
        if ruf:
            keys["ruf"] = ruf
    if keys == {"stage": "watch"}:
        keys = {}
    return Part(keys), Part({"contact": contact}, notes=notes)


_POSTMASTER = Text("assumed: no record names an address here", "假定值：记录中没有本域名的地址")


def _is_address(text: str) -> bool:
    try:
        return bool(names.address(text))
    except names.BadNameError:
        return False


def _spf(observed: Observed, domain: str, use: Use | None, uses: tuple[Use, ...]) -> Part:
    record = recognising.spf_record(observed, domain)
    if record is None:
        return Part({})
    taken = {each for other in uses for each in other.spf}
    if use and not use.missing:
        terms = use.site.spf if use.site else ()
        taken |= {_filled(each, {**use.inputs, "domain": domain}).removeprefix("include:") for each in terms}
        taken.add(use.inputs.get("spf_include", ""))
    keys: dict[str, object] = {}
    if record.all and record.all.qualifier == "-":
        keys["all"] = "fail"
    for kind in ("ip4", "ip6"):
        found = [_network(each) for each in record.mechanisms if each.name == kind and each.qualifier == "+"]
        if found:
            keys[kind] = found
    rest = [each for each in recognising.includes(record) if each not in taken and "%" not in each]
    if rest:
        keys["include"] = rest
    return Part(keys)


def _network(term: spf.Mechanism) -> str:
    return str(term).lstrip("+").partition(":")[2]


def _sender(use: Use, keys: tuple[Key, ...]) -> Part:
    given = {_filled(term, use.inputs) for term in (use.site.spf if use.site else ())}
    include = [each for each in use.spf if f"include:{each}" not in given]
    more: dict[str, object] = {"include": include} if include else {}
    if use.missing or use.service.subdomain_only:
        note = Text(
            "{service}: its own records stay foreign, because only its console knows {keys}",
            "{service}：其自身记录保持不动，因为只有其后台知道 {keys}",
            {"service": use.service.names, "keys": ", ".join(use.missing) or "from"},
        )
        return Part({"custom": use.service.id, "include": list(use.spf)} if use.spf else {}, notes=(note,))
    made: dict[str, object] = {"service": use.service.id}
    if use.site and (use.service.site_required or use.site != use.service.site(None)):
        made["site"] = use.site.id
    return Part(made | dict(use.inputs) | more, keys)


def _filled(term: str, inputs: Mapping[str, str]) -> str:
    return term.format_map({name: inputs.get(name, "") for name in re.findall(r"\{(\w+)\}", term)})


def _keys(
    observed: Observed, domain: str, use: Use | None, uses: tuple[Use, ...]
) -> tuple[dict[str, tuple[Key, ...]], list[Text]]:
    """Keys by the sender's id, "" for the mail host's; broken ones stay where they are and are named."""
    kept: dict[str, list[Key]] = {}
    notes: list[Text] = []
    for name, type, values in recognising.selectors(observed, domain):
        wrong = [f for f in verdict(name, type, Family.DKIM, values) if f.severity is Severity.ERROR]
        if len(values) != 1 or wrong or (type == "TXT" and dkim.is_revoked(values[0])):
            notes.append(_BROKEN.using(name=relative(name, domain)))
            continue
        owner = _owner(name, type, domain, use, uses)
        if owner is not None:
            kept.setdefault(owner, []).append((relative(name, domain), type, values[0]))
    return {owner: tuple(keys) for owner, keys in kept.items()}, notes


def _passing_notes(observed: Observed, domain: str, use: Use | None) -> Iterator[Text]:
    """What the reader has to know of mail that runs by way of others."""
    filters = recognising.gateway(observed, domain)
    if filters:
        yield _GATEWAY.using(text=filters.text)
    several = recognising.one_of(observed, domain)
    if several:
        names = [each.names for each in several]
        rest = [_OR.using(one=one) for one in names[1:]]
        yield _ONE_OF.using(first=names[0], second=rest[0], third=rest[1] if len(rest) > 1 else "")
    hosts = recognising.mail_hosts(observed, domain)
    if use and len(hosts) > 1:
        others = [each.names for each in hosts if each != use.service]
        yield _TWO_HOSTS.using(other=others[0], service=use.service.names)
    target = recognising.elsewhere(observed, domain)
    if target:
        yield _POLICY_ELSEWHERE.using(target=target)


_GATEWAY = Text(
    "Mail comes in at {text}. The exchangers stay; how the filter passes mail on shows in no record.",
    "来信先到 {text}。MX 保持原样；网关如何转交在 DNS 中看不到。",
)
_OR = Text(" or {one}", "或 {one}")
_ONE_OF = Text(
    "these exchangers are those of {first}{second}{third}: no record tells which",
    "这些 MX 可能属于 {first}{second}{third}：记录中看不出是哪一个",
)
_TWO_HOSTS = Text(
    "There are exchangers of {other} beside those of {service}: mail arrives at either. "
    "Find out which is in use, and remove the others when nothing arrives there any more.",
    "MX 中既有 {service} 又有 {other}：来信会落到其中之一。请查明在用的是哪个，确认另一个不再收信后再删除。",
)
_POLICY_ELSEWHERE = Text(
    "_dmarc is a CNAME to {target}: somebody else keeps the DMARC policy, and it stays there",
    "_dmarc 是指向 {target} 的 CNAME：DMARC 策略由他处维护，保持不变",
)
_BROKEN = Text(
    "the DKIM key at {name} is broken or revoked; it stays as it is, outside this spec",
    "{name} 的 DKIM 密钥损坏或已吊销；保持原样，不纳入本规格",
)


def _owner(name: str, type: str, domain: str, use: Use | None, uses: tuple[Use, ...]) -> str | None:
    for each in uses:
        if name in each.dkim or _has_form(each.service, name, type, domain):
            given = {
                absolute(r.host, domain)
                for r in (each.site.records if each.site else ())
                if "{" not in r.host
            }
            return None if name in given else each.service.id
    if use is None:
        return "" if type == "TXT" else None
    if name in use.dkim or _has_form(use.service, name, type, domain):
        return ""
    free = any(form.host is None and form.type == type == "TXT" for form in use.service.dkim)
    return "" if free else None


def _has_form(service: Service, name: str, type: str, domain: str) -> bool:
    return any(f.host and absolute(f.host, domain) == name and f.type == type for f in service.dkim)
