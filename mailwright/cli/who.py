"""``mailwright who``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.operations.who import Thread

_NOTHING = Text("Nothing in {domain} refers to {person}.", "{domain} 中没有与 {person} 相关的内容。")


@language.command(
    epilog="Exit codes: 0, 1 with errors or where nothing refers to the person, 64 wrong usage. "
    "Example: mailwright who zhao stacks/"
)
@click.argument("person", metavar="PERSON")
@click.argument("specs", nargs=-1, metavar="[SPEC-OR-STACK...]")
@common.keys_option
@common.short_format_option
@common.lang_option
@common.as_of_option
def who(person: str, specs: tuple[str, ...], form: str, lang: Lang, as_of: dt.date | None) -> int:
    """Show everything that refers to a person: read it before they leave. Default: all of stacks/."""
    from mailwright.operations import who as finding_out
    from mailwright.operations.planning import planned

    seen = planned(common.spec_paths(specs or ("stacks",)), as_of)
    stopped = common.stopped(seen, lang)
    chains = [
        (spec.domain, finding_out.who(spec, plan.mailboxes, person))
        for spec, plan in seen.plans
        if plan.domain == spec.domain
    ]
    if form == "json":
        click.echo(_json(chains, lang))
    else:
        for domain, threads in chains:
            if not threads:
                click.echo(_NOTHING.using(person=person, domain=domain)(lang))
            for thread in threads:
                place = f"  ({thread.position})" if thread.position else ""
                click.echo(f"{thread.text(lang).strip()}{place}")
    return 0 if any(threads for _, threads in chains) and not stopped else 1


def _json(by_domain: list[tuple[str, tuple[Thread, ...]]], lang: Lang) -> str:
    import json

    return json.dumps(
        [
            {
                "domain": domain,
                "threads": [
                    {
                        "kind": thread.kind,
                        "text": thread.text(lang),
                        "line": thread.position.line if thread.position else None,
                    }
                    for thread in threads
                ],
            }
            for domain, threads in by_domain
        ],
        ensure_ascii=False,
        indent=2,
    )
