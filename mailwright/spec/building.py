"""A well-shaped tree to a ``MailSpec``: what the values mean, and what they cannot mean."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from mailwright.catalog import RECEIVING, SENDING, Input, Service, free_mail_domains, index
from mailwright.catalog import service as catalog_service
from mailwright.model.consent import Consent
from mailwright.model.finding import Finding
from mailwright.model.names import absolute, is_below
from mailwright.model.position import Position
from mailwright.model.rules import Rule, Severity
from mailwright.model.suffixes import is_suffix
from mailwright.model.text import Text
from mailwright.spec import (
    alias_domains,
    called,
    dated,
    extra,
    gateways,
    host_api,
    moving,
    names,
    own_server,
    people,
    policies,
    rules,
    signing,
    two_hosts,
)
from mailwright.spec import found as found_records
from mailwright.spec.dns_hosts import twice
from mailwright.spec.model import (
    DnsHost,
    MailHost,
    MailSpec,
    NamedValue,
    Sender,
    Silence,
)
from mailwright.spec.shape import advice
from mailwright.spec.tree import Branch, Items, Node, Scalar

_HOST_KEYS = frozenset(
    {"service", "site", "dkim", "verification", "mx", "ip4", "ip6", "maps", "sieve", "api"} | own_server.KEYS
)
_SENDER_KEYS = frozenset(
    {"service", "custom", "site", "from", "ip4", "ip6", "include", "dkim", "verification", "volume_per_day"}
    | {"return_path", "signs_as"}
)


#: How long what somebody saw in a console holds where the spec does not say.


@dataclass
class Builder:
    """Collects findings while the parts are built; a bad value gives a finding and an empty part."""

    file: str
    root: Branch
    findings: list[Finding] = field(default_factory=list)
    positions: dict[str, Position] = field(default_factory=dict)
    domain: str = ""

    def spec(self) -> MailSpec:
        """The spec; only to be used where no finding is an error."""
        self._remember(self.root, "")
        self.root = two_hosts.parted(self.root, self.positions)
        written = self.text(self.root, "domain")
        self.domain = self.company_domain("domain", written)
        return MailSpec(
            file=self.file,
            domain=self.domain,
            domain_unicode=written.strip().rstrip("."),
            timezone=self.timezone(),
            mail_host=(mail_host := self.mail_host("mail_host")),
            beside=self.beside(mail_host),
            moving_from=moving.moving(self, self.mail_host, self.networks, mail_host),
            gateway=gateways.gateway(self, self.mx, self.networks, self.keys_of),
            dns_hosts=self.dns_hosts(),
            contact=self.address("contact", self.text(self.root, "contact")),
            company=self.text(self.root, "company").strip(),
            ttl=int(ttl) if (ttl := self.text(self.root, "ttl")) else None,
            signing=tuple(
                signing.signing(self, branch, f"signing[{n}]")
                for n, branch in enumerate(self.branches(self.root, "signing"))
            ),
            dmarc=policies.dmarc(self),
            spf=policies.spf(self, self.networks),
            senders=tuple(
                self.sender(branch, f"senders[{n}]")
                for n, branch in enumerate(self.branches(self.root, "senders"))
            ),
            verification=self.named(self.root, "verification", "verification"),
            alias_domains=alias_domains.alias_domains(self, mail_host),
            parked=tuple(
                self.company_domain(f"parked[{n}]", name)
                for n, name in enumerate(self.texts(self.root, "parked"))
            ),
            allow=tuple(
                self.allow(branch, f"allow[{n}]")
                for n, branch in enumerate(self.branches(self.root, "allow"))
            ),
            silence=tuple(self.silence(branch) for branch in self.branches(self.root, "silence")),
            attest=tuple(
                dated.attestation(self, branch, f"attest[{n}]")
                for n, branch in enumerate(self.branches(self.root, "attest"))
            ),
            expires=tuple(
                dated.expiry(self, branch, f"expires[{n}]")
                for n, branch in enumerate(self.branches(self.root, "expires"))
            ),
            as_found=found_records.as_found(self, alias_domains.hosts(self)),
            mailboxes=people.mailboxes(self),
            extra=extra.extra(self, self.text(self.root, "contact")),
            positions=self.positions,
        )

    # ── reading the tree ──

    def _remember(self, node: Node, path: str) -> None:
        if isinstance(node, Branch):
            for key, child in node.items.items():
                below = f"{path}.{key}" if path else key
                self.positions[below] = node.keys[key]
                self._remember(child, below)
        elif isinstance(node, Items):
            for number, child in enumerate(node.items):
                self.positions[f"{path}[{number}]"] = child.position
                self._remember(child, f"{path}[{number}]")

    def say(self, rule: Rule, path: str, **params: object) -> None:
        """Add a finding at a spec path."""
        position = self.positions.get(path) or self.root.position
        self.findings.append(Finding(rule.id, path, position, params))

    def text(self, branch: Branch, key: str) -> str:
        """The scalar at a key, or ''."""
        node = branch.items.get(key)
        return node.text.strip() if isinstance(node, Scalar) else ""

    def texts(self, branch: Branch, key: str) -> tuple[str, ...]:
        """The scalars of a list."""
        node = branch.items.get(key)
        found_here = node.items if isinstance(node, Items) else ()
        return tuple(item.text.strip() for item in found_here if isinstance(item, Scalar))

    def texts_as_written(self, branch: Branch, key: str) -> tuple[str, ...]:
        """The scalars of a list, blanks at their ends kept."""
        node = branch.items.get(key)
        found_here = node.items if isinstance(node, Items) else ()
        return tuple(item.text for item in found_here if isinstance(item, Scalar))

    def branches(self, branch: Branch, key: str) -> tuple[Branch, ...]:
        """The mappings of a list."""
        node = branch.items.get(key)
        return tuple(
            item for item in (node.items if isinstance(node, Items) else ()) if isinstance(item, Branch)
        )

    def branch(self, key: str) -> Branch:
        """The mapping at a top-level key, or an empty one."""
        node = self.root.items.get(key)
        return node if isinstance(node, Branch) else Branch({}, {}, self.root.position)

    # ── values ──

    def named_value(self, path: str, read: Callable[[str], str], text: str, rule: Rule) -> str:
        """A name or address read by one of the functions of ``names``; '' and a finding where it is none."""
        try:
            return read(text)
        except names.BadNameError as error:
            self.say(rule, path, value=text, reason=error.reason)
            return ""

    def company_domain(self, path: str, text: str) -> str:
        """A domain the company owns."""
        name = self.named_value(path, names.domain, text, rules.BAD_DOMAIN) if text else ""
        labels = name.lower().split(".")
        if not free_mail_domains().isdisjoint(".".join(labels[at:]) for at in range(len(labels))):
            self.say(rules.FREE_MAIL, path, value=text)
            return ""
        if name and is_suffix(name):
            self.say(rules.REGISTRY, path, value=name)
            return ""
        half = name[: len(name) // 2]
        if name and name == f"{half}.{half}" and "." in half:
            self.say(rules.DOUBLED, path, value=text, meant=half)
        elif name.startswith("www.") and name.count(".") > 1:
            self.say(rules.WWW, path, value=name, meant=name.removeprefix("www."))
        return name

    def address(self, path: str, text: str) -> str:
        """A whole mail address."""
        if not text:
            return ""
        value = self.named_value(path, names.address, text, rules.BAD_ADDRESS)
        host = value.rpartition("@")[2]
        if value and self.domain and names.doubled(host, self.domain):
            self.say(rules.DOUBLED, path, value=text, meant=f"{value.rpartition('@')[0]}@{self.domain}")
        return value

    def networks(self, branch: Branch, key: str, path: str) -> tuple[str, ...]:
        """IPv4 or IPv6 addresses and ranges, as written."""
        kind, label = (ipaddress.IPv4Network, "IPv4") if key == "ip4" else (ipaddress.IPv6Network, "IPv6")
        for number, network in enumerate(self.texts(branch, key)):
            try:
                kind(network, strict=False)
            except ValueError:
                self.say(rules.BAD_IP, f"{path}.{key}[{number}]", value=network, kind=label)
        return self.texts(branch, key)

    def timezone(self) -> str:
        """The spec's own clock."""
        name = self.text(self.root, "timezone")
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            if name:
                self.say(rules.BAD_ZONE, "timezone", value=name)
        return name

    @property
    def filtered(self) -> bool:
        """Whether a filter takes the mail, so that the mail host's own exchangers stand nowhere."""
        return bool(self.branch(gateways.PATH).items)

    # ── parts ──

    def beside(self, first: MailHost) -> MailHost | None:
        """The second of two mail hosts."""
        if not two_hosts.services(self):
            return None
        if self.text(self.branch(two_hosts.BESIDE), "service") == first.service:
            self.say(two_hosts.SAME_TWICE, two_hosts.BESIDE, service=first.service)
        return self.mail_host(two_hosts.BESIDE)

    def mail_host(self, path: str) -> MailHost:
        """The mailbox service at ``mail_host`` or ``moving_from``, with the inputs it needs."""
        branch = self.branch(path)
        id, site = self.text(branch, "service"), self.text(branch, "site") or None
        keys = _HOST_KEYS | moving.KEYS if path == "moving_from" else _HOST_KEYS
        inputs = {key: self.text(branch, key) for key in branch.items if key not in keys}
        self.check_mail_host(path, id, site, branch, inputs)
        return MailHost(
            service=id,
            site=site,
            inputs=inputs,
            dkim=self.named(branch, "dkim", f"{path}.dkim", selector=True),
            verification=self.named(branch, "verification", f"{path}.verification"),
            mx=tuple(self.mx(f"{path}.mx[{n}]", text) for n, text in enumerate(self.texts(branch, "mx"))),
            ip4=self.networks(branch, "ip4", path),
            ip6=self.networks(branch, "ip6", path),
            maps=own_server.maps_folder(self, branch, id, path),
            sieve=own_server.sieve(self, branch, id, path),
            delimiter=own_server.delimiter(self, branch, id, path),
            folders=own_server.folders(self, branch, id, path),
            ways=own_server.ways(self, branch, id, path),
            api=host_api.api(self, branch, id, path),
            position=self.positions.get(path),
        )

    def check_mail_host(
        self, path: str, id: str, site: str | None, branch: Branch, inputs: dict[str, str]
    ) -> None:
        """A mail host, and its exchangers where the catalog has none."""
        self.check_service(path, id, site, inputs, RECEIVING)
        known = catalog_service(id)
        needed = known is not None and known.exchangers in (("own",) if self.filtered else ("own", "written"))
        if known and needed and "mx" not in branch.items:
            name = "mail.acme-trade.com" if known.exchangers == "own" else "mx1.example.net"
            self.say(rules.MISSING, path, key="mx", example=f'["10 {name}"]')

    def check_service(
        self, path: str, id: str, site: str | None, inputs: dict[str, str], kinds: tuple[str, ...]
    ) -> None:
        """The service is known and of its kind, the site is one of its sites, every input is there."""
        known = catalog_service(id)
        if known is None or known.kind not in kinds:
            listed = [id for id, entry in index.entries().items() if entry.kind in kinds]
            if id:
                hint = called.mail_service(id, listed) or advice(id, listed)
                self.say(rules.UNKNOWN_SERVICE, f"{path}.service", value=id, advice=hint)
            return
        if known.sites and known.site(site) is None:
            self.say_site(path, site, known)
            return
        input_fields = {want.name: want for want in known.wants(site)}
        idle = known.for_exchangers(site) if self.filtered and kinds == RECEIVING else frozenset()
        for name, input_field in input_fields.items():
            if input_field.required and name not in idle and not inputs.get(name):
                self.say_missing(path, known, input_field)
        for name in inputs:
            if name not in input_fields:
                keys = _SENDER_KEYS if path.startswith("senders") else _HOST_KEYS
                hint = advice(name, sorted(keys | set(input_fields)))
                self.say(rules.UNKNOWN_KEY, f"{path}.{name}", key=name, parent=path, advice=hint)

    def say_missing(self, path: str, known: Service, input_field: Input) -> None:
        """An input that only the console knows; what SPF needs of it stays open while SPF stays as found."""
        params: dict[str, object] = {"service": known.names, "key": input_field.name}
        params |= {"label": input_field.label, "where": input_field.where}
        at = self.positions.get(path) or self.root.position
        open_yet = input_field.name == "spf_include" and path == "mail_host" and found_records.keeps_spf(self)
        severity = Severity.WARNING if open_yet else None
        self.findings.append(Finding(rules.INPUT_MISSING.id, path, at, params, severity_override=severity))

    def say_site(self, path: str, site: str | None, known: Service) -> None:
        """No site where one is needed, or one that is not there."""
        if site:
            sites = ", ".join(known_site.id for known_site in known.sites)
            self.say(rules.UNKNOWN_SITE, f"{path}.site", value=site, service=known.names, sites=sites)
            return
        choices = Text(
            " ".join(f"{known_site.id}: {known_site.how_to_tell('en')}" for known_site in known.sites),
            " ".join(f"{known_site.id}：{known_site.how_to_tell('zh')}" for known_site in known.sites),
        )
        self.say(rules.SITE_MISSING, f"{path}.service", service=known.names, sites=choices)

    def named(
        self, branch: Branch, key: str, path: str, *, selector: bool = False, below: str = ""
    ) -> tuple[NamedValue, ...]:
        """Records as a console shows them, taken apart by us; ``below``: the domain they are for."""
        named_values = (
            self.one_named(child, f"{path}[{n}]", selector, below or self.domain)
            for n, child in enumerate(self.branches(branch, key))
        )
        return tuple(key_value for key_value in named_values if key_value)

    def keys_of(self, branch: Branch, key: str, path: str) -> tuple[NamedValue, ...]:
        """DKIM keys of the domain, as a console shows them."""
        return self.named(branch, key, path, selector=True)

    def one_named(self, branch: Branch, path: str, selector: bool, below: str) -> NamedValue | None:
        """One record: absolute owner name, type, plain value."""
        type = self.text(branch, "type") or "TXT"
        name = self.owner(f"{path}.name", self.text(branch, "name") or "@", selector, below)
        value = self.plain(f"{path}.value", self.text(branch, "value")) if type == "TXT" else ""
        if type == "CNAME":
            target = self.named_value(
                f"{path}.value", names.owner, self.text(branch, "value"), rules.BAD_DOMAIN
            )
            value = absolute(target) if target else ""
        if type == "MX":
            value = self.mx(f"{path}.value", self.text(branch, "value"))
        return NamedValue(name, type, value, self.positions.get(path)) if name and value else None

    def owner(self, path: str, text: str, selector: bool, below: str) -> str:
        """A host record as consoles write it (@, relative, whole, with final dot) as an absolute name.

        For a subdomain some consoles name it relative to it, others relative to the domain: both are read.
        """
        if text == "@":
            return absolute(below)
        name = self.named_value(path, names.owner, text, rules.BAD_DOMAIN)
        if not name or not self.domain:
            return ""
        if names.doubled(name, self.domain):
            self.say(rules.DOUBLED, path, value=text, meant=name.removesuffix("." + self.domain))
            return ""
        if selector and "_domainkey" not in name.split("."):
            name = name.removesuffix("." + self.domain) + "._domainkey"
        if is_below(name, self.domain) or is_below(name, below):
            return absolute(name)
        if text.endswith("."):
            self.say(rules.OUTSIDE, path, value=text, domain=self.domain)
            return ""
        whole = absolute(name, self.domain)
        return whole if is_below(whole, below) else absolute(name, below)

    def plain(self, path: str, text: str) -> str:
        """A TXT value without presentation: no quotes, no escapes."""
        if text.startswith('"') or text.endswith('"'):
            self.say(rules.QUOTED_TXT, path, what=Text("quotes", "引号"))
        elif "\\;" in text:
            self.say(rules.QUOTED_TXT, path, what=Text("a backslash before ;", "分号前的反斜杠"))
        return text

    def mx(self, path: str, text: str) -> str:
        """``10 mail.acme-trade.com`` as ``10 mail.acme-trade.com.``; ``0 .`` takes no mail (RFC 7505)."""
        fields = text.split()
        try:
            if len(fields) != 2 or not 0 <= int(fields[0]) <= 65535:
                raise ValueError
            host = names.domain(fields[1]) if fields[1] != "." else "."
        except ValueError:
            self.say(rules.BAD_MX, path, value=text)
            return ""
        return f"{int(fields[0])} {absolute(host)}"

    def dns_hosts(self) -> tuple[DnsHost, ...]:
        """The DNS hosts and how they are reached; each leads to a place of its own."""
        hosts = tuple(self.dns_host(child) for child in self.branches(self.root, "dns_hosts"))
        for number, host in enumerate(hosts):
            zone = host.options.get("zone", "")
            if zone and is_suffix(zone):
                self.say(rules.REGISTRY, f"dns_hosts[{number}].zone", value=zone)
        for number, first in twice(self.domain, [(host.service, host.options) for host in hosts]):
            at = hosts[first].position
            self.say(rules.HOST_TWICE, f"dns_hosts[{number}]", first=at.line if at else 0)
        return hosts

    def dns_host(self, branch: Branch) -> DnsHost:
        """A DNS host and how it is reached."""
        options = {key: self.text(branch, key) for key in branch.items if key != "service"}
        return DnsHost(self.text(branch, "service"), options, branch.position)

    def sender(self, branch: Branch, path: str) -> Sender:
        """Something that sends in the domain's name."""
        service, site = self.text(branch, "service"), self.text(branch, "site") or None
        known = catalog_service(service) if service else None
        own = {want.name for want in known.wants(site)} if known else set()  # sendgrid has a return_path too
        inputs = {key: self.text(branch, key) for key in branch.items if key not in _SENDER_KEYS - own}
        bounces = "" if "return_path" in own else self.text(branch, "return_path")
        if service:
            self.check_service(path, service, site, inputs, SENDING)
        else:
            for name in inputs:
                hint = advice(name, sorted(_SENDER_KEYS))
                self.say(rules.UNKNOWN_KEY, f"{path}.{name}", key=name, parent=path, advice=hint)
        written = self.text(branch, "from")
        whole = written if "@" in written or not written else f"{written}@{self.domain}"
        address = self.address(f"{path}.from", whole) or None
        below = address.rpartition("@")[2] if address else self.domain
        return Sender(
            service=service or None,
            custom=self.text(branch, "custom") or None,
            site=site,
            from_address=address,
            inputs=inputs,
            dkim=self.named(branch, "dkim", f"{path}.dkim", selector=True, below=below),
            verification=self.named(branch, "verification", f"{path}.verification", below=below),
            ip4=self.networks(branch, "ip4", path),
            ip6=self.networks(branch, "ip6", path),
            include=self.texts(branch, "include"),
            return_path=self.domain_of(f"{path}.return_path", bounces),
            signs_as=self.domain_of(f"{path}.signs_as", self.text(branch, "signs_as")),
            volume_per_day=int(volume) if (volume := self.text(branch, "volume_per_day")) else None,
            position=self.positions.get(path),
        )

    def domain_of(self, path: str, text: str) -> str | None:
        """A domain, written plainly or as an address in it; None where nothing is written."""
        named = text.rpartition("@")[2]
        return self.named_value(path, names.domain, named, rules.BAD_DOMAIN) or None if named else None

    def allow(self, branch: Branch, path: str) -> Consent:
        """A dated consent; its rule id is checked by the plan, which knows the gate's rules."""
        text = self.text(branch, "until")
        until = dt.date.min
        try:
            until = dt.date.fromisoformat(text)
        except ValueError:
            self.say(rules.BAD_DATE, f"{path}.until", value=text)
        return Consent(
            self.text(branch, "rule"),
            until,
            self.text(branch, "why"),
            frozenset(self.texts(branch, "values")),
            position=self.positions.get(path),
        )

    def silence(self, branch: Branch) -> Silence:
        """A rule that does not matter here."""
        return Silence(self.text(branch, "rule"), self.text(branch, "why"), branch.position)


def claims(spec: MailSpec) -> Iterator[tuple[str, str]]:
    """(name, spec path) of every domain a spec claims."""
    yield spec.domain, "domain"
    for number, alias in enumerate(spec.alias_domains):
        yield alias.domain, f"alias_domains[{number}]"
    for number, name in enumerate(spec.parked):
        yield name, f"parked[{number}]"
