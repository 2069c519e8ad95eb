"""Records in master-file form, as PowerDNS, Route 53, deSEC and Gandi speak it (RFC 1035 §5.1)."""

from __future__ import annotations

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from mailwright.hosts.dns import api_said, said, wire
from mailwright.hosts.dns.base import HostError
from mailwright.model import txt
from mailwright.model.names import absolute, bare, key
from mailwright.model.records import TEXTS, WITH_OLD_SPF, ObservedValue
from mailwright.model.text import Text

#: Types whose data ends with a host name.
_NAMES = ("MX", "CNAME", "NS", "SRV")


def owner(name: str) -> str:
    """An owner name as the model keeps it; ``\\052`` is a wildcard's star (Route 53 writes it so)."""
    return absolute(name.replace("\\052", "*"))


def read(name: str, type: str, text: str) -> ObservedValue:
    """What master-file data says. Of a type that is not ours the text itself.

    Raises HostError where it cannot be read: a value that nobody understands is never passed over.
    """
    if type not in WITH_OLD_SPF:
        return ObservedValue(text)
    try:
        rdata = dns.rdata.from_text(
            dns.rdataclass.IN, dns.rdatatype.from_text(type), text, dns.name.root, relativize=False
        )
    except (dns.exception.DNSException, UnicodeError, ValueError):
        raise HostError(said.BAD_VALUE, key=key(name, type), reason=text) from None
    return wire.from_rdata(rdata)


def told(name: str, type: str, text: str) -> tuple[ObservedValue, Text | None]:
    """What the data says; where it cannot be read, the text itself, and the reason not to touch its set."""
    try:
        return read(name, type, text), None
    except HostError:
        shown = f"{bare(name)} {type} {text[:60]}"
        return ObservedValue(text), api_said.UNKNOWN_FORM.using(value=shown)


def rooted(type: str, text: str, zone: str) -> str:
    """Data whose last name may be relative to its zone, as in a zone file, with that name in full."""
    if type not in _NAMES:
        return text
    head, _, name = text.rpartition(" ")
    return f"{head} {absolute(name, zone)}".strip()


def written(name: str, type: str, value: ObservedValue) -> str:
    """The master-file data of a value; TXT in the split that it carries. Raises HostError."""
    if type in TEXTS:
        return txt.quote(value.strings if value.strings is not None else txt.split(value.value))
    try:
        return wire.to_rdata(type, value).to_text()
    except ValueError as error:
        raise HostError(said.BAD_VALUE, key=key(name, type), reason=error) from None
