"""Every kind of nameserver, once a worker, and the host in memory, which one line makes known."""

from __future__ import annotations

import pytest

from mailwright.hosts.dns.services import SERVICES
from tests.hosts import memory
from tests.hosts.worlds import InMemory, Nameserver, World
from tests.servers.fixtures import *  # noqa: F403
from tests.servers.fixtures import ALL_SERVERS, started


@pytest.fixture
def memory_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known to everything that reads a spec."""
    monkeypatch.setitem(SERVICES, memory.SERVICE.name, memory.SERVICE)


@pytest.fixture(params=[*ALL_SERVERS, "memory"])
def world(request: pytest.FixtureRequest, memory_host: None) -> World:
    """Each host in turn."""
    return InMemory() if request.param == "memory" else Nameserver(started(request.param))
