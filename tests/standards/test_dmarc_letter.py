"""DMARC by the letter of RFC 9989 and 9990: what is asked, what one failure hides, and odd spellings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.standards import dmarc
from mailwright.standards.dmarc import LookupFailed
from tests.standards.test_dmarc import World, ids

ACME = {"_dmarc.acme.example": ("v=DMARC1; p=reject",), "_dmarc.mail.acme.example": ("v=DMARC1; p=reject",)}
STRICT = {"_dmarc.acme.example": ("v=DMARC1; p=reject; adkim=s; aspf=s",)}


class Asked(World):
    """The zone, and nothing beside these names may be asked."""

    def __call__(self, name: str, type: str) -> tuple[str, ...] | None:
        assert name.rstrip(".") in self.zone, f"asked for {name}"
        return super().__call__(name, type)


@pytest.mark.parametrize(
    ("zone", "given", "result"),
    [
        (ACME, {"dkim": ["acme.example"]}, "pass"),
        (ACME, {"spf": ("pass", "acme.example")}, "pass"),
        (ACME, {"spf": ("fail", "acme.example")}, "fail"),
        (ACME, {"spf": ("temperror", "acme.example")}, "temperror"),
        (ACME, {"spf": ("temperror", "acme.example"), "dkim": ["ACME.example."]}, "pass"),
        (STRICT, {"dkim": ["mail.acme.example"]}, "fail"),
        (STRICT, {"spf": ("temperror", "mail.acme.example"), "dkim": ["x.acme.example"]}, "fail"),
    ],
)
def test_an_identical_domain_asks_for_the_policy_alone(zone: dict, given: dict, result: str) -> None:
    assert dmarc.evaluate("acme.example", lookup=Asked(zone), **given).result == result


def test_one_identifier_that_cannot_be_judged_does_not_hide_anothers_pass() -> None:
    broken = World(ACME, frozenset({"_dmarc.example", "_dmarc.other.net", "_dmarc.net"}))
    for spf, dkim, result in (
        (("pass", "other.net"), ["acme.example"], "pass"),
        (("pass", "acme.example"), ["other.net"], "pass"),
        (("temperror", "other.net"), ["acme.example"], "pass"),
        (None, ["other.net", "acme.example"], "pass"),
        (("pass", "other.net"), [], "temperror"),
        (("pass", "mail.acme.example"), [], "temperror"),  # a relaxed subdomain needs the walk
        (("fail", "other.net"), [], "fail"),
    ):
        evaluation = dmarc.evaluate("acme.example", spf=spf, dkim=dkim, lookup=broken)
        assert evaluation.result == result, (spf, dkim)


def test_a_temperror_of_spf_counts_only_where_it_could_have_helped() -> None:
    world = World({**ACME, "_dmarc.other.net": ("v=DMARC1; p=none",)})
    assert (
        dmarc.evaluate("acme.example", spf=("temperror", "mail.acme.example"), lookup=world).result
        == "temperror"
    )
    assert dmarc.evaluate("acme.example", spf=("temperror", "other.net"), lookup=world).result == "fail"
    evaluation = dmarc.evaluate(
        "acme.example", spf=("temperror", "acme.example"), dkim=["mail.acme.example"], lookup=world
    )
    assert evaluation.result == "pass"


def test_policy_discovery_still_walks() -> None:
    broken = World(ACME, frozenset({"_dmarc.acme.example"}))
    assert (
        dmarc.evaluate("news.acme.example", dkim=["news.acme.example"], lookup=broken).result == "temperror"
    )


def test_u_labels_are_converted_inside() -> None:
    world = World({"_dmarc.xn--fsqu00a.com": ("v=DMARC1; p=reject",), "_dmarc.mail.xn--fsqu00a.com": ()})
    for author in ("例子.com", "例子。com", "xn--fsqu00a.com"):
        for domain in ("例子.com", "mail.例子.com", "XN--FSQU00A.com"):
            assert dmarc.evaluate(author, dkim=[domain], lookup=world).result == "pass", (author, domain)
    assert dmarc.evaluate("\u200b\u200b.com", lookup=World({})).result == "none"


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (("v=DMARC1", "v=DMARC1; rua=nonsense"), True),
        (("v=DMARC1; p=reject", "v=DMARC10"), True),
        (("v=DMARC1; rua=mailto:x@other.net", "v=DMARC1"), True),
        ((" v=DMARC1",), False),
        (("v=spf1 -all", "v=DMARC10"), False),
        ((), False),
    ],
)
def test_one_valid_record_authorises_reports(values: tuple[str, ...], wanted: bool) -> None:
    world = World({"example.com._report._dmarc.other.net": values})
    record = dmarc.parse("v=DMARC1; p=none; rua=mailto:a@other.net")
    (destination,) = dmarc.answered(dmarc.destinations("example.com", record), world)
    assert destination.authorised is wanted


def test_a_word_that_was_heard_counts_though_the_walk_fails() -> None:
    zone = {"example.com._report._dmarc.other.net": ("v=DMARC1",)}
    record = dmarc.parse("v=DMARC1; p=none; rua=mailto:a@other.net,mailto:b@mute.net")
    destinations = dmarc.answered(
        dmarc.destinations("example.com", record), World(zone, frozenset({"_dmarc.net"}))
    )
    assert [destination.authorised for destination in destinations] == [True, None]


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("v=DMARC1; rua=https://acme.example/dmarc", "none"),
        ("v=DMARC1; rua=mailto:a@acme.example", "none"),
        ("v=DMARC1; p=rejcet; rua=urn:x:y", "none"),
        ("v=DMARC1; rua=acme.example", None),
        ("v=DMARC1; rua=mailto:nobody", None),
        ("v=DMARC1; rua=mailto:用户@acme.example", None),
        ("v=DMARC1; rua=", None),
        ("v=DMARC1", None),
    ],
)
def test_any_valid_uri_makes_a_record_without_p_watch(text: str, policy: str | None) -> None:
    assert dmarc.parse(text).policy == policy


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("v=DMARC1; rua=https://acme.example/d", {"dmarc-policy-missing", "dmarc-report-scheme"}),
        ("v=DMARC1; p=none; rua=https://a.example/,mailto:a@b.example", {"dmarc-report-scheme"}),
        ("v=DMARC1;; p=reject", {"dmarc-part-ignored"}),
        ("v=DMARC1; p=reject; ;", {"dmarc-part-ignored"}),
        ("v=DMARC1; p=reject; ", set()),
        ("v=DMARC1; p=reject;\r\n rua=mailto:a@b.example", {"dmarc-line-end"}),
        ("v=DMARC1; p=reject\n", {"dmarc-line-end"}),
        ("v=DMARC1; P=reject", {"dmarc-tag-capital"}),
        ("V=DMARC1; p=reject", {"dmarc-tag-capital"}),
        ("v=DMARC1; p=reject; rua=mailto:用户@b.example", {"dmarc-report-uri-invalid"}),
        ("v=DMARC1; p=reject; rua=mailto:a@例子.com", {"dmarc-report-uri-invalid"}),
        ("v=DMARC1; p=reject; rua=\u3000mailto:a@b.example", {"dmarc-report-uri-invalid"}),
        ("v=DMARC1; p=reject; fo=1", {"dmarc-fo-without-ruf"}),
        ("v=DMARC1; p=reject; fo=1; ruf=mailto:a@b.example", set()),
    ],
)
def test_odd_spellings_are_told(text: str, rules: set[str]) -> None:
    assert ids(text) == rules


_NAMES = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(".".join)
_RECORDS = st.sampled_from(
    (
        "v=DMARC1; p=reject",
        "v=DMARC1; p=none; adkim=s",
        "v=DMARC1; p=reject; psd=y",
        "v=DMARC1; p=reject; psd=n",
    )
)


@given(
    st.dictionaries(_NAMES.map("_dmarc.{}".format), st.tuples(_RECORDS), max_size=5),
    st.frozensets(_NAMES.map("_dmarc.{}".format), max_size=2),
    _NAMES,
    st.none() | st.tuples(st.sampled_from(("pass", "fail", "temperror")), _NAMES),
    st.lists(_NAMES, max_size=2),
)
@settings(max_examples=3000, deadline=None)
def test_a_failing_name_never_turns_a_verdict_into_another(
    zone: dict[str, tuple[str, ...]],
    failing: frozenset[str],
    author: str,
    spf: tuple[str, str] | None,
    dkim: list[str],
) -> None:
    """With some names failing the verdict is what it is without, or nobody can tell."""
    whole = dmarc.evaluate(author, spf=spf, dkim=dkim, lookup=World(zone))
    part = dmarc.evaluate(author, spf=spf, dkim=dkim, lookup=World(zone, failing))
    assert part.result in (whole.result, "temperror")
    if part.result != "temperror":
        assert part.disposition == whole.disposition


def test_look_up_failures_are_told_apart_from_absence() -> None:
    def late(_name: str, _type: str) -> tuple[str, ...]:
        raise LookupFailed("x")

    assert dmarc.evaluate("acme.example", dkim=["acme.example"], lookup=late).result == "temperror"


@pytest.mark.parametrize(
    ("address", "theirs"),
    [
        ("mailauth-reports@qq.com", True),
        ("noreply-dmarc-support@google.com", True),
        ("dmarcreport@microsoft.com", True),
        ("wang1987@qq.com", False),
        ("acme.trade@gmail.com", False),
        ("dmarc@acme-trade.com", False),
    ],
)
def test_reports_to_a_vendors_own_mailbox_are_nobody_elses_to_see(address: str, theirs: bool) -> None:
    findings = dmarc.lint(f"v=DMARC1; p=none; rua=mailto:{address}", "acme.example")
    assert ("dmarc-report-to-vendor" in {finding.rule for finding in findings}) is theirs
