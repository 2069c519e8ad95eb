"""Each hand-written zone becomes a valid spec that changes nothing. Living servers: test_taking_over."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.model.finding import has_errors
from mailwright.operations import importing
from mailwright.operations.importing import Imported
from mailwright.spec import parse
from tests.importing.worlds import NAMES, expected, records

DOMAIN = "acme-trade.com"


def _from_file(name: str, tmp_path: Path) -> Imported:
    path = tmp_path / "zone"
    path.write_text("@ 600 IN NS dns9.hichina.com.\n" + records(name, DOMAIN))
    return importing.importing(importing.from_zone_file(DOMAIN, path))


def _holds(imported: Imported, name: str) -> None:
    wanted = expected(name)
    assert imported.changes.is_empty
    assert not has_errors(imported.plan.findings), [f.message() for f in imported.plan.findings]
    assert imported.spec.mail_host.service == wanted["host"]
    if "site" in wanted:
        assert imported.spec.mail_host.site == wanted["site"]
    senders = set(filter(None, wanted.get("senders", "").split(",")))
    assert {use.service.id for use in imported.draft.uses} == senders
    outside = "\n".join(" ".join(each) for each in imported.foreign)
    for each in filter(None, wanted.get("foreign", "").split(",")):
        assert each in outside
        assert each in imported.text


def test_there_are_enough() -> None:
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_from_a_zone_file(name: str, tmp_path: Path) -> None:
    imported = _from_file(name, tmp_path)
    _holds(imported, name)
    assert imported.spec.dns_hosts[0].options["console"] == "aliyun"
    again = parse(imported.text.encode(), "again.yaml")
    assert again.spec is not None
    assert not has_errors(again.findings)
