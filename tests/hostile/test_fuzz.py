"""Specs and zone files that nobody would write: planned, or refused with findings; never a fault.

A long run: ``MAILWRIGHT_TEST_FUZZ=5000 python -m pytest tests/hostile/test_fuzz.py``.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailwright.cli import main
from mailwright.plan.plan import plans
from mailwright.spec import parse
from mailwright.spec.dns_hosts import schema
from tests.hostile.repository import SPEC

FUZZ = int(os.environ.get("MAILWRIGHT_TEST_FUZZ", "60"))
SETTINGS = settings(
    max_examples=FUZZ,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DAY = dt.date(2026, 12, 1)
#: Words that stand in specs, and what is nearly one.
_WORDS = (
    "wang li info sales@acme-trade.example * @ acme-trade.example x.acme-trade.example . 203.0.113.0/24 "
    "2001:db8::/32 2026-12-01 9999-12-31 0 -1 true null ~ é 例子 \u200f tencent-exmail 5GB no \\"
)
_WHOLE = ("v=spf1 -all", "v=DMARC1; p=reject", "10 mail", "", " ", "a" * 70)
_WORD = st.sampled_from((*_WORDS.split(" "), *_WHOLE)) | st.text(max_size=12)


def _values(node: object, depth: int = 0) -> st.SearchStrategy[object]:
    """What the schema allows at a place, and now and then something else."""
    if not isinstance(node, dict) or depth > 6:
        return _WORD
    odd = st.one_of(_WORD, st.lists(_WORD, max_size=2), st.dictionaries(_WORD, _WORD, max_size=2))
    search_strategy: st.SearchStrategy[object] = _WORD
    if "enum" in node:
        search_strategy = st.sampled_from(node["enum"])
    elif node.get("type") == "array":
        search_strategy = st.lists(_values(node["items"], depth + 1), max_size=3)
    elif node.get("type") == "object":
        keys = {key: _values(each, depth + 1) for key, each in node.get("properties", {}).items()}
        search_strategy = st.fixed_dictionaries({}, optional=keys)
        more = node.get("additionalProperties")
        if isinstance(more, dict):
            search_strategy = st.dictionaries(_WORD, _values(more, depth + 1), max_size=3)
    elif node.get("type") == "boolean":
        search_strategy = st.booleans()
    elif node.get("type") == "integer":
        search_strategy = st.integers(-1, 10**9)
    return st.integers(0, 19).flatmap(lambda number: odd if number == 0 else search_strategy)


_KEYS = {
    key: _values(each)
    for key, each in schema()["properties"].items()
    if key not in ("version", "domain", "timezone", "contact", "dns_hosts", "mail_host")
}


@SETTINGS
@given(
    st.fixed_dictionaries({}, optional=_KEYS),
    st.sampled_from(["tencent-exmail", "google-workspace", "feishu"]),
)
@example({"attest": [{"what": "two-factor", "days": "wang"}]}, "tencent-exmail")
def test_a_spec_of_the_schemas_shape_is_planned_or_refused(made: dict[str, object], host: str) -> None:
    lines = [f"{key}: {json.dumps(value, ensure_ascii=True)}" for key, value in made.items()]
    text = SPEC.replace("tencent-exmail", host) + "\n".join(lines) + "\n"
    read = parse(text.encode(), "acme.yaml")
    if read.spec is None:
        assert any(finding.severity.value == "error" for finding in read.findings)
        return
    assert plans(read.spec, DAY)


@SETTINGS
@given(st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=3)), max_size=4), st.binary(max_size=20))
def test_octets_are_read_or_refused(edits: list[tuple[int, bytes]], tail: bytes) -> None:
    data = bytearray(SPEC.encode())
    for at, new in edits:
        data[at : at + len(new)] = new
    parse(bytes(data) + tail, "acme.yaml")


_PIECES = (
    '@ * mail _dmarc s1._domainkey $TTL $ORIGIN $GENERATE 1-3/2 IN 3600 MX 10 TXT "v=spf1 " ( ) ; CNAME NS A '
    "192.0.2.1 AAAA ::1 SRV \\ ."
)
_LINE = st.lists(st.sampled_from(_PIECES.split(" ")) | st.text(max_size=6), max_size=7).map(" ".join)


@SETTINGS
@given(st.lists(_LINE, max_size=8), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_a_zone_file_is_taken_over_or_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], lines: list[str], codec: str
) -> None:
    zone, out = tmp_path / "zone", tmp_path / "out.yaml"
    out.unlink(missing_ok=True)
    zone.write_bytes("\n".join(lines).encode(codec, "replace"))
    code = main(["import", "acme-trade.example", "--zone-file", str(zone), "--out", str(out), "--lang", "en"])
    told = "".join(capfd.readouterr())
    assert code in (0, 1) and "fault of Mailwright" not in told, told
    if code == 0:
        assert main(["plan", str(out), "--lang", "en"]) in (0, 1)
        assert "fault of Mailwright" not in "".join(capfd.readouterr())
