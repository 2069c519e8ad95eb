"""What a mail host allows at most is said before its console refuses it."""

from __future__ import annotations

from tests.plan.specs import one, planned, rules

EXMAIL = "mail_host: {service: tencent-exmail}\npeople: {wang: {}, li: {}}\n"


def aliases(count: int, to: str) -> str:
    return "addresses: {" + ", ".join(f"role{n}: {{to: {to}}}" for n in range(count)) + "}\n"


def test_postmaster_and_abuse_count_as_what_they_are() -> None:
    finding = one(planned(EXMAIL + aliases(4, "wang")), "too-many-aliases")
    assert finding.params["count"] == 6 and "5" in finding.message()
    assert "too-many-aliases" not in rules(planned(EXMAIL + aliases(3, "wang")))


def test_groups_are_no_aliases_and_other_hosts_have_no_known_limit() -> None:
    assert "too-many-aliases" not in rules(planned(EXMAIL + aliases(9, "[wang, li]")))
    other = EXMAIL.replace("tencent-exmail", "fastmail")
    assert "too-many-aliases" not in rules(planned(other + aliases(9, "wang")))


def test_an_address_is_as_wide_as_postfix_expands_it() -> None:
    """Postfix refuses 1,001 targets of one address with 451 for ever; groups of groups count as one."""

    def everybody(count: int) -> str:
        people = ", ".join(f"p{n}: {{}}" for n in range(count))
        half = [", ".join(f"p{n}" for n in range(count) if n % 2 == odd) for odd in (0, 1)]
        groups = f"one: {{to: [{half[0]}]}}, two: {{to: [{half[1]}, p0]}}, all: {{to: [one, two]}}"
        host = 'mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"]}\n'
        return f"{host}people: {{wang: {{}}, {people}}}\naddresses: {{{groups}}}\n"

    finding = one(planned(everybody(1001)), "address-too-wide")
    assert finding.params["address"] == "all@acme-trade.com" and finding.params["count"] == 1001
    assert "address-too-wide" not in rules(planned(everybody(1000)))
