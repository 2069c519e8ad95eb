"""Fixtures that start each nameserver once a test worker.

Use them in any folder's ``conftest.py``::

    from tests.servers.fixtures import *  # noqa: F403
"""

from __future__ import annotations

import os

import pytest

from tests.servers.base import DnsServer, Missing
from tests.servers.bind import Bind
from tests.servers.embedded import Embedded
from tests.servers.knot import Knot
from tests.servers.powerdns import PowerDns

__all__ = ["ALL_SERVERS", "embedded", "server", "started"]

_KINDS: dict[str, type[DnsServer]] = {each.kind: each for each in (Embedded, Knot, Bind, PowerDns)}
_started: dict[str, DnsServer | Missing] = {}

#: Parameters for every kind of server, each with its marker.
ALL_SERVERS = [
    pytest.param("embedded"),
    pytest.param("knot", marks=pytest.mark.knot),
    pytest.param("bind", marks=pytest.mark.bind),
    pytest.param("powerdns", marks=pytest.mark.powerdns),
]


def started(kind: str) -> DnsServer:
    """The server of this kind, running; one process a worker, ended with it.

    Skips where the program is missing, fails instead with MAILWRIGHT_REQUIRE_SERVERS=1.
    """
    if kind not in _started:
        fresh = _KINDS[kind]()
        try:
            fresh.start()
            _started[kind] = fresh
        except Missing as reason:
            fresh.dispose()
            _started[kind] = reason
    found = _started[kind]
    if isinstance(found, Missing):
        if os.environ.get("MAILWRIGHT_REQUIRE_SERVERS") == "1":
            pytest.fail(f"{found}, and MAILWRIGHT_REQUIRE_SERVERS=1 wants it tested", pytrace=False)
        pytest.skip(str(found))
    found.ensure_running()
    return found


@pytest.fixture(params=ALL_SERVERS)
def server(request: pytest.FixtureRequest) -> DnsServer:
    """Each nameserver in turn."""
    return started(request.param)


@pytest.fixture
def embedded() -> DnsServer:
    """The embedded nameserver alone."""
    return started("embedded")
