"""The sheet as a page: for whoever holds the DNS, printed or copied from; nothing in it can break out."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mailwright.model.suffixes import is_suffix
from mailwright.model.text import LANGS, Lang
from mailwright.plan.plan import plans
from mailwright.plan.transition.sheet import Action, Entry, Sheet
from mailwright.report.formats import by_hand_page, sheet
from mailwright.spec import parse
from tests.page.test_page import _run as chromium

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
    text = sheet.page([(plan, sheet.Place.of(plan, spec, "aliyun")) for plan in made], lang)
    seen = _Tags()
    seen.feed(text)
    values = sum(len(record.values) for plan in made for record in plan.records)
    assert seen.tags.count("input") == values
    assert seen.links == []
    assert seen.tags.count("script") == 1 and "script-src 'sha256-" in text, "ours, and no other"
    assert "Content-Security-Policy" in text and "default-src 'none'" in text
    assert seen.tags.count("button") == 2 * values
    assert "&lt;script&gt;" in text
    assert ("主机记录" in text) == (lang == "zh")
    assert "mxbiz1.qq.com" in text


def test_names_are_those_of_the_zone_that_holds_the_domain() -> None:
    """``@`` at the parent's console would be the parent's own exchangers."""
    for domain, host, apex in (
        ("acme-trade.com", "", "@"),
        ("hengda.com.cn", "", "@"),
        ("mail.hengda.com", "", "mail.hengda.com"),
        ("mail.hengda.com", ", zone: hengda.com", "mail"),
    ):
        text = SPEC.replace("acme-trade.com", domain).replace("console: aliyun", f"console: aliyun{host}")
        spec = parse(text.encode(), "t.yaml").spec
        assert spec
        (plan,) = plans(spec, dt.date(2026, 11, 23))
        place = sheet.Place.of(plan, spec, "aliyun")
        shown = sheet.text(plan, place, "en")
        assert f"Host: {apex}\n" in shown and ("names are written in full" in shown) == (place.zone == "")
        names = [line.split(",")[0] for line in sheet.to_csv([(plan, place)], "en").splitlines()]
        assert apex in names and ("@" in names) == (apex == "@")


def test_registries_are_no_zones_of_companies() -> None:
    assert all(map(is_suffix, ("com", "com.cn", "gd.cn", "co.uk", "or.jp", ".")))
    assert not any(map(is_suffix, ("acme-trade.com", "hengda.cn", "com.hengda.com", "bbc.co.uk")))


#: A page around the page presses every button and says what became of it, and what was copied last.
_PRESS = """<!DOCTYPE html><iframe id=f src="sheet.html"></iframe><pre id=out></pre><script>
f.onload = async () => {
  const d = f.contentDocument; let last = "";
  d.addEventListener("copy", () => { last = d.activeElement.value; });
  const clipboard = {value: {writeText: async t => { last = t; }}};
  Object.defineProperty(f.contentWindow.navigator, "clipboard", clipboard);
  const buttons = [...d.querySelectorAll("button[data-copy]")], told = [];
  for (const b of buttons) {
    b.click(); await 0; await 0; await 0;
    told.push([b.textContent, last === b.dataset.copy]);
  }
  out.textContent = "SEEN" + JSON.stringify(told) + "END"; }
</script>"""


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
def test_the_buttons_copy_in_a_real_browser_without_a_network(lang: Lang, tmp_path: Path) -> None:
    entries = (
        Entry(Action.ADD, "acme-trade.com.", "MX", "5 mxbiz1.qq.com.", 600),
        Entry(Action.CHANGE, "acme-trade.com.", "TXT", "v=spf1 \"<b>&' ~all", 600, "v=spf1 -all", "TXT"),
    )
    made = Sheet("acme-trade.com", "acme-trade.com", "aliyun", entries, pending=True)
    (tmp_path / "sheet.html").write_text(by_hand_page.page([made], lang), encoding="utf-8")
    (tmp_path / "frame.html").write_text(_PRESS)
    where = (tmp_path / "frame.html").as_uri()
    ended = chromium(tmp_path / "p", "--allow-file-access-from-files", "--dump-dom", where)
    assert "CONSOLE" not in ended.stderr, ended.stderr
    seen = re.search(r"SEEN(.*)END</pre>", ended.stdout, re.S)
    assert seen, ended.stdout[-500:]
    told = json.loads(html.unescape(seen[1]))
    assert len(told) == 12 and told == [[{"en": "Copied", "zh": "已复制"}[lang], True]] * 12
