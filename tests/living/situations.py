"""Situations of many companies on one pair, run as one: all mails are sent, the servers settle once.

A situation is a generator function that gets a ``Company``; at each ``yield`` everything that was handed in so
far is delivered. All situations of a variant go step by step together, so that waiting costs nothing, and each
is a test of its own that raises what its generator raised.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from tests.living.company import Company, Scene
from tests.living.variants import Variant
from tests.living.world import World


def situation(*variants: Variant, **cases: Iterable[object]) -> Callable[[Callable[..., Scene]], object]:
    """A generator function as a test of each variant, and of each of the other parameters' values."""

    def made(scene: Callable[..., Scene]) -> object:
        def test(request: pytest.FixtureRequest, batch: Batch, **_: object) -> None:
            batch.judge(request.node.nodeid)

        test.__name__, test.__doc__, test.__module__ = scene.__name__, scene.__doc__, scene.__module__
        kind = inspect.Parameter.KEYWORD_ONLY
        names = ("request", "batch", "variant", *cases)
        test.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])  # type: ignore[attr-defined]
        test.scene = scene  # type: ignore[attr-defined]
        test.pytestmark = list(getattr(scene, "pytestmark", ()))  # type: ignore[attr-defined]
        on = [pytest.param(each, id=each.name, marks=pytest.mark.xdist_group(each.name)) for each in variants]
        marked = pytest.mark.parametrize("variant", on)(test)
        for name, values in cases.items():
            marked = pytest.mark.parametrize(name, list(values))(marked)
        return marked

    return made


@dataclass
class Batch:
    """The situations of one variant that this run was asked for."""

    world: World
    faults: dict[str, BaseException | None] = field(default_factory=dict)

    def run(self, items: Iterable[pytest.Item]) -> None:
        """All of them, a step at a time."""
        scenes: dict[str, Scene] = {}
        for item in items:
            scene = getattr(getattr(item, "function", None), "scene", None)
            values = dict(item.callspec.params) if scene else {}  # type: ignore[attr-defined]
            if values.pop("variant", None) == self.world.variant:
                scenes[item.nodeid] = scene(Company(self.world), **values)
        while scenes:
            for name in list(scenes):
                try:
                    next(scenes[name])
                except StopIteration:
                    self._end(scenes, name, None)
                except Exception as fault:
                    self._end(scenes, name, fault)
            self.world.deliver()

    def _end(self, scenes: dict[str, Scene], name: str, fault: BaseException | None) -> None:
        self.faults[name] = fault
        del scenes[name]

    def judge(self, name: str) -> None:
        """Raises what the situation raised."""
        fault = self.faults[name]
        if fault is not None:
            raise fault
