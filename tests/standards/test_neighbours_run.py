"""What ``docs/neighbours.md`` says of checkdmarc, held by running it: what is out of date fails."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from tests.standards.test_neighbours import PAGE

their_dmarc = pytest.importorskip("checkdmarc.dmarc", reason="checkdmarc is not installed (test environment)")
their_spf = pytest.importorskip("checkdmarc.spf")

#: Advice that checkdmarc gives on any such record, whatever is wrong with it.
_ADVICE = ("p tag is required in older versions", "makes DMARC unenforced", "rua tag (destination", "ignored")


def statements() -> list[tuple[str, str, str]]:
    """(record, kind, statement) of each line about checkdmarc that needs no network."""
    made = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 4 and cells[1] in ("spf", "dmarc") and cells[2].startswith("checkdmarc"):
            (text,) = re.findall(r"`([^`]+)`", cells[0])
            made.append((text, cells[1], cells[2]))
    return made


def test_the_page_says_which_version_and_when() -> None:
    said = {re.match(r"checkdmarc (\S+) \((\d{4}-\d\d)\)", each)[1] for _, _, each in statements()}  # type: ignore[index]
    assert said == {importlib.metadata.version("checkdmarc")}, "run what it says again, then name the version"
    names = re.compile(r"(?:octoDNS|DNSControl|checkdmarc|Terraform|Domain Connect|GoDaddy|providers)")
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and names.search(line):
            assert re.search(r"\d{4}-\d\d", line), line


@pytest.mark.parametrize(("text", "kind", "statement"), statements())
def test_checkdmarc_lets_it_pass(
    text: str, kind: str, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It raises nothing, and warns of nothing beside its standing advice."""
    monkeypatch.setattr(their_dmarc, "get_mx_records", lambda *_, **__: [{"hostname": "mx", "preference": 1}])
    monkeypatch.setattr(their_spf, "get_mx_records", lambda *_, **__: [])
    parse = their_dmarc.parse_dmarc_record if kind == "dmarc" else their_spf.parse_spf_record
    warnings = [str(each) for each in parse(text, "acme-trade.com")["warnings"]]
    left = [warning for warning in warnings if not any(advice in warning for advice in _ADVICE)]
    if " mx" not in text:  # without a network its MX look-up finds nothing, of which it warns
        assert not left, statement


def test_it_refuses_the_version_in_another_case() -> None:
    with pytest.raises(their_spf.SPFSyntaxError):
        their_spf.parse_spf_record("v=SpF1 -all", "acme-trade.com")
