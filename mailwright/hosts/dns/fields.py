"""Records in fields: a text, and the preference of an MX beside it, as most consoles' APIs speak.

TXT is one plain text there; how the host splits it when it serves it is the host's business.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns import presentation
from mailwright.hosts.dns.base import HostError
from mailwright.model import txt
from mailwright.model.names import absolute, bare
from mailwright.model.records import MANAGED_TYPES, ObservedValue
from mailwright.model.text import Text

_NAMES = ("CNAME", "NS")


@dataclass(frozen=True, slots=True)
class Fields:
    """One record's data: names without their final dot, the preference of an MX apart."""

    text: str
    preference: int | None = None


def written(name: str, type: str, value: ObservedValue) -> Fields:
    """The fields of a value. Raises HostError where it is none of its type."""
    if type == "TXT":
        return Fields(value.value)
    presentation.written(name, type, value)  # refuses what is not valid
    if type == "MX":
        preference, _, exchanger = value.value.partition(" ")
        return Fields(bare(exchanger), int(preference))
    return Fields(bare(value.value) if type in (*_NAMES, "SRV") else value.value)


def told(name: str, type: str, text: str, preference: int | None = None) -> tuple[ObservedValue, Text | None]:
    """What fields say; where they cannot be read, their text, and the reason not to touch the set."""
    try:
        return read(name, type, text, preference), None
    except HostError:
        return ObservedValue(text), said.UNKNOWN_FORM.using(value=f"{bare(name)} {type} {text[:60]}")


def read(name: str, type: str, text: str, preference: int | None = None) -> ObservedValue:
    """What fields say. Raises HostError where they cannot be read; of other types the text itself."""
    if type == "TXT":
        return ObservedValue(text, txt.split(text))
    if type == "MX":
        return presentation.read(name, type, f"{preference or 0} {absolute(text)}")
    if type in (*_NAMES, "SRV"):
        text = absolute(text)
    return presentation.read(name, type, text) if type in MANAGED_TYPES else ObservedValue(text)
