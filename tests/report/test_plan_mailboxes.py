"""``plan`` shows the mailbox objects beside the records, in every form that has room for them."""

from __future__ import annotations

import pytest

from mailwright.model.text import LANGS, Lang
from mailwright.report.formats import plans
from tests.mailboxes.specs import COMPANY, DOMAIN, HEAD, PEOPLE, planned


@pytest.mark.parametrize("lang", LANGS)
def test_every_object_has_a_line_with_its_targets(lang: Lang) -> None:
    plan = planned(COMPANY + "catch_all: {to: wang}\n")
    assert plan.mailboxes is not None
    objects = plan.mailboxes.to_json(lang)
    table = plans.table([plan], lang).split("\n\n", 2)[2].splitlines()
    markdown = plans.markdown([plan], lang).replace("&#64;", "@")
    assert len(table) == len(objects) + 1
    for host_object in objects:
        to = host_object.get("to")
        wanted = [
            str(host_object["name"]),
            ", ".join(map(str, to)) if isinstance(to, list) else "",
            str(host_object["why"]),
        ]
        assert [line for line in table if all(word in line for word in wanted)], wanted
        assert f"<code>{host_object['name']}</code>" in markdown


def test_rules_replies_and_covers_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    said = plans.table([planned(COMPANY)], "en")
    assert f"rules: 3, run at wang@{DOMAIN}" in said and "auto-reply" in said
    assert f"a copy to wang@{DOMAIN} 2026-12-24–2027-01-02" in said
    assert "抄送" in plans.table([planned(COMPANY)], "zh")


def test_without_people_there_is_no_second_table() -> None:
    assert plans.table([planned("", head=HEAD)], "en").count("\n\n") == 1
    assert plans.table([planned(PEOPLE)], "en").count("\n\n") == 2
    assert "| Address |" not in plans.markdown([planned("", head=HEAD)], "en")
