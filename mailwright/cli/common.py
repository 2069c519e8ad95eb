"""Options and steps that several commands share."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mailwright.cli import language
from mailwright.model import variables
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.operations.planning import Planned
    from mailwright.resolving.connect import Dial
    from mailwright.resolving.server import Server

F = TypeVar("F", bound=Callable[..., Any])


_DAY = Text("{value} is not a date; write it as 2026-12-24", "{value} 不是日期；请写成 2026-12-24 的形式")
_SERVER = Text(
    "a server is ADDRESS, ADDRESS:PORT or NAME=ADDRESS:PORT: {error}",
    "服务器请写成 ADDRESS、ADDRESS:PORT 或 NAME=ADDRESS:PORT：{error}",
)
_RESOLVER = Text(
    "a resolver is ADDRESS[:PORT], tls://HOST or https://HOST/PATH: {error}",
    "解析器请写成 ADDRESS[:PORT]、tls://HOST 或 https://HOST/PATH：{error}",
)
_PLAIN = Text("{error}", "{error}")
_NO_SPEC = Text(
    "no spec at {name}, and no stacks/{name}.yaml", "{name} 处没有规格，也没有 stacks/{name}.yaml"
)
_EMPTY = Text("no spec (*.yaml) in the folder {name}", "文件夹 {name} 中没有规格（*.yaml）")
_EXISTS = Text(
    "{file} exists and was left as it is; choose another with -o",
    "{file} 已存在，未作改动；请用 -o 另选一个文件",
)


def stopped(seen: Planned, lang: Lang, *, answered: Collection[str] = ()) -> bool:
    """Show the errors of specs; whether there are any. ``answered`` are rules that the command is about."""
    from mailwright.model.finding import has_errors
    from mailwright.report.formats import findings

    errors = [finding for finding in seen.findings if has_errors([finding]) and finding.rule not in answered]
    if errors:
        click.echo(findings.text(errors, lang, seen.sources), err=True)
    return bool(errors)


def worst(codes: Iterable[int]) -> int:
    """The exit code of several domains: 1 (could not tell) before 2 (not yet, or differs) before 0."""
    return max(codes, key=[0, 2, 1].index, default=0)


def lang_option(command: F) -> F:
    """``--lang en|zh``, default from the locale."""
    return click.option(
        "--lang",
        type=click.Choice(["en", "zh"]),
        default=language.current_lang,
        help="Language of messages (default: the locale's). 消息语言。",
    )(command)


class Day(click.ParamType[dt.date]):
    """A date such as 2026-12-24."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """The date, or a usage error."""
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(_DAY.using(value=value)(language.current_lang()), param, ctx)


def as_of_option(command: F) -> F:
    """``--as-of DATE``: the only clock."""
    return click.option(
        "--as-of", type=Day(), help="Plan for this day (default: today in the spec's time zone)."
    )(command)


#: What a run may take where nothing else is said: one that only looks, and one that changes something.
DEADLINE, DEADLINE_OF_CHANGES = "30m", "6h"


def deadline_option(command: F) -> F:
    """``--deadline``: when a run ends, whatever servers do."""
    return _deadline(DEADLINE)(command)


def deadline_of_changes_option(command: F) -> F:
    """``--deadline`` of a command that writes: over a fleet it takes its time."""
    return _deadline(DEADLINE_OF_CHANGES)(command)


def _deadline(default: str) -> Callable[[F], F]:
    return click.option(
        "--deadline",
        default=default,
        show_default=True,
        metavar="DURATION",
        expose_value=False,
        is_eager=True,
        callback=_until,
        help="Ask no longer than this, such as 90s or 2h; what is not answered then is unknown.",
    )


def _until(context: click.Context, _option: click.Parameter, text: str) -> None:
    from mailwright.model.deadline import until
    from mailwright.verify.waiting import duration

    try:
        context.with_resource(until(duration(text).total_seconds()))
    except ValueError as error:
        language.usage(_PLAIN.using(error=reason(error)))


#: What check, verify and drift can write; kept here so that help loads no renderer.
FORMS = ("table", "text", "json", "markdown", "sarif", "junit", "github")


def format_option(command: F) -> F:
    """``--format``: for people, for programs, for a pull request, for CI."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMS),
        default="table",
        help="markdown: a pull request; sarif: code scanning; junit: CI reports; github: annotations.",
    )(command)


def short_format_option(command: F) -> F:
    """``--format`` of what is for people or programs only."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="text: for people; json: for programs.",
    )(command)


def out_file(help: str, *, required: bool = False) -> Callable[[F], F]:
    """``-o/--out FILE``."""
    return _out("FILE", click.Path(dir_okay=False, path_type=Path), help, required=required)


def out_folder(help: str, *, required: bool = False) -> Callable[[F], F]:
    """``-o/--out DIR``."""
    return _out("DIR", click.Path(file_okay=False, path_type=Path), help, required=required)


def _out(metavar: str, type: click.Path, help: str, *, required: bool) -> Callable[[F], F]:
    def option(command: F) -> F:
        return click.option(
            "-o",
            "--out",
            "out",
            cls=language.Option,
            old=("--output",),
            type=type,
            metavar=metavar,
            required=required,
            help=help,
        )(command)

    return option


def folder_option(help: str, default: Path | None = None) -> Callable[[F], F]:
    """``--dir DIR``: where a server on this machine keeps its files."""
    return click.option(
        "--dir",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        default=default,
        show_default=default is not None,
        help=help,
    )


def engine_option(command: F) -> F:
    """``--engine``: who keeps the state."""
    return click.option(
        "--engine",
        type=click.Choice(["auto", "pulumi", "embedded"]),
        default="auto",
        show_default=True,
        help="auto: pulumi where its command is installed, else embedded.",
    )(command)


def stack_option(command: F) -> F:
    """``--stack NAME``."""
    return click.option(
        "--stack",
        metavar="NAME",
        help="The stack's name (default: that of the spec's file or of the folder).",
    )(command)


def selector_option(command: F) -> F:
    """``--selector``: keys that nothing in DNS lists."""
    return click.option(
        "--selector",
        "selectors",
        multiple=True,
        metavar="NAME",
        help="A DKIM selector to ask for (may be repeated).",
    )(command)


def name_option(command: F) -> F:
    """``--name``: hosts that only a service's console lists."""
    return click.option(
        "--name",
        "names",
        multiple=True,
        metavar="HOST",
        help="A host record below the domain to ask for, such as em1234 (may be repeated).",
    )(command)


def nameserver_option(command: F) -> F:
    """``--nameserver``: whom to ask who is authoritative."""
    return click.option(
        "--nameserver",
        "nameservers",
        multiple=True,
        metavar="[NAME=]ADDR[:PORT]",
        help="Ask this authoritative server (may be repeated); default: the domain's own.",
    )(command)


def servers_of(texts: Sequence[str]) -> tuple[Server, ...]:
    """What ``--nameserver`` says. Raises a usage error."""
    from mailwright.resolving.server import given

    try:
        return tuple(given(text) for text in texts)
    except ValueError as error:
        language.usage(_SERVER.using(error=reason(error)))


def reason(error: ValueError) -> object:
    """What an error says, in both languages where it was written by us."""
    from mailwright.standards.faults import Fault

    return error.reason if isinstance(error, Fault) else error


def refuse_existing(file: Path) -> None:
    """End the run where a file that is to be written is there already."""
    if file.exists():
        language.failure(_EXISTS.using(file=file))


def write_new(file: Path, text: str) -> None:
    """Write a file that is not there yet; one that is stays as it is, and the run ends."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        language.failure(_EXISTS.using(file=file))


def resolver_option(command: F) -> F:
    """``--resolver``: whom to ask who is not authoritative."""
    return click.option(
        "--resolver",
        "resolvers",
        multiple=True,
        metavar="ADDR[:PORT]",
        help="Ask this resolver (may be repeated): ADDR[:PORT], tls://HOST or https://HOST/PATH. Where the "
        "certificate has another name than HOST, write #NAME behind it.",
    )(command)


def resolvers_of(texts: Sequence[str], dial: Dial) -> tuple[Server, ...]:
    """What ``--resolver`` says. Raises a usage error."""
    from mailwright.resolving.server import resolver

    try:
        return tuple(resolver(text, dial) for text in texts)
    except ValueError as error:
        language.usage(_RESOLVER.using(error=reason(error)))


def connect_options(command: F) -> F:
    """``--connect-to`` and ``--ca-file``: where connections go, and whom to trust."""
    detours = click.option(
        "--connect-to",
        "detours",
        multiple=True,
        metavar="HOST:PORT:ADDR:PORT",
        help="Connect to ADDR:PORT instead of HOST:PORT (may be repeated); "
        "the certificate must still be HOST's.",
    )
    ca_file = click.option(
        "--ca-file",
        type=click.Path(exists=True, dir_okay=False),
        metavar="FILE",
        help="Trust these certificates (PEM) instead of the system's.",
    )
    return detours(ca_file(command))


def dial(detours: Sequence[str], ca_file: str | None) -> Dial:
    """How the options say to connect. Raises a usage error."""
    from mailwright.resolving.connect import Dial

    try:
        return Dial.given(detours, ca_file)
    except ValueError as error:
        language.usage(_PLAIN.using(error=reason(error)))


def specs_argument(command: F) -> F:
    """SPEC-OR-STACK…: files, folders, or the NAME of stacks/NAME.yaml; with what reading them needs."""
    argument = click.argument("specs", nargs=-1, required=True, metavar="SPEC-OR-STACK...")
    return argument(keys_option(command))


def keys_option(command: F) -> F:
    """``--keys``: where else keys that specs name may lie. ``--large``: how long a spec may be."""
    large = click.option(
        "--large",
        is_flag=True,
        expose_value=False,
        callback=_allow_large,
        help="Allow specs of up to 4 MB; without this at most 256 KB.",
    )
    keys = click.option(
        "--keys",
        multiple=True,
        type=click.Path(exists=True, file_okay=False),
        expose_value=False,
        callback=_allow_keys,
        help="Specs may name keys and certificates below this folder too (may be repeated).",
    )
    return keys(large(command))


def _allow_large(_context: click.Context, _option: click.Parameter, large: bool) -> None:
    if large:
        os.environ[variables.LARGE] = "1"


def _allow_keys(_context: click.Context, _option: click.Parameter, folders: tuple[str, ...]) -> None:
    if folders:  # for this run, and for the Pulumi program that it starts; ``main`` takes it back
        from mailwright.spec import files

        files.allow(variables.KEYS, folders)


def spec_entries(names: Sequence[str]) -> list[Path]:
    """The files and folders that the words of the command line mean. Raises a usage error."""
    entries = []
    for name in names:
        stack = Path("stacks") / f"{name}.yaml"
        path = Path(name)
        if not path.exists() and stack.exists():
            path = stack
        if not path.exists():
            language.usage(_NO_SPEC.using(name=name))
        entries.append(path)
    return entries


def spec_paths(names: Sequence[str]) -> list[Path]:
    """The spec files that the words of the command line mean. Raises a usage error."""
    from mailwright.spec import files, find_specs

    paths: list[Path] = []
    for entry in spec_entries(names):
        files.allow_roots([entry])
        specs = find_specs(entry)
        if not specs:
            language.usage(_EMPTY.using(name=entry))
        paths += specs
    return list(dict.fromkeys(paths))
