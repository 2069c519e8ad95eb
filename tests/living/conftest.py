"""Living pairs, one a variant and run of tests; all situations of a variant are one batch on its pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.living.situations import Batch
from tests.living.variants import Variant
from tests.living.world import World, world

Pairs = Callable[[Variant], World]


@pytest.fixture(scope="session")
def pairs() -> Iterator[Pairs]:
    """Started when first asked for."""
    started: dict[str, World] = {}
    with ExitStack() as stack:

        def pair(variant: Variant) -> World:
            if variant.name not in started:
                started[variant.name] = stack.enter_context(world(variant))
            return started[variant.name]

        yield pair


@pytest.fixture(scope="session")
def batches(pairs: Pairs, request: pytest.FixtureRequest) -> Callable[[Variant], Batch]:
    """The batch of each variant, run when first asked for."""
    run: dict[str, Batch] = {}

    def of(variant: Variant) -> Batch:
        if variant.name not in run:
            run[variant.name] = Batch(pairs(variant))
            run[variant.name].run(request.session.items)
        return run[variant.name]

    return of


@pytest.fixture
def batch(batches: Callable[[Variant], Batch], variant: Variant) -> Batch:
    """The batch that a situation is part of, after its run."""
    return batches(variant)
