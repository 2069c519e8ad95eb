"""Every kind of nameserver, once a worker, and the key that may change their zones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy.checkout import checkout, ready  # noqa: F401
from tests.servers.base import FULL
from tests.servers.fixtures import *  # noqa: F403


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("MAILWRIGHT_ALLOW", "MAILWRIGHT_SPECS", "MAILWRIGHT_PLAN", "MAILWRIGHT_PLAN_NOTES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    monkeypatch.setenv("MAILWRIGHT_AS_OF", "2026-11-23")
    monkeypatch.setenv("MAILWRIGHT_LANG", "en")
    yield
