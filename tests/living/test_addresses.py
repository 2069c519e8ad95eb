"""Plus addresses, delimiters, folders and separators: as the plan says on every kind of server."""

from __future__ import annotations

from tests.living.company import Company, Scene
from tests.living.situations import situation
from tests.living.variants import COURIER, DEBIAN, DOCS, HOUSES, IREDMAIL, Variant, delimited

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


@situation(*DELIMITERS)
def test_a_detail_changes_nobody(acme: Company) -> Scene:
    acme.up(TEXT)
    letters = [
        acme.send(f"{name}{sign}fair")
        for sign in acme.world.variant.delimiter
        for name in ("wang", "info", "agent", "both", "plain")
    ]
    for sign in acme.world.variant.delimiter:
        letters += [acme.send(f"info{sign}fair", subject=subject) for subject in ("quote", "out")]
    letters.append(acme.send("info", subject="quote"))
    yield
    for letter in letters:
        assert acme.fate(letter).who == acme.expected(letter), letter.to
    assert not list(acme.lost())


@situation(*DELIMITERS)
def test_tags_travel_with_every_delimiter(acme: Company) -> Scene:
    acme.up(TEXT)
    letter = acme.send("info", subject="quote")
    yield
    assert acme.fate(letter).inside == {acme.at("li"): {"INBOX"}}
    assert "hot" in acme.world.keywords(acme.at("li"), letter.mark)


DASHED = """\
people: {wang: {}, li: {}, chen: {}}
addresses: {info: {to: wang}, info-cn: {to: wang}, team: {to: li}, team-cn: {to: chen}}
rules:
  - {for: info, otherwise: true, then: {assign_to: li}}
  - {for: info-cn, otherwise: true, then: {assign_to: chen}}
"""


@situation(delimited("-"), to=["info", "info-cn", "info-xy", "info-cn-fair", "team-cn", "team-cn-fair"])
def test_an_address_with_the_delimiter_in_its_name_is_itself(acme: Company, to: str) -> Scene:
    """info-cn is not info with a detail, though info-xy is."""
    acme.up(DASHED)
    letter = acme.send(to)
    yield
    assert acme.fate(letter).who == acme.expected(letter)


FOLDERS = (
    "Offers",
    "询盘",
    "询盘/产品A",
    "A~b",
    "a&b",
)
DOTTED = ("Dr. Wang v1.2", "Deals/Mr. Li/2026.11")


def has_slashes(variant: Variant) -> bool:
    """Where ``/`` is the separator, Maildir still takes no dot in a name."""
    return variant.separator == "/"


@situation(*(each for each in (*HOUSES, COURIER) if has_slashes(each)), name=DOTTED)
def test_a_dot_in_a_folder_where_the_separator_is_a_slash(acme: Company, name: str) -> Scene:
    return filed(acme, name)


@situation(*(variant for variant in (*HOUSES, COURIER) if not has_slashes(variant)), name=DOTTED)
def test_a_dot_in_a_folder_does_not_nest(acme: Company, name: str) -> Scene:
    return filed(acme, name)


@situation(*HOUSES, COURIER, name=FOLDERS)
def test_a_folder_is_one_on_every_server(acme: Company, name: str) -> Scene:
    """The mail is in a folder of its own, not in INBOX, and a slash nests."""
    return filed(acme, name)


def filed(acme: Company, name: str) -> Scene:
    acme.up(TEXT + f'  - {{for: plain, otherwise: true, then: {{folder: "{name}"}}}}\n')
    letter = acme.send("plain")
    yield
    (folders,) = acme.fate(letter).inside.values()
    assert len(folders) == 1 and not folders & {"INBOX", "plain"}
    levels = acme.world.levels(acme.at("li"), letter.mark)
    assert len(levels) == len(name.split("/")), levels


@situation(DOCS, to=["li"])
def test_a_folder_holds_for_everybody_inside(acme: Company, to: str) -> Scene:
    acme.up(
        TEXT
        + f"  - {{for: info, when: {{subject_contains: [file]}}, then: {{assign_to: {to}, folder: F}}}}\n"
    )
    letter = acme.send("info", subject="file")
    yield
    assert acme.fate(letter).who == acme.expected(letter)
    assert acme.fate(letter).inside == {acme.at("li"): {"F"}}


DETAILED = DEBIAN.but("detail", detail_folder=True)


@situation(IREDMAIL, DETAILED)
def test_a_detail_folder_is_the_owners_all_the_same(acme: Company) -> Scene:
    """``lmtp_save_to_detail_mailbox``: what an address with rules keeps lies in a folder of its name, as the
    documentation warns; what is passed on, or cannot be, is in the inbox."""
    acme.up(TEXT)
    kept = acme.send("info")
    first, second = yield from acme.twice("info", subject="quote")
    assert acme.fate(kept).inside == {acme.at("wang"): {"info"}}
    assert acme.fate(second).inside == {acme.at("wang"): {"INBOX"}}
    assert acme.fate(first).who == {"li"}
    assert not list(acme.lost())
