"""Each hand-written zone becomes a valid spec that changes nothing, from a file and from living servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.model.finding import has_errors
from mailwright.operations import importing
from mailwright.operations.importing import Imported
from mailwright.spec import parse
from mailwright.verify.servers import Server
from tests.importing.worlds import NAMES, expected, records
from tests.servers.base import ADDRESS, DnsServer
from tests.servers.fixtures import started

DOMAIN = "acme-trade.com"


def _from_file(name: str, tmp_path: Path) -> Imported:
    path = tmp_path / "zone"
    path.write_text("@ 600 IN NS dns9.hichina.com.\n" + records(name, DOMAIN))
    return importing.importing(importing.from_zone_file(DOMAIN, path))


def _holds(made: Imported, name: str) -> None:
    wanted = expected(name)
    assert made.changes.is_empty
    assert not has_errors(made.plan.findings), [f.message() for f in made.plan.findings]
    assert made.spec.mail_host.service == wanted["host"]
    if "site" in wanted:
        assert made.spec.mail_host.site == wanted["site"]
    senders = set(filter(None, wanted.get("senders", "").split(",")))
    assert {use.service.id for use in made.draft.uses} == senders
    outside = "\n".join(" ".join(each) for each in made.foreign)
    for each in filter(None, wanted.get("foreign", "").split(",")):
        assert each in outside
        assert each in made.text


def test_there_are_enough() -> None:
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_from_a_zone_file(name: str, tmp_path: Path) -> None:
    made = _from_file(name, tmp_path)
    _holds(made, name)
    assert made.spec.dns_hosts[0].options["console"] == "aliyun"
    again = parse(made.text.encode(), "again.yaml")
    assert again.spec is not None
    assert not has_errors(again.findings)


@pytest.mark.parametrize("kind", ["embedded", pytest.param("knot", marks=pytest.mark.knot)])
def test_from_living_servers(kind: str) -> None:
    """All zones on one server; a selector nobody can know of is given."""
    server: DnsServer = started(kind)
    for name in NAMES:
        zone = server.new_zone()
        domain = zone.rstrip(".")
        server.put(zone, records(name, domain))
        server_ = Server("ns1", ADDRESS, server.port)
        asked = importing.to_ask(domain, ("aaaa1111", "bbbb2222", "cccc3333", "20240101pm"))
        made = importing.importing(importing.from_servers(domain, asked, [server_]))
        assert made.changes.is_empty, name
        assert made.spec.mail_host.service == expected(name)["host"], name
