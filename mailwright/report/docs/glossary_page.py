"""``docs/glossary.md``: one word for one thing in both languages, rendered from ``docs/glossary.yaml``.

``python -m mailwright.report.docs.glossary_page`` writes the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from mailwright.report.formats.markdown import table

_HEAD = """\
# Glossary · 术语表

One word for one thing, in messages, help, documentation and the page of `report`. Names are those of the
consoles of Tencent Exmail, Alibaba Cloud DNS and DNSPod. `tests/report/test_glossary.py` holds them to it.
This page is generated from `docs/glossary.yaml`.

一物一词。消息、帮助、文档以及 `report` 生成的页面都以此为准；
名称与腾讯企业邮、阿里云云解析 DNS、DNSPod 控制台一致。
`tests/report/test_glossary.py` 按此检查所有文字。本页由 `docs/glossary.yaml` 生成。
"""
_TITLES = {"DNS": "DNS", "Mail": "Mail · 邮件", "Mailwright": "Mailwright"}
_STYLE = {"en": "English style · 英文文风", "zh": "Chinese style · 中文文风"}


def page(glossary: Mapping[str, Any]) -> str:
    """The page, both languages side by side; ``glossary`` is the content of ``docs/glossary.yaml``."""
    lines = [_HEAD]
    for part, terms in glossary["terms"].items():
        lines += [f"## {_TITLES[part]}", "", _terms(terms), ""]
    lines += ["## Services · 服务名称", "", _terms(glossary["services"]), ""]
    for lang, phrases in glossary["style"].items():
        lines += [f"## {_STYLE[lang]}", "", _phrases(phrases), ""]
    return "\n".join(lines).rstrip() + "\n"


def _terms(terms: Sequence[Mapping[str, Any]]) -> str:
    rows = [["English", "中文", "Meaning", "含义", "Not · 不用"]]
    for term in terms:
        means = term.get("means", {})
        avoided = [_plain(word) for words in term.get("not", {}).values() for word in words]
        rows.append([term["en"], term["zh"], means.get("en", ""), means.get("zh", ""), ", ".join(avoided)])
    return table(rows)


def _plain(word: str) -> str:
    """A pattern as the word that it forbids."""
    return word.replace("\\b", "").partition("(?!")[0].partition(")")[2] or word.partition("(?!")[0]


def _phrases(phrases: Sequence[Mapping[str, str]]) -> str:
    return table(
        [["Not · 不写", "But · 而写"], *([phrase["avoid"], phrase["instead"]] for phrase in phrases)]
    )


def write(docs: Path) -> None:
    """Write the page below ``docs``."""
    glossary = yaml.safe_load((docs / "glossary.yaml").read_text(encoding="utf-8"))
    (docs / "glossary.md").write_text(page(glossary), encoding="utf-8")


if __name__ == "__main__":
    write(Path("docs"))
