"""``mailwright plan``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailwright.cli import common, language
from mailwright.model.finding import has_errors
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.operations.planning import Planned

#: Formats that tell what is wrong with a plan, not what is in it.
_FINDINGS = ("sarif", "junit", "github")

_NEITHER = Text("no spec (*.yaml) in {new}, and none in {old}", "{new} 中没有规格（*.yaml），{old} 中也没有")
_NO_FORM = Text("--against has no format {form}", "--against 不支持格式 {form}")
_BROKEN = Text(
    "The version before has errors, so what changes for mail cannot be determined:",
    "改动之前的版本有错误，因此无法判断对邮件的影响：",
)


@language.command(
    epilog="Exit codes: 0, 1 with errors, 64 wrong usage. Example: mailwright plan example --format sheet"
)
@common.specs_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "zone", "markdown", "sheet", "page", "csv", *_FINDINGS]),
    default="table",
    help="sheet, page and csv use the words of the spec's DNS console; sarif, junit and github hold "
    "the findings.",
)
@click.option(
    "--against",
    type=click.Path(exists=True),
    metavar="SPEC-OR-FOLDER",
    help="Show what changes for mail beside this older version: records, who gets whose mail, SPF look-ups, "
    "what needs consent (table, markdown, json; sarif, junit and github hold what needs consent).",
)
@click.option(
    "--console",
    metavar="CONSOLE",
    help="Use the words of this console: aliyun, dnspod, cloudflare, godaddy …",
)
@common.lang_option
@common.as_of_option
def plan(
    specs: tuple[str, ...],
    form: str,
    against: str | None,
    console: str | None,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Show the records and mailbox objects that specs ask for, and why each is there."""
    from mailwright.operations.planning import planned
    from mailwright.spec import find_specs

    if against:

        def of(name: str) -> list[Path]:  # all is new in a first review, and all goes in a last one
            return common.spec_paths([name]) if find_specs(name) else []

        new, old = [path for name in specs for path in of(name)], of(against)
        if not new and not old:
            language.usage(_NEITHER.using(new=", ".join(specs), old=against))
        return _against(planned(new, as_of), planned(old, as_of), form, lang)
    seen = planned(common.spec_paths(specs), as_of)
    plans = seen.plans
    if form in _FINDINGS:
        from mailwright.report.formats import forms

        day = max((plan.as_of for _, plan in plans), default=as_of or dt.datetime.now(dt.UTC).date())
        click.echo(forms.findings(form, seen.findings, lang, day=day))
        return 1 if has_errors(seen.findings) else 0
    if common.stopped(seen, lang):
        return 1
    click.echo(_render(form, plans, console, lang))
    return 0


def _against(seen: Planned, old: Planned, form: str, lang: Lang) -> int:
    """What changes between two versions; both have to be valid."""
    from mailwright.plan.review import review
    from mailwright.report.formats import forms
    from mailwright.report.formats import review as shown

    for planned in (seen, old):
        if planned is old and has_errors(planned.findings):
            click.echo(_BROKEN(lang), err=True)
        if common.stopped(planned, lang):
            return 1
    before = {plan.domain: plan for _, plan in old.plans}
    after = {plan.domain: plan for _, plan in seen.plans}
    reviews = [review(before.get(name), after.get(name)) for name in {**after, **before}]
    if form in _FINDINGS:
        refused = [refusal for review in reviews for refusal in review.refusals]
        day = max(review.changes.as_of for review in reviews)
        click.echo(forms.findings(form, refused, lang, day=day))
        return 0
    renderers = {"table": shown.to_text, "markdown": shown.to_markdown, "json": shown.to_json}
    if form not in renderers:
        language.usage(_NO_FORM.using(form=form))
    click.echo(renderers[form](reviews, lang))
    return 0


def _render(form: str, pairs: Sequence[tuple[Any, Any]], console: str | None, lang: Lang) -> str:
    from mailwright.report.formats import plans as report

    plans = [domain_plan for _, domain_plan in pairs]
    renderers: dict[str, Callable[..., str]] = {
        "table": report.table,
        "json": report.to_json,
        "zone": report.zone,
        "markdown": report.markdown,
    }
    if form in renderers:
        return renderers[form](plans, lang)
    return _sheets(form, pairs, console, lang)


def _sheets(form: str, plans: Sequence[tuple[Any, Any]], console: str | None, lang: Lang) -> str:
    from mailwright.report.formats import sheet

    def words(spec: Any, domain: str) -> str:
        hosts = (host.options.get("console") for host in spec.hosts_of(domain))
        return console or next(filter(None, hosts), "generic")

    sheets = [(plan, sheet.Place.of(plan, spec, words(spec, plan.domain))) for spec, plan in plans]
    if form == "page":
        return sheet.page(sheets, lang)
    if form == "csv":
        return sheet.to_csv(sheets, lang)
    return "\n\n".join(sheet.text(plan, place, lang) for plan, place in sheets)
