"""SPF records as values: the syntax cases of the RFC 7208 suite, and what merging must keep."""

from __future__ import annotations

import pytest

from mailwright.standards import spf
from tests.standards.spf_suite import CASES, SUITE, Case, Zone

#: permerrors that no single record shows: several records, or what other names answer.
NOT_SYNTAX = {
    "multitxt1", "multitxt2", "include-permerror", "include-none", "redirect-none", "redirect-loop",
    "include-loop", "mx-limit", "mech-over-limit", "include-over-limit", "void-over-limit",
}  # fmt: skip


def published(case: Case) -> str | None:
    """The (first) record at the case's domain; None where there is none, or no answer."""
    try:
        found = spf.select(tuple(Zone(case.zone)(case.domain.rstrip(".") + ".", "TXT")))
    except spf.LookupFailed:
        return None
    return found[0] if found else None


RECORDS = [(case.id, text, case.results) for case in CASES if (text := published(case)) is not None]


def test_the_suite_is_there() -> None:
    if not SUITE.exists():
        pytest.skip(f"no RFC 7208 suite at {SUITE}")
    assert len(RECORDS) > 100


@pytest.mark.parametrize(("name", "text", "results"), RECORDS, ids=[each[0] for each in RECORDS])
def test_a_syntax_error_anywhere_is_an_error_and_a_good_record_is_none(
    name: str, text: str, results: tuple[str, ...]
) -> None:
    try:
        record = spf.parse(text)
    except spf.SpfError:
        assert "permerror" in results
        return
    assert results != ("permerror",) or name in NOT_SYNTAX
    assert str(spf.parse(str(record))) == str(record)


def test_an_exmail_beside_google_is_over_the_budget_and_either_alone_is_not() -> None:
    costs = {"spf.mail.qq.com": 8, "_spf.google.com": 3}
    both = spf.parse("v=spf1 include:spf.mail.qq.com include:_spf.google.com ~all")
    assert spf.lookup_cost(both, costs) == 11 > spf.MAX_LOOKUPS
    assert spf.lookup_cost(spf.parse("v=spf1 ip4:192.0.2.1 a mx:x.example exists:%{i}.x -all"), costs) == 3


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1\n",  # the version ends with a blank or the record
        "v=\u017fpf1 -all",  # a long s is no s
        "v=spf1 ip4:192.0.2.0/2\u0664",  # digits are ASCII
        "v=spf1 ip6:fe80::1%eth0",  # a zone index is no part of an address
        "v=spf1 ip4:192.0.2.01",
        "v=spf1 a:example.com/024",
        "v=spf1 exists:%{d0}.example",
    ],
)
def test_what_only_looks_like_spf_is_an_error(text: str) -> None:
    with pytest.raises(spf.SpfError):
        spf.parse(text)
