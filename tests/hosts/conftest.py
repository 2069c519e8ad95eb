"""Every kind of nameserver, once a worker, and the host in memory, which one line makes known."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailwright.hosts.dns.services import SERVICES
from tests.hosts import apis, memory
from tests.hosts.standins import STAND_INS
from tests.hosts.worlds import InMemory, Nameserver, PowerDnsHttp, World
from tests.servers.fixtures import *  # noqa: F403
from tests.servers.fixtures import ALL_SERVERS, started
from tests.servers.powerdns import PowerDns


@pytest.fixture
def memory_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known to everything that reads a spec."""
    monkeypatch.setitem(SERVICES, memory.SERVICE.name, memory.SERVICE)


def _powerdns_http() -> World:
    server = started("powerdns")
    assert isinstance(server, PowerDns)
    return PowerDnsHttp(server)


def _route53() -> World:
    pytest.importorskip("moto", reason="moto is not installed (requirements-dev.txt)")
    return apis.Route53()


#: Hosts behind an API, each with what makes its world.
APIS: dict[str, Callable[[], World]] = {
    "memory": InMemory,
    "powerdns-http": _powerdns_http,
    "route53": _route53,
    "aliyun": STAND_INS["aliyun"],
    "godaddy": STAND_INS["godaddy"],
    "namecheap": STAND_INS["namecheap"],
}
API_WORLDS = [
    pytest.param(name, marks=pytest.mark.powerdns if name.startswith("powerdns") else ()) for name in APIS
]


@pytest.fixture(params=[*ALL_SERVERS, *API_WORLDS])
def world(request: pytest.FixtureRequest, memory_host: None) -> World:
    """Each host in turn."""
    make = APIS.get(request.param)
    return make() if make else Nameserver(started(request.param))
