"""An account of the stand-in and a stack on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloudflare.api import Account, Api, served
from tests.cloudflare.engine import Engine

SPEC = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {{service: {service}}}
dns_hosts: [{{service: cloudflare{options}}}]
contact: wang@acme-trade.com
{more}"""


@pytest.fixture
def account() -> Account:
    """An account without zones."""
    return Account()


@pytest.fixture
def engine(account: Account, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A new stack."""
    return Engine(account, monkeypatch)


@pytest.fixture
def api(account: Account) -> Iterator[Api]:
    """The stand-in, served."""
    with served(account) as running:
        yield running


def write(folder: Path, *, service: str = "tencent-exmail", options: str = "", more: str = "") -> Path:
    """A spec on Cloudflare."""
    path = folder / "acme.yaml"
    path.write_text(SPEC.format(service=service, options=options, more=more), encoding="utf-8")
    return path
