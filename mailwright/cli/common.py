"""Options and steps that several commands share."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mailwright.model.text import Lang

if TYPE_CHECKING:
    from mailwright.resolving.connect import Dial
    from mailwright.resolving.server import Server

F = TypeVar("F", bound=Callable[..., Any])


def locale_lang() -> Lang:
    """The language of the locale: Chinese where it says zh, else English."""
    chosen = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if chosen.lower().startswith("zh") else "en"


def lang_option(command: F) -> F:
    """``--lang en|zh``, default from the locale."""
    return click.option(
        "--lang",
        type=click.Choice(["en", "zh"]),
        default=locale_lang,
        help="Language of messages (default: the locale's). 消息语言。",
    )(command)


class Day(click.ParamType[dt.date]):
    """A date such as 2026-12-24."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """The date, or a usage error."""
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value} is no date; write it as 2026-12-24", param, ctx)


def as_of_option(command: F) -> F:
    """``--as-of DATE``: the only clock."""
    return click.option(
        "--as-of", type=Day(), help="Plan for this day (default: today in the spec's timezone)."
    )(command)


#: What check, verify and drift can write; kept here so that help loads no renderer.
FORMS = ("table", "text", "json", "markdown", "sarif", "junit", "github")


def format_option(command: F) -> F:
    """``--format``: for people, for programs, for a pull request, for CI."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMS),
        default="table",
        help="markdown: a pull request; sarif: code scanning; junit: CI reports; github: annotations.",
    )(command)


def resolver_option(command: F) -> F:
    """``--resolver``: whom to ask who is not authoritative."""
    return click.option(
        "--resolver",
        "resolvers",
        multiple=True,
        metavar="ADDR[:PORT]",
        help="Ask this resolver (may be repeated): ADDR[:PORT], tls://HOST or https://HOST/PATH. Where the "
        "certificate has another name than HOST, write #NAME behind it.",
    )(command)


def resolvers_of(texts: Sequence[str], dial: Dial) -> tuple[Server, ...]:
    """What ``--resolver`` says. Raises a usage error."""
    from mailwright.resolving.server import resolver

    try:
        return tuple(resolver(each, dial) for each in texts)
    except ValueError as error:
        raise click.UsageError(
            f"a resolver is ADDRESS[:PORT], tls://HOST or https://HOST/PATH: {error}"
        ) from None


def connect_options(command: F) -> F:
    """``--connect-to`` and ``--ca-file``: where connections go, and whom to trust."""
    detours = click.option(
        "--connect-to",
        "detours",
        multiple=True,
        metavar="HOST:PORT:ADDR:PORT",
        help="Lead connections to HOST:PORT elsewhere (may be repeated); certificates are still HOST's.",
    )
    ca_file = click.option(
        "--ca-file",
        type=click.Path(exists=True, dir_okay=False),
        help="Trust these certificates (PEM) instead of the system's.",
    )
    return detours(ca_file(command))


def dial(detours: Sequence[str], ca_file: str | None) -> Dial:
    """How the options say to connect. Raises a usage error."""
    from mailwright.resolving.connect import Dial

    try:
        return Dial.given(detours, ca_file)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def specs_argument(command: F) -> F:
    """SPEC-OR-STACK…: files, folders, or the NAME of stacks/NAME.yaml."""
    return click.argument("specs", nargs=-1, required=True, metavar="SPEC-OR-STACK...")(command)


def spec_entries(names: Sequence[str]) -> list[Path]:
    """The files and folders that the words of the command line mean. Raises a usage error."""
    entries = []
    for name in names:
        stack = Path("stacks") / f"{name}.yaml"
        path = Path(name)
        if not path.exists() and stack.exists():
            path = stack
        if not path.exists():
            raise click.UsageError(f"no spec at {name}, and no stacks/{name}.yaml")
        entries.append(path)
    return entries


def spec_paths(names: Sequence[str]) -> list[Path]:
    """The spec files that the words of the command line mean. Raises a usage error."""
    from mailwright.spec import find_specs

    paths: list[Path] = []
    for entry in spec_entries(names):
        specs = find_specs(entry)
        if not specs:
            raise click.UsageError(f"no spec (*.yaml) in the folder {entry}")
        paths += specs
    return list(dict.fromkeys(paths))
