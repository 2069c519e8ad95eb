"""Living pairs, one a variant and run of tests; each test brings a company with a domain of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.living.company import Company
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


@pytest.fixture
def company(pairs: Pairs) -> Callable[[Variant, str], Company]:
    """A company that is up on a variant's pair."""

    def up(variant: Variant, text: str) -> Company:
        return Company(pairs(variant), text).up()

    return up
