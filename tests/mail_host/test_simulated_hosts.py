"""Checklists carried out at simulated hosts: no vendor's page says otherwise than `trace`.

``MAILWRIGHT_SIMULATED_COMPANIES`` is how many (30), ``MAILWRIGHT_SIMULATED_SEED`` the first seed (0). What
rests on dealers' pages alone is no contradiction: ``first-run.txt`` lists it as *unsupported*.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailwright.model.hosted import HostObject
from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.plan import plan
from mailwright.spec import parse
from tests.mail_host import simulators
from tests.mail_host.comparing import differences
from tests.mail_host.executing import NAMES
from tests.mailboxes.hosts import head
from tests.mailboxes.test_hosted_companies import DAYS, company

COUNT = int(os.environ.get("MAILWRIGHT_SIMULATED_COMPANIES", "30"))
FIRST = int(os.environ.get("MAILWRIGHT_SIMULATED_SEED", "0"))

SUBJECTS = ("quote", "pump hello", "")


def test_the_simulators_know_nothing_of_what_they_judge() -> None:
    """They are drawn from the vendors' pages alone: a shared mistake would be seen by nobody."""
    folder = Path(simulators.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith("mailwright")], path.name


def companies(host: str, count: int = COUNT) -> Iterator[tuple[int, Mailboxes]]:
    """Generated companies at a host, on all of their days."""
    for seed in range(FIRST, FIRST + count):
        result = parse((head(host) + company(seed)).encode(), "acme.yaml")
        if result.spec is not None:
            for day in DAYS:
                mailboxes = plan(result.spec, day).mailboxes
                assert mailboxes is not None
                yield seed, mailboxes


@pytest.mark.parametrize("host", NAMES)
def test_no_page_of_the_vendor_says_otherwise(host: str) -> None:
    seen = [
        difference
        for seed, mailboxes in companies(host)
        for difference in differences(host, mailboxes, seed, SUBJECTS)
    ]
    against = [difference for difference in seen if difference.kind == "contradicted"]
    assert not against, "\n".join(
        f"{difference.what} {difference.facts}: {difference.example}" for difference in against[:5]
    )
    impossible = [difference for difference in seen if difference.kind == "impossible"]
    assert not impossible, impossible[:5]


def _misrouted(host_object: HostObject) -> HostObject:
    return (
        replace(host_object, to=tuple(reversed(host_object.to))[:1])
        if len(host_object.to) > 1
        else host_object
    )


def _silent(host_object: HostObject) -> HostObject:
    return replace(host_object, cases=())


def _closed(host_object: HostObject) -> HostObject:
    return replace(host_object, kind="closed", keeps=False)


@pytest.mark.parametrize(
    ("host", "kind", "mutant"),
    [
        (host, kind, mutant)
        for host in ("google-workspace", "microsoft-365")
        for kind, mutant in (
            ("group", _misrouted),
            ("group", _closed),
            ("user", _closed),
            ("alias", _closed),
            ("routing", _closed) if host == "google-workspace" else ("user", _silent),
        )
    ],
)
def test_a_trace_that_said_otherwise_would_be_caught(host: str, kind: str, mutant: object) -> None:
    """The checklist is carried out as it is; `trace` goes through changed objects."""
    assert callable(mutant)
    for seed, mailboxes in companies(host):
        assert mailboxes.hosted is not None
        changed = [mutant(one) if one.kind == kind else one for one in mailboxes.hosted.objects]
        if changed == list(mailboxes.hosted.objects):
            continue
        wrong = replace(mailboxes, hosted=replace(mailboxes.hosted, objects=tuple(changed)))
        seen = differences(host, mailboxes, seed, SUBJECTS, judged=wrong)
        if any(difference.kind == "contradicted" for difference in seen):
            return
    pytest.fail("nobody saw it")
