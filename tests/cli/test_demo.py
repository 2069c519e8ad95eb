"""The story of ``make up``, told to its end: the page of the example is written and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.cli import main


@pytest.mark.slow
def test_the_story_ends_with_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--engine", "embedded", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    page = tmp_path / ".mailwright" / "demo" / "mail.html"
    assert str(page) in said
    html = page.read_text(encoding="utf-8")
    assert "mxbiz1.qq.com" in html
    assert "as planned" in html  # the live status, asked while the nameserver still ran
