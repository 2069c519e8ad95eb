"""Every link between pages of the documentation leads somewhere, and the site shows every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from tests.conftest import ROOT

FOLDERS = (".", "docs", "docs/dns-hosts", "examples", "examples/pulumi-program", "bench")
PAGES = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def prose(path: Path) -> str:
    """A page without code, in which brackets are no links."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "`", text)


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site make them."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    heads = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def dead(path: Path) -> Iterator[str]:
    for link in _LINK.findall(prose(path)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or not target.is_relative_to(ROOT):
            yield f"{path.relative_to(ROOT)}: {link}"
        elif anchor and anchor not in anchors(target):
            yield f"{path.relative_to(ROOT)}: {link} (no such heading)"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert not list(dead(path))


def test_a_dead_link_and_a_dead_anchor_are_seen(tmp_path: Path) -> None:
    page = ROOT / "docs" / "spec.md"
    assert "dmarc" in anchors(page) and "peopleaway" in anchors(page)
    assert "它不做什么" in anchors(ROOT / "README.zh-CN.md")
    assert "nowhere" not in anchors(page)
    assert _LINK.findall("see [a](b.md#c) and ![p](x.png)") == ["b.md#c"]


@pytest.mark.parametrize("path", [page for page in PAGES if page.name.endswith(".zh-CN.md")], ids=str)
def test_a_chinese_page_has_its_english_twin_and_each_links_to_the_other(path: Path) -> None:
    twin = path.with_name(path.name.replace(".zh-CN", ""))
    assert twin.exists()
    assert f"({twin.name})" in path.read_text(encoding="utf-8")[:1500]
    assert f"({path.name})" in twin.read_text(encoding="utf-8")[:1500]


def test_the_site_shows_every_page() -> None:
    class Loader(yaml.SafeLoader):
        """Passes over what only mkdocs understands."""

    Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: suffix)
    site = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader)
    shown = {page for section in site["nav"] for pages in section.values() for page in pages}
    pages = {str(page.relative_to(ROOT)) for page in PAGES if not page.name.endswith(".zh-CN.md")}
    assert shown == pages
    english = {next(iter(section)) for section in site["nav"]}
    plugin = next(each["i18n"] for each in site["plugins"] if isinstance(each, dict) and "i18n" in each)
    assert set(plugin["languages"][1]["nav_translations"]) == english


def test_the_program_of_the_api_reference_runs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    match = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert match
    exec(compile(match[1], "docs/api.md", "exec"), {})
    assert "v=spf1" in capsys.readouterr().out


def test_what_the_api_reference_names_is_there() -> None:
    import importlib

    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    names = re.findall(r"^::: (\S+)$", text, re.MULTILINE)
    assert len(names) > 10
    for name in names:
        module, _, attribute = name.rpartition(".")
        try:
            assert getattr(importlib.import_module(module), attribute).__doc__
        except AttributeError:
            assert importlib.import_module(name).__doc__
