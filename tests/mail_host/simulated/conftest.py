"""Every test runs with several seeds: what is documented must not depend on the draws."""

from __future__ import annotations

import pytest

from tests.mail_host.simulated import helpers


@pytest.fixture(autouse=True, params=range(6))
def _seed(request: pytest.FixtureRequest) -> None:
    """Set the seed of the tenants."""
    helpers.SEED[0] = int(request.param)
