"""``mailwright catalog``: what keeps the catalog true."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.catalog import Service
    from mailwright.resolving.server import Server

_AT = Text("{kind} at {commit}", "{kind}：{commit}")
_OTHER = Text(
    "{kind} at {commit}; the catalog was compared at {pinned}", "{kind}：{commit}；目录比对时为 {pinned}"
)
_UNKNOWN = Text("an unknown commit", "未知提交")
NO_SERVICE = Text(
    "no service {id}; see `mailwright catalog list`", "没有服务 {id}；请查看 `mailwright catalog list`"
)
_WHICH = Text("give --snapshot or --dns to compare with", "请说明与什么比对：--snapshot 或 --dns")
_NO_CLONE = Text(
    "{folder} holds neither Domain Connect's templates nor Thunderbird's ISPDB",
    "{folder} 中既没有 Domain Connect 模板，也没有 Thunderbird ISPDB",
)
_NOTHING = Text("no difference", "没有差异")
_SHARE = Text("{known} of {total} are known ({percent} %)", "{total} 个中已知 {known} 个（{percent}%）")
_FRESH = Text("every value was checked in time", "所有值都在期限内核对过")
_OLD = Text("{fails} too old, {warns} to look at", "{fails} 项过期，{warns} 项需查看")
_REJECTS = Text("{files} drafts; left out: {count}", "{files} 份草稿；未写入 {count} 项")


@language.command("compare", epilog="Example: mailwright catalog compare --snapshot ~/clones")
@click.option(
    "--snapshot",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with a clone of Domain-Connect/Templates or thunderbird/autoconfig, or of both. No network.",
)
@click.option(
    "--dns", is_flag=True, help="Ask the DNS what includes cost, and whether hosts and keys are there."
)
@click.option(
    "--write", is_flag=True, help="With --dns: change the catalog's files instead of showing a patch."
)
@click.option(
    "--known",
    type=click.File(encoding="utf-8"),
    help="Differences that somebody has looked at, as --lang en prints them, each below a comment with its "
    "reason: they are left out.",
)
@common.deadline_option
@common.resolver_option
@common.as_of_option
@common.lang_option
@click.argument("services", nargs=-1)
def compare(
    folders: tuple[Path, ...],
    known: TextIO | None,
    dns: bool,
    write: bool,
    resolvers: tuple[str, ...],
    as_of: dt.date | None,
    lang: Lang,
    services: tuple[str, ...],
) -> int:
    """Hold the catalog against others' collections, or against the living DNS.

    Exit codes: 0 no difference, 1 could not tell, 2 differences.
    """
    if not folders and not dns:
        language.usage(_WHICH)
    chosen = _chosen(services)
    from mailwright.operations.catalog.comparing import accepted

    seen = frozenset(accepted(known or ()))
    worst = 0
    for folder in folders:
        worst = max(worst, _with_snapshots(folder, chosen, seen, lang))
    if dns:
        asked = common.resolvers_of(resolvers, common.dial((), None))
        worst = max(worst, _with_dns(chosen, asked, as_of or dt.date.today(), write, lang))
    return worst


def _chosen(ids: tuple[str, ...]) -> tuple[Service, ...]:
    from mailwright.catalog import load_services

    known = load_services()
    for id in ids:
        if id not in known:
            language.usage(NO_SERVICE.using(id=id))
    return tuple(known[id] for id in ids) or tuple(known.values())


def _with_snapshots(folder: Path, chosen: tuple[Service, ...], seen: frozenset[str], lang: Lang) -> int:
    from mailwright.catalog.loading import pinned_snapshots
    from mailwright.operations.catalog import comparing

    clones = comparing.snapshots(folder)
    if not clones:
        click.echo(_NO_CLONE.using(folder=str(folder))(lang), err=True)
        return 1
    differs = False
    for clone in clones:
        pinned = pinned_snapshots()[clone.kind]
        text = _AT if clone.commit == pinned else _OTHER
        shown: object = clone.commit or _UNKNOWN
        click.echo(text.using(kind=clone.kind, commit=shown, pinned=pinned)(lang))
        for difference in comparing.compare(clone, chosen):
            if str(difference) in seen:
                continue
            differs = True
            click.echo(f"  {difference.service}: {difference.text(lang)}")
    if not differs:
        click.echo(_NOTHING(lang))
    return 2 if differs else 0


def _with_dns(
    chosen: tuple[Service, ...], resolvers: tuple[Server, ...], day: dt.date, write: bool, lang: Lang
) -> int:
    import asyncio
    from functools import partial

    from mailwright.operations.catalog import measuring
    from mailwright.resolving.discovery import system_resolvers
    from mailwright.resolving.lookups import judged

    asked = resolvers or system_resolvers()
    judges = [partial(measuring.measured, service) for service in chosen]
    differs, silent = False, False
    for now in asyncio.run(judged(judges, asked)):
        silent |= bool(now.silent)
        for note in now.notes:
            differs = True
            click.echo(f"{now.service}: {note(lang)}", err=not write)
        change = measuring.changed(now, day, _shown(asked[0]))
        if change and write:
            change[0].write_text(change[2], encoding="utf-8")
        elif change:
            click.echo(measuring.diff(*change), nl=False)
    if not differs:
        click.echo(_NOTHING(lang), err=True)
    return 1 if silent else 2 if differs else 0


def _shown(server: Server) -> str:
    return f"{server.address}:{server.port}"


@language.command("gaps", epilog="Example: mailwright catalog gaps captured.txt")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--most", default=40, show_default=True, help="How many to show.")
@common.lang_option
def gaps(file: TextIO, most: int, lang: Lang) -> int:
    """The most common names of a list that no service shows.

    A line is NAME, `mx NAME` or `spf NAME`, with a count before or after it where there is one.
    """
    from mailwright.operations.catalog.gaps import gaps as of
    from mailwright.report.layout import columns

    report = of(file)
    if report.unknown:
        click.echo(columns([[str(count), kind or "–", name] for kind, name, count in report.unknown[:most]]))
    percent = round(100 * report.known / report.total) if report.total else 0
    click.echo(_SHARE.using(known=report.known, total=report.total, percent=percent)(lang), err=True)
    return 0


@language.command("check")
@common.as_of_option
@common.lang_option
def check(as_of: dt.date | None, lang: Lang) -> int:
    """Values that nobody looked at for long: a warning after 180 days, an error after 365 (SPF costs: 90).

    Exit codes: 0, 1 where a value is too old.
    """
    from mailwright.operations.catalog.freshness import stale

    stales = tuple(stale(as_of or dt.date.today()))
    for stale_entry in stales:
        click.echo(
            f"{'error' if stale_entry.fails else 'warning'} {stale_entry.service}: {stale_entry.text(lang)}"
        )
    fails = sum(entry.fails for entry in stales)
    click.echo((_OLD.using(fails=fails, warns=len(stales) - fails) if stales else _FRESH)(lang), err=True)
    return 1 if fails else 0


@language.command(
    "draft", epilog="Example: mailwright catalog draft facts.yaml --out drafts --checked 2026-11-01"
)
@click.argument("facts", type=click.File(encoding="utf-8"))
@common.out_folder("Folder.", required=True)
@click.option("--checked", required=True, type=common.Day(), help="The day the facts were gathered.")
@common.lang_option
def draft(facts: TextIO, out: Path, checked: dt.date, lang: Lang) -> int:
    """Draft files of services from gathered facts; what is left out is listed with its reason and counted."""
    import yaml

    from mailwright.operations.catalog.drafting import drafts
    from mailwright.operations.catalog.writing import text

    result = drafts(yaml.safe_load(facts), checked=checked.isoformat())
    out.mkdir(parents=True, exist_ok=True)
    for id, data in result.files.items():
        (out / f"{id}.yaml").write_text(text(data), encoding="utf-8")
    for reject in result.rejects:
        click.echo(
            f"{reject.service}: {reject.value}: {reject.reason}"
            if reject.value
            else f"{reject.service}: {reject.reason}"
        )
    for reason, count in result.counted().most_common():
        click.echo(f"{count:>4}  {reason}", err=True)
    click.echo(_REJECTS.using(files=len(result.files), count=len(result.rejects))(lang), err=True)
    return 0
