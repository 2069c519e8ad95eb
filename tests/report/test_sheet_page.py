"""The sheet as a page: for whoever holds the DNS, printed or copied from; nothing in it can break out."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser

import pytest

from mailwright.model.text import LANGS, Lang
from mailwright.plan.plan import plans
from mailwright.report.formats import sheet
from mailwright.spec import parse

SPEC = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: tencent-exmail}
dns_hosts: [{service: manual, console: aliyun}]
contact: wang@acme-trade.com
verification: [{value: "<script>alert(1)</script>"}]
"""


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


@pytest.mark.parametrize("lang", LANGS)
def test_a_row_a_record_in_the_consoles_words_and_no_outside_request(lang: Lang) -> None:
    spec = parse(SPEC.encode(), "t.yaml").spec
    assert spec
    made = plans(spec, dt.date(2026, 11, 23))
    text = sheet.page([(each, "aliyun", "t.yaml") for each in made], lang)
    seen = _Tags()
    seen.feed(text)
    values = sum(len(each.values) for plan in made for each in plan.records)
    assert seen.tags.count("input") == values
    assert seen.links == []
    assert "script" not in seen.tags
    assert "Content-Security-Policy" in text and "default-src 'none'" in text
    assert "&lt;script&gt;" in text
    assert ("主机记录" in text) == (lang == "zh")
    assert "mxbiz1.qq.com" in text
