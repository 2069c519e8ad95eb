"""The foreign-trade company of ``examples/``, at any of the hosts whose behaviour is written down."""

from __future__ import annotations

import datetime as dt
import re

from mailwright.model.plan import Plan
from mailwright.plan.plan import plan
from mailwright.spec import parse
from tests.conftest import ROOT
from tests.mailboxes.specs import DOMAIN

EXAMPLES = ROOT / "examples"
DAY = dt.date(2026, 11, 23)
_HOST = re.compile(r"^mail_host:.*$", re.MULTILINE)


def company(host: str) -> str:
    """The spec with the ``mail_host`` of ``host-SERVICE.yaml``, and the tests' domain."""
    text = (EXAMPLES / "trade-company.yaml").read_text(encoding="utf-8")
    line = _HOST.search((EXAMPLES / f"host-{host}.yaml").read_text(encoding="utf-8"))
    assert line is not None
    return _HOST.sub(lambda _: line[0], text, count=1).replace("hangzhou-pumps.example", DOMAIN)


def planned(host: str, day: dt.date = DAY) -> Plan:
    """What is planned of it on a day."""
    result = parse(company(host).encode(), f"{host}.yaml")
    assert result.spec is not None, result.findings
    return plan(result.spec, day)
