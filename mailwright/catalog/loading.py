"""Reading the catalog's files; each is read once, and only when something asks for it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from mailwright.catalog.service import DkimForm, Input, MxHost, Service, ServiceRecord, Site
from mailwright.model.text import Text

FOLDER = Path(__file__).parent
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Services(Mapping[str, Service]):
    """The services by id; a file is read when its service is."""

    def __getitem__(self, id: str) -> Service:
        found = service(id)
        if found is None:
            raise KeyError(id)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_ids())

    def __len__(self) -> int:
        return len(_ids())


def load_services() -> Mapping[str, Service]:
    """Every service the catalog knows, by id. Cheap: nothing is read yet."""
    return _Services()


@functools.cache
def service(id: str) -> Service | None:
    """One service, or None where the catalog has no such id."""
    if id not in _ids():
        return None
    return _service(id, _read(FOLDER / "services" / f"{id}.yaml"))


@functools.cache
def lookup_costs() -> Mapping[str, int]:
    """DNS look-ups that an SPF include costs in all, itself counted: a dated snapshot."""
    data = _read(FOLDER / "spf-costs.yaml")
    return {str(name): int(each["lookups"]) for name, each in data["includes"].items()}


@functools.cache
def free_mail_domains() -> frozenset[str]:
    """Domains under which anybody gets a mailbox: never a company's own."""
    return frozenset(_read(FOLDER / "free-mail-domains.yaml")["domains"])


@functools.cache
def gateways() -> tuple[Mapping[str, Any], ...]:
    """Filters that stand before a mail host: id, names, and the ends of names in MX and SPF."""
    return tuple(_read(FOLDER / "gateways.yaml")["gateways"])


@functools.cache
def tokens() -> tuple[tuple[str, Text], ...]:
    """Beginnings of verification tokens in lower case, and whose they are; those of mail services first."""
    mail = [(each, one.names) for one in load_services().values() for each in one.recognise.get("txt", ())]
    listed = _read(FOLDER / "tokens.yaml")["tokens"]
    others = [(begin, _text(each["names"])) for each in listed for begin in each["txt"]]
    return tuple((begin.lower(), names) for begin, names in (*mail, *others))


@functools.cache
def proxies() -> tuple[Mapping[str, Any], ...]:
    """Web proxies that pass no mail on: names, networks, and ends of names that take mail all the same."""
    return tuple(_read(FOLDER / "proxies.yaml")["proxies"])


@functools.cache
def networks() -> tuple[tuple[str, Text], ...]:
    """Prefix and name of each network in whose name servers are asked (RFC 7871)."""
    data = _read(FOLDER / "networks.yaml")["networks"]
    return tuple((str(each["prefix"]), Text(each["names"]["en"], each["names"]["zh"])) for each in data)


@functools.cache
def console_words(console: str) -> Mapping[str, Any]:
    """What a DNS host's console calls things; the generic words for a console not known."""
    consoles: Mapping[str, Any] = _read(FOLDER / "dns-hosts.yaml")["hosts"]
    known: Mapping[str, Any] = consoles.get(console) or consoles["generic"]
    return known


def console_names() -> tuple[str, ...]:
    """The consoles a sheet can be written for."""
    return tuple(_read(FOLDER / "dns-hosts.yaml")["hosts"])


@functools.cache
def _ids() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (FOLDER / "services").glob("*.yaml")))


def _read(path: Path) -> Any:
    return yaml.load(path.read_bytes(), Loader=_LOADER)


def _service(id: str, data: Mapping[str, Any]) -> Service:
    return Service(
        id=id,
        kind=data["kind"],
        names=_text(data["names"]),
        sites=tuple(_site(each) for each in data.get("sites", ())),
        site_required=bool(data.get("site_required", False)),
        inputs=tuple(map(_input, data.get("inputs", ()))),
        dkim=tuple(
            DkimForm(each["type"], each.get("host"), _text(each["where"])) for each in data.get("dkim", ())
        ),
        client=data.get("client", {}),
        limits={name: int(each["most"]) for name, each in data.get("limits", {}).items()},
        subdomain_only=bool(data.get("subdomain_only", False)),
        no_records=bool(data.get("no_records", False)),
        note=_text(data["note"]) if "note" in data else None,
        recognise={kind: tuple(each) for kind, each in data.get("recognise", {}).items()},
        sources=tuple(data.get("sources", ())),
    )


def _site(data: Mapping[str, Any]) -> Site:
    return Site(
        id=data["id"],
        label=_text(data["label"]),
        how_to_tell=_text(data["how_to_tell"]),
        mx=tuple(MxHost(each["priority"], each["host"]) for each in data.get("mx", {}).get("records", ())),
        spf=tuple(each["term"] for each in data.get("spf", ())),
        records=tuple(
            ServiceRecord(each["type"], each["host"], each["value"], _text(each["why"]))
            for each in data.get("records", ())
        ),
        inputs=tuple(map(_input, data.get("inputs", ()))),
        client=data.get("client"),
    )


def _input(data: Mapping[str, Any]) -> Input:
    required, pattern = bool(data.get("required", True)), str(data.get("pattern", ""))
    return Input(data["name"], required, _text(data["label"]), _text(data["where"]), pattern)


def _text(data: Mapping[str, str]) -> Text:
    return Text(data["en"], data["zh"])
