"""What others rely on and no renaming may change, each kind as lines of a file below ``facts/``.

``python -m tests.fixed.facts [KIND…]`` writes the files anew. An addition is written by whoever makes it; a
line that goes or changes breaks somebody's CI, state or script.
"""

from __future__ import annotations

import ast
import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

import mailwright
from mailwright.cli import cli
from mailwright.deploy.given.settings import FILE, secrets
from mailwright.report.docs.rules import all_rules

FACTS = Path(__file__).parent / "facts"
PACKAGE = Path(mailwright.__file__).parent
SCHEMAS = PACKAGE.parent / "schemas"
Lines = set[str]


def rules() -> Lines:
    """The ids of all rules: specs silence and allow them, CI files name them."""
    return set(all_rules())


def spec_keys() -> Lines:
    """Every key of a spec, and every word of a closed list."""
    return _schema("mail-spec")


def json_schemas() -> Lines:
    """Every key of the documented JSON forms."""
    kinds = ("check", "drift", "plan", "preview", "review", "verify")
    return {f"{kind}: {line}" for kind in kinds for line in _schema(kind)}


def options() -> Lines:
    """Every command with its arguments, options and the words that these take."""
    return set(_command("mailwright", cli))


def variables() -> Lines:
    """The variables of the environment that the package names."""
    return {word for text in _texts() for word in re.findall(r"\bMAILWRIGHT_[A-Z_]*[A-Z]\b", text)}


def tokens() -> Lines:
    """Types of resources and functions, as states and engines name them."""
    token = re.compile(r"(?:mailwright|cloudflare|pulumi):\w+(?:/\w+)?:\w+")
    return {text for text in _texts() if token.fullmatch(text)} - {""}


def configuration() -> Lines:
    """The stack configuration that the provider asks for; ``mailwright:specs`` is tried beside it."""
    return {f"mailwright:{secret.configured}{end}" for secret in secrets() for end in ("", FILE)}


def imports() -> Lines:
    """What a program of somebody else may import."""
    entries = {
        "mailwright": ("__version__",),
        "mailwright.cli": ("main",),
        "mailwright.deploy.component": ("MailDomain",),
        "mailwright.deploy.program": ("main",),
        "mailwright.deploy.plugin": ("main",),
        "mailwright.plan.plan": ("plan", "plans"),
        "mailwright.sandbox.__main__": ("main",),
    }
    for room in ("spec", "catalog", *(f"standards.{each}" for each in ("spf", "dkim", "dmarc", "mta_sts"))):
        name = f"mailwright.{room}"
        entries[name] = tuple(importlib.import_module(name).__all__)
    for module, names in entries.items():
        for name in names:
            getattr(importlib.import_module(module), name)
    return {f"from {module} import {name}" for module, names in entries.items() for name in names}


KINDS: dict[str, Callable[[], Lines]] = {
    "rules": rules,
    "spec-keys": spec_keys,
    "json-schemas": json_schemas,
    "options": options,
    "variables": variables,
    "tokens": tokens,
    "configuration": configuration,
    "imports": imports,
}


def kept(kind: str) -> Lines:
    """The lines of a kind's file."""
    return set((FACTS / f"{kind}.txt").read_text("utf-8").splitlines())


def keep(kind: str, lines: Lines) -> None:
    """Write a kind's file."""
    (FACTS / f"{kind}.txt").write_text("".join(f"{line}\n" for line in sorted(lines)), "utf-8")


def difference(kind: str, lines: Lines) -> str:
    """What went and what came, as a text; '' where all is as kept."""
    gone = [f"- {line}" for line in sorted(kept(kind) - lines)]
    new = [f"+ {line}" for line in sorted(lines - kept(kind))]
    return "\n".join([f"facts/{kind}.txt:", *gone, *new]) if gone or new else ""


def _schema(name: str) -> Lines:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return set(_keys(schema, schema, "", ()))


def _keys(whole: Any, part: Any, path: str, inside: tuple[str, ...]) -> Iterator[str]:
    """Paths of keys below a part of a schema, ``[]`` for items and ``*`` for names of one's own."""
    if not isinstance(part, dict):
        return
    if "$ref" in part:
        reference = part["$ref"]
        if reference not in inside and reference.startswith("#/"):
            target = whole
            for step in reference[2:].split("/"):
                target = target[step]
            yield from _keys(whole, target, path, (*inside, reference))
    for word in [*part.get("enum", ()), *([part["const"]] if "const" in part else [])]:
        yield f"{path} = {word}"
    for name, each in part.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        yield below
        yield from _keys(whole, each, below, inside)
    for name, mark in (("items", "[]"), ("additionalProperties", ".*"), ("contains", "[]")):
        yield from _keys(whole, part.get(name), path + mark, inside)
    for patternProperty in part.get("patternProperties", {}).values():
        yield from _keys(whole, patternProperty, f"{path}.*", inside)
    for name in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for each in part.get(name, ()):
            yield from _keys(whole, each, path, inside)
    for name in ("if", "then", "else"):
        yield from _keys(whole, part.get(name), path, inside)


def _command(name: str, command: click.Command) -> Iterator[str]:
    yield name
    for param in command.params:
        words = param.type.choices if isinstance(param.type, click.Choice) else ()
        for option in (*param.opts, *param.secondary_opts):
            shown = f"{name} {option if option.startswith('-') else option.upper()}"
            yield shown
            yield from (f"{shown} {word}" for word in words)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from _command(f"{name} {below}", found)


def _texts() -> Iterator[str]:
    """Every string of the package's code."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


if __name__ == "__main__":
    for each in sys.argv[1:] or KINDS:
        keep(each, KINDS[each]())
