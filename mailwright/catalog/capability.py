"""What a mail host can do with mailboxes, from its own file."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mailwright.catalog import index
from mailwright.catalog.loading import service
from mailwright.catalog.service import RECEIVING
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
    """The answers of a mail host; all unknown for one that the catalog has not."""
    known = service(host)
    data: Mapping[str, Any] = known.capabilities if known else {}
    return Capability(
        host,
        {str(feature): str(answer) for feature, answer in data.get("answers", {}).items()},
        data.get("tag_characters"),
        int(data.get("max_redirects", 4)),
        bool(data.get("stores_mail", True)),
        str(data.get("dns_host", "")),
        dict(data.get("lowered", {})),
    )


def capabilities() -> tuple[Capability, ...]:
    """Every host that answers anything at all; those of one's own servers first, then by name."""
    hosts = (id for id, entry in index.entries().items() if entry.kind in RECEIVING)
    known = [
        host_capability
        for host_capability in map(capability, hosts)
        if set(host_capability.answers.values()) != {"unknown"}
    ]
    return tuple(
        sorted(
            known,
            key=lambda host_capability: (
                host_capability.answer("alias") != "apply" or bool(host_capability.dns_host),
                host_capability.host,
            ),
        )
    )


@functools.cache
def features() -> Mapping[str, Text]:
    """What each feature is called."""
    table = yaml.load(FILE.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {name: Text(feature["en"], feature["zh"]) for name, feature in table["features"].items()}
