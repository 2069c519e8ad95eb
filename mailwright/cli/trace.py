"""``mailwright trace``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from mailwright.cli import common, language
from mailwright.model import disk
from mailwright.model.text import Lang, Text

_MOST = 30_000_000  # octets of a message
_NONE = Text(
    "No spec here says who gets mail to {to}: people: and addresses: are empty, or it is another domain's.",
    "这里没有规格说明谁接收发往 {to} 的邮件：people: 与 addresses: 为空，或是其他域名。",
)

_HEADER = Text(
    "{text}: write NAME:VALUE, such as X-Spam-Flag:YES", "{text}：请写成 NAME:VALUE，例如 X-Spam-Flag:YES"
)
_OCTETS = Text(
    "{text}: write a number with B, KB, MB or GB, such as 6MB",
    "{text}：请写数字并带单位 B、KB、MB 或 GB，例如 6MB",
)


def _headers(
    _context: click.Context, _option: click.Parameter, texts: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    pairs = [text.partition(":") for text in texts]
    if wrong := [name for name, colon, _ in pairs if not colon or not name.strip()]:
        language.bad_value(_HEADER.using(text=wrong[0]))
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)


def _size(_context: click.Context, _option: click.Parameter, text: str | None) -> int:
    from mailwright.spec.conditions import octets

    size = octets(text) if text else 0
    if size is None:
        language.bad_value(_OCTETS.using(text=text))
    return size


@language.command(
    epilog="Exit codes: 0, 1 with errors or where nobody gets the mail, 64 wrong usage. "
    'Example: mailwright trace example --to info --subject "Quote for product A"'
)
@common.specs_argument
@click.option("--to", required=True, metavar="ADDRESS", help="The recipient: info, or info@acme-trade.com.")
@click.option(
    "--from",
    "sender",
    metavar="ADDRESS",
    default="somebody@example.com",
    show_default=True,
    help="The sender.",
)
@click.option("--subject", metavar="TEXT", default="", help="The subject.")
@click.option("--body", metavar="TEXT", default="", help="The text.")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="NAME:VALUE",
    callback=_headers,
    help="A header, such as X-Spam-Flag:YES (may be repeated).",
)
@click.option("--size", metavar="SIZE", callback=_size, help="How large the mail is: 6MB.")
@click.option("--attachment", is_flag=True, help="The mail has attachments.")
@click.option("--reply", is_flag=True, help="The mail answers another one.")
@click.option("--again", is_flag=True, help="Its Message-ID came before, or it comes round a loop.")
@click.option("--bounce", is_flag=True, help="It is a bounce: it has no reverse-path.")
@click.option(
    "--message",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="A message file (.eml) instead of --from, --subject, --body, --header, --size, --attachment "
    "and --reply.",
)
@common.short_format_option
@common.lang_option
@common.as_of_option
def trace(
    specs: tuple[str, ...],
    to: str,
    sender: str,
    subject: str,
    body: str,
    headers: tuple[tuple[str, str], ...],
    size: int,
    attachment: bool,
    reply: bool,
    again: bool,
    bounce: bool,
    message: str | None,
    form: str,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Show step by step who gets a mail, which rule fires and why; no server is queried."""
    from mailwright.operations import tracing
    from mailwright.report.formats import findings as report

    octets = disk.read_named(Path(message), _MOST) if message else None
    asked = tracing.Asked(
        to, sender, subject, body, reply, octets, headers, size, attachment, again=again, bounce=bounce
    )
    seen = tracing.traced(common.spec_paths(specs), asked, as_of)
    if seen.findings:
        click.echo(report.text(seen.findings, lang, seen.sources), err=True)
    if not seen.stories:  # an error may leave nothing to tell; a missed expectation is what this is run for
        if not seen.findings:
            click.echo(_NONE.using(to=to)(lang), err=True)
        return 1
    if form == "json":
        import json

        stories = [{"domain": domain, **tracing.to_json(story, lang)} for domain, story in seen.stories]
        click.echo(json.dumps(stories[0] if len(stories) == 1 else stories, ensure_ascii=False, indent=2))
    else:
        click.echo("\n\n".join(tracing.render(story, lang) for _, story in seen.stories))
    return 0 if not seen.findings and all(story.reached for _, story in seen.stories) else 1
