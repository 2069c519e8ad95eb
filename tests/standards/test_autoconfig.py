"""The settings file of mail programs: what is written reads back, by our reader and by another."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.standards import autoconfig
from mailwright.standards.autoconfig import OAUTH2, PASSWORD, AutoconfigError, Server, Settings

TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=30).filter(
    lambda text: text == text.strip() and "\ufffe" not in text and "\uffff" not in text
)
INCOMING = st.builds(
    Server,
    st.sampled_from(("imap", "pop3")),
    TEXT,
    st.integers(1, 65535),
    st.sampled_from(autoconfig.SOCKETS),
    st.sampled_from(((PASSWORD,), (OAUTH2, PASSWORD))),
    TEXT,
)
OUTGOING = st.builds(Server, st.just("smtp"), TEXT, st.integers(1, 65535))
FILES = st.builds(
    Settings,
    TEXT,
    TEXT,
    st.lists(INCOMING, min_size=1, max_size=3).map(tuple),
    st.lists(OUTGOING, min_size=1, max_size=2).map(tuple),
)


@given(FILES)
def test_what_is_written_reads_back(settings: Settings) -> None:
    assert autoconfig.parse(str(settings)) == settings


@given(st.text(max_size=200))
def test_random_text_raises_nothing_but_the_modules_error(text: str) -> None:
    for each in (text, f"<clientConfig><emailProvider>{text}</emailProvider></clientConfig>"):
        with pytest.raises(AutoconfigError):
            autoconfig.parse(each)


def test_the_file_by_hand() -> None:
    """The elements and words of the draft, in the order in which programs try the servers."""
    settings = Settings(
        "acme.example", "R&D <Mail>", (Server("imap", "imap.acme.example", 993),), (Server("smtp", "s", 465),)
    )
    root = ElementTree.fromstring(str(settings))
    provider = root.find("emailProvider")
    assert root.attrib == {"version": "1.1"} and provider is not None
    assert [element.tag for element in provider] == [
        "domain",
        "displayName",
        "incomingServer",
        "outgoingServer",
    ]
    assert {element.tag: element.text for element in provider[2]} == {
        "hostname": "imap.acme.example",
        "port": "993",
        "socketType": "SSL",
        "username": "%EMAILADDRESS%",
        "authentication": "password-cleartext",
    }
    assert provider[1].text == "R&D <Mail>" and provider[2].attrib == {"type": "imap"}


def test_a_file_that_would_send_passwords_in_clear_text_has_no_servers() -> None:
    text = str(
        Settings("a.example", "A", (Server("imap", "i", 143, "STARTTLS"),), (Server("smtp", "s", 465),))
    )
    with pytest.raises(AutoconfigError):
        autoconfig.parse(text.replace("STARTTLS", "plain"))


def test_entities_are_refused() -> None:
    with pytest.raises(AutoconfigError, match="entities"):
        autoconfig.parse('<!DOCTYPE a [<!ENTITY b "c">]><clientConfig/>')
