"""`preview --out` and `up --plan`: all of what was reviewed and nothing else, or nothing at all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_commands import company, mailwright
from tests.servers.base import FULL, DnsServer
from tests.servers.fixtures import started

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def embedded() -> DnsServer:
    return started("embedded")


@pytest.fixture
def zones(embedded: DnsServer) -> tuple[str, str]:
    return embedded.new_zone(), embedded.new_zone()


@pytest.fixture
def run(tmp_path: Path, embedded: DnsServer, zones: tuple[str, str]) -> Run:
    """One stack of two domains."""
    (tmp_path / "stacks").mkdir()
    for number, zone in enumerate(zones):
        company(tmp_path, zone, embedded.port).rename(tmp_path / "stacks" / f"{number}.yaml")

    def done(*words: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
        always = ("--engine", "embedded", "--as-of", "2026-11-23", "--lang", lang)
        secret = {"MAILWRIGHT_TSIG_SECRET": FULL.secret}
        return mailwright(words[0], "stacks", *always, *words[1:], cwd=tmp_path, **secret)

    assert done("preview", "--out", "plan.json").returncode == 2
    return done


def test_where_one_domain_is_another_than_reviewed_none_is_written(
    run: Run, embedded: DnsServer, zones: tuple[str, str]
) -> None:
    embedded.put(zones[1], '@ 300 TXT "somebody=else"')
    for lang, word in (("en", "Nothing was changed"), ("zh", "未做任何修改")):
        done = run("up", "--plan", "plan.json", lang=lang)
        assert done.returncode == 1 and word in done.stderr
        assert zones[1].rstrip(".") in done.stderr and zones[0].rstrip(".") not in done.stderr
    assert not embedded.texts(zones[0], "MX") and not embedded.texts(zones[1], "MX")
    assert run("preview", "--out", "plan.json").returncode == 2
    assert run("up", "--plan", "plan.json").returncode == 0
    assert embedded.texts(zones[0], "MX") and embedded.texts(zones[1], "MX")


@pytest.mark.parametrize(
    "change",
    [
        {"form": 2},
        {"version": "0.0.1"},
        {"changes": {}},
        {"changes": []},
        {"deletes": 5},
    ],
    ids=str,
)
def test_a_file_that_somebody_changed_is_refused(
    run: Run, tmp_path: Path, embedded: DnsServer, zones: tuple[str, str], change: dict[str, object]
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    done = run("up", "--plan", "plan.json")
    assert done.returncode == 1 and "Nothing was changed" in done.stderr
    assert "fault of Mailwright" not in done.stderr
    assert not embedded.texts(zones[0], "MX") and not embedded.texts(zones[1], "MX")


def test_a_review_that_is_not_there_is_no_success_even_where_nothing_is_to_do(run: Run) -> None:
    assert run("up").returncode == 0
    assert run("up", "--plan", "plan.json").returncode == 0, "all of it is done already"
    done = run("up", "--plan", "lost.json")
    assert done.returncode == 1 and "lost.json" in done.stderr


def test_a_place_where_no_review_can_be_kept_is_a_usage_error(run: Run) -> None:
    for place in ("nowhere/plan.json", "stacks"):
        done = run("preview", "--out", place)
        assert done.returncode == 64 and "--out" in done.stderr.rpartition("Error: ")[2]
