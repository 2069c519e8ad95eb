"""What was recognised, as the parts of a spec."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from mailwright.catalog.service import template_values
from mailwright.model.families import Family, family_of, meant
from mailwright.model.finding import Finding, has_errors
from mailwright.model.names import absolute, bare, is_below, relative
from mailwright.model.records import Observed, preference
from mailwright.model.text import Text
from mailwright.operations.importing import evidence, recognising
from mailwright.operations.importing.drafted_senders import given_names, has_form, sender, sender_below
from mailwright.operations.importing.extras import extras
from mailwright.operations.importing.filtered import filtered
from mailwright.operations.importing.fitting import Use
from mailwright.operations.importing.parts import Draft, Key, Part
from mailwright.operations.importing.policies import (
    dmarc_policy,
    refuses_all,
    spf_policy,
    takes_no_mail,
)
from mailwright.operations.importing.sources import World
from mailwright.plan.judging import verdict
from mailwright.plan.lint import slipped
from mailwright.spec import names
from mailwright.standards import dkim

#: The mail host of a domain that takes no mail (RFC 7505).
NULL_MX: Mapping[str, object] = {"service": "self-hosted", "mx": ["0 ."]}


def draft(world: World, *, contact: str | None, timezone: str) -> Draft:
    """The first draft; what the world has beside it is kept as found by a later step."""
    domain, observed = world.domain, world.seen
    filtering = filtered(observed, domain)
    use = filtering.behind if filtering else recognising.mail_host(observed, domain)
    uses = recognising.senders(observed, domain, use)
    own = _owners(domain, (*((use,) if use else ()), *uses))
    below = tuple(use for use in recognising.senders_below(observed, domain) if use[0] not in own)
    keys, notes = _keys(observed, domain, use, uses)
    host = _host(use, world)
    notes += _passing_notes(observed, domain, use)
    notes += [*_delegations(world), *_slips(world)]
    silent = takes_no_mail(observed, domain, world.flattened)
    policy, reporting = dmarc_policy(observed, domain, contact, silent=silent)
    return Draft(
        domain=domain,
        timezone=timezone,
        host=replace(host, dkim=keys.get("", ())),
        gateway=Part(filtering.keys, notes=filtering.notes) if filtering else Part({}),
        dns=_dns(world),
        contact=reporting,
        dmarc=policy,
        spf=spf_policy(observed, domain, use, uses, filtering.includes if filtering else ()),
        senders=(
            *(sender(use, domain, observed, keys.get(use.service.id, ())) for use in uses),
            *(sender_below(use, owner, domain, observed) for owner, use in below),
        ),
        extras=extras(observed, domain, use),
        verification=tuple(_tokens(observed, domain, use, uses)),
        recognised=use,
        uses=(*uses, *(use for _, use in below)),
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


def _host(use: Use | None, world: World) -> Part:
    observed, domain = world.seen, world.domain
    if takes_no_mail(observed, domain, world.flattened):
        sending = any(evidence.spf_texts(observed, domain)) and not refuses_all(observed, domain)
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


def _tokens(observed: Observed, domain: str, use: Use | None, uses: tuple[Use, ...]) -> Iterator[str]:
    """The verification tokens of the services that are in use; those of others are not ours."""
    live = observed.get(absolute(domain), "TXT")
    begins = [b for other in (use, *uses) if other for b in other.service.recognise.get("txt", ())]
    for value in dict.fromkeys(live.plain if live else ()):
        if any(value.lower().startswith(begin.lower()) for begin in begins):
            yield value


def _keys(
    observed: Observed, domain: str, use: Use | None, uses: tuple[Use, ...]
) -> tuple[dict[str, tuple[Key, ...]], list[Text]]:
    """Keys by the sender's id, "" for the mail host's; broken ones stay where they are and are named."""
    kept: dict[str, list[Key]] = {}
    notes: list[Text] = []
    for name, type, values in evidence.selectors(observed, domain):
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
        if name in sender_use.dkim or has_form(sender_use.service, name, type, domain):
            return None if name in given_names(sender_use, domain) else sender_use.service.id
    if use is None:
        return "" if type == "TXT" else None
    if name in use.dkim or has_form(use.service, name, type, domain):
        return ""
    free = any(form.host is None and form.type == type == "TXT" for form in use.service.dkim)
    return "" if free else None
