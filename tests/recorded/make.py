"""Writes ``states/``: each state, and its world, is what the engine leaves after the runs told here.

``python -m tests.recorded.make [NAME…]`` writes what is missing, or what is named. A record is never made
anew to please a changed program: that a state of an earlier day is taken as it is, is its purpose.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mailwright.cli import main
from tests.cloudflare import test_email_routing as routing_specs
from tests.cloudflare.api import Account
from tests.cloudflare.conftest import SPEC as ON_CLOUDFLARE
from tests.cloudflare.engine import Engine
from tests.cloudflare.routing import switch_on
from tests.deploy.test_undo import BEFORE
from tests.deploy.worlds import FOREIGN
from tests.mail_host.server import MASTER, MASTER_PASSWORD, Server, dovecot
from tests.mail_host.worlds import COMPANY
from tests.recorded import runs
from tests.recorded.worlds import (
    DAY,
    STATES,
    ZoneServer,
    emptied,
    lay_out,
    plain_account,
    plain_stack,
    scripts_on,
    texts_below,
)
from tests.servers.base import BASE_ZONE, FULL

FIRST = f"{{service: rfc2136, server: 127.0.0.1, port: @PORT@, key_name: {FULL.name}}}"
SECOND = f"{{service: rfc2136, server: 127.0.0.1, port: @PORT2@, key_name: {FULL.name}}}"
CONSOLE = "{service: manual, console: aliyun}"
MOVE = ("mx-changed", "spf-sender-dropped")
LATER = "2026-11-26"
MAPS = "  maps: {folder: ../tables}\n"
SIEVE = f"  sieve: {{server: 127.0.0.1, port: @SIEVE@, master_user: {MASTER}}}\n"


def spec(domain: str, *hosts: str, mail: str = "{service: tencent-exmail}", more: str = "") -> str:
    """A spec."""
    return (
        f"version: 1\ndomain: {domain}\ntimezone: Asia/Shanghai\nmail_host: {mail}\n"
        f"dns_hosts: [{', '.join(hosts)}]\ncontact: wang@{domain}\n{more}"
    )


def own_server(domain: str, *hosts: str, ways: str, more: str = COMPANY) -> str:
    """A spec with a mail server of one's own; ``ways`` say how it is configured."""
    return spec(
        domain, *hosts, mail=f'\n  service: self-hosted\n  mx: ["10 mail.{domain}"]\n{ways}', more=more
    )


@dataclass(frozen=True)
class Case:
    """A stack of the embedded engine: its files and zones, and the runs (day, consents) behind its state."""

    files: Mapping[str, str]
    zones: Mapping[str, str] = field(default_factory=dict)
    runs: tuple[tuple[str, tuple[str, ...]], ...] = ((DAY, ()),)
    ask: str = "files"
    words: tuple[str, ...] = ()
    tables: Mapping[str, str] | None = None
    dovecot: bool = False


def one(domain: str, *hosts: str, start: str = FOREIGN, runs: Any = ((DAY, ()),), more: str = "") -> Case:
    """A domain at these hosts."""
    return Case({"stacks/firm.yaml": spec(domain, *hosts, more=more)}, {f"{domain}.": start}, runs)


_FOLDER_ZONES = {f"{name}-folder.example.": FOREIGN for name in ("flat", "hidden", "ending", "below")}
_FOLDER = {
    "stacks/flat.yaml": spec("flat-folder.example", FIRST),
    "stacks/Pulumi.flat.yaml": "config: {}\n",
}
_BY_HAND = {
    "aliases": "agent@acme-trade.com\tli@acme-trade.com,agent@partner.example\nx@other.example y@y.example\n"
}

CASES: dict[str, Case] = {
    "rfc2136": one("plain.example", FIRST),
    "rfc2136-retiring": one("retiring.example", FIRST, start=FOREIGN + BEFORE, runs=((DAY, MOVE),)),
    "rfc2136-found": one("found.example", FIRST, start=FOREIGN + BEFORE, runs=((DAY, MOVE), (LATER, ()))),
    "rfc2136-parked": Case(
        {"stacks/firm.yaml": spec("parking.example", FIRST, more="parked: [parked.example]\n")},
        {"parking.example.": FOREIGN, "parked.example.": FOREIGN},
    ),
    "rfc2136-below": Case(
        {
            "stacks/firm.yaml": spec(
                "news.zone.example", FIRST.replace("}", ", zone: zone.example, read_by: transfer}")
            )
        },
        {"zone.example.": FOREIGN},
    ),
    "two-hosts": one("two.example", FIRST, SECOND),
    "manual-first": one("manual-first.example", CONSOLE, FIRST),
    "manual-last": one("manual-last.example", FIRST, CONSOLE),
    "manual-between": one("manual-between.example", FIRST, CONSOLE, SECOND),
    "folder-flat": Case(
        {**_FOLDER, "stacks/.hidden.yaml": spec("hidden-folder.example", FIRST)},
        _FOLDER_ZONES,
        ask="program",
        words=("stacks",),
    ),
    "folder-recursive": Case(
        {
            **_FOLDER,
            "stacks/ending.yml": spec("ending-folder.example", FIRST),
            "stacks/below/below.yaml": spec("below-folder.example", FIRST),
        },
        _FOLDER_ZONES,
        words=("stacks",),
    ),
    "mailboxes-folder": Case(
        {"stacks/firm.yaml": own_server("acme-trade.com", CONSOLE, ways=MAPS)}, tables=_BY_HAND
    ),
    "mailboxes-and-dns": Case(
        {"stacks/firm.yaml": own_server("acme-trade.com", FIRST, ways=MAPS)},
        {"acme-trade.com.": FOREIGN},
        tables={},
    ),
    "mailboxes-sieve": Case(
        {
            "stacks/firm.yaml": own_server(
                "acme-trade.com", CONSOLE, ways=MAPS.replace("../tables", "@TABLES@") + SIEVE
            )
        },
        tables={},
        dovecot=True,
    ),
    "manual": one("manual.example", CONSOLE),
}


def embedded(case: Case, folder: Path, stack: ExitStack) -> dict[str, Any]:
    """Carry out a case's runs; what they leave."""
    server = stack.enter_context(mail_server()) if case.dovecot else None
    zones = {zone: BASE_ZONE + "".join(map(_line, start.splitlines())) for zone, start in case.zones.items()}
    asked = [each for each in ("@PORT@", "@PORT2@") if any(each in text for text in case.files.values())]
    hosts = [stack.enter_context(served(zones)) for _ in asked]
    tables = server.tables if server else folder / "tables"
    places = runs.places(folder, hosts, server)
    lay_out(folder, runs.filled(dict(case.files), places))
    if case.tables is not None:
        tables.mkdir(exist_ok=True)
        lay_out(tables, case.tables)
    words = case.words or ("stacks/firm.yaml",)
    for day, consents in case.runs:
        if case.ask == "program":
            outcome = runs.by_the_program(folder, words, day)
            assert not outcome.problems, outcome.problems
        else:
            allow = [word for consent in consents for word in ("--allow", consent)]
            assert main(["up", *words, "--engine", "embedded", "--as-of", day, *allow]) == 0
    made = {
        "kind": "engine",
        "ask": case.ask,
        "words": list(words),
        "day": case.runs[-1][0],
        "files": dict(case.files),
        "zones": [{zone: host.dump(zone) for zone in zones} for host in hosts],
        "tables": texts_below(tables) if tables.exists() else {},
        "scripts": scripts_on(server) if server else {},
        "stack": runs.state_file(folder).stem,
        "state": json.loads(runs.state_file(folder).read_text("utf-8")),
    }
    body: dict[str, Any] = emptied(made, places)
    return body


@contextmanager
def served(zones: Mapping[str, str]) -> Iterator[ZoneServer]:
    """A nameserver with these zones."""
    server = ZoneServer(zones)
    server.start()
    try:
        yield server
    finally:
        server.dispose()


@contextmanager
def mail_server() -> Iterator[Server]:
    """A Dovecot with empty mailboxes."""
    with dovecot() as server:
        yield server


def _line(record: str) -> str:
    name, ttl, rest = record.split(None, 2)
    return f"{name} {ttl} IN {rest}\n"


# -- Cloudflare's stand-in ----------------------------------------------------------------------------

Zones = tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]
_ZONE = "acme-trade.com"
_FOREIGN = ((_ZONE, "A", "192.0.2.80"), (_ZONE, "TXT", '"google-site-verification=somebody"'))
_LIVING = (
    (_ZONE, "MX", "1 smtp.google.com"),
    (_ZONE, "TXT", '"v=spf1 include:_spf.google.com ~all"'),
    ("_dmarc." + _ZONE, "TXT", '"v=DMARC1; p=none; rua=mailto:old@example.net"'),
)


@dataclass(frozen=True)
class CloudflareCase:
    """A stack on Cloudflare: its spec, the zones, and the runs (day, consents)."""

    spec: str
    zones: Zones
    runs: tuple[tuple[str, str], ...] = ((DAY, ""),)
    agreed: tuple[str, ...] = ()
    by_hand: tuple[tuple[str, str], ...] = ()


def _on_cloudflare(options: str = "", more: str = "", hosts: str = "") -> str:
    text = ON_CLOUDFLARE.format(service="tencent-exmail", options=options, more=more)
    return text.replace("[{service: cloudflare}]", hosts) if hosts else text


_ROUTED = routing_specs.HEAD % ""
_BOTH = (routing_specs.WANG, routing_specs.LI)
_GO = ",".join(MOVE)
CLOUDFLARE: dict[str, CloudflareCase] = {
    "cloudflare": CloudflareCase(_on_cloudflare(), ((_ZONE, _FOREIGN),)),
    "cloudflare-zone-id": CloudflareCase(
        _on_cloudflare(options=f", zone_id: {1:032x}"), ((_ZONE, _FOREIGN),)
    ),
    "cloudflare-retiring": CloudflareCase(
        _on_cloudflare(), ((_ZONE, _FOREIGN + _LIVING),), ((DAY, _GO), (DAY, _GO))
    ),
    "cloudflare-moved": CloudflareCase(
        _on_cloudflare(), ((_ZONE, _FOREIGN + _LIVING),), ((DAY, _GO), (DAY, _GO), (LATER, ""), (LATER, ""))
    ),
    "cloudflare-parked": CloudflareCase(
        _on_cloudflare(more="parked: [acmetrade.net]\n"), ((_ZONE, _FOREIGN), ("acmetrade.net", ()))
    ),
    "cloudflare-manual-first": CloudflareCase(
        _on_cloudflare(hosts=f"[{CONSOLE}, {{service: cloudflare}}]"), ((_ZONE, _FOREIGN),)
    ),
    "cloudflare-manual-last": CloudflareCase(
        _on_cloudflare(hosts=f"[{{service: cloudflare}}, {CONSOLE}]"), ((_ZONE, _FOREIGN),)
    ),
    "email-routing": CloudflareCase(
        _ROUTED + routing_specs.ADDRESSES + routing_specs.REST, ((_ZONE, _FOREIGN),), agreed=_BOTH
    ),
    "email-routing-adopted": CloudflareCase(
        _ROUTED + routing_specs.ADDRESSES,
        ((_ZONE, _FOREIGN),),
        ((DAY, ""), (DAY, "")),
        _BOTH,
        ((f"info@{_ZONE}", routing_specs.WANG), (f"sales@{_ZONE}", routing_specs.LI)),
    ),
}


def cloudflare(case: CloudflareCase, folder: Path, stack: ExitStack) -> dict[str, Any]:
    """Carry out a case's runs; what they leave."""
    account = Account()
    for address in case.agreed:
        account.click(address)
    ids = [account.new_zone(name, *records) for name, records in case.zones]
    if case.by_hand:
        routing = switch_on(account, ids[0])
        for address, target in case.by_hand:
            routing.by_hand(account, address, target)
    path = folder / "acme.yaml"
    path.write_text(case.spec, "utf-8")
    engine = Engine(account, stack.enter_context(pytest.MonkeyPatch.context()))
    for day, allow in case.runs:
        outcome = engine.up(path, allow=allow, day=day)
        assert not outcome.problems, outcome.problems
    return {
        "kind": "cloudflare",
        "day": case.runs[-1][0],
        "spec": case.spec,
        "account": plain_account(account),
        "state": plain_stack(engine),
    }


def record(name: str) -> None:
    """Write one record."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())).resolve()
        stack.enter_context(runs.working_in(folder))
        if name in CASES:
            body = embedded(CASES[name], folder, stack)
        else:
            body = cloudflare(CLOUDFLARE[name], folder, stack)
    text = json.dumps(body, ensure_ascii=False, indent=1)
    assert FULL.secret not in text and MASTER_PASSWORD not in text
    (STATES / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    os.environ |= {"MAILWRIGHT_TSIG_SECRET": FULL.secret, "MAILWRIGHT_SIEVE_PASSWORD": MASTER_PASSWORD}
    os.environ["MAILWRIGHT_LANG"] = "en"
    for each in sys.argv[1:] or [n for n in (*CASES, *CLOUDFLARE) if not (STATES / f"{n}.json").exists()]:
        record(each)
