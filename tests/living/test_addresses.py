"""Plus addresses, delimiters, folders and separators: as the plan says on every kind of server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.living.company import Company
from tests.living.variants import COURIER, DEBIAN, DOCS, HOUSES, IREDMAIL, Variant, delimited

Up = Callable[[Variant, str], Company]
TEXT = """\
people: {wang: {}, li: {}, chen: {}}
addresses:
  info: {to: wang}
  agent: {to: agent@partner.example}
  both: {to: [li, agent@partner.example]}
  plain: {to: li}
rules:
  - {for: info, when: {subject_contains: [quote]}, then: {assign_to: li, tag: hot}}
  - {for: info, when: {subject_contains: [out]}, then: {assign_to: agent}}
"""
DELIMITERS = [DOCS, *(delimited(each) for each in ("-", "_", "+-"))]


def same(acme: Company, to: str, **more: object) -> None:
    letter = acme.send(to, **more)
    assert acme.fate(letter).who == acme.expected(letter), (to, acme.fate(letter))


@pytest.mark.parametrize("variant", DELIMITERS, ids=lambda each: each.name)
def test_a_detail_changes_nobody(company: Up, variant: Variant) -> None:
    acme = company(variant, TEXT)
    for sign in variant.delimiter:
        for name in ("wang", "info", "agent", "both", "plain"):
            same(acme, f"{name}{sign}fair")
        same(acme, f"info{sign}fair", subject="quote")
        same(acme, f"info{sign}fair", subject="out")
    same(acme, "info", subject="quote")
    assert not list(acme.lost())


@pytest.mark.parametrize("variant", DELIMITERS, ids=lambda each: each.name)
def test_tags_travel_with_every_delimiter(company: Up, variant: Variant) -> None:
    acme = company(variant, TEXT)
    letter = acme.send("info", subject="quote")
    assert acme.fate(letter).inside == {acme.at("li"): {"INBOX"}}
    assert "hot" in acme.world.keywords(acme.at("li"), letter.mark)


FOLDERS = (
    "Offers",
    "询盘",
    "询盘/产品A",
    "Dr. Wang v1.2",
    "Deals/Mr. Li/2026.11",
    "A~b",
    "a&b",
)


@pytest.mark.parametrize("variant", [*HOUSES, COURIER], ids=lambda each: each.name)
@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_one_on_every_server(company: Up, variant: Variant, name: str) -> None:
    """The mail is in a folder of its own, not in INBOX; a dot does not nest, and a slash does."""
    text = TEXT + f'  - {{for: plain, otherwise: true, then: {{folder: "{name}"}}}}\n'
    acme = company(variant, text)
    letter = acme.send("plain")
    (folders,) = acme.fate(letter).inside.values()
    assert len(folders) == 1 and "INBOX" not in folders
    levels = acme.world.levels(acme.at("li"), letter.mark)
    assert len(levels) == len(name.split("/")), levels


DETAILED = (IREDMAIL, DEBIAN.but("detail", detail_folder=True))


@pytest.mark.parametrize("variant", DETAILED, ids=lambda each: each.name)
def test_what_stays_with_the_owner_is_in_the_inbox(company: Up, variant: Variant) -> None:
    """``lmtp_save_to_detail_mailbox``: mail to wang+info@ would lie in a folder nobody opens."""
    acme = company(variant, TEXT)
    assert acme.fate(acme.send("info")).inside == {acme.at("wang"): {"INBOX"}}
    letter = acme.send("info", subject="quote")
    assert acme.fate(letter).inside == {acme.at("li"): {"INBOX"}}
    for mail in acme.twice("info", subject="quote"):
        assert all(folders == {"INBOX"} for folders in acme.fate(mail).inside.values())
