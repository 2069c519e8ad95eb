"""Reading the catalog's files; each is read once, and only when something asks for it."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from mailwright.catalog import reading
from mailwright.catalog.service import Service
from mailwright.model import variables
from mailwright.model.text import Text

FOLDER = Path(__file__).parent
SERVICES = FOLDER / "services"
#: Names folders with services of one's own, beside the package's; os.pathsep stands between them.
VARIABLE = variables.CATALOG
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class CatalogError(Exception):
    """A service's file that cannot be used; ``text`` says what to mend."""

    def __init__(self, text: Text) -> None:
        super().__init__(text("en"))
        self.text = text


_TWICE = Text(
    "{id}: {first} and {second} both describe this service", "{id}：{first} 与 {second} 都描述了此服务"
)
_NO_FOLDER = Text(
    "{variable} names {folder}, which is not a folder",
    "{variable} 指向的 {folder} 不是文件夹",
)


class _Services(Mapping[str, Service]):
    """The services by id; a file is read when its service is."""

    def __getitem__(self, id: str) -> Service:
        known = service(id)
        if known is None:
            raise KeyError(id)
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(files())

    def __len__(self) -> int:
        return len(files())


def load_services() -> Mapping[str, Service]:
    """Every service the catalog knows, by id. Cheap: nothing is read yet."""
    return _Services()


@functools.cache
def service(id: str) -> Service | None:
    """One service, or None where the catalog has no such id. Raises CatalogError for a broken file."""
    path = files().get(id)
    return None if path is None else reading.read(id, content(path))


def service_name(id: str) -> Text:
    """What a service is called; its id where the catalog has none of it."""
    known = service(id)
    return known.names if known else Text(id, id)


@functools.cache
def files() -> Mapping[str, Path]:
    """The file of each service, by id. Raises CatalogError where two describe the same one."""
    paths: dict[str, Path] = {}
    for folder in folders():
        for path in sorted(folder.glob("*.yaml")):
            first = paths.setdefault(path.stem, path)
            if first != path:
                raise CatalogError(_TWICE.using(id=path.stem, first=str(first), second=str(path)))
    return {id: paths[id] for id in sorted(paths)}


def folders() -> tuple[Path, ...]:
    """The package's own services, and those that MAILWRIGHT_CATALOG adds."""
    given = tuple(Path(part) for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part)
    for path in given:
        if not path.is_dir():
            raise CatalogError(_NO_FOLDER.using(variable=VARIABLE, folder=str(path)))
    return (SERVICES, *given)


def content(path: Path) -> Mapping[str, Any]:
    """A service's file; one that is not the package's own is held to the schema first."""
    data: Mapping[str, Any] = _read(path)
    if path.parent != SERVICES:
        from mailwright.catalog.checking import problems

        wrong = problems(path.stem, data)
        if wrong:
            raise CatalogError(functools.reduce(_joined, wrong))
    return data


def _joined(one: Text, two: Text) -> Text:
    return Text("{one}\n{two}", "{one}\n{two}", {"one": one, "two": two})


def other_includes() -> Mapping[str, Any]:
    """What includes of no service cost, as their file says it."""
    includes: Mapping[str, Any] = _read(FOLDER / "other-includes.yaml")["includes"]
    return includes


@functools.cache
def free_mail_domains() -> frozenset[str]:
    """Domains under which anybody gets a mailbox: never a company's own."""
    return frozenset(_read(FOLDER / "free-mail-domains.yaml")["domains"])


@functools.cache
def gateways() -> tuple[Mapping[str, Any], ...]:
    """Filters that stand before a mail host: id, names, and the marks of their names in MX and SPF."""
    return tuple(_read(FOLDER / "gateways.yaml")["gateways"])


def pinned_snapshots() -> Mapping[str, str]:
    """The commit of each collection that the catalog was compared with, by its kind."""
    data = _read(FOLDER / "snapshots.yaml")["snapshots"]
    return {kind: str(snapshot["commit"]) for kind, snapshot in data.items()}


@functools.cache
def tokens() -> tuple[tuple[str, Text], ...]:
    """Beginnings (lower case) of tokens that have nothing to do with mail, and whose they are."""
    listed = _read(FOLDER / "tokens.yaml")["tokens"]
    return tuple(
        (begin.lower(), Text(token["names"]["en"], token["names"]["zh"]))
        for token in listed
        for begin in token["txt"]
    )


@functools.cache
def proxies() -> tuple[Mapping[str, Any], ...]:
    """Web proxies that pass no mail on: names, networks, and ends of names that take mail all the same."""
    return tuple(_read(FOLDER / "proxies.yaml")["proxies"])


@functools.cache
def networks() -> tuple[tuple[str, Text], ...]:
    """Prefix and name of each network in whose name servers are asked (RFC 7871)."""
    data = _read(FOLDER / "networks.yaml")["networks"]
    return tuple(
        (str(network["prefix"]), Text(network["names"]["en"], network["names"]["zh"])) for network in data
    )


@functools.cache
def _consoles() -> Mapping[str, Any]:
    consoles: Mapping[str, Any] = _read(FOLDER / "dns-hosts.yaml")["hosts"]
    return consoles


def console_words(console: str) -> Mapping[str, Any]:
    """What a DNS host's console calls things; the generic words for a console not known."""
    known: Mapping[str, Any] = _consoles().get(console) or _consoles()["generic"]
    return known


def console_names() -> tuple[str, ...]:
    """The consoles a sheet can be written for."""
    return tuple(_consoles())


def _read(path: Path) -> Any:
    return yaml.load(path.read_bytes(), Loader=_LOADER)
