"""The catalog against others' collections: Domain Connect's templates and Thunderbird's ISPDB. No network.

A service is compared with the templates and the settings files that its ``sources`` name. What a template
leaves to a variable and what we ask for by an input are both ``*`` and fit anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from mailwright.catalog import Service, load_services
from mailwright.model.family import Family
from mailwright.model.readings import surely
from mailwright.model.text import Text

_TEMPLATE = re.compile(r"template (\S+) v(\d+)")
_SETTINGS = re.compile(r"[^@]+@[0-9a-f]+:ispdb/(\S+)\.xml")
_TLS = {"SSL": "implicit", "STARTTLS": "starttls"}

ONLY_THEIRS = Text("{source} has {value}, the catalog has not", "{source} 有 {value}，目录没有")
ONLY_OURS = Text("the catalog has {value}, {source} has not", "目录有 {value}，{source} 没有")
NEWER = Text(
    "{source} is at version {theirs}, the catalog at {ours}",
    "{source} 已是第 {theirs} 版，目录为第 {ours} 版",
)
GONE = Text("{source} is not in the snapshot any more", "快照中已没有 {source}")


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that only one side has."""

    service: str
    text: Text

    def __str__(self) -> str:
        return f"{self.service}: {self.text('en')}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A clone on this machine: its kind (``templates`` or ``ispdb``), folder, commit ("" where unknown)."""

    kind: str
    folder: Path
    commit: str


def accepted(lines: Iterable[str]) -> Mapping[str, str]:
    """Differences that somebody has looked at, each with its reason: the comment above, up to a blank line.

    A line without a reason is none that anybody has looked at.
    """
    reasons: dict[str, str] = {}
    reason = ""
    previous = ""
    for line in map(str.strip, lines):
        if line.startswith("#"):
            text = line.lstrip("# ")
            reason = f"{reason} {text}" if previous.startswith("#") else text
        elif not line:
            reason = ""
        elif reason:
            reasons[line] = reason
        previous = line
    return reasons


def snapshots(folder: Path) -> tuple[Snapshot, ...]:
    """The clones at or directly below a folder."""
    sources = []
    for source_folder in (folder, *sorted(child for child in folder.iterdir() if child.is_dir())):
        if (source_folder / "ispdb").is_dir():
            sources.append(Snapshot("ispdb", source_folder / "ispdb", commit_of(source_folder)))
        elif any(_is_template(path) for path in sorted(source_folder.glob("*.json"))[:5]):
            sources.append(Snapshot("templates", source_folder, commit_of(source_folder)))
    return tuple(sources)


def _is_template(path: Path) -> bool:
    return '"providerId"' in path.read_text(encoding="utf-8", errors="replace")


def commit_of(clone: Path) -> str:
    """The commit a work tree stands at, read from its git folder; "" where it is no clone."""
    git = clone / ".git"
    try:
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        ref = head.removeprefix("ref: ")
        if (git / ref).exists():
            return (git / ref).read_text().strip()
        packed = (git / "packed-refs").read_text().splitlines()
        return next(line.split()[0] for line in packed if line.endswith(" " + ref))
    except (OSError, StopIteration):
        return ""


def compare(snapshot: Snapshot, services: Iterable[Service] | None = None) -> tuple[Difference, ...]:
    """Every difference between the services that name this collection as a source, and it."""
    one = _against_templates if snapshot.kind == "templates" else _against_settings
    chosen = load_services().values() if services is None else services
    return tuple(difference for service in chosen for difference in one(service, snapshot.folder))


# ── Domain Connect ──


def _against_templates(service: Service, folder: Path) -> Iterator[Difference]:
    named = dict.fromkeys(m for source in service.sources.values() if (m := _TEMPLATE.fullmatch(source)))
    theirs: dict[str, str] = {}
    for match in named:
        path = folder / f"{match[1]}.json"
        if not path.exists():
            yield Difference(service.id, GONE.using(source=match[1]))
            continue
        template = json.loads(path.read_text(encoding="utf-8"))
        version = str(template.get("version", 1))
        if version != match[2]:
            text = NEWER.using(source=match[1], theirs=version, ours=match[2])
            yield Difference(service.id, text)
        theirs |= dict.fromkeys(_of_template(template), match[1])
    if theirs:
        yield from _sides(service, theirs, set(_ours(service)), ", ".join(dict.fromkeys(theirs.values())))


def _sides(service: Service, theirs: Mapping[str, str], ours: set[str], source: str) -> Iterator[Difference]:
    for value, where in theirs.items():
        if not any(_fits(value, server) for server in ours):
            yield Difference(service.id, ONLY_THEIRS.using(source=where, value=value))
    for value in sorted(ours):
        if not any(_fits(value, server) for server in theirs):
            yield Difference(service.id, ONLY_OURS.using(source=source, value=value))


def _of_template(template: Mapping[str, Any]) -> Iterator[str]:
    """The records of mail: exchangers, SPF rules, keys, return paths, client set-up."""
    for record in template.get("records", ()):
        host = _stars(str(record.get("host") or record.get("name") or "@")).lower()
        if record["type"] == "MX":
            yield f"MX {host} {record.get('priority', '*')} {_stars(record['pointsTo'])}".lower().replace(
                "mx ", "MX ", 1
            )
        elif record["type"] == "SPFM":
            yield from (
                f"SPF {host} {_stars(rule)}" for rule in str(record["spfRules"]).split() if _is_term(rule)
            )
        elif record["type"] == "TXT" and surely(Family.SPF, str(record["data"])):
            yield from (
                f"SPF {host} {_stars(rule)}" for rule in str(record["data"]).split()[1:] if _is_term(rule)
            )
        elif record["type"] == "TXT" and "_domainkey" in host:
            yield f"TXT {host} *"
        elif record["type"] == "CNAME":
            yield f"CNAME {host} {_stars(record['pointsTo']).lower().rstrip('.')}"


def _is_term(rule: str) -> bool:
    return re.search(r"(?i)^[+?~-]?all$", rule) is None


def _stars(text: str) -> str:
    return re.sub(r"%[^%]*%|\{\w+\}", "*", text)


def _ours(service: Service) -> Iterator[str]:
    for site in service.sites:
        yield from (f"MX @ {mx_host.priority} {_stars(mx_host.host)}" for mx_host in site.mx)
        yield from (f"SPF @ {_stars(term)}" for term in site.spf)
        for record in site.records:
            value = _stars(record.value)
            if record.type == "TXT" and surely(Family.SPF, value):
                yield from (f"SPF {_stars(record.host)} {t}" for t in value.split()[1:] if _is_term(t))
            elif record.type == "MX":
                priority, _, host = value.rpartition(" ")
                yield f"MX {_stars(record.host)} {priority or '*'} {host}"
            elif record.type == "CNAME":
                yield f"CNAME {_stars(record.host)} {value}"
    yield from (f"{form.type} {form.host} *" for form in service.dkim if form.host)


def _fits(one: str, other: str) -> bool:
    """Whether two values may be the same: a star on either side stands for anything."""
    mine, theirs = one.split(" ", 2), other.split(" ", 2)
    return all(_same(a.lower(), b.lower()) for a, b in zip(mine, theirs, strict=False))


def _same(one: str, other: str) -> bool:
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text)
        for pattern, text in ((one, other), (other, one))
    )


# ── Thunderbird ──


def _against_settings(service: Service, folder: Path) -> Iterator[Difference]:
    named = dict.fromkeys(m[1] for source in service.sources.values() if (m := _SETTINGS.fullmatch(source)))
    theirs: dict[str, str] = {}
    for name in named:
        path = folder / f"{name}.xml"
        if path.exists():
            theirs |= dict.fromkeys(_of_settings(path), f"ispdb/{name}.xml")
        else:
            yield Difference(service.id, GONE.using(source=f"ispdb/{name}.xml"))
    if theirs:
        ours = {server for server, source in _clients(service) if _SETTINGS.fullmatch(source)}
        yield from _sides(service, _best(theirs), ours, ", ".join(dict.fromkeys(theirs.values())))


def _best(servers: Mapping[str, str]) -> dict[str, str]:
    """Without STARTTLS where the same host offers TLS from the start, which is preferred (RFC 8314 §3.3)."""
    direct = {tuple(server.split()[:2]) for server in servers if server.endswith("implicit")}
    return {
        server: source
        for server, source in servers.items()
        if server.endswith("implicit") or tuple(server.split()[:2]) not in direct
    }


def _of_settings(path: Path) -> Iterator[str]:
    """The encrypted servers; a file without a document type or entities is all that is read."""
    text = path.read_text(encoding="utf-8")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return
    for element in ElementTree.fromstring(text).iter():
        if element.tag in ("incomingServer", "outgoingServer"):
            host, port, tls = (element.findtext(tag, "") for tag in ("hostname", "port", "socketType"))
            if tls in _TLS and "%" not in host and element.get("type") in ("imap", "pop3", "smtp"):
                yield f"{element.get('type')} {host.lower()} {port} {_TLS[tls]}"


def _clients(service: Service) -> Iterator[tuple[str, str]]:
    """Servers for mail programs, with the source that each names first."""
    for client in (service.client, *(site.client or {} for site in service.sites)):
        for protocol, settings in client.items():
            if isinstance(settings, Mapping) and "host" in settings:
                named = settings["source"]
                source = service.sources[named if isinstance(named, str) else named[0]]
                yield f"{protocol} {settings['host']} {settings['port']} {settings['tls']}", source
