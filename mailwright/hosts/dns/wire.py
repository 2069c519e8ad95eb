"""Model values to dnspython's rdata and back: the only place that knows both forms."""

from __future__ import annotations

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.SPF
import dns.rdtypes.ANY.TLSA
import dns.rdtypes.ANY.TXT
import dns.rdtypes.txtbase

from mailwright.model import txt
from mailwright.model.records import TEXTS, ObservedValue

_IN = dns.rdataclass.IN


def to_rdata(type: str, value: ObservedValue) -> dns.rdata.Rdata:
    """The record to send. TXT keeps the split it carries, or gets ours (RFC 1035 §3.3.14).

    Raises ``ValueError`` where the value is not a valid one of its type.
    """
    if type in TEXTS:
        strings = value.strings if value.strings is not None else txt.split(value.value)
        form = dns.rdtypes.ANY.TXT.TXT if type == "TXT" else dns.rdtypes.ANY.SPF.SPF
        return form(_IN, dns.rdatatype.from_text(type), strings)
    try:
        return dns.rdata.from_text(
            _IN, dns.rdatatype.from_text(type), value.value, dns.name.root, relativize=False
        )
    except dns.exception.DNSException as error:
        raise ValueError(f"not a valid {type} record: {value.value!r}") from error


def from_rdata(rdata: dns.rdata.Rdata) -> ObservedValue:
    """What a record says, names in lower case and absolute, TXT joined with its split kept."""
    if isinstance(rdata, dns.rdtypes.txtbase.TXTBase):  # TXT, and the old type SPF
        return ObservedValue(txt.join(rdata.strings), rdata.strings)
    if isinstance(rdata, dns.rdtypes.ANY.TLSA.TLSA):  # to_text() would break long data into words
        return ObservedValue(f"{rdata.usage} {rdata.selector} {rdata.mtype} {rdata.cert.hex()}")
    # Every other managed type holds numbers, addresses and names: case says nothing.
    return ObservedValue(rdata.to_text().lower())


def to_name(name: str) -> dns.name.Name:
    """An absolute owner name. Raises ``ValueError`` where DNS cannot hold it."""
    try:
        return dns.name.from_text(name, dns.name.root)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ValueError(f"not a valid owner name: {name!r}") from error


def from_name(name: dns.name.Name) -> str:
    """An owner name as the model keeps it: lower case with the final dot."""
    return name.to_text().lower()
