"""The command line. A command's module is imported when it is called, so that ``--help`` is quick."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from mailwright import __version__
from mailwright.cli import language
from mailwright.cli.output import guarded
from mailwright.model import variables
from mailwright.model.text import Lang, Text
from mailwright.operations.processes import LostError, several

_INTERRUPTED = Text("interrupted", "已中断")
_FILE = Text("{file}: {reason}", "{file}：{reason}")
_MACHINE = Text("mailwright: {reason}", "mailwright：{reason}")
_FAULT = Text(
    "mailwright failed: {kind}: {error}\nThis is a fault of Mailwright. MAILWRIGHT_DEBUG=1 shows where.",
    "mailwright 出错：{kind}: {error}\n这是 Mailwright 的缺陷。设置 MAILWRIGHT_DEBUG=1 可显示出错位置。",
)
USAGE_ERROR = 64  # sysexits' EX_USAGE: click's own 2 would read as "differs"
#: New values until garbage is looked for: a run is short, and its trees of values are none.
GARBAGE = 100_000

#: name → (module below mailwright.cli, short help).
COMMANDS = {
    "init": ("init", "Write a first spec."),
    "import": ("import_", "Write the spec of a living domain."),
    "look": ("look", "What a domain runs on and what is wrong; no spec, no account."),
    "report": ("report", "One self-contained page about mail."),
    "check": ("check", "Validate and lint specs; no network."),
    "plan": ("plan", "Show the records that a spec asks for."),
    "preview": ("engine", "Show what `up` would change."),
    "up": ("engine", "Bring DNS to what the specs ask for."),
    "refresh": ("engine", "Update the state from the live records and show drift."),
    "destroy": ("engine", "Remove what Mailwright made."),
    "undo": ("engine", "Bring back the records that the first `up` found."),
    "move": ("engine", "Hand an embedded stack over to Pulumi."),
    "trace": ("trace", "Show step by step who gets a mail."),
    "who": ("who", "Show everything that refers to a person."),
    "why": ("why", "Explain why a mail came back."),
    "card": ("card", "A page a person: what they type into their mail program."),
    "agenda": ("agenda", "Everything that has a day: due, and to come."),
    "export": ("export", "Write mailboxes as files: tables, scripts, checklist."),
    "verify": ("verify", "Compare the plan with live DNS."),
    "drift": ("drift", "Report what has drifted, is due, or is foreign; made for CI."),
    "migrate": ("migrate", "How far a move to another mail host is, and what is next."),
    "dmarc": ("dmarc", "What receivers report, and whether DMARC may get stricter."),
    "sandbox": ("sandbox", "Run a nameserver on this machine for trials."),
    "demo": ("demo", "The whole story on this machine, without an account."),
    "doctor": ("doctor", "What this machine can do."),
    "catalog": ("catalog", "The services that Mailwright knows."),
    "mta-sts": ("mta_sts", "The MTA-STS policy of a spec, as files to serve."),
    "autoconfig": ("autoconfig", "The settings file for mail programs, to be served."),
    "dkim": ("dkim", "Signing keys of your own: make a pair, compare its halves, replace one."),
}

#: What options of reading specs say to the whole run, and to the programs that it starts.
_OF_A_RUN = (variables.SPEC_ROOTS, variables.KEYS, variables.LARGE)
_PYTHON_NAMES = {"import": "import_"}  # a keyword is no name


class _Lazy(language.Group):
    """A group that imports a command when it is called or asked for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"mailwright.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, _PYTHON_NAMES.get(cmd_name) or cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The short helps, from the table: nothing is imported for them."""
        with formatter.section(language.translated("Commands")):
            formatter.write_dl([(name, language.translated(text)) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done or as planned, 1 error or could not tell, 2 differs or would change, "
    "3 refused for safety, 64 wrong usage. Example: mailwright check stacks/example.yaml",
)
@click.version_option(__version__, prog_name="mailwright")
def cli() -> None:
    """Company mail as code: one reviewed YAML spec becomes DNS records, deployed and verified."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    gc.set_threshold(GARBAGE)
    words = sys.argv[1:] if arguments is None else arguments
    lang = language.requested_lang(words)
    with language.speaking(lang), _from_here(), guarded(words), variables.temporarily(_named_folders()):
        return _run(arguments, lang)


def _named_folders() -> dict[str, str | None]:
    """What a run tells the programs that it starts is gone after it, for whoever calls ``main`` twice."""
    return {name: os.environ.get(name) for name in _OF_A_RUN}


@contextlib.contextmanager
def _from_here() -> Iterator[None]:
    """``-C`` holds for one command line: who calls this from a program stays where they were."""
    try:
        here = Path.cwd()
    except OSError:  # it was deleted: there is nowhere to come back to
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.chdir(here)


def _run(arguments: list[str] | None, lang: Lang) -> int:
    try:
        with several():
            answer = cli.main(args=arguments, standalone_mode=False)
        sys.stdout.flush()
        return answer if isinstance(answer, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.UsageError as error:
        language.show(error)
        return USAGE_ERROR
    except click.ClickException as error:
        language.show(error)
        return 1
    except (click.Abort, KeyboardInterrupt):
        click.echo(_INTERRUPTED(lang), err=True)
        return 130
    except LostError as error:  # a part of the work: no word about the rest either
        click.echo(error.reason(lang), err=True)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get(variables.DEBUG):
            raise
        click.echo(_unexpected(error)(lang), err=True)
        return 1


def _unexpected(error: Exception) -> Text:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return _FILE.using(file=error.filename, reason=language.reason(error))
    if isinstance(error, OSError) and error.strerror:  # a full disk, a connection: the machine's own word
        return _MACHINE.using(reason=language.reason(error))
    from mailwright.catalog.loading import CatalogError

    if isinstance(error, CatalogError):
        return error.text
    return _FAULT.using(kind=type(error).__name__, error=error)
