"""``mailwright check``."""

from __future__ import annotations

import datetime as dt

import click

from mailwright.cli import common
from mailwright.model.finding import has_errors
from mailwright.model.rules import Severity
from mailwright.model.text import Lang, Text

_CLEAN = Text("{count} spec(s) checked: clean.", "已检查 {count} 份规格：没有问题。")
_SUM = Text("{errors} error(s), {warnings} warning(s).", "{errors} 个错误，{warnings} 个警告。")


@click.command(
    epilog="Exit codes: 0 clean, 1 errors (with --strict: warnings too), 64 wrong usage. "
    "Example: mailwright check stacks/ --strict"
)
@common.specs_argument
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@common.format_option
@common.lang_option
@common.as_of_option
def check(specs: tuple[str, ...], strict: bool, form: str, lang: Lang, as_of: dt.date | None) -> int:
    """Validate and lint specs, without any network."""
    from mailwright.operations.planning import planned
    from mailwright.report import forms

    paths = common.spec_paths(specs)
    seen = planned(paths, as_of)
    said = seen.findings
    day = as_of or dt.datetime.now(dt.UTC).date()
    shown = forms.findings(form, said, lang, day=day, strict=strict, sources=seen.sources)
    if shown:
        click.echo(shown)
    if form in ("table", "text"):
        counts = {
            "errors": sum(each.severity is Severity.ERROR for each in said),
            "warnings": sum(each.severity is Severity.WARNING for each in said),
        }
        closing = _SUM.using(**counts) if any(counts.values()) else _CLEAN.using(count=len(paths))
        click.echo(closing(lang))
    return 1 if has_errors(said, strict=strict) else 0
