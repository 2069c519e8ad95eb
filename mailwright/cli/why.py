"""``mailwright why``."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang

if TYPE_CHECKING:
    from mailwright.model.plan import Plan
    from mailwright.operations.why.curing import Cure
    from mailwright.spec.model import MailSpec


@language.command(
    epilog="Exit codes: 0, 1 where a cause is not known or the file cannot be read, 64 wrong usage. "
    "Example: mailwright why bounce.eml --spec stacks/example.yaml"
)
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--spec",
    "specs",
    multiple=True,
    metavar="SPEC-OR-STACK",
    help="Name the line of this spec that has to do with it (may be repeated).",
)
@click.option(
    "--receiver",
    metavar="HOST",
    default="",
    help="Trust what this mail server, or one below its name, says of a message.",
)
@click.option("--online", is_flag=True, help="Judge a message's SPF, DKIM, ARC and DMARC by living DNS.")
@common.deadline_option
@common.resolver_option
@common.connect_options
@common.keys_option
@common.short_format_option
@common.lang_option
@common.as_of_option
def why(
    file: str,
    specs: tuple[str, ...],
    receiver: str,
    online: bool,
    resolvers: tuple[str, ...],
    detours: tuple[str, ...],
    ca_file: str | None,
    form: str,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Explain a bounce, or a message's way and proofs; no server is queried without --online.

    FILE is a message (.eml), or the text of a bounce copied into a file; - reads standard input.
    """
    from mailwright.operations.why import explaining, rendering
    from mailwright.operations.why.reading import MOST

    if file == "-":
        octets = sys.stdin.buffer.read(MOST + 1)
    else:
        with Path(file).open("rb") as stream:
            octets = stream.read(MOST + 1)
    plans = _plans(specs, as_of)
    try:
        explanation = explaining.explained(octets, plans, receiver)
    except explaining.Unreadable as error:
        language.failure(error.text)
    proof = None
    more: tuple[Cure, ...] = ()
    if online and explanation.way:
        from mailwright.operations.why.authentication import asked
        from mailwright.operations.why.curing import unproven
        from mailwright.resolving.discovery import ServersError

        servers = common.resolvers_of(resolvers, common.dial(detours, ca_file))
        try:
            proof = asked(explanation.mail.octets, explanation.way, servers)
        except ServersError as error:
            language.failure(error.text)
        if proof.dmarc and proof.dmarc.result == "fail":
            ip = explanation.way.counts.ip if explanation.way.counts else ""
            more = tuple(
                cure for spec, plan in plans for cure in unproven(spec, plan, explanation.way.author, ip)
            )
    if form == "json":
        import json

        click.echo(
            json.dumps(rendering.to_json(explanation, lang, proof, more), ensure_ascii=False, indent=2)
        )
    else:
        click.echo(rendering.render(explanation, lang, proof, more))
    return 0 if explanation.is_known else 1


def _plans(specs: tuple[str, ...], as_of: dt.date | None) -> tuple[tuple[MailSpec, Plan], ...]:
    if not specs:
        return ()
    from mailwright.operations.planning import planned

    seen = planned(common.spec_paths(specs), as_of)
    common.stopped(seen, language.current_lang())
    return seen.plans
