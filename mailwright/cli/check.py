"""``mailwright check``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mailwright.cli import common, language
from mailwright.model.finding import Finding, has_errors
from mailwright.model.rules import Severity
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.operations.planning import Planned
    from mailwright.plan.lint.bulk import Held
    from mailwright.resolving.server import Server
    from mailwright.standards.spf import BudgetTree

_CLEAN = Text("{count} spec(s) checked: clean.", "已检查 {count} 份规格：没有问题。")
_SUM = Text("{errors} error(s), {warnings} warning(s).", "{errors} 个错误，{warnings} 个警告。")

_OFFLINE = Text(
    "--resolver, --connect-to and --ca-file are for --online",
    "--resolver、--connect-to 和 --ca-file 须与 --online 一起使用",
)
_NO_RULE = Text("there is no rule {id}; similar ones: {near}", "没有规则 {id}；相近的有：{near}")
_NO_RESOLVER = Text(
    "no resolver to ask; name one with --resolver ADDRESS ({error})",
    "没有可查询的解析器；请用 --resolver ADDRESS 指定（{error}）",
)


@language.command(
    epilog="Exit codes: 0 clean, 1 errors (with --strict: warnings too), 64 wrong usage. "
    "Example: mailwright check stacks/ --strict"
)
@click.argument("specs", nargs=-1, metavar="SPEC-OR-STACK...")
@common.keys_option
@click.option("--explain", metavar="RULE", help="Explain a rule and name its standard; takes no spec.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--bulk-senders", "bulk", is_flag=True, help="Show what Gmail, Yahoo and Outlook ask for too.")
@click.option("--online", is_flag=True, help="Look up live what includes cost and who lets reports in.")
@common.resolver_option
@common.connect_options
@common.deadline_option
@common.format_option
@common.lang_option
@common.as_of_option
def check(
    specs: tuple[str, ...],
    explain: str | None,
    strict: bool,
    bulk: bool,
    online: bool,
    resolvers: tuple[str, ...],
    detours: tuple[str, ...],
    ca_file: str | None,
    form: str,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Validate and lint specs; without --online no network is used."""
    from mailwright.operations.planning import planned
    from mailwright.report.formats import forms

    if explain is not None:
        click.echo(_explained(explain, lang))
        return 0
    if not specs:
        raise click.MissingParameter(param_hint="'SPEC-OR-STACK...'", param_type="argument")
    paths = common.spec_paths(specs)
    seen = planned(paths, as_of)
    if not online and (resolvers or detours or ca_file):
        language.usage(_OFFLINE)
    asked = common.resolvers_of(resolvers, common.dial(detours, ca_file)) if online else ()
    findings, trees = _online(seen, asked) if online else (seen.findings, ())
    read_by_people = form in ("table", "text")  # who get trees and tables beside the findings
    if not read_by_people:
        findings = (*findings, *_counted(trees), *(_listed(seen) if bulk else ()))
    day = as_of or dt.datetime.now(dt.UTC).date()
    shown = forms.findings(form, findings, lang, day=day, strict=strict, sources=seen.sources)
    if shown:
        click.echo(shown)
    if read_by_people:
        if trees:
            click.echo(_drawn(trees, lang))
        if bulk:
            click.echo(_bulk(seen, lang))
        counts = {
            "errors": sum(finding.severity is Severity.ERROR for finding in findings),
            "warnings": sum(finding.severity is Severity.WARNING for finding in findings),
        }
        closing = _SUM.using(**counts) if any(counts.values()) else _CLEAN.using(count=len(paths))
        click.echo(closing(lang))
    return 1 if has_errors(findings, strict=strict) else 0


def _explained(id: str, lang: Lang) -> str:
    """A rule in words. Raises a usage error for what is none."""
    from mailwright.report.docs.rules import entry

    try:
        return entry(id, lang)
    except KeyError as error:
        language.usage(_NO_RULE.using(id=id, near=error.args[0]))


def _online(seen: Planned, resolvers: Sequence[Server]) -> tuple[tuple[Finding, ...], tuple[BudgetTree, ...]]:
    """The findings with those that look-ups decide taken from the living world, and the SPF budgets."""
    from mailwright.operations.world.online import look
    from mailwright.plan.lint.living import replaced
    from mailwright.resolving.discovery import ServersError

    try:
        live = look([plan for _, plan in seen.plans], resolvers)
    except ServersError as error:
        language.failure(_NO_RESOLVER.using(error=error))
    return replaced(seen.findings, live), tuple(tree for tree in live.trees if tree.lookups or tree.voids)


def _drawn(trees: tuple[BudgetTree, ...], lang: Lang) -> str:
    from mailwright.report.formats.budget import text

    return "\n\n".join(text(tree, lang) for tree in trees)


def _counted(trees: tuple[BudgetTree, ...]) -> tuple[Finding, ...]:
    """The trees for the formats that have no room for them."""
    from mailwright.plan.lint.living import counted

    return tuple(counted(trees))


def _bulk(seen: Planned, lang: Lang) -> str:
    """What large receivers ask for, and what each plan keeps of it; parked domains send nothing."""
    from mailwright.report.formats.bulk import text

    return "\n\n".join(text(group, lang) for group in _held(seen))


def _listed(seen: Planned) -> tuple[Finding, ...]:
    """The same for the other formats."""
    from mailwright.plan.lint.bulk import listed

    return tuple(finding for group in _held(seen) for finding in listed(group))


def _held(seen: Planned) -> list[tuple[Held, ...]]:
    from mailwright.plan.lint.bulk import held

    plans = [plan for spec, plan in seen.plans if plan.domain == spec.domain]
    return [held(plan.domain, plan.records) for plan in plans]
