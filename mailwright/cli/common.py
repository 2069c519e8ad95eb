"""Options and steps that several commands share."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from mailwright.model.finding import Finding
from mailwright.model.text import Lang

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


def specs_argument(command: F) -> F:
    """SPEC-OR-STACK…: files, folders, or the NAME of stacks/NAME.yaml."""
    return click.argument("specs", nargs=-1, required=True, metavar="SPEC-OR-STACK...")(command)


def spec_paths(names: Sequence[str]) -> list[Path]:
    """The spec files that the words of the command line mean. Raises a usage error."""
    from mailwright.spec import find_specs

    paths: list[Path] = []
    for name in names:
        stack = Path("stacks") / f"{name}.yaml"
        path = Path(name)
        if not path.exists() and stack.exists():
            path = stack
        if not path.exists():
            raise click.UsageError(f"no spec at {name}, and no stacks/{name}.yaml")
        found = find_specs(path)
        if not found:
            raise click.UsageError(f"no spec (*.yaml) in the folder {name}")
        paths += found
    return list(dict.fromkeys(paths))


def day_for(timezone_today: Callable[[dt.datetime], dt.date], as_of: dt.date | None) -> dt.date:
    """``--as-of``, else today in the spec's timezone."""
    return as_of or timezone_today(dt.datetime.now(dt.UTC))


def planned(paths: Sequence[Path], as_of: dt.date | None) -> tuple[list[Any], list[Finding], dict[str, str]]:
    """(plans, findings, sources by file) of specs; a spec with errors has no plan."""
    from mailwright.plan.consents import findings as consent_findings
    from mailwright.plan.plan import plans
    from mailwright.spec import load_many

    made: list[Any] = []
    said: list[Finding] = []
    sources: dict[str, str] = {}
    for result in load_many(paths):
        said += result.findings
        sources[result.file] = result.source
        if result.spec is None:
            continue
        day = day_for(result.spec.today, as_of)
        said += consent_findings(result.spec.allow, day)
        for each in plans(result.spec, day):
            made.append((result.spec, each))
            said += each.findings
    return made, said, sources
