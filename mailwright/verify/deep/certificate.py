"""A served certificate against the name it is asked under and the day (RFC 7672 §3.1.2, §3.2.2; RFC 5280)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from mailwright.model.text import Text
from mailwright.standards.mta_sts import matches

_UNREADABLE = Text("it cannot be read", "无法读取")
_OTHER_NAME = Text("it is for {names}", "其名称为 {names}")
_EXPIRED = Text("it ran out on {day}", "已于 {day} 过期")
_EARLY = Text("it begins on {day}", "自 {day} 起才有效")


def trouble(certificate: bytes, wanted: Iterable[str], now: dt.datetime) -> Text | None:
    """Why a certificate (DER) does not prove any of these host names at that time; None where it does.

    Who issued it is another question.
    """
    from cryptography import x509

    try:
        read = x509.load_der_x509_certificate(certificate)
        names = _names(read)
    except (ValueError, x509.ExtensionNotFound):
        return _UNREADABLE
    if now > read.not_valid_after_utc:
        return _EXPIRED.using(day=read.not_valid_after_utc.date())
    if now < read.not_valid_before_utc:
        return _EARLY.using(day=read.not_valid_before_utc.date())
    if any(matches(pattern, name) for pattern in names for name in wanted):
        return None
    return _OTHER_NAME.using(names=", ".join(names) or "–")


def _names(read: object) -> tuple[str, ...]:
    """The DNS names of the subject; its common name only where there are none (RFC 6125 §6.4.4)."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    assert isinstance(read, x509.Certificate)
    try:
        other = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = tuple(other.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        names = ()
    common = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return names or tuple(str(each.value) for each in common)
