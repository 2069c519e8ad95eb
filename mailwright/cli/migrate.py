"""``mailwright migrate``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.operations.world.migrating import Progress

_NOBODY = Text(
    "{domain}: nobody moves. To begin, write the new mail host as mail_host, and the one that is left as "
    "moving_from.",
    "{domain}：没有迁移。开始迁移时，把新服务写为 mail_host，要迁出的写为 moving_from。",
)
_STAGE = Text("{domain}: stage {stage}", "{domain}：阶段 {stage}")
_NEXT = {
    "due": Text(
        "The next stage is due: write moving_from: {{stage: {stage}}}, then `mailwright up`.",
        "可以进入下一阶段：请写 moving_from: {{stage: {stage}}}，然后 `mailwright up`。",
    ),
    "open": Text(
        "Not yet {stage}: what is open above comes first.", "还不能进入 {stage}：请先完成上面的事项。"
    ),
    "waiting": Text("Not yet {stage}: only time is missing.", "还不能进入 {stage}：只需等待。"),
    "unknown": Text(
        "Not yet {stage}: it could not be told whether all is as it must be.",
        "还不能进入 {stage}：有事项无法判断。",
    ),
}
_DONE = Text("The move is over: remove moving_from from the spec.", "迁移完成：请从规格中删除 moving_from。")
_LAST = Text("the end of the move", "迁移结束")
_UNTIL = Text("{text}: from {until} UTC", "{text}：{until} UTC 起")
_KEPT = Text("what was seen cannot be recorded: {reason}", "无法记录所见：{reason}")
_CODES = {"due": 0, "unknown": 1, "open": 2, "waiting": 2}


@language.command(
    epilog="Exit codes: 0 the next stage is due, 1 could not tell, 2 not yet, 64 wrong usage. "
    "Example: mailwright migrate stacks/acme-trade.yaml"
)
@common.specs_argument
@common.deadline_option
@common.nameserver_option
@common.resolver_option
@common.short_format_option
@common.lang_option
@common.as_of_option
def migrate(
    specs: tuple[str, ...],
    nameservers: tuple[str, ...],
    resolvers: tuple[str, ...],
    form: str,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Say how far a move between two mail hosts is, and what has to be true before its next stage."""
    from mailwright.operations.planning import planned
    from mailwright.operations.world import migrating
    from mailwright.plan.records.alias_domains import spec_of
    from mailwright.report.escaping import as_json

    seen = planned(common.spec_paths(specs), as_of)
    if common.stopped(seen, lang, answered=migrating.ANSWERED):
        return 1
    servers = common.servers_of(nameservers)
    whom = migrating.Whom(servers, common.resolvers_of(resolvers, common.dial((), None)) or servers)
    progresses: list[Progress] = []
    for company, plan in seen.plans:
        if plan.domain in company.parked:
            continue  # nothing moves there
        spec = spec_of(company, plan.domain)
        if spec.moving_from is None:
            click.echo(_NOBODY.using(domain=spec.domain_unicode)(lang), err=True)
            continue
        now = dt.datetime.now(dt.UTC) if as_of is None else spec.midnight(as_of)
        try:
            progresses.append(migrating.progress(spec, plan, now, whom, Path.cwd() / ".mailwright" / "moves"))
        except OSError as error:
            click.echo(_KEPT.using(reason=language.reason(error))(lang), err=True)
            return 1
    if form == "json":
        click.echo(as_json([progress.to_json(lang) for progress in progresses]))
    elif progresses:
        click.echo("\n\n".join(_text(progress, lang) for progress in progresses))
    return common.worst(_CODES[progress.state] for progress in progresses)


def _text(progress: Progress, lang: Lang) -> str:
    from mailwright.operations.world.conditions import MARKS
    from mailwright.operations.world.migrating import GUIDE

    guide, back = GUIDE[progress.stage]
    lines = [_STAGE.using(domain=progress.domain, stage=progress.stage.value)(lang), f"  {guide(lang)}"]
    for one in progress.conditions:
        text = one.text
        if one.until and one.state == "waiting":
            until = one.until.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")
            text = _UNTIL.using(text=one.text, until=until)
        lines.append(f"  {MARKS[one.state]} {text(lang)}")
    lines += _addresses(progress)
    lines.append(f"  {back(lang)}")
    following: Text | str = progress.following.value if progress.following else _LAST
    finished = progress.following is None and progress.state == "due"
    lines.append((_DONE if finished else _NEXT[progress.state].using(stage=following))(lang))
    return "\n".join(lines)


def _addresses(progress: Progress) -> list[str]:
    """The lines to write into ``moving_from``."""
    if not progress.addresses:
        return []
    lines = ["    addresses:", f"      seen: {progress.day.isoformat()}"]
    for kind in ("ip4", "ip6"):
        networks = [one.partition(":")[2] for one in progress.addresses if one.startswith(kind)]
        if networks:
            lines.append(f"      {kind}: [{', '.join(map(_quoted, networks))}]")
    return lines


def _quoted(network: str) -> str:
    return f"'{network}'" if ":" in network else network
