"""When two values of one type say the same: one function for plan, change, read-back and verify."""

from __future__ import annotations

from mailwright.model.records import TEXTS

#: Types whose value ends in a host name, which DNS compares without regard to case (RFC 4343).
_NAMED = frozenset({"MX", "CNAME", "SRV", "NS", "PTR"})


def canonical(type: str, value: str) -> str:
    """The form in which equal values are equal strings.

    Host names lose their case, numbers their leading zeros, TLSA its blanks and case; TXT is
    compared octet by octet, because even a trailing blank is another record.
    """
    if type in TEXTS:
        return value
    fields = value.split()
    if type in _NAMED:
        return " ".join(_number(field) for field in fields[:-1]) + " " * (len(fields) > 1) + _host(fields)
    if type == "TLSA":
        return " ".join([*map(_number, fields[:3]), "".join(fields[3:]).lower()])
    if type == "AAAA":
        return _address(value)
    return " ".join(fields)


def _host(fields: list[str]) -> str:
    if not fields:
        return ""
    host = fields[-1].lower()
    return host if host.endswith(".") else host + "."


def _number(text: str) -> str:
    return str(int(text)) if text.isascii() and text.isdigit() else text


def _address(value: str) -> str:
    import ipaddress

    try:
        return str(ipaddress.ip_address(value.strip()))
    except ValueError:
        return value.strip().lower()
