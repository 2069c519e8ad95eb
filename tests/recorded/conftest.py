"""The environment of every run on a record."""

from __future__ import annotations

import pytest

from tests.mail_host.server import MASTER_PASSWORD
from tests.servers.base import FULL


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALLOW", "SPECS", "PLAN", "PLAN_NOTES", "AS_OF"):
        monkeypatch.delenv(f"MAILWRIGHT_{name}", raising=False)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    monkeypatch.setenv("MAILWRIGHT_SIEVE_PASSWORD", MASTER_PASSWORD)
    monkeypatch.setenv("MAILWRIGHT_LANG", "en")
