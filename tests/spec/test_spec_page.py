"""``docs/spec.md`` is what the schema says; every key has an example, and ``check`` takes each of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mailwright.cli.check import check
from mailwright.report.docs.spec_examples import Example, examples, together
from mailwright.report.docs.spec_keys import both, keys
from mailwright.report.docs.spec_page import NAMES, example_of, page
from mailwright.spec.shape import schema
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "spec-examples"
EXAMPLES = examples(FOLDER)
KEYS = list(keys(schema()))


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


@pytest.mark.parametrize(("name", "lang"), NAMES)
def test_the_page_is_what_the_schema_and_the_planner_say(name: str, lang: Any) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page(FOLDER, lang), (
        "write it anew: python -m mailwright.report.docs.spec_page"
    )


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_a_key_has_a_meaning_in_both_languages_and_an_example(key: Any) -> None:
    assert key.meaning.en and (_is_chinese(key.meaning.zh) or key.meaning.zh == key.meaning.en), key.path
    assert not _is_chinese(key.meaning.en), key.path
    assert key.default is None or not key.required, f"{key.path} is required and has a default"
    assert example_of(key, EXAMPLES)
    if key.inner:
        assert any(example.block == key.inner for example in EXAMPLES), f"no example of the block {key.inner}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.block or "whole")
def test_check_takes_the_example(example: Example, tmp_path: Path) -> None:
    for folder in ("keys", "certs"):
        shutil.copytree(FOLDER / folder, tmp_path / folder)
    file = tmp_path / "spec.yaml"
    file.write_text(example.after, encoding="utf-8")
    words = [str(file), "--as-of", example.as_of.isoformat(), "--lang", "en"]
    outcome = CliRunner().invoke(check, words, standalone_mode=False)
    assert outcome.return_value == 0, outcome.output


def test_every_example_belongs_to_a_block_and_shows_only_known_keys() -> None:
    blocks = {key.block for key in KEYS}
    assert {example.block for example in EXAMPLES} <= blocks
    assert len(KEYS) == len({key.path for key in KEYS})


def test_what_an_example_changes_is_planned() -> None:
    example = next(each for each in EXAMPLES if each.block == "spf")
    records = "\n".join(example.change().records("en"))
    assert "- @ 3600 TXT v=spf1 include:spf.mail.qq.com ~all" in records
    assert "ip4:203.0.113.10" in records and "-all" in records
    assert "_dmarc" not in records


def test_an_example_that_check_refuses_stops_the_page() -> None:
    whole = next(each for each in EXAMPLES if not each.block)
    broken = together(whole.after, "dmarc: {stage: nowhere}\n")
    example = Example("dmarc", "", whole.after, broken, whole.as_of, whole.file)
    with pytest.raises(ValueError, match=r"dmarc: .*nowhere"):
        example.change()


@pytest.mark.parametrize("written", ["", "English only", " / 中文", "English / "])
def test_a_meaning_in_one_language_is_named(written: str) -> None:
    with pytest.raises(ValueError, match="rules\\[\\]"):
        both(written, "rules[]")
