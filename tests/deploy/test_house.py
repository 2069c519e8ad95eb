"""What keeps a change's way visible to types and tests: nothing is looked up by a text."""

from __future__ import annotations

import ast
from pathlib import Path

import mailwright.deploy

DEPLOY = Path(mailwright.deploy.__file__).parent
HOSTS = DEPLOY.parent / "hosts"
#: The SDK's and Python's own, which have no other way in.
ALLOWED = {"embedded/engine.py"}


def test_nothing_on_the_way_of_a_change_hangs_on_a_name_as_text() -> None:
    found = [
        f"{path.relative_to(DEPLOY.parent)}:{node.lineno}"
        for room in (DEPLOY, HOSTS)
        for path in room.rglob("*.py")
        if str(path.relative_to(room)) not in ALLOWED
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Name) and node.id in ("getattr", "setattr", "hasattr")
    ]
    assert not found


def test_a_dozen_modules_at_the_top_are_enough() -> None:
    assert len([path for path in DEPLOY.glob("*.py") if path.name != "__init__.py"]) <= 12
