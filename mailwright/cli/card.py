"""``mailwright card``."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailwright.cli import common, language
from mailwright.model import variables
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.plan.cards import Card
    from mailwright.report.formats.profile import Signer

_NOBODY = Text("{person} has no mailbox in {domain}", "{person} 在 {domain} 没有邮箱")
_WRITTEN = Text("Pages in {folder}: {count}", "已写入 {count} 页：{folder}")
_REMOVED = Text("Removed: {file}", "已删除：{file}")
_BOTH = Text(
    "--sign-certificate and --sign-key belong together", "--sign-certificate 与 --sign-key 须同时给出"
)
#: Of the two files that a person has.
_ENDS = (".html", ".mobileconfig")
_PEM = click.Path(exists=True, dir_okay=False, path_type=Path)


@language.command(
    epilog="Exit codes: 0, 1 with errors or where a person has no mailbox, 64 wrong usage. "
    "Example: mailwright card example wang -o cards/"
)
@click.argument("spec", metavar="SPEC-OR-STACK")
@click.argument("people", nargs=-1, metavar="[PERSON...]")
@common.keys_option
@common.out_folder("Write the pages and profiles here.", required=True)
@click.option(
    "--url",
    metavar="URL",
    default="",
    help="Where the folder is served: each page has a QR code that leads a phone to its profile.",
)
@click.option(
    "--sign-certificate",
    metavar="FILE",
    type=_PEM,
    help="Sign the profiles with this certificate and its chain (PEM).",
)
@click.option(
    "--sign-key",
    metavar="FILE",
    type=_PEM,
    help="The key of --sign-certificate (PEM); its passphrase is read from MAILWRIGHT_PROFILE_PASSPHRASE.",
)
@common.lang_option
@common.as_of_option
def card(
    spec: str,
    people: tuple[str, ...],
    out: Path,
    url: str,
    sign_certificate: Path | None,
    sign_key: Path | None,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Write a page a person: what they type into their mail program. Default: everybody with a mailbox."""
    from mailwright.operations.planning import planned
    from mailwright.plan.cards import cards
    from mailwright.report.formats.profile import SigningError

    try:
        signer = _signer(sign_certificate, sign_key)
    except SigningError as error:
        click.echo(error.text(lang), err=True)
        return 1
    seen = planned(common.spec_paths((spec,)), as_of)
    if common.stopped(seen, lang):
        return 1
    count, missing = 0, False
    for company, plan in seen.plans:
        if plan.domain != company.domain:
            continue
        by_key = {page.key: page for page in cards(company, plan.mailboxes)}
        for person in people or by_key:
            if person not in by_key:
                click.echo(_NOBODY.using(person=person, domain=company.domain)(lang), err=True)
                missing = True
                continue
            _write(by_key[person], out / company.domain, url, signer, lang)
            count += 1
        if not people:
            gone = [person.key for person in company.mailboxes.people if person.key not in by_key]
            _remove([out / company.domain / f"{key}{end}" for key in gone for end in _ENDS], lang)
    click.echo(_WRITTEN.using(count=count, folder=out)(lang))
    return 1 if missing or not count else 0


def _signer(certificate: Path | None, key: Path | None) -> Signer | None:
    from mailwright.report.formats.profile import Signer

    if (certificate is None) != (key is None):
        language.usage(_BOTH)
    if certificate is None or key is None:
        return None
    passphrase = os.environ.get(variables.PROFILE_PASSPHRASE)
    return Signer(certificate.read_bytes(), key.read_bytes(), passphrase.encode() if passphrase else None)


def _write(card: Card, folder: Path, url: str, signer: Signer | None, lang: Lang) -> None:
    from mailwright.report.formats.profile import mobileconfig
    from mailwright.report.page.card import page

    folder.mkdir(parents=True, exist_ok=True)
    profile = mobileconfig(card)
    name = f"{card.key}.mobileconfig" if profile else ""
    if profile:
        (folder / name).write_bytes(signer.signed(profile) if signer else profile)
    else:  # one of an earlier mail host would set a phone up wrongly
        _remove([folder / f"{card.key}.mobileconfig"], lang)
    target = f"{url.rstrip('/')}/{card.domain}/{name or f'{card.key}.html'}" if url else ""
    text = page(card, lang, profile=name, url=target)
    (folder / f"{card.key}.html").write_text(text, encoding="utf-8", newline="\n")


def _remove(files: Iterable[Path], lang: Lang) -> None:
    """What an earlier run wrote and nobody should open any more; only names that this command writes."""
    for file in files:
        if file.is_file():
            file.unlink()
            click.echo(_REMOVED.using(file=file)(lang))
