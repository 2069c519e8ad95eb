"""Zone files as they are met: every mail host and sender of the catalog, in the form of each export.

The records come from the plans written by hand in ``tests/plan/expected``, and from the shapes below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DOMAIN = "acme-trade.com"
EXPECTED = Path(__file__).parent.parent / "plan" / "expected"
Row = tuple[str, int, str, str]  # relative name, TTL, type, value as a plan has it

#: What stands in nearly every zone and is none of mail's.
WEB: tuple[Row, ...] = (
    ("@", 600, "A", "192.0.2.80"),
    ("www", 600, "CNAME", "shop.example.net."),
    ("@", 600, "TXT", "google-site-verification=J8m2c4hVq0sT6nYx1Rb3kLw9"),
    ("@", 600, "CAA", '0 issue "letsencrypt.org"'),
    ("_sip._tls", 600, "SRV", "100 1 443 sipdir.online.lync.com."),
)
DMARC: tuple[Row, ...] = (("_dmarc", 600, "TXT", f"v=DMARC1; p=quarantine; rua=mailto:wang@{DOMAIN}"),)
EXMAIL: tuple[Row, ...] = (
    ("@", 600, "MX", "5 mxbiz1.qq.com."),
    ("@", 600, "MX", "10 mxbiz2.qq.com."),
    ("@", 600, "TXT", "v=spf1 include:spf.mail.qq.com ~all"),
)
_TLSA = "3 1 1 ecef56fbf4df0876c55845bd03336f3808efe8463161095e54b69b056aa26589"

#: Shapes that no service brings about by itself.
SHAPES: dict[str, tuple[Row, ...]] = {
    "wildcard-mail": (*EXMAIL, ("*", 300, "MX", "10 mxbiz1.qq.com."), ("*", 300, "A", "192.0.2.80")),
    "wildcard-alias": (*EXMAIL, ("*", 300, "CNAME", "shop.example.net.")),
    "delegated-policy": (*EXMAIL, ("_dmarc", 3600, "NS", "ns1.vendor.example.")),
    "delegated-keys": (*EXMAIL, *DMARC, ("_domainkey", 3600, "NS", "ns1.vendor.example.")),
    "delegated-shop": (*EXMAIL, ("shop", 3600, "NS", "ns1.shop.example."), ("a.shop", 60, "A", "192.0.2.9")),
    "subdomain-own-mail": (
        *EXMAIL,
        ("mx.hk", 600, "A", "192.0.2.25"),
        ("hk", 600, "MX", "10 mx.hk.acme-trade.com."),
        ("hk", 600, "TXT", "v=spf1 mx -all"),
        ("_dmarc.hk", 600, "TXT", "v=DMARC1; p=reject"),
        ("_25._tcp.mx.hk", 600, "TLSA", _TLSA),
    ),
    "subdomain-newsletter": (
        *EXMAIL,
        ("news", 600, "TXT", "v=spf1 include:servers.mcsv.net ~all"),
        ("k2._domainkey.news", 600, "CNAME", "dkim2.mcsv.net."),
        ("k3._domainkey.news", 600, "CNAME", "dkim3.mcsv.net."),
    ),
    "own-include": (
        *EXMAIL[:2],
        ("@", 600, "TXT", f"v=spf1 include:_spf.{DOMAIN} -all"),
        ("_spf", 600, "TXT", "v=spf1 include:spf.mail.qq.com include:servers.mcsv.net ip4:203.0.113.7 ?all"),
        ("k2._domainkey", 600, "CNAME", "dkim2.mcsv.net."),
        ("k3._domainkey", 600, "CNAME", "dkim3.mcsv.net."),
    ),
    "redirect": (
        *EXMAIL[:2],
        ("@", 600, "TXT", f"v=spf1 redirect=_spf.{DOMAIN}"),
        ("_spf", 600, "TXT", "v=spf1 include:spf.mail.qq.com -all"),
    ),
    "two-spf": (*EXMAIL, ("@", 600, "TXT", "v=spf1 include:servers.mcsv.net include:sendgrid.net -all")),
    "spf-over-limit": (
        *EXMAIL[:2],
        (
            "@",
            600,
            "TXT",
            "v=spf1 include:spf.mail.qq.com include:_spf.google.com include:servers.mcsv.net ~all",
        ),
    ),
    "lost-dot": (("@", 600, "MX", f"5 mxbiz1.qq.com.{DOMAIN}."), *EXMAIL[1:]),
    "doubled-owner": (*EXMAIL, (f"_dmarc.{DOMAIN}", 600, "TXT", "v=DMARC1; p=reject")),
    "exchanger-alias": (("@", 600, "MX", f"5 mail.{DOMAIN}."), ("mail", 600, "CNAME", "vm.example.net.")),
    "exchanger-proxied": (("@", 600, "MX", f"5 mail.{DOMAIN}."), ("mail", 600, "A", "104.16.132.229")),
    "null-mx": (("@", 600, "MX", "0 ."), ("@", 600, "TXT", "v=spf1 -all")),
    "nothing-of-mail": (("www", 600, "CNAME", "shop.example.net."),),
    "implicit-mx": (("@", 600, "TXT", "v=spf1 a -all"), ("@", 600, "A", "192.0.2.80")),
    "send-only": (
        ("@", 600, "MX", "0 ."),
        ("@", 600, "TXT", "v=spf1 include:servers.mcsv.net ip4:203.0.113.7 -all"),
        ("k2._domainkey", 600, "CNAME", "dkim2.mcsv.net."),
        ("k3._domainkey", 600, "CNAME", "dkim3.mcsv.net."),
        *DMARC,
    ),
    "sendgrid": (
        *EXMAIL[:2],
        ("@", 600, "TXT", "v=spf1 include:spf.mail.qq.com ~all"),
        ("em1234", 600, "CNAME", "u1.wl123.sendgrid.net."),
        ("url9", 600, "CNAME", "sendgrid.net."),
        ("s1._domainkey", 600, "CNAME", "s1.domainkey.u1.wl123.sendgrid.net."),
        ("s2._domainkey", 600, "CNAME", "s2.domainkey.u1.wl123.sendgrid.net."),
    ),
    "zoho-china-without-spf": (
        ("@", 600, "MX", "10 mx.zoho.com.cn."),
        ("@", 600, "MX", "20 mx2.zoho.com.cn."),
    ),
    "policies-of-others": (
        *EXMAIL,
        ("_mta-sts", 600, "TXT", "v=STSv1; id=20260101"),
        ("mta-sts", 600, "CNAME", "sts.example.net."),
        ("_smtp._tls", 600, "TXT", f"v=TLSRPTv1; rua=mailto:tls@{DOMAIN},https://tls.example/x"),
        ("default._bimi", 600, "TXT", "v=BIMI1; l=https://logo.example/l.svg; a="),
        ("other.example._report._dmarc", 600, "TXT", "v=DMARC1"),
        ("*._report._dmarc", 600, "TXT", "v=DMARC1"),
        ("autoconfig", 600, "CNAME", "autoconfig.example.net."),
        ("_imaps._tcp", 600, "SRV", "0 1 993 imap.exmail.qq.com."),
        ("_pop3._tcp", 600, "SRV", "10 1 110 pop.exmail.qq.com."),
        ("_autodiscover._tcp", 600, "SRV", "0 0 443 auto.example.net."),
    ),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One zone file: what it shows, how it is written, its records and its bytes."""

    name: str
    form: str
    rows: tuple[Row, ...]

    @property
    def data(self) -> bytes:
        return FORMS[self.form](self.rows)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _rdata(type: str, value: str) -> str:
    """The value as every form has it; long TXT in one string, as consoles export it."""
    return _quoted(value) if type == "TXT" else value


def _bind(rows: tuple[Row, ...]) -> str:
    lines = [
        f"$ORIGIN {DOMAIN}.",
        "$TTL 1h",
        "@ IN SOA ns1.example. hostmaster (",
        "  1 3600 900 604800 60 )",
    ]
    lines += ["@ 3600 IN NS ns1.example."]
    return "\n".join([*lines, *(f"{n}\t{ttl}\tIN\t{t}\t{_rdata(t, v)}" for n, ttl, t, v in rows)]) + "\n"


def _whole(name: str) -> str:
    return f"{DOMAIN}." if name == "@" else f"{name}.{DOMAIN}."


def _dump(rows: tuple[Row, ...]) -> str:
    """As a transfer is printed: every name whole, types in no order."""
    soa = f"{DOMAIN}. 3600 IN SOA ns1.example. hostmaster.example. 1 3600 900 604800 60"
    lines = [f"{_whole(n)} {ttl} IN {t} {_rdata(t, v)}" for n, ttl, t, v in reversed(rows)]
    return "\n".join([soa, f"{DOMAIN}. 3600 IN NS ns1.example.", *lines, soa]) + "\n"


def _cloudflare(rows: tuple[Row, ...]) -> str:
    head = [
        f";; Domain:     {DOMAIN}.",
        ";; Exported:   2026-11-23 08:00:00",
        ";; This file is for use with Cloudflare DNS.",
        f"{DOMAIN}\t3600\tIN\tSOA\tamy.ns.cloudflare.com. dns.cloudflare.com. 2050 10000 2400 604800 3600",
        f"{DOMAIN}.\t86400\tIN\tNS\tamy.ns.cloudflare.com.",
        f"{DOMAIN}.\t1\tIN\tCNAME\tacme.pages.dev. ; cf_tags=cf-proxied:true",
    ]
    kept = [row for row in rows if row[:3:2] != ("@", "A")]
    return "\n".join([*head, *(f"{_whole(n)}\t1\tIN\t{t}\t{_rdata(t, v)}" for n, _, t, v in kept)]) + "\n"


def _godaddy(rows: tuple[Row, ...]) -> str:
    head = [
        f"; Domain: {DOMAIN}",
        f"$ORIGIN {DOMAIN}.",
        "@\t3600\t IN \tSOA\tns43.domaincontrol.com.\tdns.jomax.net. (",
        "\t1\n\t28800\n\t7200\n\t604800\n\t3600\n\t)",
        "@\t600\t IN \tA\tParked",
        "@\t3600\t IN \tNS\tns43.domaincontrol.com.",
    ]
    lines = [f"{n}.@\t{ttl}\t IN \t{t}\t{_rdata(t, v)}" if t == "SRV" else f"{n} {ttl} IN {t} {_rdata(t, v)}"
             for n, ttl, t, v in rows]  # fmt: skip
    return "\n".join([*head, *lines]) + "\n"


FORMS: dict[str, Any] = {
    "bind": lambda rows: _bind(rows).encode(),
    "dump": lambda rows: _dump(rows).encode(),
    "cloudflare": lambda rows: _cloudflare(rows).encode(),
    "godaddy": lambda rows: _godaddy(rows).replace("\n", "\r\n").encode(),
    "gbk": lambda rows: ("; 区域文件，由控制台导出\n" + _bind(rows)).encode("gbk"),
    "utf-16": lambda rows: ("; 区域文件，由控制台导出\n" + _dump(rows)).encode("utf-16"),
}


def _rows(body: dict[str, Any], ttl: int) -> Iterator[Row]:
    for key, values in body.items():
        name, _, type = key.partition(" ")
        for value in values:
            yield name, ttl, type, value


def _of_catalog(file: str) -> Iterator[tuple[str, tuple[Row, ...]]]:
    read: dict[str, dict[str, Any]] = yaml.load((EXPECTED / file).read_text("utf-8"), yaml.BaseLoader)
    for name, body in read.items():
        records = {key: value for key, value in body.items() if key not in ("spec", "spf")}
        rows = tuple(_rows(records, 3600))
        if "spf" in body:  # of senders: an own mail host sends beside them
            rows = (("@", 3600, "MX", "10 mx.yandex.net."), ("@", 3600, "TXT", body["spf"]), *rows)
        elif file == "senders.yaml":
            spf = "v=spf1 include:_spf.yandex.net ~all"
            rows = (("@", 3600, "MX", "10 mx.yandex.net."), ("@", 3600, "TXT", spf), *rows)
        yield name, rows


def shapes() -> tuple[Shape, ...]:
    """All of them: what the catalog knows in two forms each, the other shapes in all."""
    forms, made = list(FORMS), list[Shape]()
    known = [*_of_catalog("hosts.yaml"), *_of_catalog("senders.yaml")]
    for number, (name, rows) in enumerate(known):
        for form in (forms[number % len(forms)], forms[(number + 2) % len(forms)]):
            made.append(Shape(name, form, (*rows, *(DMARC if number % 2 else ()), *WEB)))
    made += [Shape(name, form, rows) for name, rows in SHAPES.items() for form in forms]
    return tuple(made)
