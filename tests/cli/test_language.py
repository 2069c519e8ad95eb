"""Help, usage errors and messages of the command line, in both languages."""

from __future__ import annotations

import ast
import errno
import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mailwright.cli import COMMANDS, cli, language, main
from mailwright.model.text import Lang
from mailwright.report.layout import width

CLI = Path(language.__file__).parent
CHINESE = re.compile("[\u4e00-\u9fff]")
#: Two English words beside each other.
ENGLISH = re.compile(r"\b[A-Za-z]?[a-z]{2,} [a-z]{2,}\b")
#: Messages of click to whoever writes a command line, and of what ours does not use.
UNUSED = re.compile(
    "Deprecat|declar|deprecated|defined twice|use the same flag|start character|Choice|UUID|formats|colour"
    "|any key|confirmation|do not match|^file$|^directory$|^path$"
)
WORDS = {**{name: [name] for name in COMMANDS}, "mailwright": [], "catalog show": ["catalog", "show"]}
WORDS |= {"dkim new": ["dkim", "new"], "dkim match": ["dkim", "match"], "catalog list": ["catalog", "list"]}


def _commands(command: click.Command, name: str = "mailwright") -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            inner = command.get_command(context, below)
            assert inner is not None
            yield from _commands(inner, f"{name} {below}")


def _helps() -> Iterator[str]:
    yield from (text for _, text in COMMANDS.values())
    for _, command in _commands(cli):
        options = [option.help for option in command.params if isinstance(option, click.Option)]
        for text in (command.help, command.epilog, *options):
            if text:
                yield inspect.cleandoc(text)


def _click_messages() -> Iterator[str]:
    """What click's modules hand to gettext: of singular and plural, the plural."""
    for module in (click.core, click.exceptions, click.formatting, click.parser, click.types, click.termui):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
                if node.func.id in {"_", "ngettext"} and texts and not UNUSED.search(str(texts[-1])):
                    yield str(texts[-1])


def test_every_help_text_has_its_chinese() -> None:
    missing = sorted(set(_helps()) - set(language.chinese()))
    assert not missing, "write the Chinese into mailwright/cli/chinese.yaml:\n" + "\n".join(missing)


def test_every_message_of_click_has_its_chinese() -> None:
    missing = sorted(set(_click_messages()) - set(language.chinese()))
    assert not missing, "write the Chinese into mailwright/cli/chinese.yaml:\n" + "\n".join(missing)


def test_no_chinese_is_left_of_what_went() -> None:
    system = set(map(os.strerror, errno.errorcode))
    known = {*_helps(), *_click_messages(), *system, "Show this message and exit.", "required", "deprecated"}
    assert set(language.chinese()) - known == set()


def test_parameters_are_those_of_the_english() -> None:
    for english, chinese in language.chinese().items():
        extra = set(re.findall(r"\{\w+", chinese)) - set(re.findall(r"\{\w+", english))
        assert not extra, english
        assert CHINESE.search(chinese), english


def test_no_literal_of_a_command_is_english_only() -> None:
    """Every sentence in the bodies of commands and in what they raise is a Text."""
    wrong = [
        f"{path.name}:{line}: {text}"
        for path in sorted(CLI.glob("*.py"))
        for line, text in _literals(path.read_text("utf-8"))
        if ENGLISH.search(text) and not text.strip().startswith(("mailwright ", "--"))
    ]
    assert not wrong, "\n".join(wrong)


def test_a_literal_in_english_only_is_seen() -> None:
    source = 'def f(x):\n    "A docstring."\n    click.echo(f"no such thing: {x}")\n    raise E("not here")\n'
    assert [text for _, text in _literals(source)] == ["no such thing: ", "not here"]
    assert not list(_literals('_A = Text("not here", "不在这里")\n@option(help="not here")\ndef f(): ...'))


def _literals(source: str) -> Iterator[tuple[int, str]]:
    """Texts of a module without docstrings, ``Text(…)`` and help, whose Chinese other tests demand."""
    yield from _texts(ast.parse(source), helping=False)


def _texts(node: ast.AST, *, helping: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and not helping:
        yield node.lineno, node.value
    for name, value in ast.iter_fields(node):
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                inner = name == "decorator_list" or (isinstance(part, ast.keyword) and part.arg in _HELP)
                yield from _texts(part, helping=helping or inner or _is_help(part))


_HELP = {"help", "epilog"}


def _is_help(node: ast.AST) -> bool:
    """The table of short helps and the codes of epilogs, whose Chinese is demanded where they are shown."""
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id in {"COMMANDS", "_CODES"} for target in node.targets
    )


@pytest.mark.parametrize("words", WORDS.values(), ids=list(WORDS))
def test_help_is_in_chinese(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--help", "--lang=zh"]) == 0 or main(["--lang=zh", *words, "--help"]) == 0
    shown = capsys.readouterr().out
    prose = re.sub(r"示例：.*", "", shown, flags=re.DOTALL)
    assert "选项：" in shown
    assert "用法：" in shown
    assert not ENGLISH.search(prose.split("\n", 1)[1]), prose
    assert all(width(line) <= 100 for line in shown.splitlines())
    assert main([*words, "--help", "--lang=en"]) == 0
    assert not CHINESE.search(capsys.readouterr().out.replace("消息语言", ""))


ERRORS = {
    "no argument": (["check"], "缺少参数"),
    "no such option": (["check", "--fromat", "x"], "--format"),
    "no such command": (["chek"], "没有命令 'chek'"),
    "no required option": (["report", "a"], "缺少选项 '-o' / '--out'。"),
    "no value": (["check", "a", "--explain"], "需要 1 个值"),
    "a value too many": (["check", "a", "--strict=3"], "不接受值"),
    "an argument too many": (["demo", "a"], "多余的参数"),
    "no choice": (["plan", "a", "--format", "x"], "不是可选值"),
    "out of range": (["verify", "a", "--mail-wait", "0"], "不在范围"),
    "no number": (["sandbox", "--zone", "a", "--port", "x"], "不是有效的"),
    "no file": (["check", "a", "--ca-file", "nope"], "不存在"),
    "no folder": (["check", "-C", "nope", "a"], "不存在"),
    "no date": (["plan", "a", "--as-of", "tomorrow"], "不是日期"),
    "no size": (["trace", "a", "--to", "b", "--size", "6q"], "请写数字"),
    "no header": (["trace", "a", "--to", "b", "--header", "x"], "NAME:VALUE"),
    "no spec": (["check", "nowhere"], "没有规格"),
    "no server": (["look", "a.example", "--nameserver", "1.2"], "不是 IP 地址"),
    "no port": (["look", "a.example", "--nameserver", "192.0.2.1:x"], "不是端口"),
    "no rule": (["check", "--explain", "no-such-rule"], "没有规则"),
    "no domain": (["look", "a/b"], "不是域名"),
    "no service": (["catalog", "show", "nope"], "没有服务"),
    "nothing to do": (["import", "a.example", "--axfr"], "只向一台服务器"),
}


@pytest.mark.parametrize(("words", "part"), ERRORS.values(), ids=list(ERRORS))
def test_usage_errors_are_in_the_language_asked_for(
    words: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", "zh", *words]) == 64
    shown = capsys.readouterr().err
    assert part in shown
    assert "错误：" in shown
    before, _, message = shown.partition("错误：")
    assert not before or ("用法：" in before and "可查看帮助。" in before)
    assert not ENGLISH.search(re.sub("`[^`]*`", "", message)), shown
    assert main(["--lang", "en", *words]) == 64
    shown = capsys.readouterr().err
    assert "Error: " in shown
    assert not CHINESE.search(shown)


@pytest.mark.parametrize(("locale", "lang"), [("zh_CN.UTF-8", "zh"), ("C.UTF-8", "en"), ("de_DE", "en")])
def test_the_locale_decides_where_nothing_is_said(
    locale: str, lang: Lang, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert main(["check"]) == 64
    assert bool(CHINESE.search(capsys.readouterr().err)) == (lang == "zh")
    assert main(["check", "--lang", "en" if lang == "zh" else "zh"]) == 64
    assert bool(CHINESE.search(capsys.readouterr().err)) == (lang == "en")


def test_click_is_left_as_it_was() -> None:
    """Whoever calls ``main`` has other commands of his own."""
    before = [vars(module)["_"] for module in (click.core, click.exceptions)]
    assert main(["--lang", "zh", "--help"]) == 0
    assert [vars(module)["_"] for module in (click.core, click.exceptions)] == before
    assert language.current_lang() == "en"
