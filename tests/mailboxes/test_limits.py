"""What a mail host allows at most is said before its console refuses it."""

from __future__ import annotations

from tests.plan.specs import one, planned, rules

EXMAIL = "mail_host: {service: tencent-exmail}\npeople: {wang: {}, li: {}}\n"


def aliases(count: int, to: str) -> str:
    return "addresses: {" + ", ".join(f"role{n}: {{to: {to}}}" for n in range(count)) + "}\n"


def test_postmaster_and_abuse_count_as_what_they_are() -> None:
    told = one(planned(EXMAIL + aliases(4, "wang")), "too-many-aliases")
    assert told.params["count"] == 6 and "5" in told.message()
    assert "too-many-aliases" not in rules(planned(EXMAIL + aliases(3, "wang")))


def test_groups_are_no_aliases_and_other_hosts_have_no_known_limit() -> None:
    assert "too-many-aliases" not in rules(planned(EXMAIL + aliases(9, "[wang, li]")))
    other = EXMAIL.replace("tencent-exmail", "fastmail")
    assert "too-many-aliases" not in rules(planned(other + aliases(9, "wang")))
