"""What people call a service, and what a spec calls it: 阿里云 is ``aliyun``, 企业微信 ``tencent-exmail``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from mailwright.catalog import console_words, service
from mailwright.catalog.loading import console_names
from mailwright.hosts.dns.services.manual import CONSOLES
from mailwright.model.text import Text

_MEANT = Text("Write {meant}.", "请写 {meant}。")
_ONE_OF = Text("Write one of {meant}.", "请写以下之一：{meant}。")
#: What belongs to a name and tells nobody apart.
_REST = re.compile(r"[\s()（）,，/-]+|\bor\b|或")
#: Fewer letters are part of many names.
_LEAST = 2


def mail_service(word: str, ids: Iterable[str]) -> Text | None:
    """What to write for the name of a mail service; None where nothing is called so."""
    names = {id: known.names for id in ids if (known := service(id)) is not None}
    return _said(_matches(word, names), {})


def dns_service(word: str, services: Iterable[str]) -> Text | None:
    """What to write for the name of a DNS host or its console; None where nothing is called so."""
    known = tuple(services)
    names = {id: Text(*(console_words(id)["names"][lang] for lang in ("en", "zh"))) for id in console_names()}
    ids = [id for id in _matches(word, names) if id in known or id in CONSOLES]
    return _said(ids, {id: f"service: manual, console: {id}" for id in ids if id not in known})


def consoles(word: str) -> tuple[str, ...]:
    """The DNS consoles that somebody calls so; empty where none is."""
    names = {id: Text(*(console_words(id)["names"][lang] for lang in ("en", "zh"))) for id in CONSOLES}
    return tuple(_matches(word, names))


def _said(ids: list[str], instead: Mapping[str, str]) -> Text | None:
    if not ids:
        return None
    meant = [instead.get(id) or f"service: {id}" for id in ids]
    return (_MEANT if len(meant) == 1 else _ONE_OF).using(meant=", ".join(meant))


def _matches(word: str, names: Mapping[str, Text]) -> list[str]:
    """Those called so; where one bears just this name, that one alone."""
    plain_word = _plain(word)
    if len(plain_word) < _LEAST:
        return []
    ids = [
        id
        for id, text in names.items()
        if any(plain_word in form or form in plain_word for form in _forms(text))
    ]
    exact = [id for id in ids if plain_word in _forms(names[id])]
    return exact or ids


def _forms(text: Text) -> list[str]:
    """A name in both languages, whole and without what stands in brackets."""
    return list(filter(None, (_plain(form) for label in (text("en"), text("zh")) for form in _parts(label))))


def _parts(name: str) -> Iterator[str]:
    yield name
    outside, _, inside = re.sub(r"[)）]", "", name).replace("（", "(").partition("(")
    yield outside
    yield inside


def _plain(text: str) -> str:
    """Doubled letters count once: 阿里云云解析 is written as 阿里云解析, too."""
    return re.sub(r"(.)\1", r"\1", _REST.sub("", text.casefold()).removesuffix("dns"))
