"""A domain with records and mailboxes is taken down as one: neither part goes without the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.deploy.embedded.engine import Embedded, Outcome
from mailwright.deploy.program import main
from tests.deploy.worlds import DOWN
from tests.servers.base import FULL, DnsServer

SPEC = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host: {{service: self-hosted, mx: ["10 mail.{domain}"], ip4: [203.0.113.25], maps: {{folder: {tables}}}}}
dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: {key}}}]
contact: wang@{domain}
people: {{wang: {{name: Wang}}, li: {{name: Li}}}}
addresses: {{sales: {{to: [wang, li]}}}}
"""
EMPTIED = "role-address-emptied"


def _run(
    folder: Path, command: str, server: DnsServer, zone: str, patch: pytest.MonkeyPatch, allow: str = ""
) -> Outcome:
    folder.mkdir(exist_ok=True)
    domain, tables = zone.rstrip("."), folder.parent / "tables"
    tables.mkdir(exist_ok=True)
    spec = folder / "acme.yaml"
    spec.write_text(SPEC.format(domain=domain, tables=tables, port=server.port, key=FULL.name))
    patch.setenv("MAILWRIGHT_SPECS", str(spec))
    patch.setenv("MAILWRIGHT_ALLOW", allow)
    patch.chdir(folder)
    outcome: Outcome = getattr(Embedded(folder, "acme", program=main), command)()
    return outcome


def _standing(folder: Path, server: DnsServer, zone: str) -> tuple[set[str], bool]:
    return server.texts(zone, "MX"), "sales@" in (folder / "tables" / "aliases").read_text()


@pytest.mark.parametrize("allow", [EMPTIED, DOWN])
def test_no_part_goes_where_another_is_refused(
    tmp_path: Path, embedded: DnsServer, monkeypatch: pytest.MonkeyPatch, allow: str
) -> None:
    """Mailboxes without MX are silent; an MX that leads to emptied tables bounces everything."""
    zone = embedded.new_zone()
    at = (embedded, zone, monkeypatch)
    assert not _run(tmp_path / "a", "up", *at).problems
    before = _standing(tmp_path, embedded, zone)
    assert before == ({f"10 mail.{zone}"}, True)
    refused = _run(tmp_path / "a", "destroy", *at, allow)
    assert refused.refused and not refused.changes, refused
    assert _standing(tmp_path, embedded, zone) == before
    gone = _run(tmp_path / "a", "destroy", *at, f"{DOWN},{EMPTIED}")
    assert not gone.problems, gone.problems
    assert [change.action for change in gone.changes] == ["delete", "delete"]
    assert _standing(tmp_path, embedded, zone) == (set(), False)


def test_a_second_stack_in_another_folder_empties_no_table(
    tmp_path: Path, embedded: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = embedded.new_zone()
    at = (embedded, zone, monkeypatch)
    for name in ("a", "b"):
        assert not _run(tmp_path / name, "up", *at).problems
    before = _standing(tmp_path, embedded, zone)
    refused = _run(tmp_path / "b", "destroy", *at, f"{DOWN},{EMPTIED}")
    assert refused.refused and "[found-before-removed]" in refused.problems[0], refused.problems
    assert _standing(tmp_path, embedded, zone) == before
