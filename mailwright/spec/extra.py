"""What a spec asks for beyond the default: MTA-STS, TLS reports, DANE, a logo, client set-up. Read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailwright.model.names import absolute
from mailwright.model.position import Position
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.spec import names, rules
from mailwright.spec.key_file import public_key
from mailwright.spec.tree import Branch
from mailwright.standards import bimi, client_setup, dane, mta_sts
from mailwright.standards.faults import Fault

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

BAD_EXTRA = rule(
    "value-not-usable",
    Severity.ERROR,
    en="{value} cannot be used here: {reason}.",
    zh="此处不能使用 {value}：{reason}。",
    hint_en="Write it like this: {example}",
    hint_zh="请这样写：{example}",
)

#: Seconds; while testing a day, in force two weeks (RFC 8461 §3.2 asks for "weeks or greater").
MAX_AGE = {"testing": 86400, "enforce": 1209600, "none": 86400}


@dataclass(frozen=True, slots=True)
class MtaSts:
    """The MTA-STS policy (RFC 8461). ``mx`` empty: the planned exchangers. ``max_age`` in seconds.

    ``served_by`` is the host (absolute) that ``mta-sts.DOMAIN`` becomes an alias of; None: set elsewhere.
    ``file_first``: the record stays that of the planned exchangers until the file with ``mx`` was seen.
    """

    mode: str = "testing"
    mx: tuple[str, ...] = ()
    max_age: int = MAX_AGE["testing"]
    served_by: str | None = None
    file_first: bool = False


@dataclass(frozen=True, slots=True)
class DaneHost:
    """A mail server with TLSA records; the keys are SubjectPublicKeyInfo in DER, never private ones."""

    host: str  # A-label, without final dot
    port: int = 25
    key: bytes | None = None
    next_key: bytes | None = None
    ca: bytes | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Logo:
    """A BIMI logo and its certificate, by address."""

    logo: str
    certificate: str = ""
    selector: str = "default"


@dataclass(frozen=True, slots=True)
class Clients:
    """Where mail programs find their servers; host names are A-labels without final dot."""

    hosts: Mapping[client_setup.Protocol, str] = field(default_factory=dict)
    autoconfig: str | None = None
    autodiscover: str | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """Everything on request; what is None or empty is not asked for.

    ``tls_rpt`` are addresses and https: addresses; ``reports_from`` are domains whose DMARC reports may
    come here.
    """

    mta_sts: MtaSts | None = None
    tls_rpt: tuple[str, ...] = ()
    dane: tuple[DaneHost, ...] = ()
    bimi: Logo | None = None
    clients: Clients | None = None
    reports_from: tuple[str, ...] = ()


def extra(build: Builder, contact: str) -> Extra:
    """Read all of them; ``contact`` gets the TLS reports where no address is written."""
    written = build.root.items
    domains = enumerate(build.texts(build.root, "reports_from"))
    return Extra(
        mta_sts=_mta_sts(build) if "mta_sts" in written else None,
        tls_rpt=_tls_rpt(build, contact) if "tls_rpt" in written else (),
        dane=tuple(
            dane_host
            for n, branch in enumerate(build.branches(build.root, "dane"))
            if (dane_host := _dane(build, branch, f"dane[{n}]"))
        ),
        bimi=_bimi(build) if "bimi" in written else None,
        clients=_clients(build) if "clients" in written else None,
        reports_from=tuple(_domain(build, f"reports_from[{n}]", domain) for n, domain in domains),
    )


def _domain(build: Builder, path: str, text: str) -> str:
    return build.named_value(path, names.domain, text, rules.BAD_DOMAIN) if text else ""


def _say(build: Builder, path: str, value: str, reason: Text, example: str) -> None:
    build.say(BAD_EXTRA, path, value=value, reason=reason, example=example)


def _mta_sts(build: Builder) -> MtaSts | None:
    branch = build.branch("mta_sts")
    mode = build.text(branch, "mode") or "testing"
    age = build.text(branch, "max_age")
    patterns = tuple(text.lower().rstrip(".") for text in build.texts(branch, "mx"))
    served = _domain(build, "mta_sts.served_by", build.text(branch, "served_by"))
    if mode not in mta_sts.MODES or not (age or "0").isdecimal():
        return None  # the schema says so
    seconds = int(age) if age else MAX_AGE[mode]
    for number, pattern in enumerate(patterns):
        try:
            mta_sts.Policy("testing", (pattern,), 0)
        except mta_sts.MtaStsError as error:
            _say(build, f"mta_sts.mx[{number}]", pattern, error.reason, '["*.mail.protection.outlook.com"]')
            return None
    return MtaSts(mode, patterns, seconds, absolute(served) if served else None)


def _tls_rpt(build: Builder, contact: str) -> tuple[str, ...]:
    destinations = []
    for number, text in enumerate(build.texts(build.branch("tls_rpt"), "rua")):
        path = f"tls_rpt.rua[{number}]"
        if text.lower().startswith("https://"):
            destinations.append(text)
        else:
            destinations.append(build.address(path, text.removeprefix("mailto:")))
    return tuple(filter(None, destinations)) or (contact,)


def _dane(build: Builder, branch: Branch, path: str) -> DaneHost | None:
    host = _domain(build, f"{path}.host", build.text(branch, "host"))
    keys = {key: _key(build, branch, path, key) for key in ("certificate", "next", "ca")}
    if not any(build.text(branch, key) for key in ("certificate", "ca")):
        build.say(rules.MISSING, path, key="certificate", example="certs/mail.pem")
    port = build.text(branch, "port") or "25"
    if not host or not port.isdecimal():
        return None
    at = build.positions.get(path)
    return DaneHost(host, int(port), keys["certificate"], keys["next"], keys["ca"], at)


def _key(build: Builder, branch: Branch, path: str, key: str) -> bytes | None:
    """The public key in a PEM file: of a certificate, or by itself."""
    file = build.text(branch, key)
    text = public_key(build, f"{path}.{key}", file) if file else ""
    if not text:
        return None
    try:
        return dane.public_key(text)
    except dane.DaneError as error:
        build.say(rules.KEY_FILE, f"{path}.{key}", file=file, reason=error.reason)
        return None


def _bimi(build: Builder) -> Logo | None:
    branch = build.branch("bimi")
    logo = Logo(
        build.text(branch, "logo"),
        build.text(branch, "certificate"),
        (build.text(branch, "selector") or "default").lower(),
    )
    try:
        names.owner(logo.selector)
        bimi.BimiRecord(logo.logo, logo.certificate)
    except names.BadNameError as error:
        build.say(rules.BAD_DOMAIN, "bimi.selector", value=logo.selector, reason=error.reason)
        return None
    except Fault as error:
        _say(build, "bimi", logo.logo, error.reason, "bimi: {logo: https://www.acme-trade.com/logo.svg}")
        return None
    return logo


def _clients(build: Builder) -> Clients:
    branch = build.branch("clients")

    def host(key: str) -> str | None:
        return _domain(build, f"clients.{key}", build.text(branch, key)) or None

    hosts = {protocol: name for protocol in client_setup.PORTS if (name := host(protocol))}
    return Clients(hosts, host("autoconfig"), host("autodiscover"))
