"""Situations of many companies on one pair, run as one: all mails are sent, the servers settle once.

A situation is a generator function that gets a ``Company``; at each ``yield`` everything that was handed in
so far is delivered. All situations of a variant go step by step together, so that waiting costs nothing, and
each is a test of its own that fails with what its generator raised.
"""

from __future__ import annotations

import fcntl
import inspect
import json
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.living.company import Company, Scene
from tests.living.variants import Variant
from tests.living.world import World, world


def situation(*variants: Variant, **cases: Iterable[object]) -> Callable[[Callable[..., Scene]], object]:
    """A generator function as a test of each variant, and of each of the other parameters' values."""

    def made(scene: Callable[..., Scene]) -> object:
        def test(request: pytest.FixtureRequest, batch: dict[str, str], **_: object) -> None:
            if batch[request.node.nodeid]:
                pytest.fail(batch[request.node.nodeid], pytrace=False)

        test.__name__, test.__doc__, test.__module__ = scene.__name__, scene.__doc__, scene.__module__
        kind = inspect.Parameter.KEYWORD_ONLY
        names = ("request", "batch", "variant", *cases)
        test.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])  # type: ignore[attr-defined]
        test.scene = scene  # type: ignore[attr-defined]
        test.pytestmark = list(getattr(scene, "pytestmark", ()))  # type: ignore[attr-defined]
        on = [pytest.param(variant, id=variant.name) for variant in variants]
        marked = pytest.mark.parametrize("variant", on)(test)
        for name, values in cases.items():
            marked = pytest.mark.parametrize(name, list(values))(marked)
        return marked

    return made


def run(pair: World, items: Iterable[pytest.Item]) -> dict[str, str]:
    """All situations of a pair's variant, a step at a time: what each raised, '' where all was well."""
    scenes: dict[str, Scene] = {}
    faults: dict[str, str] = {}
    for item in items:
        scene = getattr(getattr(item, "function", None), "scene", None)
        values = dict(item.callspec.params) if scene else {}  # type: ignore[attr-defined]
        if values.pop("variant", None) == pair.variant:
            scenes[item.nodeid] = scene(Company(pair), **values)
    while scenes:
        for name in list(scenes):
            try:
                next(scenes[name])
            except StopIteration:
                faults[name] = ""
            except Exception:
                faults[name] = traceback.format_exc()
            if name in faults:
                del scenes[name]
        pair.deliver()
    return faults


def run_once(variant: Variant, items: Iterable[pytest.Item], folder: Path) -> dict[str, str]:
    """The same, once for all worker processes of a run of tests; ``folder`` is theirs together."""
    results = folder / f"living-{variant.name}.json"
    with (folder / f"living-{variant.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not results.exists():
            with world(variant) as pair:
                results.write_text(json.dumps(run(pair, items)))
    faults: dict[str, str] = json.loads(results.read_text())
    return faults
