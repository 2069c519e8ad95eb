"""Random moves and rotations in a world with a clock: no mail is lost, and wrong sequences are caught."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.moves.dns_hosts import rehosted
from tests.moves.people import StuckError
from tests.moves.stories import moved, rotated

#: Stories of a kind; MAILWRIGHT_MOVES=N tries N.
COUNT = int(os.environ.get("MAILWRIGHT_MOVES", "8"))
FIRST = int(os.environ.get("MAILWRIGHT_MOVES_FROM", "1"))
_Story = Callable[[Path, int], list[str]]


def lost(folder: Path, story: _Story, seeds: range) -> list[str]:
    """What the first story loses that loses anything."""
    for seed in seeds:
        place = folder / "story"
        place.mkdir()
        try:
            if said := story(place, seed):
                return said
        except StuckError:
            return [f"seed {seed}: the commands let nobody go on"]
        finally:
            shutil.rmtree(place)
    return []


@pytest.mark.parametrize("story", [moved, rotated, rehosted])
def test_no_mail_is_lost(tmp_path: Path, story: _Story) -> None:
    assert lost(tmp_path, story, range(FIRST, FIRST + COUNT)) == []


_MOVES, _STEPS = "mailwright.plan.lint.moves", "mailwright.plan.transition.steps"
_HOSTS = "mailwright.operations.world.dns_moving"
_TRANSPORT = "mailwright.plan.records.transport"
_MIGRATING, _ROTATING = "mailwright.operations.world.migrating", "mailwright.plan.records.rotating"


def _at_once(key: str) -> Callable[..., object]:
    """A wait that is always over."""
    from mailwright.model.text import Text
    from mailwright.operations.world.conditions import Condition

    return lambda *_, **__: Condition(key, "done", Text("", ""))


#: What is wrong, the story that shows it, and the names that are given another value.
MUTANTS: dict[str, tuple[_Story, dict[str, object]]] = {
    "mail of the old host is not waited for": (
        moved,
        {f"{_MOVES}.QUEUED": 0, f"{_STEPS}.SIGNED_MAIL": 0, f"{_MIGRATING}._waited": _at_once("waited")},
    ),
    "the last copy is not asked for": (moved, {f"{_MIGRATING}._last_copy": lambda *_: []}),
    "nothing is confirmed": (
        moved,
        {f"{_MIGRATING}.asked_for": lambda _: {}, f"{_MOVES}.asked_for": lambda _: {}},
    ),
    "SPF has the new host alone": (moved, {"mailwright.plan.records.moving.old_terms": lambda *_: ()}),
    "the id of MTA-STS changes before its file": (moved, {f"{_TRANSPORT}._announced": lambda *_: None}),
    "mail programs and MX change in the first stage": (
        moved,
        {"mailwright.plan.records.moving.hosts": lambda spec, move: (spec.mail_host, move.host)},
    ),
    "the signer switches as soon as the key is written": (
        rotated,
        {"mailwright.operations.rotation.NEGATIVE": dt.timedelta(0)},
    ),
    "a key is revoked on the day the next one is seen": (rotated, {f"{_ROTATING}.QUEUED": 0}),
    "the old DNS host goes with the TTL of the zone above": (
        rehosted,
        {f"{_HOSTS}._Seen.longest": property(lambda seen: seen.above[0].ttl)},
    ),
    "a DS that a DNS host has no key of is not looked at": (
        rehosted,
        {f"{_HOSTS}._signatures": _at_once("signatures")},
    ),
    "the NS change whatever is above": (rehosted, {f"{_HOSTS}.state_of": lambda _: "due"}),
    "nobody has to be seen": (
        rotated,
        {f"{_ROTATING}.signers": lambda _: ("mail_host",)},
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_sequence_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    story, changes = MUTANTS[name]
    for place, value in changes.items():
        monkeypatch.setattr(place, value)
    assert lost(tmp_path, story, range(1, 40)), "the simulator does not see it"
