"""Specs that cost more than they say: each is one clear error, or no dearer than its length.

Work is compared as a ratio of CPU, of one length and four times of it; no time is asserted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from mailwright.cli import main
from tests.hostile.costs import costs
from tests.hostile.repository import SPEC

HEAD = SPEC + "people: {wang: {name: Wang}}\n"
PEOPLE = SPEC + "people:\n  wang: {name: Wang}\n"
MOST_MEMORY = 200 << 10  # kilobytes over an empty spec's, which takes under 50 MB
#: CPU wavers where others use the machine too: by so much, and by so many seconds of what is hardly anything;
#: the empty spec's, which is taken off the small one, by fewer.
WAVERS, NOISE, OFF = 1.5, 0.05, 0.02


def listed(text: str, count: int) -> str:
    return ", ".join(text.format(n=n) for n in range(count))


def lined(text: str, count: int) -> str:
    return "".join(text.format(n=n) for n in range(count))


#: Specs by how many of something they hold, and a count that makes about 60 to 200 KB.
CASES: dict[str, tuple[Callable[[int], str], int]] = {
    "word": (lambda n: SPEC + f"people: {{wang: {{name: {'x' * n}}}}}\n", 200_000),
    "name with dots": (lambda n: HEAD + f"parked: [{'a.' * n}com]\n", 100_000),
    "blanks": (lambda n: HEAD + " " * n + "x\n", 200_000),
    "comments": (lambda n: SPEC + f"people: {{wang: {{name: 'a{' #' * n}'}}}}\n", 100_000),
    "unknown targets": (lambda n: HEAD + f"addresses: {{info: {{to: [{listed('u{n}', n)}]}}}}\n", 2000),
    "rules of one address": (
        lambda n: (
            HEAD
            + "addresses: {info: {to: wang}}\nrules:\n"
            + lined("  - {{for: info, when: {{subject_contains: [w{n}]}}, then: {{assign_to: wang}}}}\n", n)
        ),
        1000,
    ),
    "keys twice": (lambda n: PEOPLE + "  li: {name: Li}\n" * n, 12_000),
    "unknown keys": (lambda n: HEAD + lined("colour{n}: blue\n", n), 8_000),
    "a row of leavers": (
        lambda n: (
            PEOPLE
            + lined("  p{n}: {{left: 2026-10-31, handover: {{to: q{n}, until: 2027-04-30}}}}\n", n)
            + lined("  q{n}: {{left: 2026-10-31, handover: {{to: wang, until: 2027-04-30}}}}\n", n)
        ),
        1000,
    ),
    "a circle of addresses": (
        lambda n: (
            HEAD + "addresses:\n" + "".join(f"  a{each}: {{to: a{(each + 1) % n}}}\n" for each in range(n))
        ),
        6000,
    ),
    "networks of a sender": (
        lambda n: HEAD + f"senders: [{{custom: form, ip4: [{listed('203.0.113.{n}', n)}], from: info}}]\n",
        240,
    ),
    "senders": (
        lambda n: (
            HEAD
            + "senders:\n"
            + lined("  - {{custom: f{n}, ip4: [203.0.113.9], from: a@n{n}.acme-trade.example}}\n", n)
        ),
        500,
    ),
    "a group": (
        lambda n: (
            PEOPLE
            + lined("  p{n}: {{name: n{n}}}\n", n)
            + f"addresses: {{all: {{to: [{listed('p{n}', n)}]}}}}\n"
        ),
        2000,
    ),
    "parked": (lambda n: HEAD + f"parked: [{listed('p{n}.net', n)}]\n", 4000),
    "control characters": (lambda n: HEAD + "# \x01\n" * n, 40_000),
    "unclosed": (lambda n: HEAD + "a: [\n" * n, 30_000),
}


@pytest.mark.parametrize("command", ["check", "plan"])
@pytest.mark.parametrize("case", CASES)
def test_work_grows_no_faster_than_n_log_n(tmp_path: Path, case: str, command: str) -> None:
    make, count = CASES[case]
    texts = {"nothing": HEAD, "one": make(count // 4), "four": make(count)}
    files = [tmp_path / f"{name}.yaml" for name in texts]
    for file, text in zip(files, texts.values(), strict=True):
        file.write_text(text)
    one, four = costs(command, *files)
    assert not one.status and not four.status, f"ended by signal: {one}, {four}"
    allowed = 4 * math.log(count) / math.log(count // 4)
    assert four.cpu <= allowed * (max(one.cpu, 0) + OFF) * WAVERS + NOISE, (one, four)
    assert four.memory < MOST_MEMORY


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("parked: " + "[" * 100_000 + "]" * 100_000, "nested-too-deep"),
        ("parked: " + "{a: " * 20_000 + "}" * 20_000, "nested-too-deep"),
        ("parked:\n" + "- " * 100_000 + "a", "nested-too-deep"),
        ("parked: " + "[" * 100_000, "nested-too-deep"),
        ("signing: [" + listed("{{selector: s{n}, public_key: AA}}", 5000) + "]", "list-too-long"),
        ("x: " + "y" * 300_000, "file-too-large"),
    ],
)
def test_what_is_over_a_bound_is_one_clear_error(
    tmp_path: Path, text: str, rule: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(HEAD + text + "\n")
    assert main(["check", str(path), "--lang", "en"]) == 1
    told = capfd.readouterr().out
    assert told.count(f"error[{rule}]") == 1 and len(told) < 4000, told[:2000]


def test_many_findings_are_shown_up_to_a_bound(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(HEAD + lined("colour{n}: blue\n", 3000))
    assert main(["check", str(path), "--lang", "en"]) == 1
    told = capfd.readouterr().out
    assert told.count("error[unknown-key]") == 500 and told.count("error[more-findings]") == 1


def test_large_specs_are_read_on_request(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(HEAD + "# a comment\n" * 40_000)
    assert main(["check", str(path), "--lang", "en"]) == 1
    assert "--large" in capfd.readouterr().out
    assert main(["check", str(path), "--large"]) == 0
    assert main(["check", str(path)]) == 1, "the flag is for its run alone"


def test_a_table_is_not_padded_to_the_widest_cell(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(CASES["a group"][0](900))
    assert main(["plan", str(path)]) == 0
    assert len(capfd.readouterr().out) < 20 * path.stat().st_size


def test_a_generator_of_millions_in_a_zone_file_costs_its_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    zone = tmp_path / "zone"
    zone.write_text("$TTL 600\n@ MX 10 mail\n$GENERATE 1-2000000 h$ A 192.0.2.1\n")
    words = ["import", "acme-trade.example", "--zone-file", str(zone), "--output", str(tmp_path / "o.yaml")]
    assert main([*words, "--lang", "en"]) == 0
    assert "line 3 is left out: $GENERATE cannot be read" in "".join(capfd.readouterr())


@pytest.mark.parametrize("text", ["mail_host: {{service: {word}}}", "silence: [{{rule: {word}, reason: x}}]"])
def test_a_word_without_end_is_cut_in_its_message(
    text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "acme.yaml"
    lines = [line for line in HEAD.splitlines() if not line.startswith(text.partition(":")[0])]
    path.write_text("\n".join([*lines, text.format(word="x" * 100_000)]) + "\n")
    assert main(["check", str(path), "--lang", "en"]) == 1
    output = capfd.readouterr().out
    assert "xxx…" in output and len(output) < 20_000, len(output)
