"""One page, no request, everything escaped; opened in a real Chromium where there is one."""

from __future__ import annotations

import datetime as dt
import html
import itertools
import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.families import Family
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.text import LANGS, Lang, Text
from mailwright.operations.planning import planned
from mailwright.operations.reporting import report
from mailwright.report.page.answers import Answer, State
from mailwright.report.page.flow import Way
from mailwright.report.page.page import Page, page
from mailwright.report.style import STYLE
from tests.conftest import ROOT

DAY = dt.date(2026, 11, 23)
MARK = "<script>alert(1)</script><img src=https://evil.example/x onerror=a()>\"'&"


class _Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _hostile(text: str, lang: Lang) -> str:
    said = Text("{x}", "{x}", {"x": text})
    record = PlannedRecord("a.example.", "TXT", 60, (text,), Family.TOKEN, said)
    check = Check("record-missing", Status.FAIL, text, "TXT", (text,), (text,), text, said)
    made = Page(
        Plan("a.example", DAY, (record,)),
        text,
        (Answer(said, State.BAD, said),),
        senders=(Way(said, (said,)),),
        verdict=Verdict("a.example", (check,)),
    )
    return page([made], lang)


def _shape(text: str) -> list[tuple[str, tuple[str, ...]]]:
    parser = _Tags()
    parser.feed(text)
    return [(tag, tuple(sorted(attrs))) for tag, attrs in parser.seen]


@given(text=st.one_of(st.text(min_size=1), st.just(MARK), st.text("<>&\"'/=`\u202e\x00 ]-!a", min_size=1)))
@settings(max_examples=200, deadline=None)
def test_no_text_becomes_markup(text: str) -> None:
    plain = _hostile("plain", "en")
    assert plain.count("plain") >= 10, "what is not shown cannot become markup"
    assert _shape(_hostile(text, "en")) == _shape(plain)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    seen = planned([ROOT / "stacks" / "example.yaml"], DAY)
    return {lang: report(seen.plans, lang) for lang in LANGS}


@pytest.mark.parametrize("lang", LANGS)
def test_it_needs_nothing_from_outside(pages: dict[str, str], lang: str) -> None:
    parser = _Tags()
    parser.feed(pages[lang])
    ids = [attrs["id"] for _, attrs in parser.seen if "id" in attrs]
    assert len(ids) == len(set(ids))
    for tag, attrs in parser.seen:
        assert tag not in ("script", "iframe", "img", "object")
        for name in ("src", "href"):
            target = attrs.get(name) or ""
            assert target in ("", "data:,") or target.removeprefix("#") in ids
        for name in ("aria-labelledby",):
            assert name not in attrs or attrs[name] in ids
    assert not re.search(r"url\(|@import", pages[lang])


def test_chinese_is_chinese(pages: dict[str, str]) -> None:
    assert 'lang="zh-CN"' in pages["zh"]
    assert "别人能冒用我们的域名发信吗" in pages["zh"]
    assert "Five answers" not in pages["zh"]


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("MAILWRIGHT_REQUIRE_SERVERS") == "1":
            pytest.fail("chromium is not installed (Debian package chromium)")
        pytest.skip("chromium is not installed (Debian package chromium)")
    return found


def _run(profile: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [_chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    command += [f"--user-data-dir={profile}", "--hide-scrollbars", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


#: A page around the page: an iframe as wide as a phone measures what a window cannot be made as narrow as,
#: and says what assistive technology is told (computedRole, computedName) and where the focus goes.
_FRAME = """<!DOCTYPE html><iframe id=f width=360 height=800 src="mail.html"></iframe><pre id=out></pre>
<script>
f.onload = () => {
  const d = f.contentDocument, root = d.documentElement;
  const told = q => [...d.querySelectorAll(q)].map(e => [e.localName, e.computedRole, e.computedName]);
  const stops = [...d.querySelectorAll("a[href],button,input,summary,[tabindex]")];
  const focus = stops.map(e => { e.focus(); const s = f.contentWindow.getComputedStyle(e);
    return [d.activeElement === e, e.tabIndex, s.outlineStyle, e.computedName]; });
  const wide = [...d.querySelectorAll("body *")].filter(e => !e.closest(".unseen,thead,.skip") &&
    e.getBoundingClientRect().right > root.clientWidth + 0.5).map(e => e.outerHTML.slice(0, 80));
  out.textContent = "SEEN" + JSON.stringify({width: root.clientWidth, scroll: root.scrollWidth, wide,
    landmarks: told("header,main,footer,nav,article,section"),
    parts: told("table,figure,ul[aria-label],[role=img]"),
    heads: [...d.querySelectorAll("h1,h2,h3,h4")].map(e => +e.localName[1]), focus}) + "END"; }
</script>"""


def _seen(pages: dict[str, str], lang: str, tmp_path: Path) -> dict[str, Any]:
    """What a Chromium of 360 pixels makes of the page."""
    (tmp_path / "mail.html").write_text(pages[lang], encoding="utf-8")
    (tmp_path / "frame.html").write_text(_FRAME)
    process = _run(
        tmp_path / "p1",
        "--allow-file-access-from-files",
        "--enable-blink-features=ComputedAccessibilityInfo",
        "--dump-dom",
        (tmp_path / "frame.html").as_uri(),
    )
    assert "CONSOLE" not in process.stderr, process.stderr
    match = re.search(r"SEEN(.*)END</pre>", process.stdout, re.S)
    assert match, process.stdout[-500:]
    answer: dict[str, Any] = json.loads(html.unescape(match[1]))
    return answer


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
def test_in_a_real_browser(pages: dict[str, str], lang: str, tmp_path: Path) -> None:
    """No console error, nothing wider than 360 px, everything named, every link reached and seen."""
    seen = _seen(pages, lang, tmp_path)
    assert not seen["wide"]
    assert seen["scroll"] <= seen["width"] <= 360
    roles = [role for _, role, _ in seen["landmarks"]]
    assert [roles.count(one) for one in ("banner", "main", "contentinfo")] == [1, 1, 1]
    domains = roles.count("article")
    assert roles.count("navigation") == domains == 2
    named = [each for each in seen["landmarks"] if each[0] in ("nav", "article", "section")] + seen["parts"]
    assert [each for each in named if not each[2].strip()] == []
    assert len({name for tag, _, name in seen["landmarks"] if tag == "nav"}) == domains
    assert seen["heads"][0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(seen["heads"]))
    assert len(seen["focus"]) > domains
    for reached, order, outline, name in seen["focus"]:
        assert reached and order == 0 and outline == "solid" and name


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_for_people(pages: dict[str, str], lang: str, scheme: str, tmp_path: Path) -> None:
    """Wide and narrow, kept in MAILWRIGHT_SCREENSHOTS; the background is the scheme's."""
    file = tmp_path / "mail.html"
    file.write_text(pages[lang], encoding="utf-8")
    folder = Path(os.environ.get("MAILWRIGHT_SCREENSHOTS") or tmp_path).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for width, height in ((1200, 3000), (500, 4500)):
        picture = folder / f"page-{lang}-{scheme}-{width}.png"
        dark = ("--blink-settings=preferredColorScheme=0",) if scheme == "dark" else ()
        _run(
            tmp_path / f"p{width}",
            *dark,
            f"--window-size={width},{height}",
            f"--screenshot={picture}",
            file.as_uri(),
        )
        assert picture.stat().st_size > 20_000


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = colour[1:] if len(colour) == 7 else "".join(2 * each for each in colour[1:])
    linear = [int(parts[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in linear]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_of_text_can_be_read_on_every_ground() -> None:
    """Contrast of 4.5 to 1 (WCAG 2.2, 1.4.3) in both schemes and on paper."""
    schemes = [
        dict(re.findall(r"--([a-z]+):(#[0-9a-f]+)", block))
        for block in re.findall(r":root\{([^}]*)\}", STYLE)
    ]
    assert len(schemes) == 3
    for colours in schemes:
        for name in ("text", "link", "good", "care", "bad", "unknown"):
            for ground in ("back", "soft"):
                one, other = sorted((_luminance(colours[name]), _luminance(colours[ground])))
                assert (other + 0.05) / (one + 0.05) >= 4.5, (name, ground, colours)
