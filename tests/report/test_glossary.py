"""The glossary binds every text: messages, help, documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.model.text import Text
from mailwright.report.docs.glossary_page import page
from tests.conftest import ROOT
from tests.report.wording import GLOSSARY, Wording, faults, forbidden, messages, pages

RULES = list(forbidden())


def test_messages_and_help_use_the_glossarys_words() -> None:
    wrong = sorted({fault for wording in messages() for fault in faults(wording, RULES)})
    assert not wrong, "docs/glossary.md says what to write:\n" + "\n".join(wrong)


def test_the_documentation_uses_the_glossarys_words() -> None:
    wrong = [fault for wording in pages() for fault in faults(wording, RULES)]
    assert not wrong, "docs/glossary.md says what to write:\n" + "\n".join(wrong)


def test_the_page_is_what_the_data_say() -> None:
    assert (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8") == page(GLOSSARY), (
        "write it anew: python -m mailwright.report.docs.glossary_page"
    )


def test_a_word_names_one_thing() -> None:
    terms = [term for part in GLOSSARY["terms"].values() for term in part]
    for lang in ("en", "zh"):
        words = [term[lang] for term in terms]
        assert len(words) == len(set(words))
    for term in terms:
        assert not faults(Wording("glossary", "en", term["en"]), RULES), term
        assert not faults(Wording("glossary", "zh", term["zh"]), RULES), term


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_example_of_style_is_caught_and_its_correction_is_not(lang: str) -> None:
    for phrase in GLOSSARY["style"][lang]:
        assert faults(Wording("", lang, phrase["avoid"]), RULES), phrase["avoid"]
        if "（" not in phrase["instead"]:
            assert not faults(Wording("", lang, phrase["instead"]), RULES), phrase["instead"]


def test_a_text_anywhere_in_the_code_is_seen(tmp_path: Path) -> None:
    """Were the walk over the code blind, the first test could not fail."""
    places = {wording.place.partition(":")[0] for wording in messages()}
    sheet = "mailwright/report/formats/sheet.py"
    assert {"mailwright/verify/dns.py", sheet, "mailwright/cli/who.py"} <= places
    assert {"mailwright/catalog/services/zoho-mail.yaml", "mailwright drift --help"} <= places


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("腾讯企业邮", "来信由腾讯企业邮接收。"),
        ("Fastmail", "来信由 Fastmail 接收。"),
        ("Own server（自建）", "来信由 Own server（自建）接收。"),
    ],
)
def test_no_blank_parts_chinese_words(name: str, sentence: str) -> None:
    text = Text("mail comes in at {service}", "来信由 {service} 接收。", {"service": name})
    assert text("zh") == sentence


def test_a_text_keeps_its_own_blanks_and_unknown_parameters() -> None:
    text = Text("", "文件夹 {folder} 与 {other!r} 的 {missing} 值", {"folder": "询盘 2026", "other": "值"})
    assert text("zh") == "文件夹询盘 2026 与 '值' 的 {missing} 值"
