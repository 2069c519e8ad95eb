"""Every text that a user may read, and what the glossary forbids in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeGuard

import click
import yaml

from mailwright.cli import cli
from mailwright.cli.language import FILE as CHINESE
from mailwright.report.docs.rules import all_rules
from tests.conftest import ROOT

GLOSSARY: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "glossary.yaml").read_text(encoding="utf-8"))
#: Where the pages are that users read.
FOLDERS = (".", "docs", "docs/dns-hosts", "examples", "examples/pulumi-program")
#: Code, targets of links, parameters, and the ids of rules.
_NO_PROSE = re.compile(r"`[^`]*`|\(\S+\)|‹\w+›|\b[a-z0-9]+(-[a-z0-9]+){2,}\b")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_PARAMETER = re.compile(r"(?<!\{)\{\w+[^{}]*\}(?!\})")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in one language, and where it is."""

    place: str
    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What is not written, and what is written instead."""

    lang: str
    pattern: re.Pattern[str]
    instead: str


def forbidden() -> Iterator[Forbidden]:
    """What the glossary's terms and style exclude."""
    entries = [*(each for part in GLOSSARY["terms"].values() for each in part), *GLOSSARY["services"]]
    for entry in entries:
        for lang, words in entry.get("not", {}).items():
            for word in words:
                pattern = word if lang == "zh" or "\\b" in word else rf"\b{re.escape(word)}\b"
                yield Forbidden(lang, re.compile(pattern, re.IGNORECASE), entry[lang])
    for lang, phrases in GLOSSARY["style"].items():
        for phrase in phrases:
            yield Forbidden(lang, re.compile(phrase["pattern"], re.IGNORECASE), phrase["instead"])


def faults(wording: Wording, rules: list[Forbidden]) -> list[str]:
    """What is wrong with a text, each with what to write."""
    return [
        f"{wording.place}: “{match.group()}” in “{wording.text}”: write {rule.instead}"
        for rule in rules
        if rule.lang == wording.lang and (match := rule.pattern.search(_PARAMETER.sub("X", wording.text)))
    ]


def messages() -> Iterator[Wording]:
    """The messages of rules, the texts in the code and in the catalog, and the help of every command."""
    for id, rule in all_rules().items():
        for text in (rule.message, rule.hint):
            yield from (Wording(f"rule {id}", "en", text.en), Wording(f"rule {id}", "zh", text.zh))
    for path in sorted((ROOT / "mailwright").rglob("*.py")):
        yield from _literals(path)
    for path in sorted((ROOT / "mailwright" / "catalog").rglob("*.yaml")):
        yield from _catalog(yaml.safe_load(path.read_text(encoding="utf-8")), str(path.relative_to(ROOT)))
    yield from _catalog(yaml.safe_load(CHINESE.read_text(encoding="utf-8")), CHINESE.name)
    yield from _help(cli, "mailwright")


def _catalog(node: Any, place: str) -> Iterator[Wording]:
    """Every ``{en: …, zh: …}``, at any depth."""
    if isinstance(node, dict):
        if set(node) == {"en", "zh"}:
            yield from (Wording(place, "en", str(node["en"])), Wording(place, "zh", str(node["zh"])))
        # A console's own words stand as they are spelt there: whoever follows them has to find them.
        node = [inner for key, inner in node.items() if not (key == "words" and "facts" in node)]
    for inner in node if isinstance(node, list) else ():
        yield from _catalog(inner, place)


def _literals(path: Path) -> Iterator[Wording]:
    """Every two texts beside each other in a call, the second in Chinese: ``Text("…", "…")`` and others."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            for first, second in pairwise(node.args):
                if _is_text(first) and _is_text(second) and _CHINESE.search(second.value):
                    place = f"{path.relative_to(ROOT)}:{first.lineno}"
                    yield from (Wording(place, "en", first.value), Wording(place, "zh", second.value))


def _is_text(node: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _help(command: click.Command, name: str) -> Iterator[Wording]:
    """In English; the Chinese is in a file that ``_catalog`` reads."""
    for text in (command.help, command.epilog, *(getattr(param, "help", "") for param in command.params)):
        yield Wording(f"{name} --help", "en", re.sub(r"[\u3000-\uffef]+", "", text or ""))
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from _help(found, f"{name} {inner}")


def pages() -> Iterator[Wording]:
    """The documentation, a line each, without code."""
    for path in sorted(file for folder in FOLDERS for file in (ROOT / folder).glob("*.md")):
        if path.name.startswith("glossary") or path.name == "architecture.md":  # for developers
            continue
        lang, fenced = ("zh" if path.name.endswith(".zh-CN.md") else "en"), False
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            fenced ^= line.lstrip().startswith("```")
            if not fenced and not line.startswith("## "):
                yield Wording(f"{path.relative_to(ROOT)}:{number}", lang, _NO_PROSE.sub("`", line))
