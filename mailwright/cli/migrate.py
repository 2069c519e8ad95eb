"""``mailwright migrate``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.operations.world.conditions import Condition
    from mailwright.operations.world.dns_moving import Hosts, Leaving
    from mailwright.operations.world.migrating import Progress
    from mailwright.resolving.server import Server

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
_LET_GO = {
    "due": Text(
        "Nobody asks the old DNS host any more: remove it from dns_hosts, then `mailwright up`, with "
        "consent to what it names.",
        "已没有人查询旧 DNS 服务商：请从 dns_hosts 中删除它，再 `mailwright up`，并同意其所列的各项。",
    ),
    "open": Text(
        "The old DNS host stays in dns_hosts: what is open above comes first.",
        "旧 DNS 服务商须保留在 dns_hosts 中：请先完成上面的事项。",
    ),
    "waiting": Text(
        "The old DNS host stays in dns_hosts: only time is missing.",
        "旧 DNS 服务商须保留在 dns_hosts 中：只需等待。",
    ),
    "unknown": Text(
        "The old DNS host stays in dns_hosts: it could not be told whether anybody asks it.",
        "旧 DNS 服务商须保留在 dns_hosts 中：无法判断是否仍有人查询它。",
    ),
}
_OLD = Text("{domain}: the old DNS host", "{domain}：旧 DNS 服务商")
_BY_NAME = Text(
    "--old-nameserver needs all servers of the new DNS host as --nameserver, and a name for each: "
    "ns1.example.net=192.0.2.53",
    "--old-nameserver 须同时用 --nameserver 给出新 DNS 服务商的全部服务器，且每台都须写名称："
    "ns1.example.net=192.0.2.53",
)
_CODES = {"due": 0, "unknown": 1, "open": 2, "waiting": 2}


@language.command(
    epilog="Exit codes: 0 the next stage is due, 1 could not tell, 2 not yet, 64 wrong usage. "
    "Examples: mailwright migrate stacks/acme-trade.yaml; mailwright migrate stacks/acme-trade.yaml "
    "--old-nameserver ns1.old.example=192.0.2.1 --nameserver ns1.new.example=198.51.100.1"
)
@common.specs_argument
@common.deadline_option
@common.nameserver_option
@common.resolver_option
@click.option(
    "--old-nameserver",
    "old_nameservers",
    multiple=True,
    metavar="NAME=ADDR[:PORT]",
    help="Say instead whether the DNS host with this nameserver may be let go (may be repeated).",
)
@click.option(
    "--parent",
    "parents",
    multiple=True,
    metavar="[NAME=]ADDR[:PORT]",
    help="With --old-nameserver: ask this server of the zone above (may be repeated); default: all of them.",
)
@common.short_format_option
@common.lang_option
@common.as_of_option
def migrate(
    specs: tuple[str, ...],
    nameservers: tuple[str, ...],
    resolvers: tuple[str, ...],
    old_nameservers: tuple[str, ...],
    parents: tuple[str, ...],
    form: str,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Say how far a move between two mail hosts is, and what has to be true before its next stage."""
    from mailwright.operations.planning import planned
    from mailwright.operations.world import dns_moving, migrating
    from mailwright.plan.records.alias_domains import spec_of
    from mailwright.report.escaping import as_json

    seen = planned(common.spec_paths(specs), as_of)
    if common.stopped(seen, lang, answered=migrating.ANSWERED):
        return 1
    servers = common.servers_of(nameservers)
    whom = migrating.Whom(servers, common.resolvers_of(resolvers, common.dial((), None)) or servers)
    hosts = _hosts(old_nameservers, servers, parents)
    memory = Path.cwd() / ".mailwright"
    progresses: list[Progress | Leaving] = []
    for company, plan in seen.plans:
        if plan.domain in company.parked and not hosts:
            continue  # nothing moves there
        spec = spec_of(company, plan.domain)
        if spec.moving_from is None and not hosts:
            click.echo(_NOBODY.using(domain=spec.domain_unicode)(lang), err=True)
            continue
        now = dt.datetime.now(dt.UTC) if as_of is None else spec.midnight(as_of)
        try:
            progresses.append(
                dns_moving.leaving(plan, hosts, now, memory / "dns-moves")
                if hosts
                else migrating.progress(spec, plan, now, whom, memory / "moves")
            )
        except OSError as error:
            click.echo(_KEPT.using(reason=language.reason(error))(lang), err=True)
            return 1
    if form == "json":
        click.echo(as_json([progress.to_json(lang) for progress in progresses]))
    elif progresses:
        click.echo("\n\n".join(_text(progress, lang) for progress in progresses))
    return common.worst(_CODES[progress.state] for progress in progresses)


def _hosts(old: tuple[str, ...], new: tuple[Server, ...], parents: tuple[str, ...]) -> Hosts | None:
    """Whom the old and the new DNS host have; None where no DNS host is left. Raises a usage error."""
    from mailwright.operations.world.dns_moving import Hosts

    if not old and not parents:
        return None
    servers = common.servers_of(old)
    if not old or not new or any(server.name == server.address for server in (*servers, *new)):
        language.usage(_BY_NAME)
    return Hosts(servers, new, common.servers_of(parents))


def _text(progress: Progress | Leaving, lang: Lang) -> str:
    from mailwright.operations.world.migrating import GUIDE, Progress

    if not isinstance(progress, Progress):
        lines = [_OLD.using(domain=progress.domain)(lang), *_listed(progress.conditions, lang)]
        return "\n".join([*lines, _LET_GO[progress.state](lang)])
    guide, back = GUIDE[progress.stage]
    lines = [_STAGE.using(domain=progress.domain, stage=progress.stage.value)(lang), f"  {guide(lang)}"]
    lines += _listed(progress.conditions, lang)
    lines += _addresses(progress)
    lines.append(f"  {back(lang)}")
    following: Text | str = progress.following.value if progress.following else _LAST
    finished = progress.following is None and progress.state == "due"
    lines.append((_DONE if finished else _NEXT[progress.state].using(stage=following))(lang))
    return "\n".join(lines)


def _listed(conditions: Iterable[Condition], lang: Lang) -> Iterator[str]:
    from mailwright.operations.world.conditions import MARKS

    for one in conditions:
        text = one.text
        if one.until and one.state == "waiting":
            until = one.until.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")
            text = _UNTIL.using(text=one.text, until=until)
        yield f"  {MARKS[one.state]} {text(lang)}"


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
