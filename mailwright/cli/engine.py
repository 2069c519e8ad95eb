"""``mailwright preview``, ``up``, ``refresh``, ``destroy``, ``undo`` and ``move``."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mailwright.cli import common, language
from mailwright.model import deadline
from mailwright.model.text import Lang, Text

_NO_FOLDER = Text("--out {file}: there is no folder {folder}", "--out {file}：没有文件夹 {folder}")
_WAIT = Text("--wait {error}", "--wait {error}")
_AT_A_TERMINAL = dt.timedelta(hours=1)
_CODES = "Exit codes: 0 done, 1 error, {extra}3 refused for safety, 64 wrong usage. Example: {example}"


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        common.as_of_option,
        common.lang_option,
        click.option(
            "--allow",
            multiple=True,
            metavar="RULE-ID",
            help="Consent to a rule for this run (may be repeated).",
        ),
        common.stack_option,
        common.engine_option,
        common.nameserver_option,
        common.specs_argument,
    ):
        command = option(command)
    return command


def _run(doing: str, specs: tuple[str, ...], options: dict[str, Any]) -> int:
    from mailwright.operations.stack.commands import run
    from mailwright.operations.stack.request import Request

    as_of: dt.date | None = options["as_of"]
    lang: Lang = options["lang"]
    wait = _patience(options.get("length"), options.get("plan_file")) if doing == "up" else dt.timedelta()
    deadline.extend(wait.total_seconds())
    request = Request(
        command=doing,
        specs=tuple(common.spec_paths(specs)),
        engine=options["engine"],
        stack=options["stack"],
        as_of=as_of,
        allow=options["allow"],
        lang=lang,
        out=options.get("out"),
        plan_file=options.get("plan_file"),
        entries=tuple(common.spec_entries(specs)),
        as_before=options.get("as_before", False),
        dry=options.get("dry", False),
        nameservers=_nameservers(options["nameservers"]),
        wait=wait,
    )
    if options.get("form", "text") == "text":
        return run(request, click.echo, lambda text: click.echo(text, err=True))
    from mailwright.operations.stack.preview import previewed

    code, answer = previewed(request, options["form"])
    click.echo(answer)
    return code


def _patience(length: str | None, plan_file: Path | None) -> dt.timedelta:
    """How long to wait for a person; what was reviewed is carried out once. Raises a usage error."""
    from mailwright.verify.waiting import duration

    if length is None:
        terminal = sys.stdin.isatty() and sys.stdout.isatty()
        return _AT_A_TERMINAL if terminal and not plan_file else dt.timedelta()
    try:
        return duration(length)
    except ValueError as error:
        language.usage(_WAIT.using(error=common.reason(error)))


def _nameservers(texts: tuple[str, ...]) -> tuple[str, ...]:
    """What ``--nameserver`` says, as the environment of a run has it. Raises a usage error."""
    common.servers_of(texts)
    return texts


@language.command(
    epilog=_CODES.format(extra="2 something would change, ", example="mailwright preview example")
)
@_shared
@common.deadline_option
@common.out_file("Keep what was shown, for `up --plan`.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "page", "sarif", "junit", "github"]),
    default="text",
    help="markdown: a pull request; page: what is entered by hand, to copy from; "
    "json: schemas/preview.schema.json; the others for CI.",
)
def preview(specs: tuple[str, ...], **options: Any) -> int:
    """Show what `up` would change; writes nothing."""
    out: Path | None = options["out"]
    if out and not out.parent.is_dir():
        language.usage(_NO_FOLDER.using(file=out, folder=out.parent))
    return _run("preview", specs, options)


@language.command(
    epilog=_CODES.format(extra="2 waits for a person, ", example="mailwright up example --allow mx-changed")
)
@_shared
@common.deadline_of_changes_option
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Apply exactly what was reviewed, or nothing.",
)
@click.option(
    "--wait",
    "length",
    is_flag=False,
    flag_value="48h",
    metavar="[DURATION]",
    help="Look again until what is entered by hand is there, for 30m, 48h (the most, and what is taken "
    "without a value); without --wait 1h on a terminal, else not at all.",
)
def up(specs: tuple[str, ...], **options: Any) -> int:
    """Bring DNS, and mailboxes on an own mail server, to what the specs ask for."""
    return _run("up", specs, options)


@language.command(epilog=_CODES.format(extra="", example="mailwright refresh example"))
@_shared
@common.deadline_option
def refresh(specs: tuple[str, ...], **options: Any) -> int:
    """Update the state from the live records, and show what differs from what was applied."""
    return _run("refresh", specs, options)


@language.command(epilog=_CODES.format(extra="", example="mailwright destroy example --allow no-mx-left"))
@_shared
@common.deadline_of_changes_option
@click.option(
    "--as-before",
    is_flag=True,
    help="Bring back the records that the first `up` found, then let go of the domain.",
)
def destroy(specs: tuple[str, ...], **options: Any) -> int:
    """Remove what Mailwright made; what others made stays."""
    return _run("destroy", specs, options)


@language.command(
    epilog=_CODES.format(extra="2 (--preview) something would change, ", example="mailwright undo example")
)
@_shared
@common.deadline_of_changes_option
@click.option("--preview", "dry", is_flag=True, help="Only show what would change; writes nothing.")
def undo(specs: tuple[str, ...], **options: Any) -> int:
    """Bring back the records that the first `up` found on a living domain; the spec stays as it is."""
    return _run("undo", specs, {**options, "as_before": True})


@language.command(epilog=_CODES.format(extra="", example="mailwright move example"))
@_shared
@common.deadline_of_changes_option
def move(specs: tuple[str, ...], **options: Any) -> int:
    """Hand an embedded stack over to Pulumi, without a changed record."""
    return _run("move", specs, options)
