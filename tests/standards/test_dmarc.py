"""DMARC as RFC 9989 has it: the record, what is wrong with it, and what a receiver makes of a mail."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.model.rules import RULES
from mailwright.standards import dmarc, spf

Zone = Mapping[str, tuple[str, ...]]


class World:
    """TXT records by name, and how often each was asked; other names exist only above a known one."""

    def __init__(self, zone: Zone, failing: frozenset[str] = frozenset()) -> None:
        self.zone, self.failing, self.asked = zone, failing, list[str]()

    def __call__(self, name: str, type: str) -> tuple[str, ...] | None:
        assert type == "TXT" and name.endswith(".")
        self.asked.append(name)
        name = name.rstrip(".")
        if name in self.failing:
            raise dmarc.LookupFailed(f"SERVFAIL for {name}")
        if name in self.zone:
            return self.zone[name]
        return () if any(each.endswith("." + name) for each in self.zone) else None


def ids(text: str) -> set[str]:
    return {finding.rule for finding in dmarc.lint(text)}


# --- the record


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("v=DMARC1; p=reject", "reject"),
        ("v=DMARC1;p=REJECT;", "reject"),
        ("v=DMARC1; rua=mailto:a@b.example; p=quarantine", "quarantine"),
        ("v=DMARC1; p=rejct; rua=mailto:a@b.example", "none"),
        ("v=DMARC1; p=reject; sp=nope; rua=mailto:a@b.example", "none"),
        ("v=DMARC1; p=reject; np=", None),
        ("v=DMARC1; rua=mailto:a@b.example", "none"),
        ("v=DMARC1; adkim=s", None),
        ("v=DMARC1; p=none\\; rua=a@b.example", None),
        ("v=DMARC1; p=reject; this is garbage; x=y", "reject"),
    ],
)
def test_what_receivers_apply(text: str, policy: str | None) -> None:
    assert dmarc.parse(text).policy == policy


@pytest.mark.parametrize(
    "text", ["", "v=dmarc1; p=none", "p=none; v=DMARC1", "v=DMARC10; p=none", "v=DMARC1 p=none"]
)
def test_the_version_comes_first_and_is_exact(text: str) -> None:
    with pytest.raises(dmarc.DmarcError) as caught:
        dmarc.parse(text)
    assert caught.value.reason("zh") != caught.value.reason("en") == str(caught.value)


def test_garbage_does_not_hide_a_policy_from_whoever_compares_strength() -> None:
    assert dmarc.policy_strength(["v=DMARC1; p=reject; oops"]) == (2, 2, 2)
    assert dmarc.policy_strength(["v=DMARC1; p=reject; sp=none; np=reject; t=y"]) == (1, 0, 1)
    assert dmarc.policy_strength(["v=DMARC1; p=reject", "v=DMARC1; p=none"]) == (-1, -1, -1)
    assert dmarc.policy_strength(["v=spf1 -all", "v=DMARC1; p=none"]) == (0, 0, 0)


def test_report_addresses_come_back_as_mailboxes() -> None:
    record = dmarc.build("none", rua=["a,b!c@x.example"])
    assert str(record) == "v=DMARC1; p=none; rua=mailto:a%2Cb%21c@x.example"
    assert dmarc.parse(str(record)).rua == ("a,b!c@x.example",)
    old = dmarc.parse("v=DMARC1; p=none; rua=mailto:a@x.example!10m, https://x.example/, b@x.example")
    assert old.rua == ("a@x.example",)


@pytest.mark.parametrize(
    "arguments",
    [
        {"policy": "rejct"},
        {"policy": "none", "adkim": "strict"},
        {"policy": "none", "fo": "0:1"},
        {"policy": "none", "rua": ["nobody"]},
        {"policy": "none", "rua": ["a;b@x"]},
    ],
)
def test_nothing_wrong_is_built(arguments: dict[str, object]) -> None:
    with pytest.raises(dmarc.DmarcError):
        dmarc.build(**arguments)  # type: ignore[arg-type]


POLICY = st.sampled_from(dmarc.POLICIES)
LOCAL = st.text("abcXYZ09.!,;%?+-_=/", min_size=1, max_size=12)
MAILBOX = st.builds("{}@{}.example".format, LOCAL, st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True))


@given(
    policy=POLICY,
    subdomains=st.none() | POLICY,
    nonexistent=st.none() | POLICY,
    rua=st.lists(MAILBOX, max_size=3),
    ruf=st.lists(MAILBOX, max_size=2),
    adkim=st.sampled_from([None, "r", "s"]),
    aspf=st.sampled_from([None, "r", "s"]),
    testing=st.booleans(),
    psd=st.sampled_from([None, "y", "n", "u"]),
    fo=st.sampled_from([None, "0", "1", "1:d:s", "d"]),
)
def test_what_is_built_is_what_is_read(
    policy: dmarc.Policy, rua: list[str], ruf: list[str], **rest: object
) -> None:
    record = dmarc.build(policy, rua=rua, ruf=ruf, **rest)  # type: ignore[arg-type]
    read = dmarc.parse(str(record))
    assert read == record
    assert (read.policy, read.rua, read.ruf) == (policy, tuple(rua), tuple(ruf))
    assert (read.subdomain_policy, read.testing) == (rest["subdomains"] or policy, rest["testing"])


@given(st.text() | st.text('v=DMARC1;p rua:mailto@,!%\\"\n').map("v=DMARC1;{}".format))
def test_random_text_is_a_record_or_a_dmarc_error(text: str) -> None:
    for finding in dmarc.lint_set([text, text]):
        assert finding.message("en") and finding.message("zh") and finding.hint("zh")
    try:
        record = dmarc.parse(text)
    except dmarc.DmarcError:
        assert ids(text) == {"dmarc-record-invalid"}
        return
    assert dmarc.parse(str(record)).tags == record.tags


# --- what is wrong with it


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("v=DMARC1; p=none; rua=mailto:a@b.example", set()),
        (
            "v=DMARC1; p=reject; rua=mailto:a@b.example; np=reject; adkim=s; aspf=r; t=n; psd=n; fo=1:d; "
            "ruf=mailto:a@b.example",
            set(),
        ),
        ("v=DMARC1; p=rejct; rua=mailto:a@b.example", {"dmarc-policy-invalid"}),
        ("v=DMARC1; adkim=s", {"dmarc-policy-missing"}),
        ("v=DMARC1; p=none; rua=a@b.example", {"dmarc-report-uri-invalid"}),
        ("v=DMARC1; p=none", {"dmarc-no-reports"}),
        ("v=DMARC1; p=reject; pct=50; rf=afrf; ri=86400", {"dmarc-tag-removed"}),
        ("v=DMARC1; p=reject; rua=mailto:a@b.example!10m", {"dmarc-size-limit-removed"}),
        ("v=DMARC1; p=reject; fo=0:1", {"dmarc-value-invalid"}),
        ("v=DMARC1; p=reject; adkim=strict", {"dmarc-value-invalid"}),
        ("v=DMARC1; p=reject; policy=reject", {"dmarc-tag-unknown"}),
        ("v=DMARC1; p=reject; p=none; quarantine", {"dmarc-part-ignored"}),
        ("v=DMARC1; p=reject; t=y", {"dmarc-lowered-by-t"}),
        ("v=DMARC1; p=reject; np=none", {"dmarc-below-weaker"}),
        ("v=DMARC1; p=reject; sp=none", {"dmarc-below-weaker"}),
        ("v=DMARC1; p=reject; psd=y", {"dmarc-psd-on-company"}),
        ("v=DMARC1; adkim=s; p=reject", {"dmarc-policy-not-second"}),
        ("p=reject", {"dmarc-record-invalid"}),
    ],
)
def test_each_fault_has_its_rule(text: str, rules: set[str]) -> None:
    assert ids(text) == rules
    assert all(RULES[rule].reference for rule in rules)


def test_no_policy_and_no_reports_is_an_error_and_with_reports_a_warning() -> None:
    (nothing,) = dmarc.lint("v=DMARC1; aspf=s")
    (watching,) = dmarc.lint("v=DMARC1; rua=mailto:a@b.example")
    assert (str(nothing.severity), str(watching.severity)) == ("error", "warning")
    assert "no DMARC at all" in nothing.message("en") and "p=none" in watching.message("zh")


def test_several_records_are_said_once_and_other_texts_are_nobodys_business() -> None:
    values = ["v=DMARC1; p=reject", "google-site-verification=x", "v=DMARC1; p=reject"]
    assert [finding.rule for finding in dmarc.lint_set(values)] == ["dmarc-several-records"]
    assert dmarc.lint_set(values[:2]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "v=DMARC; p=reject",
        "v=dmarc1; p=none",
        " v=DMARC1; p=none",
        '"v=DMARC1; p=none"',
        "p=reject; v=DMARC1",
    ],
)
def test_what_only_looks_like_a_record_is_told(text: str) -> None:
    assert [finding.rule for finding in dmarc.lint_set([text])] == ["dmarc-record-invalid"]
    assert dmarc.lint_set(["MS=ms123", "google-site-verification=p"]) == ()


def test_a_wildcard_that_voids_np_is_found_and_a_harmless_one_is_not() -> None:
    names = [
        "acme.example.",
        "*.acme.example.",
        "*._domainkey.acme.example.",
        "*.shop.acme.example.",
        "*.other.example.",
    ]
    assert dmarc.voiding_wildcards("acme.example", names) == ("*.acme.example.", "*.shop.acme.example.")
    findings = dmarc.wildcard_findings("v=DMARC1; p=reject; sp=none; np=reject", "acme.example", names)
    assert [finding.params["below"] for finding in findings] == ["acme.example", "shop.acme.example"]
    assert not dmarc.wildcard_findings("v=DMARC1; p=reject", "acme.example", names), (
        "np is no stronger than sp"
    )
    world = World({"_dmarc.acme.example": ("v=DMARC1; p=reject; sp=none; np=reject",), "x.acme.example": ()})
    assert dmarc.evaluate("x.acme.example", lookup=world).disposition == "none", "the name exists: sp"
    assert dmarc.evaluate("y.acme.example", lookup=world).disposition == "reject", "it does not: np"


# --- what a receiver makes of a mail


def test_the_tree_walk_asks_at_most_eight_names() -> None:
    assert dmarc.walk_names("a.mail.example.com.") == (
        "a.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    )
    long = "a.b.c.d.e.f.g.h.i.j.example.com"
    names = dmarc.walk_names(long)
    assert len(names) == dmarc.MAX_QUERIES
    assert names[:2] == (long, "f.g.h.i.j.example.com") and names[-1] == "com"
    eight = "a.b.c.d.e.f.example.com"
    assert len(dmarc.walk_names(eight)) == 8 and dmarc.walk_names(eight)[1] == "b.c.d.e.f.example.com"


ORG = {
    "_dmarc.acme.example": ("v=DMARC1; p=reject; sp=quarantine",),
    "mail.acme.example": (),
    "news.acme.example": (),
}
MX_STRICT = {"_dmarc.acme.example": ("v=DMARC1; p=reject; aspf=s; adkim=s",), "mail.acme.example": ()}
REGISTRY = {
    "_dmarc.bank": ("v=DMARC1; p=reject; psd=y",),
    "_dmarc.one.bank": ("v=DMARC1; p=none; rua=mailto:a@one.bank",),
    "mail.one.bank": (),
    "two.bank": (),
    "www.two.bank": (),
}


@pytest.mark.parametrize(
    ("zone", "author", "spf", "dkim", "result", "disposition", "at", "tag"),
    [
        (ORG, "acme.example", ("pass", "bounce.acme.example"), (), "pass", "none", "acme.example", "p"),
        (
            ORG,
            "acme.example",
            ("fail", "acme.example"),
            ("mail.acme.example",),
            "pass",
            "none",
            "acme.example",
            "p",
        ),
        (
            ORG,
            "acme.example",
            ("pass", "mailer.example"),
            ("mailer.example",),
            "fail",
            "reject",
            "acme.example",
            "p",
        ),
        (ORG, "acme.example", ("softfail", "acme.example"), (), "fail", "reject", "acme.example", "p"),
        (ORG, "news.acme.example", None, (), "fail", "quarantine", "acme.example", "sp"),
        (
            MX_STRICT,
            "acme.example",
            ("pass", "mail.acme.example"),
            ("mail.acme.example",),
            "fail",
            "reject",
            "acme.example",
            "p",
        ),
        (MX_STRICT, "acme.example", None, ("ACME.example.",), "pass", "none", "acme.example", "p"),
        (REGISTRY, "one.bank", None, ("mail.one.bank",), "pass", "none", "one.bank", "p"),
        (REGISTRY, "one.bank", None, ("two.bank",), "fail", "none", "one.bank", "p"),
        (REGISTRY, "www.two.bank", None, ("two.bank",), "pass", "none", "bank", "sp"),
        (REGISTRY, "two.bank", None, ("one.bank",), "fail", "reject", "bank", "sp"),
        ({}, "acme.example", None, (), "none", "none", None, None),
        (
            {"_dmarc.acme.example": ("v=DMARC1; adkim=s",)},
            "acme.example",
            None,
            (),
            "none",
            "none",
            "acme.example",
            None,
        ),
        (
            {"_dmarc.acme.example": ("v=DMARC1; p=reject; t=y",)},
            "acme.example",
            None,
            (),
            "fail",
            "quarantine",
            "acme.example",
            "p",
        ),
    ],
)
def test_a_mail_is_judged(
    zone: Zone,
    author: str,
    spf: tuple[str, str] | None,
    dkim: tuple[str, ...],
    result: str,
    disposition: str,
    at: str | None,
    tag: str | None,
) -> None:
    evaluation = dmarc.evaluate(author, spf=spf, dkim=dkim, lookup=World(zone))
    assert (evaluation.result, evaluation.disposition, evaluation.policy_domain, evaluation.tag) == (
        result,
        disposition,
        at,
        tag,
    )
    assert evaluation.why("en") and evaluation.why("zh") and "{" not in evaluation.why("zh")

    async def lookup(name: str, type: str) -> tuple[str, ...] | None:
        return World(zone)(name, type)

    assert asyncio.run(dmarc.evaluate_async(author, spf=spf, dkim=dkim, lookup=lookup)) == evaluation


NAME = st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=12).map(".".join)
ANY_RECORD = st.builds(
    "v=DMARC1; p={}; sp={}; np={}; t={}; psd={}; adkim={}; aspf={}".format,
    *(st.sampled_from([*dmarc.POLICIES, "x"]) for _ in range(3)),
    st.sampled_from("ynx"),
    st.sampled_from("ynu"),
    st.sampled_from("rs"),
    st.sampled_from("rs"),
)


@given(
    st.dictionaries(NAME.map("_dmarc.{}".format), st.lists(ANY_RECORD, max_size=2).map(tuple), max_size=6),
    NAME,
    st.none() | st.tuples(st.sampled_from(["pass", "fail", "none"]), NAME),
    st.lists(NAME, max_size=2),
)
def test_whatever_the_world_says_there_is_one_verdict(
    zone: dict[str, tuple[str, ...]], author: str, spf: tuple[str, str] | None, dkim: list[str]
) -> None:
    world = World(zone)
    evaluation = dmarc.evaluate(author, spf=spf, dkim=dkim, lookup=world)
    walks = 1 + len(dkim) + (spf is not None)
    assert len(world.asked) <= walks * dmarc.MAX_QUERIES + 1
    assert len(world.asked) == len(set(world.asked))
    assert evaluation.disposition == "none" or evaluation.result == "fail"
    seen = [*evaluation.dkim, *([evaluation.spf] if evaluation.spf else [])]
    assert (evaluation.result == "pass") == any(alignment.passed and alignment.aligned for alignment in seen)
    if author in dkim and evaluation.result != "none":
        assert evaluation.result == "pass", "its own signature always speaks for a domain"


def test_one_look_up_serves_spf_and_dmarc() -> None:
    zone = {
        "acme.example": ("v=spf1 include:gone.example -all",),
        "_dmarc.acme.example": ("v=DMARC1; p=none; sp=none; np=reject",),
    }

    def lookup(name: str, type: str) -> tuple[str, ...]:
        found = World(zone)(name, "TXT") if type == "TXT" else ()
        return dmarc.NO_SUCH_NAME if found is None else found

    result = spf.check_host("192.0.2.1", "gone.acme.example", "a@gone.acme.example", lookup=lookup)
    assert result.result == "none"
    assert dmarc.evaluate("gone.acme.example", lookup=lookup).disposition == "reject"

    def late(name: str, type: str) -> tuple[str, ...]:
        raise TimeoutError

    assert dmarc.evaluate("acme.example", lookup=late).result == "temperror"


def test_two_records_at_one_name_are_discarded_and_the_walk_goes_on() -> None:
    zone = {
        "_dmarc.news.acme.example": ("v=DMARC1; p=none", "v=DMARC1; p=none"),
        "_dmarc.acme.example": ("v=DMARC1; p=reject",),
        "news.acme.example": (),
    }
    assert dmarc.evaluate("news.acme.example", lookup=World(zone)).disposition == "reject"


def test_psd_n_makes_an_organization_below_another() -> None:
    zone = {
        "_dmarc.acme.example": ("v=DMARC1; p=reject",),
        "_dmarc.lab.acme.example": ("v=DMARC1; p=reject; psd=n",),
    }
    assert dmarc.organizational_domain("x.lab.acme.example", World(zone)) == "lab.acme.example"
    assert dmarc.organizational_domain("x.acme.example", World(zone)) == "acme.example"
    evaluation = dmarc.evaluate("lab.acme.example", dkim=["acme.example"], lookup=World(zone))
    assert evaluation.result == "fail", "another organization now"


def test_sp_of_a_subdomains_own_record_means_nothing_to_itself() -> None:
    zone = {"_dmarc.news.acme.example": ("v=DMARC1; p=none; sp=reject; rua=mailto:a@acme.example",)}
    assert dmarc.evaluate("news.acme.example", lookup=World(zone)).disposition == "none"


def test_a_failing_look_up_is_no_verdict_and_each_name_is_asked_once() -> None:
    failing = World(ORG, frozenset({"_dmarc.example"}))
    evaluation = dmarc.evaluate("acme.example", lookup=failing)
    assert (evaluation.result, evaluation.disposition) == (
        "temperror",
        "none",
    ) and "SERVFAIL" in evaluation.why("en")
    world = World(ORG)
    dmarc.evaluate("acme.example", spf=("pass", "x.acme.example"), dkim=["y.acme.example"], lookup=world)
    assert len(world.asked) == len(set(world.asked))


def test_the_name_that_authorises_reports() -> None:
    assert (
        dmarc.report_authorisation_name("Acme.example.", "reports.example")
        == "acme.example._report._dmarc.reports.example."
    )


def test_which_report_addresses_need_a_word_from_elsewhere() -> None:
    zone = {
        "_dmarc.acme.example": ("v=DMARC1; p=reject",),
        "acme.example._report._dmarc.willing.example": ("v=DMARC1",),
        "acme.example._report._dmarc.twice.example": ("v=DMARC1", "v=DMARC1"),
        "_dmarc.ours.acme.example": ("v=DMARC1; p=none; rua=mailto:a@acme.example",),
    }
    boxes = [
        "a@acme.example",
        "b@ours.acme.example",
        "c@willing.example",
        "d@twice.example",
        "e@mute.example",
    ]
    record = dmarc.build("reject", rua=boxes, ruf=["f@broken.example"])
    world = World(zone, frozenset({"_dmarc.broken.example"}))
    destinations = dmarc.answered(dmarc.destinations("acme.example", record), world)
    assert [(destination.mailbox, destination.authorised) for destination in destinations] == [
        ("c@willing.example", True),
        ("d@twice.example", True),
        ("e@mute.example", False),
        ("f@broken.example", None),
    ]
    assert destinations[2].authorisation == "acme.example._report._dmarc.mute.example."
