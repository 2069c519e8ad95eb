"""Records in master-file form, as PowerDNS, Route 53, deSEC and Gandi speak it (RFC 1035 §5.1)."""

from __future__ import annotations

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from mailwright.hosts.dns import said, wire
from mailwright.hosts.dns.base import HostError
from mailwright.model import txt
from mailwright.model.names import absolute, key
from mailwright.model.records import MANAGED_TYPES, ObservedValue


def owner(name: str) -> str:
    """An owner name as the model keeps it; ``\\052`` is a wildcard's star (Route 53 writes it so)."""
    return absolute(name.replace("\\052", "*"))


def read(name: str, type: str, text: str) -> ObservedValue:
    """What master-file data says. Of a type that is not ours the text itself.

    Raises HostError where it cannot be read: a value that nobody understands is never passed over.
    """
    if type not in MANAGED_TYPES:
        return ObservedValue(text)
    try:
        rdata = dns.rdata.from_text(
            dns.rdataclass.IN, dns.rdatatype.from_text(type), text, dns.name.root, relativize=False
        )
    except (dns.exception.DNSException, UnicodeError, ValueError):
        raise HostError(said.BAD_VALUE, key=key(name, type), reason=text) from None
    return wire.from_rdata(rdata)


def written(name: str, type: str, value: ObservedValue) -> str:
    """The master-file data of a value; TXT in the split that it carries. Raises HostError."""
    if type == "TXT":
        return txt.quote(value.strings if value.strings is not None else txt.split(value.value))
    try:
        return wire.to_rdata(type, value).to_text()
    except ValueError as error:
        raise HostError(said.BAD_VALUE, key=key(name, type), reason=error) from None
