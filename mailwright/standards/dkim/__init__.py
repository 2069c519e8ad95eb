"""DKIM key records (RFC 6376, 8301, 8463): read, built, weighed and linted. No I/O, no cryptography."""

from mailwright.standards.dkim.key import (
    RSA_ADVISED,
    RSA_LEAST,
    RSA_MOST,
    KeyRecord,
    build,
    is_revoked,
    key_of,
    parse,
    record_for,
    same_key,
)
from mailwright.standards.dkim.lint import lint
from mailwright.standards.dkim.text import DkimError, cleaned, is_host_name

__all__ = [
    "RSA_ADVISED",
    "RSA_LEAST",
    "RSA_MOST",
    "DkimError",
    "KeyRecord",
    "build",
    "cleaned",
    "is_host_name",
    "is_revoked",
    "key_of",
    "lint",
    "parse",
    "record_for",
    "same_key",
]
