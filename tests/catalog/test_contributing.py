"""What CONTRIBUTING.md shows for a new sender is a service that the catalog takes and the planner uses."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from mailwright.catalog import caches, loading
from mailwright.plan.plan import plan
from mailwright.spec import parse
from tests.conftest import ROOT

SPEC = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: tencent-exmail}
dns_hosts: [{service: manual, console: aliyun}]
contact: wang@acme-trade.com
senders: [{service: newsletter-works, nw_code: a1b2c3d4, from: news@news.acme-trade.com}]
"""


@pytest.fixture
def shown() -> str:
    """The service file of the section."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a sender")[2]
    match = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert match
    return re.sub(r"^   ", "", match[1], flags=re.MULTILINE)


def test_the_file_is_as_the_schema_says(shown: str) -> None:
    schema = json.loads((loading.FOLDER / "service.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(shown))


def test_a_spec_that_uses_it_is_planned(shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "newsletter-works.yaml").write_text(shown, encoding="utf-8")
    monkeypatch.setenv(loading.VARIABLE, str(tmp_path))
    caches.forget()
    try:
        result = parse(SPEC.encode(), "spec.yaml")
        assert result.spec, [finding.message() for finding in result.findings]
        values = {
            (record.name, value)
            for record in plan(result.spec, dt.date(2026, 12, 1)).records
            for value in record.values
        }
    finally:
        monkeypatch.undo()
        caches.forget()
    key = "nw1.news-acme-trade-com.dkim.newsletter.example."
    assert ("nw1._domainkey.news.acme-trade.com.", key) in values
    assert ("news.acme-trade.com.", "nw-verify=a1b2c3d4") in values
