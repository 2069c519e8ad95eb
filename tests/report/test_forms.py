"""Every format: valid by its standard's own schema, and safe whatever a stranger wrote."""

from __future__ import annotations

import datetime as dt
import json
import re
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.position import Position
from mailwright.model.text import Text
from mailwright.operations.planning import planned
from mailwright.report import escaping
from mailwright.report.formats import forms
from mailwright.report.formats import plans as plan_report
from tests.conftest import ROOT, SHARED
from tests.report.xsd import Schema

DAY = dt.date(2026, 11, 23)
HOSTILE = 'a|b`c<script>\x1b[2J\u202e ]]> & "q" %0A\r\n::error::x @someone\x00'


def verdict(text: str = HOSTILE) -> Verdict:
    place = Position("stacks/a b.yaml", 3, 7)
    said = Text("{it}", "{it}").using(it=text)
    checks = [
        Check(
            "record-missing", status, "acme.example.", "TXT", (text,), (text,), "ns1 (192.0.2.1)", said, where
        )
        for status in Status
        for where in (place, None)
    ]
    return Verdict("acme.example", tuple(checks))


def shared(name: str) -> Path:
    path = SHARED / "schemas" / name
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout")
    return path


def faulty(tmp_path: Path) -> Path:
    spec = tmp_path / "bad.yaml"
    spec.write_text("version: 1\ndomain: qq.com\nmail_hsot: {service: tencent-exmail}\n")
    return spec


def test_findings_and_checks_are_valid_sarif(tmp_path: Path) -> None:
    schema = json.loads(shared("sarif-2.1.0.json").read_text())
    seen = planned([faulty(tmp_path)], DAY)
    assert seen.findings
    for text in (
        forms.findings("sarif", seen.findings, "en", day=DAY),
        forms.verdicts("sarif", [verdict()], "zh", day=DAY),
        forms.findings("sarif", [], "en", day=DAY),
    ):
        jsonschema.Draft4Validator(schema).validate(json.loads(text))


def test_sarif_points_at_file_line_and_column() -> None:
    run = json.loads(forms.verdicts("sarif", [verdict()], "en", day=DAY))["runs"][0]
    assert [each["level"] for each in run["results"]] == ["error"] * 2 + ["warning"] * 4
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "stacks/a%20b.yaml"
    assert place["region"] == {"startLine": 3, "startColumn": 7}
    assert "locations" not in run["results"][1]


def test_findings_and_checks_are_valid_junit(tmp_path: Path) -> None:
    schema = Schema(shared("junit.xsd"))
    seen = planned([faulty(tmp_path)], DAY)
    for text in (
        forms.findings("junit", seen.findings, "en", day=DAY),
        forms.verdicts("junit", [verdict()], "zh", day=DAY),
        forms.findings("junit", [], "en", day=DAY),
    ):
        assert schema.complaints(text) == []
    assert schema.complaints("<testsuites><testsuite name='x'/></testsuites>")


def test_junit_counts_what_it_shows() -> None:
    suite = ET.fromstring(forms.verdicts("junit", [verdict()], "en", day=DAY))[0]
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.attrib[attribute]) == len(suite.findall(f"testcase/{tag}")) == 2


def test_junit_has_a_name_for_each_of_several_things_said_of_one_subject() -> None:
    one, *_ = verdict().checks
    twice = Verdict("acme.example", (one, one, one))
    names = [
        element.get("name")
        for element in ET.fromstring(forms.verdicts("junit", [twice], "en", day=DAY))[0].iter("testcase")
    ]
    assert names == [names[0], f"{names[0]} (2)", f"{names[0]} (3)"]


@given(st.text())
def test_no_format_lets_a_value_out_of_its_place(text: str) -> None:
    seen = [verdict(text)]
    ET.fromstring(forms.verdicts("junit", seen, "en", day=DAY))
    json.loads(forms.verdicts("sarif", seen, "en", day=DAY))
    for line in forms.verdicts("github", seen, "en", day=DAY).split("\n"):
        assert line.startswith(("::error ", "::warning ")), line
    assert forms.verdicts("table", seen, "en", day=DAY).count("\n") == 10
    rows = [row for row in forms.verdicts("markdown", seen, "en", day=DAY).split("\n") if row.startswith("|")]
    assert len(rows) == 2 + 8 and {row.count("|") for row in rows} == {7}


@given(st.text())
def test_markdown_shows_the_text_and_nothing_else(text: str) -> None:
    made = escaping.markdown(text)
    assert not re.search(r"[<>|`@*\[\]\n]", made)
    assert unescape(made) == escaping.visible(text.replace("\r\n", " ").replace("\n", " "))


def test_a_terminal_gets_no_escape_sequence() -> None:
    shown = forms.verdicts("table", [verdict()], "en", day=DAY)
    assert "\x1b" not in shown and "\u202e" not in shown and "\\x1b" in shown


@pytest.mark.parametrize("name", ["check", "plan", "verify", "drift"])
def test_json_is_as_its_schema_says(name: str, tmp_path: Path) -> None:
    schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    good = planned([ROOT / "stacks" / "example.yaml"], DAY)
    made = {
        "check": forms.findings("json", planned([faulty(tmp_path)], DAY).findings, "en", day=DAY),
        "plan": plan_report.to_json([plan for _, plan in good.plans], "en"),
        "verify": forms.verdicts("json", [verdict()], "en", day=DAY),
        "drift": forms.verdicts("json", [verdict(), verdict()], "zh", day=DAY),
    }
    body = json.loads(made[name])
    jsonschema.Draft202012Validator(schema).validate(body)
    one = body[0] if isinstance(body, list) else body
    one["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(body)


def test_a_line_names_what_it_is_about_and_has_the_languages_colon() -> None:
    from mailwright.report.formats import checks

    text = Text("said", "说明")
    seen = [
        Check("engine-would-change", Status.FAIL, "", "", (), (), "", text),
        Check("answers-differ-by-network", Status.PASS, "acme.example.", "", (), (), "ns1", text),
    ]
    verdict = [Verdict("acme.example", tuple(seen))]
    assert checks.text(verdict, "en").split("\n")[:2] == [
        "✗ engine-would-change: said",
        "✓ acme.example. @ ns1: said",
    ]
    assert checks.text(verdict, "zh").split("\n")[0] == "✗ engine-would-change：说明"


def test_what_no_one_server_said_is_told_apart_and_named_beside_its_line() -> None:
    """A CI shows one case a name; two dangling targets of one MX set are two."""
    place = Position("a.yaml", 4, 1)
    text = Text("points at nothing", "")
    seen = [
        Check("target-dangling", Status.FAIL, "acme.example.", "MX", (each,), (), "", text, place)
        for each in ("mx1.gone.example.", "mx2.gone.example.")
    ]
    verdict = [Verdict("acme.example", tuple(seen))]
    day = dt.date(2026, 11, 24)
    cases = ET.fromstring(forms.verdicts("junit", verdict, "en", day=day)).iter("testcase")
    assert len({element.get("name") for element in cases}) == 2
    results = json.loads(forms.verdicts("sarif", verdict, "en", day=day))["runs"][0]["results"]
    assert len({json.dumps(result["partialFingerprints"]) for result in results}) == 2
    shown = forms.verdicts("github", verdict, "en", day=day).split("\n")
    assert all("acme.example. MX" in each and each.startswith("::error file=a.yaml,line=4") for each in shown)
