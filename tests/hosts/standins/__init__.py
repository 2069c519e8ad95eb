"""Stateful stand-ins of vendors' APIs, by the name of the service."""

from __future__ import annotations

import os

from tests.hosts.standins.aliyun import Aliyun
from tests.hosts.standins.azure import Azure
from tests.hosts.standins.base import StandIn
from tests.hosts.standins.desec import Desec
from tests.hosts.standins.digitalocean import Digitalocean
from tests.hosts.standins.dnspod import Dnspod
from tests.hosts.standins.godaddy import Godaddy
from tests.hosts.standins.google import Google
from tests.hosts.standins.hetzner import Hetzner
from tests.hosts.standins.huawei import Huawei
from tests.hosts.standins.namecheap import Namecheap

__all__ = [
    "EVERY_HOST",
    "STAND_INS",
    "Aliyun",
    "Azure",
    "Desec",
    "Digitalocean",
    "Dnspod",
    "Godaddy",
    "Google",
    "Hetzner",
    "Huawei",
    "Namecheap",
    "StandIn",
    "in_full",
]

STAND_INS: dict[str, type[StandIn]] = {
    stand_in.service.name: stand_in
    for stand_in in (Aliyun, Dnspod, Godaddy, Namecheap, Huawei, Google, Azure, Desec, Digitalocean, Hetzner)
}

#: Set it to anything, and every stand-in goes through the whole suites, not one of each shape.
EVERY_HOST = "MAILWRIGHT_TEST_EVERY_HOST"


def in_full() -> list[str]:
    """The stand-ins that go through the whole suites; the others through what hosts differ in."""
    return list(STAND_INS) if os.environ.get(EVERY_HOST) else ["aliyun", "godaddy", "namecheap"]
