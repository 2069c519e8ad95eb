"""Every kind of nameserver, once a worker, and the host in memory, which one line makes known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailwright.hosts.dns import api, dnspod, http
from mailwright.hosts.dns.services import SERVICES
from tests.hosts import apis, memory
from tests.hosts.standins import STAND_INS, StandIn, in_full
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
    **{name: STAND_INS[name] for name in in_full()},
}
API_WORLDS = [
    pytest.param(name, marks=pytest.mark.powerdns if name.startswith("powerdns") else ()) for name in APIS
]


@pytest.fixture(params=[*ALL_SERVERS, *API_WORLDS])
def world(request: pytest.FixtureRequest, memory_host: None) -> World:
    """Each host in turn."""
    make = APIS.get(request.param)
    return make() if make else Nameserver(started(request.param))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the pace nor looking again takes seconds; how often it looks is as ever."""
    monkeypatch.setattr(http.Pace, "wait", lambda _self: None)
    monkeypatch.setattr(dnspod, "PAUSES", (0.0,) * len(dnspod.PAUSES))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "LOOK_AGAIN", (0.0, 0.0))
    kept = api.ApiHost.__init__.__kwdefaults__
    monkeypatch.setitem(kept, "pauses", (0.0, 0.0))


@pytest.fixture(params=in_full())
def vendor(request: pytest.FixtureRequest, quick: None) -> Iterator[StandIn]:
    yield from _checked(STAND_INS[request.param]())


@pytest.fixture(params=list(STAND_INS))
def each_vendor(request: pytest.FixtureRequest, quick: None) -> Iterator[StandIn]:
    yield from _checked(STAND_INS[request.param]())


def _checked(stand_in: StandIn) -> Iterator[StandIn]:
    """Whatever a test did, no state after any call was one that loses mail."""
    yield stand_in
    assert not stand_in.watched
