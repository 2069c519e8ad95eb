"""SPF records as values: the syntax cases of the RFC 7208 suite, and what merging must keep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from mailwright.standards import spf
from tests.conftest import SHARED

SUITE = SHARED / "suites" / "rfc7208-tests.yml"

#: permerrors that no single record shows: several records, or what other names answer.
NOT_SYNTAX = {
    "multitxt1", "multitxt2", "include-permerror", "include-none", "redirect-none", "redirect-loop",
    "include-loop", "mx-limit", "mech-over-limit", "include-over-limit", "void-over-limit",
}  # fmt: skip


def cases() -> Iterator[tuple[str, str, list[str]]]:
    """(case, the record at the sender's domain, the results the suite allows)."""
    if not SUITE.exists():
        return
    for scenario in yaml.safe_load_all(SUITE.read_text(encoding="utf-8")):
        zones = {name.lower(): entries for name, entries in scenario["zonedata"].items()}
        for name, case in scenario["tests"].items():
            domain = (case["mailfrom"].rpartition("@")[2] or case["helo"]).lower()
            found = [
                entry.get("SPF") or entry.get("TXT")
                for entry in zones.get(domain, [])
                if isinstance(entry, dict) and ("SPF" in entry or "TXT" in entry)
            ]
            texts = ["".join(each) if isinstance(each, list) else each for each in found]
            records = [each for each in texts if each and each.lower().split(" ")[0] == "v=spf1"]
            results = case["result"] if isinstance(case["result"], list) else [case["result"]]
            if records:
                yield name, records[0], results


CASES = list(cases())


def test_the_suite_is_there() -> None:
    if not SUITE.exists():
        pytest.skip(f"no RFC 7208 suite at {SUITE}")
    assert len(CASES) > 100


@pytest.mark.parametrize(("name", "text", "results"), CASES, ids=[case[0] for case in CASES])
def test_a_syntax_error_anywhere_is_an_error_and_a_good_record_is_none(
    name: str, text: str, results: list[str]
) -> None:
    try:
        record = spf.parse(text)
    except spf.SpfError:
        assert "permerror" in results
        return
    assert results != ["permerror"] or name in NOT_SYNTAX
    assert str(spf.parse(str(record))) == str(record)


def test_an_exmail_beside_google_is_over_the_budget_and_either_alone_is_not() -> None:
    costs = {"spf.mail.qq.com": 8, "_spf.google.com": 3}
    both = spf.parse("v=spf1 include:spf.mail.qq.com include:_spf.google.com ~all")
    assert spf.lookup_cost(both, costs) == 11 > spf.MAX_LOOKUPS
    assert spf.lookup_cost(spf.parse("v=spf1 ip4:192.0.2.1 a mx:x.example exists:%{i}.x -all"), costs) == 3
