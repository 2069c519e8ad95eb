"""``mailwright verify``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailwright.cli import common, language
from mailwright.cli.common import dial
from mailwright.cli.mail_options import mail_options, tried, wants_records
from mailwright.model import deadline
from mailwright.model.checks import Overall
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.model.checks import Verdict
    from mailwright.model.plan import Plan
    from mailwright.operations.planning import Planned
    from mailwright.operations.world.deep import Depth
    from mailwright.operations.world.verification import Patience
    from mailwright.resolving.server import Server
    from mailwright.spec.model import MailSpec

_ONE_SPEC = Text(
    "--expect takes one spec, and {pattern} has {count}",
    "--expect 只接受一份规格，而 {pattern} 有 {count} 份",
)
_NO_LIST = Text(
    "no list of domains at {file}: {reason}; with --expect the arguments are lists",
    "{file} 处没有域名列表：{reason}；使用 --expect 时，参数是域名列表",
)
_OLD_ZONE = Text(
    "--old-zone wants one spec, and the new DNS host as --nameserver",
    "--old-zone 需要一份规格，并用 --nameserver 给出新 DNS 服务商的服务器",
)
_WAIT = Text(
    "{error}; give --wait its value with =, or put it last",
    "{error}；请用 = 给出 --wait 的值，或把它放在最后",
)
_CODES = {Overall.OK: 0, Overall.UNKNOWN: 1, Overall.DIFFERS: 2}


@language.command(
    epilog="Exit codes: 0 as planned, 1 could not tell, 2 differs, 64 wrong usage. "
    "Examples: mailwright verify example --nameserver ns1=192.0.2.53:53; "
    "mailwright verify domains.txt --expect stacks/example.yaml"
)
@common.specs_argument
@common.nameserver_option
@common.resolver_option
@click.option(
    "--wait",
    "length",
    is_flag=False,
    flag_value="48h",
    metavar="[DURATION]",
    help="Ask again until all is as planned, for 90s, 30m, 48h (the default and the most).",
)
@click.option(
    "--expect",
    "pattern",
    metavar="SPEC",
    help="The arguments are lists of domains, one per line (- is standard input): each is expected to be as "
    "this spec says, with its own domain in place of the spec's.",
)
@click.option(
    "--old-zone",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Before a move to another DNS host: the old one's zone file, whose other records --nameserver, of "
    "the new one, has to serve, too.",
)
@click.option(
    "--deep",
    is_flag=True,
    help="Look beyond the records: SPF for each sender and its budget, report destinations, DNSSEC, CAA, "
    "the answers to several networks, "
    "names of own servers, the MTA-STS policy over HTTPS, TLS at each exchanger (no mail is sent).",
)
@mail_options
@common.deadline_option
@common.format_option
@common.lang_option
@common.as_of_option
def verify(
    specs: tuple[str, ...],
    nameservers: tuple[str, ...],
    resolvers: tuple[str, ...],
    length: str | None,
    pattern: str | None,
    old_zone: Path | None,
    deep: bool,
    form: str,
    lang: Lang,
    as_of: dt.date | None,
    **asked: Any,
) -> int:
    """Compare the plan with what every authoritative server answers, value by value and TTL by TTL."""
    from mailwright.operations.world import verification
    from mailwright.report.formats import forms

    seen = _planned(specs, pattern, as_of)
    spec_plans = seen.plans
    if common.stopped(seen, lang):
        return 1
    way = dial(asked["detours"], asked["ca_file"])
    others = common.resolvers_of(resolvers, way)
    servers = common.servers_of(nameservers)
    plans = [plan for _, plan in spec_plans] if wants_records(asked) else []
    excuse = _excuse(plans, specs) if pattern is None else list
    if length and plans:
        deadline.extend(_patience(length, lang).length.total_seconds())
        whom = verification.Asked(servers, others)
        verdicts = verification.wait(plans, whom, replace(_patience(length, lang), excuse=excuse))
    else:
        verdicts = excuse(verification.verify_all(plans, servers, others))
    if deep:
        from mailwright.operations.world.deep import Depth

        verdicts = _deepened(verdicts, spec_plans, Depth(servers, others, way))
    if old_zone:
        verdicts = _with_old_zone(verdicts, spec_plans, old_zone, servers)
    verdicts = tried(verdicts, spec_plans, asked)
    day = max((plan.as_of for _, plan in spec_plans), default=as_of or dt.datetime.now(dt.UTC).date())
    click.echo(forms.verdicts(form, verdicts, lang, day=day))
    worst = {verdict.status for verdict in verdicts}
    overall = next((s for s in (Overall.DIFFERS, Overall.UNKNOWN) if s in worst), Overall.OK)
    return _CODES[overall]


def _excuse(plans: Sequence[Plan], specs: tuple[str, ...]) -> Callable[[Sequence[Verdict]], list[Verdict]]:
    """What takes out of verdicts what the last `up` left to run out, where the stack's state is at hand."""
    from mailwright.deploy.given.backend import chosen
    from mailwright.operations.stack.request import Request
    from mailwright.operations.stack.retiring import excusing
    from mailwright.operations.stack.stacks import open_stack

    if not Path(".mailwright").is_dir() and not chosen(Path.cwd()):
        return list
    entries = tuple(common.spec_entries(specs))
    request = Request("preview", tuple(common.spec_paths(specs)), entries=entries)
    return excusing(plans, lambda: open_stack(request))


def _deepened(verdicts: list[Verdict], pairs: Sequence[tuple[MailSpec, Plan]], depth: Depth) -> list[Verdict]:
    """Each verdict with what its records alone do not show."""
    from mailwright.model.checks import Verdict
    from mailwright.operations.world.deep import deep as looked

    checks = {verdict.domain: verdict.checks for verdict in verdicts}
    for deep_verdict in looked(pairs, depth):
        checks[deep_verdict.domain] = (*checks.get(deep_verdict.domain, ()), *deep_verdict.checks)
    return [Verdict(domain, several) for domain, several in checks.items()]


def _with_old_zone(
    verdicts: list[Verdict],
    spec_plans: Sequence[tuple[MailSpec, Plan]],
    file: Path,
    servers: Sequence[Server],
) -> list[Verdict]:
    """The verdict of one company's domain with what the old zone had beside it."""
    from mailwright.model.checks import Verdict
    from mailwright.operations import importing
    from mailwright.operations.world.old_zone import compared

    plans = [plan for spec, plan in spec_plans if plan.domain == spec.domain]
    files, first = len({spec.file for spec, _ in spec_plans}), plans[0].domain if plans else ""
    if not servers or not plans or files > 1:
        language.usage(_OLD_ZONE)
    try:
        checks = tuple(compared(plans[0], importing.from_zone_file(first, file), servers))
    except importing.ImportingError as error:
        language.failure(error.text)
    return [
        Verdict(one.domain, (*one.checks, *checks) if one.domain == first else one.checks) for one in verdicts
    ]


def _planned(specs: tuple[str, ...], pattern: str | None, as_of: dt.date | None) -> Planned:
    """The plans to hold the world against. Raises a usage error."""
    from mailwright.operations.planning import planned
    from mailwright.operations.world.expecting import expected

    if pattern is None:
        return planned(common.spec_paths(specs), as_of)
    paths = common.spec_paths([pattern])
    if len(paths) != 1:
        language.usage(_ONE_SPEC.using(pattern=pattern, count=len(paths)))
    lists = []
    for spec in specs:
        try:
            with click.open_file(spec, "rb") as stream:
                lists.append((spec, stream.read()))
        except OSError as error:
            language.usage(_NO_LIST.using(file=spec, reason=language.reason(error)))
    return expected(paths[0], lists, as_of)


def _patience(length: str, lang: Lang) -> Patience:
    from mailwright.operations.world.verification import Patience
    from mailwright.verify.waiting import duration

    try:
        return Patience(duration(length), lambda line: click.echo(line, err=True), lang)
    except ValueError as error:
        language.usage(_WAIT.using(error=common.reason(error)))
