"""``mailwright card``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang, Text

_NOBODY = Text("{person} has no mailbox in {domain}", "{person} 在 {domain} 没有邮箱")
_WRITTEN = Text("{count} pages in {folder}", "已写入 {count} 页：{folder}")


@language.command(
    epilog="Exit codes: 0, 1 with errors or where a person has no mailbox, 64 wrong usage. "
    "Example: mailwright card example wang -o cards/"
)
@click.argument("spec", metavar="SPEC-OR-STACK")
@click.argument("people", nargs=-1, metavar="[PERSON...]")
@common.keys_option
@common.out_folder("Write the pages and profiles here.", required=True)
@common.lang_option
@common.as_of_option
def card(spec: str, people: tuple[str, ...], out: Path, lang: Lang, as_of: dt.date | None) -> int:
    """Write a page a person: what they type into their mail program. Default: everybody with a mailbox."""
    from mailwright.operations.planning import planned
    from mailwright.plan.cards import cards
    from mailwright.report.page import card as formats

    seen = planned(common.spec_paths((spec,)), as_of)
    if common.stopped(seen, lang):
        return 1
    count, missing = 0, False
    for company, plan in seen.plans:
        if plan.domain != company.domain:
            continue
        made = {each.key: each for each in cards(company, plan.mailboxes)}
        for person in people or made:
            one = made.get(person)
            if one is None:
                click.echo(_NOBODY.using(person=person, domain=company.domain)(lang), err=True)
                missing = True
                continue
            folder = out / company.domain
            folder.mkdir(parents=True, exist_ok=True)
            profile = formats.mobileconfig(one)
            name = f"{one.key}.mobileconfig" if profile else ""
            if profile:
                (folder / name).write_bytes(profile)
            text = formats.page(one, lang, profile=name)
            (folder / f"{one.key}.html").write_text(text, encoding="utf-8", newline="\n")
            count += 1
    click.echo(_WRITTEN.using(count=count, folder=out)(lang))
    return 1 if missing or not count else 0
