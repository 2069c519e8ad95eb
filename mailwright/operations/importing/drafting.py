"""What was recognised, as the parts of a spec."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mailwright.catalog import Service
from mailwright.catalog.service import template_values
from mailwright.model.families import Family, family_of, meant
from mailwright.model.finding import Finding, has_errors
from mailwright.model.names import absolute, bare, is_below, relative
from mailwright.model.readings import as_read
from mailwright.model.records import Observed, preference
from mailwright.model.text import LANGS, Text
from mailwright.operations.importing import recognising
from mailwright.operations.importing.extras import Value, extras
from mailwright.operations.importing.filtered import filtered
from mailwright.operations.importing.recognising import Use
from mailwright.operations.importing.sources import World
from mailwright.plan.judging import verdict
from mailwright.plan.lint import slipped
from mailwright.spec import names
from mailwright.spec.model import DMARC_POLICY
from mailwright.standards import dkim, dmarc, spf

Key = tuple[str, str, str]  # owner name, type, value
#: The mail host of a domain that takes no mail (RFC 7505).
NULL_MX: Mapping[str, object] = {"service": "self-hosted", "mx": ["0 ."]}
_STAGES = {policy: stage for stage, policy in DMARC_POLICY.items()}


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
    elsewhere: bool = False


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
    gateway: Part = field(default_factory=lambda: Part({}))
    extras: Mapping[str, Value] = field(default_factory=dict)
    verification: tuple[str, ...] = ()
    ttl: int | None = None
    kept: tuple[Kept, ...] = ()
    recognised: Use | None = None
    uses: tuple[Use, ...] = ()
    notes: tuple[Text, ...] = field(default_factory=tuple)


def draft(world: World, *, contact: str | None, timezone: str) -> Draft:
    """The first draft; what the world has beside it is kept as found by a later step."""
    domain, observed = world.domain, world.seen
    filtering = filtered(observed, domain)
    use = filtering.behind if filtering else recognising.mail_host(observed, domain)
    uses = recognising.senders(observed, domain, use)
    own = _owners(domain, (*((use,) if use else ()), *uses))
    below = tuple(each for each in recognising.senders_below(observed, domain) if each[0] not in own)
    keys, notes = _keys(observed, domain, use, uses)
    host = _host(use, world)
    notes += _passing_notes(observed, domain, use)
    notes += [*_delegations(world), *_slips(world)]
    silent = takes_no_mail(observed, domain, world.flattened)
    policy, reporting = _dmarc(observed, domain, contact, silent=silent)
    return Draft(
        domain=domain,
        timezone=timezone,
        host=replace(host, dkim=keys.get("", ())),
        gateway=Part(filtering.keys, notes=filtering.notes) if filtering else Part({}),
        dns=_dns(world),
        contact=reporting,
        dmarc=policy,
        spf=_spf(observed, domain, use, uses, filtering.includes if filtering else ()),
        senders=(
            *(_sender(each, domain, observed, keys.get(each.service.id, ())) for each in uses),
            *(_sender_below(each, owner, domain, observed) for owner, each in below),
        ),
        extras=extras(observed, domain, use),
        verification=tuple(_tokens(observed, domain, use, uses)),
        recognised=use,
        uses=(*uses, *(each for _, each in below)),
        notes=tuple(notes),
    )


def _delegations(world: World) -> Iterator[Text]:
    """Names of mail that others serve."""
    unseen = _DELEGATED_UNREAD if world.whole else _DELEGATED_SILENT
    text = _DELEGATED if world.delegated else unseen
    for cut in sorted(world.observed.cuts):
        if relative(cut, world.domain).startswith("_"):
            yield text.using(name=bare(cut), domain=world.domain)


_DELEGATED = Text(
    "{name} is delegated (NS): what mail finds there is kept at its own servers and not written here",
    "{name} 已委派（NS）：邮件相关的记录由其自己的服务器维护，这里不写入",
)

_DELEGATED_UNREAD = Text(
    "{name} is delegated (NS): what its own servers have is not in what was read, and not in this draft. "
    "`mailwright import {domain}` without a file asks them",
    "{name} 已委派（NS）：其自己的服务器上的记录不在读取的内容中，也不在此草稿中。"
    "不指定文件运行 `mailwright import {domain}` 会查询它们",
)
_DELEGATED_SILENT = Text(
    "{name} is delegated (NS), and its own servers did not answer: what they have is not in this draft",
    "{name} 已委派（NS），但其自己的服务器没有应答：那里的记录不在此草稿中",
)


def _slips(world: World) -> Iterator[Text]:
    """What the living records get wrong, each with what to do."""
    findings = slipped.living(world.domain, sets_of(world), whole=world.whole, proxied=world.proxied)
    for record in (*findings, *_no_records(world)):
        parts = {
            "en": f"{record.message('en')} {record.hint('en')}",
            "zh": record.message("zh") + record.hint("zh"),
        }
        yield Text("{en}", "{zh}", parts)


def _no_records(world: World) -> Iterator[Finding]:
    """What looks like a record of mail and is none, or is of a type that mail left: it stays as it is."""
    for record_set in sorted(world.seen, key=lambda one: (one.name, one.type)):
        for value in record_set.plain:
            family = meant(record_set.name, record_set.type, value)
            if record_set.type == "SPF" or family is not family_of(record_set.name, record_set.type, value):
                yield from verdict(record_set.name, record_set.type, family, (value,))


def sets_of(world: World) -> dict[tuple[str, str], tuple[str, ...]]:
    """The values of every set that was read."""
    return {(record_set.name, record_set.type): record_set.plain for record_set in world.seen}


def own_server(drafted: Draft, observed: Observed) -> Draft:
    """The same with the exchangers written out, for a mail host whose own values cannot be seen."""
    return replace(drafted, host=_own(observed, drafted.domain, drafted.host.notes))


def _owners(domain: str, uses: Iterable[Use]) -> frozenset[str]:
    """The names below the domain that services in use have for themselves, return paths with their SPF."""
    owners: set[str] = set()
    for use in uses:
        known = {**template_values(domain), **use.inputs}
        for record in use.site.records if use.site else ():
            if set(re.findall(r"\{(\w+)\}", record.host)) <= known.keys():
                owners.add(bare(absolute(record.host.format_map(known), domain)))
    return frozenset(owners)


def takes_no_mail(observed: Observed, domain: str, flattened: str | None = None) -> bool:
    """Whether a null MX says so (RFC 7505), or neither exchanger nor address is there (RFC 5321 §5.1)."""
    apex = absolute(domain)
    live = observed.get(apex, "MX")
    if live:
        return all(value.split()[-1] == "." for value in live.plain)
    return not flattened and not any(observed.get(apex, type) for type in ("A", "AAAA"))


def _host(use: Use | None, world: World) -> Part:
    observed, domain = world.seen, world.domain
    if takes_no_mail(observed, domain, world.flattened):
        sending = any(recognising.spf_texts(observed, domain)) and not _refuses_all(observed, domain)
        return Part(NULL_MX, notes=((_SENDS_ONLY if sending else _PARKED).using(domain=domain),))
    if use is None:
        return _own(observed, domain, ())
    input_fields = {want.name: want for want in use.service.wants(use.site.id if use.site else None)}
    guesses = {
        key: input_fields[key] for key in use.missing if key in input_fields and input_fields[key].guess
    }
    missing = [key for key in use.missing if key not in guesses]
    notes = [_GUESSED.using(key=key, where=input_field.where) for key, input_field in guesses.items()]
    if "spf_include" in missing:
        missing.remove("spf_include")
        notes.append(_OPEN.using(key="spf_include", where=input_fields["spf_include"].where))
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
    given = dict(use.inputs) | {key: input_field.guess for key, input_field in guesses.items()}
    return Part(keys | given, notes=tuple(notes))


def _refuses_all(observed: Observed, domain: str) -> bool:
    texts = recognising.spf_texts(observed, domain)
    return all(re.fullmatch(r"(?i)v=spf1 +-all *", text) for text in texts)


_PARKED = Text(
    "{domain} takes no mail and sends none: parked. The company's spec may list it under parked: instead",
    "{domain} 不收信也不发信，按停放域名处理；也可改写在公司规格的 parked: 下",
)
_SENDS_ONLY = Text("{domain} takes no mail, and sends some", "{domain} 不收信，只发信")
_GUESSED = Text(
    "{key} is a guess, no record shows it. Look it up: {where}",
    "{key} 为推测值，记录中看不到。请核对：{where}",
)
_OPEN = Text(
    "{key} is left open, no record shows it. Look it up: {where}",
    "{key} 留空，记录中看不到。请查明后填写：{where}",
)


def _own(observed: Observed, domain: str, notes: tuple[Text, ...]) -> Part:
    """The exchangers written out: an own server only where the first one has a name of the domain's own."""
    if filtered(observed, domain):
        return Part({"service": "other"}, notes=notes)
    live = observed.get(absolute(domain), "MX")
    exchangers = [mx for mx in live.plain if _is_exchanger(mx)] if live else []
    written = [_as_meant(bare(mx), domain) for mx in sorted(exchangers, key=preference)]
    own = all(is_below(mx.split()[-1], domain) for mx in written[:1])
    if not live:
        pass  # said by mx-implicit
    elif not notes and not recognising.gateway(observed, domain):
        notes = (_OWN if own else _OTHER,)
    service = "self-hosted" if own else "other"
    return Part({"service": service, "mx": written or [f"10 {domain}"]}, notes=notes)


_OWN = Text(
    "these exchangers have names of this domain, and no service of the catalog is seen: an own server",
    "这些 MX 是本域名下的主机，也未识别出目录中的服务：视为自建服务器",
)
_OTHER = Text(
    "the catalog does not know who runs these exchangers: what that mail host does, what its SPF costs and "
    "which servers mail programs use is not known. Write service: self-hosted only if it is your own server",
    "目录中没有这些 MX 的服务商：该服务的行为、SPF 查询次数、客户端服务器均不清楚。"
    "只有确为自己的服务器时才写 service: self-hosted",
)


def _as_meant(mx: str, domain: str) -> str:
    """An exchanger as it was to be written, where its final dot is lost."""
    number, _, host = mx.partition(" ")
    lost = slipped.living(domain, {(absolute(domain), "MX"): (mx,)})
    meant = next((finding.params["meant"] for finding in lost if finding.rule == slipped.LOST_DOT.id), host)
    return f"{number} {meant}"


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


def _dmarc(observed: Observed, domain: str, given: str | None, *, silent: bool) -> tuple[Part, Part]:
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


def _spf(
    observed: Observed, domain: str, use: Use | None, uses: tuple[Use, ...], filters: tuple[str, ...]
) -> Part:
    records = list(_records(observed, domain))
    taken = {each for other in uses for each in other.spf} | set(filters)
    if use and not use.missing:
        given = {**use.inputs, **template_values(domain)}
        own = (_filled(each, given) for each in (use.site.spf if use.site else ()))
        taken |= {each.removeprefix("include:") for each in own}
        taken.add(use.inputs.get("spf_include", ""))
    keys: dict[str, object] = {}
    if any(record.all and record.all.qualifier == "-" for record in records):
        keys["all"] = "fail"
    elif records and use is None and takes_no_mail(observed, domain):
        keys["all"] = "softfail"
    terms = [mechanism for record in records for mechanism in record.mechanisms if mechanism.qualifier == "+"]
    for kind in ("ip4", "ip6"):
        found = list(dict.fromkeys(_network(term) for term in terms if term.name == kind))
        if found:
            keys[kind] = found
    rest = [
        include
        for include in recognising.includes(observed, domain)
        if include not in taken and "%" not in include
    ]
    if rest:
        keys["include"] = rest
    return Part(keys)


def _records(observed: Observed, domain: str) -> Iterator[spf.SpfRecord]:
    """Those of the SPF records that parse: of two, what both let through is kept."""
    for text in recognising.spf_texts(observed, domain):
        with contextlib.suppress(spf.SpfError):
            yield spf.parse(text)


def _network(term: spf.Mechanism) -> str:
    return str(term).lstrip("+").partition(":")[2]


def _where(use: Use) -> Text:
    """The places of the console that show what no record does."""
    input_fields = use.service.wants(use.site.id if use.site else None)
    places = list(
        dict.fromkeys(input_field.where for input_field in input_fields if input_field.name in use.missing)
    )
    if not places:
        return Text("", "")
    texts: dict[str, object] = {lang: "; ".join(place(lang) for place in places) for lang in LANGS}
    return Text(" ({en})", "（{zh}）", texts)


def _sender(use: Use, owner: str, observed: Observed, keys: tuple[Key, ...]) -> Part:
    given = {_filled(term, use.inputs) for term in (use.site.spf if use.site else ())}
    here = recognising.includes(observed, owner)
    include = [target for target in use.spf if f"include:{target}" not in given and target in here]
    more: dict[str, object] = {"include": include} if include else {}
    if use.missing or use.service.subdomain_only:
        note = Text(
            "{service}: its own records stay foreign, because only its console knows {keys}{where}",
            "{service}：其自身记录保持不动，因为只有其后台知道 {keys}{where}",
            {"service": use.service.names, "keys": ", ".join(use.missing) or "from", "where": _where(use)},
        )
        include = [target for target in use.spf if target in here]
        if not include and not keys:
            return Part({}, notes=(note,))
        return Part({"custom": use.service.id, **({"include": include} if include else {})}, keys, (note,))
    body: dict[str, object] = {"service": use.service.id}
    if use.site and (use.service.site_required or use.site != use.service.site(None)):
        body["site"] = use.site.id
    return Part(body | dict(use.inputs) | more, keys)


def _sender_below(use: Use, owner: str, domain: str, observed: Observed) -> Part:
    """The same for a name below the domain that has records of its own to send with."""
    given = _given(use, owner)
    keys = tuple(
        (relative(name, domain), type, values[0])
        for name, type, values in recognising.selectors(observed, owner)
        if len(values) == 1
        and (name in use.dkim or _has_form(use.service, name, type, owner))
        and name not in given
    )
    if use.service.subdomain_only and not use.missing:
        use = replace(use, service=replace(use.service, subdomain_only=False))
    part = _sender(use, owner, observed, keys)
    if not part.keys:
        return part
    first = next(iter(part.keys))
    written = {first: part.keys[first], "from": f"mail@{owner}"} | dict(part.keys)
    return replace(part, keys=written, notes=(*part.notes, _ASSUMED.using(owner=owner)))


_ASSUMED = Text(
    "which address at {owner} it writes as shows in no record: the part before @ is assumed",
    "它在 {owner} 下使用哪个发件地址，记录中看不到：@ 前为假定值",
)


def as_custom(part: Part) -> Part:
    """A sender as one of our own that keeps its includes and keys, whatever else cannot be said of it."""
    if "service" not in part.keys:
        return part
    kept = {key: part.keys[key] for key in ("from", "include") if key in part.keys}
    return replace(part, keys={"custom": part.keys["service"], **kept})


def _tokens(observed: Observed, domain: str, use: Use | None, uses: tuple[Use, ...]) -> Iterator[str]:
    """The verification tokens of the services that are in use; those of others are not ours."""
    live = observed.get(absolute(domain), "TXT")
    begins = [b for other in (use, *uses) if other for b in other.service.recognise.get("txt", ())]
    for value in dict.fromkeys(live.plain if live else ()):
        if any(value.lower().startswith(begin.lower()) for begin in begins):
            yield value


def _filled(term: str, inputs: Mapping[str, str]) -> str:
    return term.format_map({name: inputs.get(name, "") for name in re.findall(r"\{(\w+)\}", term)})


def _keys(
    observed: Observed, domain: str, use: Use | None, uses: tuple[Use, ...]
) -> tuple[dict[str, tuple[Key, ...]], list[Text]]:
    """Keys by the sender's id, "" for the mail host's; broken ones stay where they are and are named."""
    kept: dict[str, list[Key]] = {}
    notes: list[Text] = []
    for name, type, values in recognising.selectors(observed, domain):
        wrong = has_errors(verdict(name, type, Family.DKIM, values))
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
    several = recognising.one_of(observed, domain) if use is None else ()
    if several:
        names = [service.names for service in several]
        rest = [_OR.using(one=one) for one in names[1:]]
        yield _ONE_OF.using(first=names[0], second=rest[0], third=rest[1] if len(rest) > 1 else "")
    hosts = recognising.mail_hosts(observed, domain)
    if use and len(hosts) > 1:
        others = [host.names for host in hosts if host != use.service]
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
    for sender_use in uses:
        if name in sender_use.dkim or _has_form(sender_use.service, name, type, domain):
            return None if name in _given(sender_use, domain) else sender_use.service.id
    if use is None:
        return "" if type == "TXT" else None
    if name in use.dkim or _has_form(use.service, name, type, domain):
        return ""
    free = any(form.host is None and form.type == type == "TXT" for form in use.service.dkim)
    return "" if free else None


def _given(use: Use, owner: str) -> frozenset[str]:
    """The names at which the catalog itself gives the service's records."""
    records = use.site.records if use.site and not use.missing else ()
    return frozenset(absolute(record.host, owner) for record in records if "{" not in record.host)


def _has_form(service: Service, name: str, type: str, domain: str) -> bool:
    return any(f.host and absolute(f.host, domain) == name and f.type == type for f in service.dkim)
