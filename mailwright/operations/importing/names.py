"""Where a domain's mail shows in DNS: what to ask for, from the catalog and the standards."""

from __future__ import annotations

from collections.abc import Iterable

from mailwright.catalog import index
from mailwright.catalog.service import template_values
from mailwright.model.names import absolute, is_below

#: Selectors that servers and consoles propose; a selector cannot be listed from outside (RFC 6376 §3.1).
COMMON_SELECTORS = (
    "default", "dkim", "mail", "s1", "s2", "k1", "k2", "k3", "selector1", "selector2", "google", "smtp",
    "key1", "key2", "sig1", "mx", "email", "s1024", "s2048", "x", "zoho", "zmail", "fm1", "fm2", "fm3",
    "protonmail", "protonmail2", "protonmail3", "tencent", "qqmail", "aliyun", "feishu",
)  # fmt: skip
_SERVICES = (
    ("_autodiscover._tcp", "SRV"),
    ("_imaps._tcp", "SRV"),
    ("_imap._tcp", "SRV"),
    ("_pop3s._tcp", "SRV"),
    ("_submissions._tcp", "SRV"),
    ("_submission._tcp", "SRV"),
    ("_jmap._tcp", "SRV"),
    ("_25._tcp", "TLSA"),
)
_TEXTS = ("@", "_dmarc", "_mta-sts", "_smtp._tls", "default._bimi", "_amazonses")
_ALIASES = ("autodiscover", "autoconfig", "mta-sts", "mail", "enterpriseregistration", "enterpriseenrollment")


def to_ask(
    domain: str, selectors: Iterable[str] = (), names: Iterable[str] = ()
) -> frozenset[tuple[str, str]]:
    """Every (absolute owner name, type) at which a domain's mail may show.

    ``names`` are hosts that somebody knows of, whole or below the domain.
    """
    types = ("MX", "NS", "CAA", "A", "AAAA", "SPF")
    pairs: set[tuple[str, str]] = {(absolute(domain), type) for type in types}
    pairs |= {(absolute(name, domain), type) for name in _TEXTS for type in ("TXT", "CNAME")}
    pairs |= {(absolute(name, domain), type) for name, type in _SERVICES}
    for name in _ALIASES:
        pairs |= {(absolute(name, domain), type) for type in ("CNAME", "A", "AAAA")}
    for name in names:
        host = absolute(name) if is_below(absolute(name), domain) else absolute(name, domain)
        pairs |= {(host, type) for type in (*types, "TXT", "CNAME")}
    for selector in (*COMMON_SELECTORS, *selectors):
        host = selector if "_domainkey" in selector.split(".") else f"{selector}._domainkey"
        pairs |= {(absolute(host, domain), type) for type in ("TXT", "CNAME")}
    for name in (
        *_TEXTS,
        *(f"{common_selector}._domainkey" for common_selector in COMMON_SELECTORS[:5]),
    ):  # a slip of many consoles
        pairs.add((absolute(f"{absolute(name, domain)}{domain}"), "TXT"))
    pairs.add((absolute(f"{domain}.{domain}"), "MX"))
    known = template_values(domain)
    for entry in index.entries().values():
        pairs |= {(absolute(host.format_map(known), domain), type) for host, type in entry.places}
    return frozenset(pairs)
