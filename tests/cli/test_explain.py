"""``check --explain RULE``."""

from __future__ import annotations

from tests.cli.test_commands import mailwright


def test_a_rule_is_explained_with_its_section_in_both_languages() -> None:
    english = mailwright("check", "--explain", "spf-lookups-over-limit", "--lang", "en")
    assert english.returncode == 0 and "RFC 7208 §4.6.4" in english.stdout and "error" in english.stdout
    chinese = mailwright("check", "--explain", "spf-lookups-over-limit", "--lang", "zh")
    assert "错误" in chinese.stdout and "→" in chinese.stdout


def test_a_misspelt_rule_names_the_nearest_and_no_spec_is_wrong_usage() -> None:
    done = mailwright("check", "--explain", "spf-lookup-over-limits")
    assert done.returncode == 64 and "spf-lookups-over-limit" in done.stderr
    assert mailwright("check").returncode == 64
