"""Each variable of the environment is spelt once, where all of them are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import mailwright

PACKAGE = Path(mailwright.__file__).parent
ALONE = PACKAGE / "model" / "variables.py"


def _names(path: Path) -> Iterator[str]:
    """Texts of a module that are nothing but the name of a variable of ours, or the beginning of one."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\A_?MAILWRIGHT_[A-Z_]*\Z", node.value)


def test_one_module_names_the_variables() -> None:
    others = {path for path in PACKAGE.rglob("*.py") if path != ALONE and list(_names(path))}
    assert not others and len(set(_names(ALONE))) > 10


def test_rooms_of_engines_stay_small() -> None:
    for room in ("operations", "deploy"):
        assert len([*(PACKAGE / room).glob("[!_]*.py")]) <= 12, room
