"""A nameserver's trouble is told in both languages, with the same particulars."""

from __future__ import annotations

import asyncio
import string

import pytest

from mailwright.hosts.dns import said
from mailwright.hosts.dns.base import HostError
from mailwright.hosts.dns.rfc2136 import Rfc2136Host
from mailwright.model.text import Text
from tests.servers.base import FULL, DnsServer, free_port

TEXTS = {name: each for name, each in vars(said).items() if isinstance(each, Text)}


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("name", TEXTS)
def test_both_languages_name_the_same_particulars(name: str) -> None:
    text = TEXTS[name]
    assert places(text.en) == places(text.zh)
    without = [each for each in text.zh if "\u4e00" <= each <= "\u9fff"]
    assert without or not text.en.replace("{key}", "").replace("{reason}", "").strip(": ")


def failing(host: Rfc2136Host, zone: str) -> HostError:
    with pytest.raises(HostError) as caught:
        asyncio.run(host.read([(zone, "MX")]))
    return caught.value


def test_what_reaches_the_user_is_chinese_for_who_reads_chinese(embedded: DnsServer) -> None:
    zone = embedded.new_zone()
    wrong = Rfc2136Host(zone, "127.0.0.1", embedded.port, FULL.name, "AAAA", algorithm=FULL.algorithm)
    error = failing(wrong, zone)
    assert "BADSIG" in str(error) and "BADSIG" in error.text("zh")
    assert "两边" not in str(error) and "密钥" in error.text("zh")
    away = failing(Rfc2136Host(zone, "127.0.0.1", free_port()), zone)
    assert "connection refused" in str(away) and "连接被拒绝" in away.text("zh")


def test_words_with_braces_are_only_words() -> None:
    error = HostError("{where} {x!r}")
    assert str(error) == error.text("zh") == "{where} {x!r}"
