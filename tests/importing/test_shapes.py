"""Import, then plan: no difference, for over a hundred zone files of every form."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from mailwright.model.families import Family, family_of
from mailwright.model.finding import has_errors
from mailwright.model.names import absolute, is_below
from mailwright.operations import importing
from mailwright.operations.importing import World
from mailwright.operations.importing.means import means_mail
from mailwright.plan.plan import plan
from mailwright.plan.transition.change import change
from mailwright.plan.transition.compare import canonical
from mailwright.plan.transition.gate import gate
from mailwright.spec import parse
from tests.importing.shapes import DOMAIN, SHAPES, Shape, shapes

DAY = dt.date(2026, 11, 23)
ALL = shapes()


def _world(shape: Shape, tmp_path: Path) -> World:
    path = tmp_path / "zone"
    path.write_bytes(shape.data)
    return importing.from_zone_file(DOMAIN, path)


def test_there_are_enough() -> None:
    assert len(ALL) >= 100
    assert len({shape.form for shape in ALL}) == 6


@pytest.mark.parametrize("shape", ALL, ids=lambda each: f"{each.name}-{each.form}")
def test_planning_what_was_imported_changes_nothing(shape: Shape, tmp_path: Path) -> None:
    world = _world(shape, tmp_path)
    imported = importing.importing(world, as_of=DAY)
    again = parse(imported.text.encode(), "again.yaml")
    assert again.spec is not None and not has_errors(again.findings), [f.message() for f in again.findings]
    planned = plan(again.spec, DAY)
    assert not has_errors(planned.findings), [f.message() for f in planned.findings]
    changes = change(planned.records, world.observed, domain=DOMAIN, target="t", as_of=DAY)
    assert changes.is_empty, [each.key for each in changes.changes]
    assert not gate(changes)
    for record in planned.records:
        live = world.observed.get(record.name, record.type)
        assert live, record
        assert {canonical(record.type, v) for v in record.values} <= {
            canonical(record.type, v) for v in live.plain
        }
        assert record.ttl == live.ttl or record.family is Family.TOKEN


def test_nearly_every_record_of_mail_is_owned(tmp_path: Path) -> None:
    """Tokens of others stay theirs, and so do keys of which nobody knows whose they are."""
    owned, all_of_mail, left = 0, 0, list[str]()
    for shape in ALL:
        if shape.name == "doubled-owner":
            continue  # nobody asks there: it can only be entered again
        world = _world(shape, tmp_path)
        imported = importing.importing(world, as_of=DAY)
        claimed = {(e.name, e.type, canonical(e.type, v)) for e in imported.plan.records for v in e.values}
        for record_set in world.observed:
            for value in record_set.plain:
                family = family_of(record_set.name, record_set.type, value)
                if family is Family.TOKEN or not means_mail(record_set, value):
                    continue
                all_of_mail += 1
                if (record_set.name, record_set.type, canonical(record_set.type, value)) in claimed:
                    owned += 1
                else:
                    left.append(f"{shape.name}: {record_set.name} {record_set.type} {value}")
    assert owned / all_of_mail >= 0.99, left


@pytest.mark.parametrize(
    ("name", "senders"),
    [
        ("own-include", {"mailchimp"}),
        ("two-spf", {"mailchimp", "sendgrid"}),
        ("spf-over-limit", {"mailchimp"}),
        ("sendgrid", {"sendgrid"}),
        ("subdomain-newsletter", {"mailchimp"}),
        ("send-only", {"mailchimp"}),
    ],
)
def test_no_sender_is_dropped(name: str, senders: set[str], tmp_path: Path) -> None:
    imported = importing.importing(_world(Shape(name, "bind", SHAPES[name]), tmp_path), as_of=DAY)
    assert {use.service.id for use in imported.draft.uses} >= senders
    written = {sender.service or sender.custom for sender in imported.spec.senders}
    assert senders <= written


def test_the_return_path_is_the_one_that_the_keys_lead_below(tmp_path: Path) -> None:
    imported = importing.importing(_world(Shape("sendgrid", "bind", SHAPES["sendgrid"]), tmp_path), as_of=DAY)
    (sender,) = imported.spec.senders
    assert sender.service == "sendgrid"
    assert sender.inputs == {"return_path": "em1234", "return_path_target": "u1.wl123.sendgrid.net"}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("lost-dot", "final-dot-lost"),
        ("doubled-owner", "owner-name-doubled"),
        ("exchanger-alias", "mx-target-is-cname"),
        ("exchanger-proxied", "mx-proxied"),
        ("implicit-mx", "mx-implicit"),
    ],
)
def test_look_and_import_say_it(name: str, rule: str, tmp_path: Path) -> None:
    from mailwright.model.rules import RULES
    from mailwright.operations.world.looking import look

    world = _world(Shape(name, "bind", SHAPES[name]), tmp_path)
    seen = look(world, "en")
    (finding,) = [each for each in seen.findings if each.rule == rule]
    assert finding.message("en") in seen.spec
    assert finding.message("zh") in importing.importing(world, lang="zh").text
    assert rule in RULES


@pytest.mark.parametrize(
    ("name", "says"),
    [("null-mx", "parked"), ("nothing-of-mail", "parked"), ("send-only", "takes no mail, and sends")],
)
def test_a_domain_that_takes_no_mail(name: str, says: str, tmp_path: Path) -> None:
    imported = importing.importing(_world(Shape(name, "bind", SHAPES[name]), tmp_path), as_of=DAY)
    assert says in imported.text
    assert imported.spec.mail_host.takes_no_mail
    assert ("parked" in imported.text) == (name != "send-only")


def test_what_only_the_console_knows_is_left_open(tmp_path: Path) -> None:
    shape = Shape("zoho", "bind", SHAPES["zoho-china-without-spf"])
    imported = importing.importing(_world(shape, tmp_path), as_of=DAY)
    host = imported.spec.mail_host
    assert (host.service, host.site) == ("zoho-mail", "com-cn")
    assert host.inputs == {"mx_1": "10 mx.zoho.com.cn", "mx_2": "20 mx2.zoho.com.cn"}
    assert "spf_include is left open" in imported.text
    text = "".join(
        line for line in imported.text.splitlines(True) if "as_found" not in line and "- {name" not in line
    )
    assert [f.rule for f in parse(text.encode(), "x").findings if f.rule == "service-input-missing"]


def test_delegated_names_are_not_written(tmp_path: Path) -> None:
    for name in ("delegated-policy", "delegated-keys", "delegated-shop"):
        world = _world(Shape(name, "dump", SHAPES[name]), tmp_path)
        imported = importing.importing(world, as_of=DAY)
        assert world.observed.cuts
        below = [
            e.name for e in imported.plan.records if any(is_below(e.name, c) for c in world.observed.cuts)
        ]
        assert not below
        assert absolute("a.shop", DOMAIN) not in {record_set.name for record_set in world.observed}
