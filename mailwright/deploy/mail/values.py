"""The inputs and the state of a ``Mailboxes`` resource, as values and as plain Pulumi properties."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mailwright.deploy.properties import Failure, days, meant, shown
from mailwright.deploy.said import wrong
from mailwright.deploy.tokens import MAILBOXES
from mailwright.hosts.mail import acl, folder, postfix, sieve, tables
from mailwright.hosts.mail.dovecot import plain as line_feeds
from mailwright.model.mailboxes import DELIMITER, Mailboxes
from mailwright.model.names import absolute, bare

TOKEN = MAILBOXES
JUDGE = "mailwright:mail:judge"
MOST_SCRIPT = 1 << 20  # octets of a script; Pigeonhole's ``sieve_max_script_size``
DEFAULT_PORT = 4190  # RFC 5804 §1.8

#: ``TABLE ADDRESS`` → value, as ``aliases info@acme-trade.com`` → ``wang@acme-trade.com``.
Rows = Mapping[str, str]
#: Mailbox → script with line feeds; '' where it needs none.
Scripts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MailTarget:
    """Where one domain's tables and scripts are: the identity of one resource.

    ``folder`` is an absolute path; ``server`` a ManageSieve server, ``master_user`` who may open every
    mailbox there; ``ca_file`` holds the certificates to trust, ``delimiter`` begins a sub-address.
    A part that is None is not ours to set.
    """

    domain: str
    folder: str | None = None
    server: str | None = None
    port: int = DEFAULT_PORT
    master_user: str = ""
    ca_file: str | None = None
    delimiter: str = DELIMITER

    @property
    def place(self) -> tuple[str, ...]:
        """What two resources must not share."""
        return (self.domain, self.folder or "", self.server or "", str(self.port if self.server else ""))

    @property
    def label(self) -> str:
        """The mail host in words, also part of a change's digest."""
        return " and ".join(filter(None, (self.folder, self.login)))

    @property
    def login(self) -> str:
        """``USER@SERVER:PORT``, '' without a server."""
        if not self.server:
            return ""
        server = f"[{self.server}]" if ":" in self.server else self.server
        return f"{self.master_user}@{server}:{self.port}"

    @property
    def id(self) -> str:
        """The resource's id: everything that reading needs, and no secret."""
        parts = {
            "folder": self.folder,
            "server": self.server,
            "port": str(self.port) if self.server and self.port != DEFAULT_PORT else None,
            "user": self.master_user or None,
            "ca": self.ca_file,
            "delimiter": self.delimiter if self.delimiter != DELIMITER else None,
        }
        return (
            f"{self.domain}?{urlencode({name: value for name, value in parts.items() if value}, safe='/@:')}"
        )

    @staticmethod
    def from_id(id: str) -> MailTarget:
        """The target an id names (``pulumi import``). Raises ValueError where it names none."""
        domain, _, query = id.partition("?")
        options = dict(parse_qsl(query))
        port = options.get("port", str(DEFAULT_PORT))
        if not domain or not (options.get("folder") or options.get("server")) or not port.isdecimal():
            raise ValueError(id)
        return MailTarget(
            bare(absolute(domain)),
            options.get("folder"),
            options.get("server"),
            int(port),
            options.get("user", ""),
            options.get("ca"),
            options.get("delimiter", DELIMITER),
        )


@dataclass(frozen=True, slots=True)
class MailInputs:
    """What the program asks for: tables' rows, mailboxes' scripts and the day.

    A state of an earlier version holds ``allow`` too; that consent was of its day, and is passed over.
    """

    target: MailTarget
    maps: Rows = field(default_factory=dict)
    scripts: Scripts = field(default_factory=dict)
    as_of: dt.date = dt.date.min

    @staticmethod
    def of(properties: Mapping[str, Any]) -> MailInputs:
        """Read plain properties; they must have passed ``check``."""
        return MailInputs(
            target=MailTarget(
                domain=bare(absolute(properties["domain"])),
                folder=properties.get("folder") or None,
                server=(properties.get("server") or "").strip().lower() or None,
                port=int(properties.get("port") or DEFAULT_PORT),
                master_user=properties.get("masterUser") or "",
                ca_file=properties.get("caFile") or None,
                delimiter=properties.get("delimiter") or DELIMITER,
            ),
            maps=_meant(properties.get("maps") or {}),
            scripts=dict(properties.get("scripts") or {}),
            as_of=dt.date.fromisoformat(properties["asOf"]),
        )

    def plain(self) -> dict[str, Any]:
        """The properties, in the one form that check makes of every spelling."""
        target = self.target
        body: dict[str, Any] = {
            "domain": target.domain,
            "maps": _shown(self.maps),
            "scripts": dict(sorted(self.scripts.items())),
            "asOf": self.as_of.isoformat(),
        }
        if target.folder:
            body["folder"] = target.folder
        if target.server:
            body |= {"server": target.server, "port": target.port, "masterUser": target.master_user}
        if target.ca_file:
            body["caFile"] = target.ca_file
        if target.delimiter != DELIMITER:
            body["delimiter"] = target.delimiter
        return body


@dataclass(frozen=True, slots=True)
class MailState:
    """What the engine keeps: as last seen (``inputs``), as applied, and whose scripts ours runs at its end.

    A difference between seen and applied is drift.
    """

    inputs: MailInputs
    applied_maps: Rows = field(default_factory=dict)
    applied_scripts: Scripts = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(properties: Mapping[str, Any]) -> MailState:
        """Read plain output properties."""
        inputs = MailInputs.of(properties)
        applied = properties.get("applied") or {}
        return MailState(
            inputs,
            _meant(applied["maps"]) if "maps" in applied else inputs.maps,
            dict(applied["scripts"]) if "scripts" in applied else inputs.scripts,
            dict(properties.get("kept") or {}),
        )

    def plain(self) -> dict[str, Any]:
        """The output properties."""
        scripts = dict(sorted(self.applied_scripts.items()))
        applied = {"maps": _shown(self.applied_maps), "scripts": scripts}
        return {**self.inputs.plain(), "applied": applied, "kept": dict(sorted(self.kept.items()))}


def rows_of(mailboxes: Mailboxes) -> dict[str, str]:
    """The tables' rows of planned mailboxes, as one map. Raises UnsafeValueError."""
    return joined(folder.all_rows_of(mailboxes))


def scripts_of(mailboxes: Mailboxes) -> dict[str, str]:
    """The scripts of planned mailboxes."""
    return {
        mailbox.address: line_feeds(sieve.script(mailboxes, mailbox.address) or "")
        for mailbox in mailboxes.mailboxes
    }


def joined(tables: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Tables as one map."""
    return {f"{name} {key}": value for name, rows in tables.items() for key, value in rows.items()}


def split(rows: Rows) -> dict[str, dict[str, str]]:
    """One map as tables."""
    by_table: dict[str, dict[str, str]] = {}
    for place, value in rows.items():
        name, _, key = place.partition(" ")
        by_table.setdefault(name, {})[key] = value
    return by_table


#: A key of transport_maps, transport(5): a domain, or what is below one.
_DOMAIN = re.compile(r"\.?(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")

KNOWN = {
    *("domain", "folder", "server", "port", "masterUser", "caFile", "delimiter"),
    *("maps", "scripts", "asOf"),
}


def failures(properties: Mapping[str, Any]) -> list[Failure]:
    """Pairs of property path and what to write instead; empty where all is well."""
    unknown = wrong.NO_PROPERTY.using(resource="Mailboxes")
    problems = [(name, unknown) for name in sorted(set(properties) - KNOWN)]
    for name in ("domain", "asOf"):
        if not isinstance(properties.get(name), str) or not properties[name].strip():
            problems.append((name, wrong.STRING_NEEDED))
    return problems or [*_target(properties), *_maps(properties), *_scripts(properties), *days(properties)]


def _target(properties: Mapping[str, Any]) -> Iterator[Failure]:
    texts = ("folder", "server", "masterUser", "caFile", "delimiter")
    no_texts = [name for name in texts if not isinstance(properties.get(name, ""), str)]
    yield from ((name, wrong.STRING) for name in no_texts)
    if no_texts:
        return
    if not properties.get("folder") and not properties.get("server"):
        yield "folder", wrong.NOWHERE
    if properties.get("folder") and not properties["folder"].startswith("/"):
        yield "folder", wrong.ABSOLUTE
    if properties.get("server") and not properties.get("masterUser"):
        yield "masterUser", wrong.MASTER
    port = properties.get("port", DEFAULT_PORT)
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
        yield "port", wrong.NUMBER.using(least=1, most=65535)


def _maps(properties: Mapping[str, Any]) -> Iterator[Failure]:
    maps = properties.get("maps", {})
    if not isinstance(maps, Mapping):
        yield "maps", wrong.MAPS
        return
    domain = bare(absolute(properties["domain"]))
    for place, value in maps.items():
        name, _, key = place.partition(" ")
        path = f'maps["{place}"]'
        if name == postfix.TRANSPORTS:
            if not _is_foreign(key, domain) and not _is_own(key, domain):
                yield path, wrong.FOREIGN_KEY.using(domain=domain)
            elif not _is_row(name, key, value):
                yield path, wrong.LINE
        elif name not in tables.NAMES or not key.endswith("@" + domain) or key != key.lower():
            yield path, wrong.TABLE_KEY.using(domain=domain, tables=", ".join(tables.NAMES))
        elif not _is_row(name, key, value):
            yield path, wrong.LINE


def _is_foreign(key: str, domain: str) -> bool:
    """Whether a key of transport_maps is a domain, or ``.DOMAIN``, and not of the domain's own mail."""
    own = key == domain or (key.startswith(".") and domain.endswith(key))
    return not own and _DOMAIN.fullmatch(key) is not None


def _is_own(key: str, domain: str) -> bool:
    """Whether a key of transport_maps is one address of the domain, at another mail host."""
    local, _, host = key.rpartition("@")
    return bool(local) and host == domain and key == key.lower()


def _is_row(table: str, key: str, value: object) -> bool:
    """Whether an entry stays within its line and its columns."""
    safe = postfix.is_safe(key, blanks=table == acl.ACL)
    return safe and isinstance(value, str) and postfix.is_safe(value, blanks=True)


def _scripts(properties: Mapping[str, Any]) -> Iterator[Failure]:
    scripts = properties.get("scripts", {})
    if not isinstance(scripts, Mapping):
        yield "scripts", wrong.SCRIPTS
        return
    for mailbox, text in scripts.items():
        if not isinstance(text, str) or "\0" in text or not mailbox or not postfix.is_safe(mailbox):
            yield f'scripts["{mailbox}"]', wrong.SCRIPT
        elif len(text.encode()) > MOST_SCRIPT:
            yield f'scripts["{mailbox}"]', wrong.SCRIPT_SIZE.using(most=MOST_SCRIPT)


def _shown(values: Mapping[str, str]) -> dict[str, str]:
    return {shown(key): shown(value) for key, value in sorted(values.items())}


def _meant(values: Mapping[str, Any]) -> dict[str, str]:
    return {meant(key): meant(str(value)) for key, value in values.items()}
