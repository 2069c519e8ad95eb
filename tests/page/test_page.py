"""One page, no request, everything escaped; opened in a real Chromium where there is one."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

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
from mailwright.report.page import Page, page
from mailwright.report.page_answers import Answer, State
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
        senders=(said,),
        verdict=Verdict("a.example", (check,)),
    )
    return page([made], lang)


def _shape(html: str) -> list[tuple[str, tuple[str, ...]]]:
    parser = _Tags()
    parser.feed(html)
    return [(tag, tuple(sorted(attrs))) for tag, attrs in parser.seen]


@given(text=st.one_of(st.text(min_size=1), st.just(MARK), st.text("<>&\"'/=`\u202e\x00 ]-!a", min_size=1)))
@settings(max_examples=200, deadline=None)
def test_no_text_becomes_markup(text: str) -> None:
    assert _shape(_hostile(text, "en")) == _shape(_hostile("plain", "en"))


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


#: A page around the page: an iframe as wide as a phone measures what a window cannot be made as narrow as.
_FRAME = """<!DOCTYPE html><iframe id=f width=360 height=800 src="mail.html"></iframe><pre id=out></pre>
<script>
f.onload = () => {{ const d = f.contentDocument.documentElement;
out.textContent = "WIDTH " + d.clientWidth + " SCROLL " + d.scrollWidth + " H1 " +
f.contentDocument.querySelectorAll("h1").length; }}</script>"""


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
def test_in_a_real_browser(pages: dict[str, str], lang: str, tmp_path: Path) -> None:
    """No console error, nothing wider than 360 px, a picture for people in MAILWRIGHT_SCREENSHOTS."""
    file = tmp_path / "mail.html"
    file.write_text(pages[lang], encoding="utf-8")
    (tmp_path / "frame.html").write_text(_FRAME.format())
    made = _run(
        tmp_path / "p1", "--allow-file-access-from-files", "--dump-dom", (tmp_path / "frame.html").as_uri()
    )
    assert "CONSOLE" not in made.stderr
    seen = re.search(r"WIDTH (\d+) SCROLL (\d+) H1 (\d+)", made.stdout)
    assert seen, made.stdout[-500:]
    assert int(seen[2]) <= int(seen[1]) <= 360
    assert seen[3] == "1"
    folder = Path(os.environ.get("MAILWRIGHT_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / f"report-{lang}.png"
    _run(tmp_path / "p2", "--window-size=1200,2400", f"--screenshot={picture}", file.as_uri())
    assert picture.read_bytes().startswith(b"\x89PNG")
