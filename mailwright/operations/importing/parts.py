"""The parts of a spec in the making."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailwright.model.text import Text
from mailwright.operations.importing.extras import Value
from mailwright.operations.importing.fitting import Use

Key = tuple[str, str, str]  # owner name, type, value


@dataclass(frozen=True, slots=True)
class Part:
    """A block of the spec: its keys, its keys of DKIM, and what could not be known about it."""

    keys: Mapping[str, object]
    dkim: tuple[Key, ...] = ()
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A line of ``as_found``."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    ttl: int | None = None
    absent: bool = False
    exact: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A spec in the making; ``host_service`` and ``uses`` are what was recognised."""

    domain: str
    timezone: str
    host: Part
    dns: Part
    contact: Part
    dmarc: Part
    spf: Part
    senders: tuple[Part, ...] = ()
    gateway: Part = field(default_factory=lambda: Part({}))
    extras: Mapping[str, Value] = field(default_factory=dict)
    verification: tuple[str, ...] = ()
    ttl: int | None = None
    kept: tuple[Kept, ...] = ()
    recognised: Use | None = None
    uses: tuple[Use, ...] = ()
    notes: tuple[Text, ...] = field(default_factory=tuple)
