"""The language of a run: help and usage errors in English or Chinese, click's own words included.

What commands say is a ``Text`` in the code. Help is written in English where its option is; its Chinese is in
``chinese.yaml``, beside that of click's messages and of the system's reasons for a file that fails.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NoReturn

import click
from click import core, exceptions, formatting, parser, termui, types

from mailwright.model.disk import UnsuitableError
from mailwright.model.text import LANGS, Lang, Text

FILE = Path(__file__).with_name("chinese.yaml")
_LANG: ContextVar[Lang] = ContextVar("lang", default="en")
#: The modules of click whose messages users read; each takes ``_`` and ``ngettext`` from gettext by name.
_CLICK = (core, exceptions, formatting, parser, termui, types)
_CLOSING = "，。；：、？！）」”…,.;:)]"


def locale_lang() -> Lang:
    """The language of the locale: Chinese where it says zh, else English."""
    chosen = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if chosen.lower().startswith("zh") else "en"


def requested_lang(words: Sequence[str]) -> Lang:
    """The language that a command line asks for, also one that cannot be parsed; else the locale's."""
    values = [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    values += [value for option, value in itertools.pairwise(words) if option == "--lang"]
    return "zh" if "zh" in values else "en" if "en" in values else locale_lang()


def current_lang() -> Lang:
    """The language of the run, as ``speaking`` set it."""
    return _LANG.get()


@contextlib.contextmanager
def speaking(lang: Lang) -> Iterator[None]:
    """Messages inside are in this language.

    gettext would find Chinese only in a compiled file and only by the environment, which child processes
    inherit; so click's two functions are led to ``chinese.yaml`` for as long as the run takes.
    """
    token = _LANG.set(lang)
    before = [{name: vars(module).get(name) for name in ("_", "ngettext")} for module in _CLICK]
    if lang == "zh":
        for module in _CLICK:
            vars(module).update(_=translated, ngettext=_by_number)
    try:
        yield
    finally:
        for module, names in zip(_CLICK, before, strict=True):
            vars(module).update({name: value for name, value in names.items() if value is not None})
        _LANG.reset(token)


@functools.cache
def chinese() -> dict[str, str]:
    """The Chinese of help and of the messages of click and the system, by their English."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {entry["en"]: entry["zh"] for entry in yaml.load(FILE.read_bytes(), Loader=loader)}


def translated(text: str) -> str:
    """A text in the language of the run; one that has no Chinese stays as it is."""
    return chinese().get(text, text) if current_lang() == "zh" else text


def reason(error: OSError) -> str:
    """Why a file or a connection could not be used, a clause in the language of the run."""
    if isinstance(error, UnsuitableError):
        return error.reason(current_lang())
    return translated(str(error.strerror or error))


def _by_number(one: str, several: str, number: int) -> str:
    return translated(several) if current_lang() == "zh" else one if number == 1 else several


def usage(text: Text) -> NoReturn:
    """Refuse the command line, with exit code 64."""
    raise click.UsageError(text(current_lang())) from None


def bad_value(text: Text) -> NoReturn:
    """Refuse the value of an option, from its callback."""
    raise click.BadParameter(text(current_lang())) from None


def failure(text: Text) -> NoReturn:
    """End with one line and exit code 1."""
    raise click.ClickException(text(current_lang())) from None


def show(error: click.ClickException) -> None:
    """Print an error to standard error; click ends some with a full stop that is not Chinese."""
    message = error.format_message()
    if current_lang() == "zh" and message.endswith("."):
        message = message[:-1] + "。"
        error = click.UsageError(message, error.ctx) if isinstance(error, click.UsageError) else error
    error.show()


def _enter(_context: click.Context, _option: click.Parameter, folder: str | None) -> None:
    if folder:
        os.chdir(folder)


def _folder_option() -> click.Option:
    """``-C DIR``, before any other path of the command line is read."""
    return click.Option(
        ["-C", "directory"],
        type=click.Path(exists=True, file_okay=False),
        metavar="DIR",
        is_eager=True,
        expose_value=False,
        callback=_enter,
        help="Work from this folder.",
    )


def _lang_option() -> click.Option:
    """``--lang`` where only help and errors are in a language: ``requested_lang`` has read it."""
    return click.Option(
        ["--lang"],
        type=click.Choice(LANGS),
        expose_value=False,
        help="Language of messages (default: the locale's). 消息语言。",
    )


class Option(click.Option):
    """An option with names of earlier versions, which are taken and not shown."""

    def __init__(self, *arguments: Any, old: Sequence[str] = (), **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.old = tuple(old)
        self.opts += self.old

    def shown(self) -> click.Option:
        """The same without the names of earlier versions."""
        same = copy.copy(self)
        same.opts = [name for name in self.opts if name not in self.old]
        return same

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The row in the help."""
        return click.Option.get_help_record(self.shown(), ctx)

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """How errors name it."""
        return click.Option.get_error_hint(self.shown(), ctx)


class Command(click.Command):
    """A command that is helped with in both languages and takes ``-C``."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        if not any("--lang" in option.opts for option in self.params):
            self.params.append(_lang_option())
        self.params.append(_folder_option())

    def get_help(self, ctx: click.Context) -> str:
        """The whole help, in the language of the run."""
        if current_lang() == "en":
            return super().get_help(ctx)
        formatter = _chinese_formatter(ctx)
        self._in_chinese().format_help(ctx, formatter)
        return formatter.getvalue().rstrip("\n")

    def get_usage(self, ctx: click.Context) -> str:
        """The first line of the help, which usage errors show too."""
        if current_lang() == "en":
            return super().get_usage(ctx)
        formatter = _chinese_formatter(ctx)
        self.format_usage(ctx, formatter)
        return formatter.getvalue().rstrip("\n")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, each with its help in the language of the run."""
        rows = [row for option in self.get_params(ctx) if (row := _translated(option).get_help_record(ctx))]
        with formatter.section(translated("Options")):
            formatter.write_dl([row for row in rows if row[0].startswith("-")])

    def get_short_help_str(self, limit: int = 45) -> str:
        """The line in the help of the group."""
        if current_lang() == "en":
            return super().get_short_help_str(limit)
        return translated(inspect.cleandoc(self.help or ""))

    def _in_chinese(self) -> Command:
        same = copy.copy(self)
        same.help = translated(inspect.cleandoc(self.help or ""))
        same.epilog = translated(self.epilog or "")
        return same


class Group(Command, click.Group):
    """A group of such commands."""

    command_class = Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, and the commands below them."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


def command(name: str | None = None, **more: Any) -> Callable[[Callable[..., Any]], Command]:
    """``click.command``, for a command that is helped with in both languages."""
    return click.command(name, cls=Command, **more)


def group(**more: Any) -> Callable[[Callable[..., Any]], Group]:
    """``click.group``, likewise."""
    return click.group(cls=Group, **more)


def _translated(option: click.Parameter) -> click.Parameter:
    same = copy.copy(option)
    if isinstance(same, click.Option) and same.help:
        same.help = translated(same.help)
    return same


def _chinese_formatter(ctx: click.Context) -> click.HelpFormatter:
    return _ChineseFormatter(width=ctx.terminal_width, max_width=ctx.max_content_width)


class _ChineseFormatter(click.HelpFormatter):
    """Breaks lines by cells of the terminal, and between any two Chinese characters."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, translated("Usage:") if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        self.write(f"{' ' * self.current_indent}{heading}：\n")

    def write_text(self, text: str) -> None:
        for line in _lines(text, self.width - self.current_indent):
            self.write(f"{' ' * self.current_indent}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms and what they mean, in two columns."""
        terms = list(rows)
        column = min(max((len(term) for term, _ in terms), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, meaning in terms:
            first, *others = _lines(meaning, max(self.width - column - self.current_indent, 10)) or [""]
            beside = len(term) <= column - col_spacing
            self.write(indent + (f"{term:<{column}}" if beside else f"{term}\n{indent}{'':<{column}}"))
            self.write(f"{first}\n")
            for line in others:
                self.write(f"{indent}{'':<{column}}{line}\n")


def _lines(text: str, cells: int) -> list[str]:
    """A paragraph as lines of at most so many cells; no line begins with closing punctuation."""
    from mailwright.report.layout import width

    lines = [""]
    for piece in _pieces(" ".join(text.split())):
        if lines[-1] and width(lines[-1] + piece.rstrip()) > cells and piece[0] not in _CLOSING:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines if line.strip()]


def _pieces(text: str) -> list[str]:
    """What is not broken: a Chinese character, a word of other letters, a blank."""
    return re.findall(r"[\u2e80-\uffef]| +|[^ \u2e80-\uffef]+", text)
