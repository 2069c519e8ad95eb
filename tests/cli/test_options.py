"""One name and one form for one thing, whichever command takes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mailwright.cli import cli, main
from tests.conftest import ROOT

EXAMPLE = ROOT / "stacks" / "example.yaml"

#: Options whose values are not the same over commands: what can be written differs.
OF_THEIR_OWN = {"--format", "--zone"}
WRITE = (
    "autoconfig",
    "card",
    "catalog draft",
    "dkim new",
    "export",
    "import",
    "init",
    "mta-sts",
    "preview",
    "report",
)


def _commands(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            inner = command.get_command(context, below)
            assert inner is not None
            yield from _commands(inner, f"{name} {below}".strip())


ALL = dict(_commands(cli))


def test_an_option_has_one_form() -> None:
    forms: dict[str, set[str]] = defaultdict(set)
    for command in ALL.values():
        context = click.Context(command)
        for option in command.params:
            if isinstance(option, click.Option) and not option.is_flag:
                for name in set(option.opts) - OF_THEIR_OWN:
                    forms[name].add(option.make_metavar(context).replace("DIR", "FILE"))
    assert {name: found for name, found in forms.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", ALL)
def test_every_command_works_from_a_folder(name: str) -> None:
    options = {option for parameter in ALL[name].params for option in parameter.opts}
    assert "-C" in options


@pytest.mark.parametrize("name", WRITE)
def test_what_is_written_is_named_by_out(name: str) -> None:
    names = [set(parameter.opts) for parameter in ALL[name].params if "--out" in parameter.opts]
    assert names == [{"-o", "--out", "--output"}]


def test_nothing_else_names_what_is_written() -> None:
    assert {
        name for name, command in ALL.items() if any("--out" in option.opts for option in command.params)
    } == {*WRITE}


@pytest.mark.parametrize("option", ["-o", "--out", "--output"])
def test_the_old_name_is_taken_and_not_shown(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(EXAMPLE), option, str(tmp_path / "page.html"), "--lang", "en"]) == 0
    assert (tmp_path / "page.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    capsys.readouterr()
    main(["report", "--help"])
    assert "--output" not in capsys.readouterr().out


@pytest.mark.parametrize("before", [True, False])
def test_paths_are_those_of_the_folder(
    before: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where -C is behind them, and for what must be there already."""
    monkeypatch.chdir(Path.cwd())
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "firm.yaml").write_bytes(EXAMPLE.read_bytes())
    (tmp_path / "inner" / "older.yaml").write_bytes(EXAMPLE.read_bytes())
    folder, words = ["-C", str(tmp_path / "inner")], ["plan", "firm.yaml", "--against", "older.yaml"]
    assert main([*folder, *words] if before else [*words, *folder]) == 0, capsys.readouterr().err


def test_folders_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path.cwd())
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "firm.yaml").write_bytes(EXAMPLE.read_bytes())
    assert main(["-C", str(tmp_path), "plan", "-C", "inner", "firm.yaml", "--format", "json"]) == 0
