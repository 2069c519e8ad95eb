"""Exchangers as a living domain has them, judged by themselves."""

from __future__ import annotations

import pytest

from mailwright.model.families import Family
from mailwright.plan.judging import verdict


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        (["10 mail.acme.example.", "20 mx2.acme.example."], []),
        (["0 ."], []),
        (["10 ."], ["null-mx-preference"]),
        (["0 .", "10 mail.acme.example."], ["null-mx-not-alone"]),
        (["10 203.0.113.7."], ["mx-is-address"]),
        (["10 [203.0.113.7]."], ["mx-is-address"]),
        (["10 2001:db8::7."], ["mx-is-address"]),
    ],
)
def test_exchangers(values: list[str], rules: list[str]) -> None:
    assert [finding.rule for finding in verdict("acme.example.", "MX", Family.MX, values)] == rules
