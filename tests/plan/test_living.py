"""A plan held against the names it leans on, by a look-up function that tells what a test wants told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from mailwright.model.plan import Plan
from mailwright.plan.lint.living import Living, living, replaced
from mailwright.report.formats.budget import text
from mailwright.standards.dmarc import NO_SUCH_NAME
from mailwright.standards.spf import Lookup, LookupFailed
from tests.plan.specs import CONTACT, ED25519, RSA_1024, RSA_2048, planned

OWN = 'mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.10]}\n'


def world(names: Mapping[str, Sequence[str]], asked: list[str] | None = None) -> Lookup:
    """TXT by name, A by "name A"; what is not there does not exist, and "?" does not answer."""
    names = {"mail.acme-trade.com A": ("1.1.1.1",), **names}

    def lookup(name: str, type: str) -> Sequence[str]:
        if asked is not None:
            asked.append(name.rstrip("."))
        asked_for = name.rstrip(".") if type == "TXT" else f"{name.rstrip('.')} {type}"
        values = names.get(asked_for, NO_SUCH_NAME)
        if values == ("?",):
            raise LookupFailed(name)
        return values

    return lookup


def ids(live: Living) -> list[str]:
    return [finding.rule for finding in live.findings]


def of(more: str, names: Mapping[str, Sequence[str]], contact: str = CONTACT) -> tuple[Plan, Living]:
    plan = planned(OWN + more, contact=contact)
    return plan, living([plan], world(names))


def test_the_tree_is_counted_from_the_living_records() -> None:
    names = {f"s{n}.example.net": (f"v=spf1 include:s{n + 1}.example.net -all",) for n in range(11)}
    names["s11.example.net"] = ("v=spf1 ip4:192.0.2.1 -all",)
    plan, live = of("spf: {include: [s0.example.net]}\n", names)
    assert "spf-lookups-over-limit" not in {finding.rule for finding in plan.findings}
    assert "spf-lookups-over-limit" in ids(live) and live.trees[0].lookups == 13
    shown = text(live.trees[0]).splitlines()
    assert shown[0] == "SPF of acme-trade.com: 13 of 10 look-ups, 0 of 2 without result"
    assert shown[2] == "  12  include:s0.example.net" and shown[3] == "    11  include:s1.example.net"
    assert "查询 13/10 次" in text(live.trees[0], "zh")


@pytest.mark.parametrize(
    ("answer", "rule"), [((), "spf-target-broken"), (("?",), "spf-lookup-unanswered")], ids=["gone", "silent"]
)
def test_an_include_that_is_gone_is_an_error_and_a_silent_one_is_unknown(
    answer: tuple[str, ...], rule: str
) -> None:
    _, live = of("spf: {include: [spf.example.net]}\n", {"spf.example.net": answer})
    assert rule in ids(live)


def test_a_snapshot_that_the_world_contradicts_gives_way() -> None:
    """Offline the two includes cost too much; the vendor has tidied up since."""
    more = "spf: {include: [spf.mail.qq.com, spf.163.com]}\n"
    flat = ("v=spf1 ip4:192.0.2.0/28 -all",)
    plan, live = of(more, {"spf.mail.qq.com": flat, "spf.163.com": flat})
    assert "spf-lookups-over-limit" in {finding.rule for finding in plan.findings}
    assert "spf-lookups-over-limit" not in {finding.rule for finding in replaced(plan.findings, live)}


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ((f"v=DKIM1; k=rsa; p={RSA_2048}",), []),
        ((f"v=DKIM1; k=rsa; p={RSA_1024}",), ["dkim-rsa-under-2048"]),
        ((f"v=DKIM1; k=ed25519; p={ED25519}",), []),
        ((), ["dkim-target-without-key"]),
        (("?",), ["name-unanswered"]),
    ],
    ids=["good", "short", "ed25519", "none", "silent"],
)
def test_the_key_behind_an_alias_is_judged(values: tuple[str, ...], rules: list[str]) -> None:
    host = OWN.replace("}\n", ", dkim: [{name: s1, type: CNAME, value: s1.dkim.vendor.net}]}\n")
    plan = planned(host)
    live = living([plan], world({"s1.dkim.vendor.net": values}))
    assert ids(live) == rules


def test_another_domain_has_to_want_the_reports() -> None:
    contact, name = "contact: dmarc@reports.example\n", "acme-trade.com._report._dmarc.reports.example"
    plan, refused = of("", {}, contact)
    assert ids(refused) == ["external-report-unauthorised"]
    _, wanted = of("", {name: ("v=DMARC1",)}, contact)
    assert ids(wanted) == []
    assert not [finding for finding in replaced(plan.findings, wanted) if "report" in finding.rule]
    _, silent = of("", {name: ("?",)}, contact)
    assert ids(silent) == ["name-unanswered"]


def test_what_is_planned_here_need_not_be_published_yet() -> None:
    more = "senders: [{custom: shop, from: a@shop.acme-trade.com, ip4: [203.0.113.7]}]\n"
    plan = planned(OWN + more + "spf: {include: [shop.acme-trade.com]}\n")
    asked: list[str] = []
    live = living([plan], world({}, asked))
    assert "spf-target-broken" not in ids(live) and "shop.acme-trade.com" not in asked


@pytest.mark.parametrize(
    ("addresses", "rule"),
    [
        ((), "mx-without-address"),
        (("10.1.2.3",), "mx-address-not-public"),
        (("127.0.0.1",), "mx-address-not-public"),
        (("?",), "name-unanswered"),
    ],
)
def test_an_exchanger_has_an_address_that_the_world_can_reach(addresses: tuple[str, ...], rule: str) -> None:
    _, live = of("", {"mail.acme-trade.com A": addresses})
    assert ids(live) == [rule]
    assert ids(of("", {})[1]) == []


def test_a_silenced_warning_stays_silent_and_an_error_does_not() -> None:
    quiet_line = "silence: [{rule: name-unanswered, why: 内网}]\n"
    asked = []

    def fails(name: str, type: str) -> Sequence[str]:
        asked.append(name)
        raise LookupFailed(name)

    quiet = living([planned(OWN + quiet_line)], fails)
    loud = living([planned(OWN)], fails)
    assert asked and "name-unanswered" in ids(loud) and "name-unanswered" not in ids(quiet)
    error = "silence: [{rule: mx-without-address, why: 不管}]\n"
    assert "mx-without-address" in ids(living([planned(OWN + error)], lambda *_: ()))
