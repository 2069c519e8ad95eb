"""What a mail host can do with mailboxes, from ``capabilities.yaml``."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mailwright.model.text import Text

FILE = Path(__file__).with_name("capabilities.yaml")
ANSWERS = ("apply", "api", "checklist", "no", "unknown")


@dataclass(frozen=True, slots=True)
class Capability:
    """One host's answers by feature; a feature that is not named is ``unknown``.

    ``tag_characters`` is a regular expression for tags the host stores (None: any);
    ``max_redirects`` how many addresses one delivery may be passed on to. ``stores_mail`` False: it has no
    mailboxes. ``dns_host``: Mailwright applies it only where that host has the zone. ``lowered`` are
    features that an input of the mail host makes possible.
    """

    host: str
    answers: Mapping[str, str]
    tag_characters: str | None = None
    max_redirects: int = 4
    stores_mail: bool = True
    dns_host: str = ""
    lowered: Mapping[str, str] = field(default_factory=dict)

    def at(self, feature: str, inputs: Iterable[str], dns_hosts: Iterable[str]) -> str:
        """The answer for a spec with these inputs of its mail host and these DNS hosts."""
        answer = self.answer(feature)
        if answer == "no" and self.lowered.get(feature) in set(inputs):
            answer = "apply"
        return (
            "checklist" if answer == "apply" and self.dns_host and self.dns_host not in dns_hosts else answer
        )

    def answer(self, feature: str) -> str:
        """One of ``ANSWERS``."""
        return self.answers.get(feature, "unknown")

    def stores(self, tag: str) -> bool:
        """Whether the host keeps a tag of this name on a mail."""
        return self.tag_characters is None or re.fullmatch(self.tag_characters, tag) is not None


@functools.cache
def capability(host: str) -> Capability:
    """The answers of a mail host; all unknown for one that the table has not."""
    found: Mapping[str, Any] = _table()["hosts"].get(host, {})
    return Capability(
        host,
        {str(feature): str(answer) for feature, answer in found.get("answers", {}).items()},
        found.get("tag_characters"),
        int(found.get("max_redirects", 4)),
        bool(found.get("stores_mail", True)),
        str(found.get("dns_host", "")),
        dict(found.get("lowered", {})),
    )


def capabilities() -> tuple[Capability, ...]:
    """The whole table."""
    return tuple(capability(host) for host in _table()["hosts"])


@functools.cache
def features() -> Mapping[str, Text]:
    """What each feature is called."""
    return {name: Text(each["en"], each["zh"]) for name, each in _table()["features"].items()}


@functools.cache
def _table() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.load(
        FILE.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    return loaded
