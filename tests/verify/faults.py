"""Seeded faults: what people, consoles and scripts do to a domain's mail records, one a domain.

``FAULTS`` change the zone of a domain as planned; ``BENIGN`` change it too, and nothing is wrong afterwards.
Used by the tests, and by ``bench/faults.py`` beside another tool.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailwright.model import txt
from tests.verify.spoiling import (
    Change,
    Line,
    Zone,
    all_of,
    cut,
    edit,
    gone,
    instead,
    more,
    moved,
    swap,
    ttl,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """``label`` and ``type``: where verify must say so; ``slip``: a word of the slip it must name.

    ``broken``: the records are wrong by themselves, whatever was planned.
    """

    id: str
    change: Change
    label: str
    type: str
    slip: str = ""
    broken: bool = True


_KEY = "s1._domainkey"
_SPF, _DMARC, _DKIM = "v=spf1", "v=DMARC1", "v=DKIM1"

FAULTS: tuple[Fault, ...] = (
    # exchangers
    Fault("mx-missing", all_of(gone("", "MX", "10"), gone("", "MX", "20")), "", "MX"),
    Fault("mx-one-missing", gone("", "MX", "20"), "", "MX", broken=False),
    Fault(
        "mx-other-host", swap("", "MX", "10", "mx1.{domain}.", "mx1.other.example."), "", "MX", broken=False
    ),
    Fault("mx-foreign-beside", more("", "MX", "5 mail.oldhost.example."), "", "MX", broken=False),
    Fault(
        "mx-relative",
        swap("", "MX", "10", "mx1.{domain}.", "mx1.{domain}.{domain}."),
        "",
        "MX",
        "appended",
    ),
    Fault(
        "mx-preferences-swapped",
        all_of(
            edit("", "MX", "10", lambda value, _: "15" + value[2:]),
            edit("", "MX", "20", lambda value, _: "10" + value[2:]),
        ),
        "",
        "MX",
        broken=False,
    ),
    Fault(
        "mx-preference-changed",
        edit("", "MX", "10", lambda value, _: "30" + value[2:]),
        "",
        "MX",
        broken=False,
    ),
    Fault("mx-null-beside", more("", "MX", "0 ."), "", "MX"),
    Fault("mx-address", edit("", "MX", "10", lambda *_: "10 93.184.216.34."), "", "MX"),
    Fault("mx-typo", swap("", "MX", "10", "mx1.", "nx1."), "", "MX"),
    Fault("mx-ttl", ttl("", "MX", 86400), "", "MX", broken=False),
    Fault("mx-below-a-name", moved("", "MX", "10", lambda zone: zone.named("mail")), "", "MX", broken=False),
    Fault(
        "mx-doubled-domain",
        all_of(
            moved("", "MX", "10", lambda zone: zone.apex + zone.apex),
            moved("", "MX", "20", lambda zone: zone.apex + zone.apex),
        ),
        "",
        "MX",
        "adds the domain itself",
    ),
    # SPF
    Fault("spf-missing", gone("", "TXT", _SPF), "", "TXT"),
    Fault("spf-two", more("", "TXT", "v=spf1 include:spf.mail.example ~all"), "", "TXT"),
    Fault("spf-two-the-same-meaning", more("", "TXT", "v=spf1 mx -all"), "", "TXT"),
    Fault("spf-quotes", edit("", "TXT", _SPF, lambda value, _: f'"{value}"'), "", "TXT", "quotes"),
    Fault("spf-curly-quotes", edit("", "TXT", _SPF, lambda value, _: f"“{value}”"), "", "TXT", "quotes"),
    Fault(
        "spf-blank-lost",
        edit("", "TXT", _SPF, lambda value, _: value.replace(" ~all", "~all")),
        "",
        "TXT",
        "space",
    ),
    Fault("spf-blank-after-colon", swap("", "TXT", _SPF, "ip4:", "ip4: "), "", "TXT", "space"),
    Fault("spf-full-width-colon", swap("", "TXT", _SPF, "ip4:", "ip4："), "", "TXT", "full-width"),
    Fault("spf-trailing-dot", edit("", "TXT", _SPF, lambda value, _: value + "."), "", "TXT", "at its end"),
    Fault(
        "spf-cut", edit("", "TXT", _SPF, lambda value, _: value[:-5]), "", "TXT", "beginning", broken=False
    ),
    Fault(
        "spf-name-pasted-too",
        edit("", "TXT", _SPF, lambda value, zone: f"{zone.domain} TXT {value}"),
        "",
        "TXT",
        "more than the value",
    ),
    Fault("spf-plus-all", swap("", "TXT", _SPF, "~all", "+all"), "", "TXT"),
    Fault("spf-neutral-all", swap("", "TXT", _SPF, "~all", "?all"), "", "TXT"),
    Fault("spf-hard-all", swap("", "TXT", _SPF, "~all", "-all"), "", "TXT", broken=False),
    Fault("spf-no-all", swap("", "TXT", _SPF, " ~all", ""), "", "TXT", "beginning"),
    Fault("spf-ipv4-word", swap("", "TXT", _SPF, "ip4:", "ipv4:"), "", "TXT"),
    Fault("spf-octet-too-large", swap("", "TXT", _SPF, "93.184.216.34", "93.184.216.340"), "", "TXT"),
    Fault(
        "spf-other-address", swap("", "TXT", _SPF, "93.184.216.34", "93.184.216.35"), "", "TXT", broken=False
    ),
    Fault("spf-include-typo", swap("", "TXT", _SPF, "spf.mail.qq.com", "spf.mial.qq.com"), "", "TXT"),
    Fault("spf-include-gone", swap("", "TXT", _SPF, " include:spf.mail.qq.com", ""), "", "TXT", broken=False),
    Fault("spf-term-added", swap("", "TXT", _SPF, " ~all", " a:old.{domain} ~all"), "", "TXT", broken=False),
    Fault("spf-version-2", swap("", "TXT", _SPF, "v=spf1", "v=spf2"), "", "TXT"),
    Fault("spf-equals-lost", swap("", "TXT", _SPF, "v=spf1", "v spf1"), "", "TXT"),
    Fault("spf-semicolons", edit("", "TXT", _SPF, lambda value, _: value.replace(" ", "; ")), "", "TXT"),
    Fault(
        "spf-split-in-two-records",
        all_of(
            edit("", "TXT", _SPF, lambda value, _: value.replace(" include:spf.mail.qq.com", "")),
            more("", "TXT", "include:spf.mail.qq.com ~all"),
        ),
        "",
        "TXT",
        broken=False,
    ),
    Fault(
        "spf-hidden-character", swap("", "TXT", _SPF, "v=spf1", "\u200bv=spf1"), "", "TXT", "cannot be seen"
    ),
    Fault(
        "spf-no-break-space",
        edit("", "TXT", _SPF, lambda value, _: value.replace(" ~all", "\u00a0~all")),
        "",
        "TXT",
        "space",
    ),
    Fault("spf-at-www", moved("", "TXT", _SPF, lambda zone: zone.named("www")), "", "TXT"),
    Fault(
        "spf-doubled-domain",
        moved("", "TXT", _SPF, lambda zone: zone.apex + zone.apex),
        "",
        "TXT",
        "adds the domain itself",
    ),
    Fault(
        "spf-as-spf-type",
        lambda zone: (
            zone.lines.append(Line(zone.apex, "SPF", txt.quote(txt.split(zone.find("", "TXT", _SPF).value)))),
            gone("", "TXT", _SPF)(zone),
        )[1],
        "",
        "TXT",
    ),
    Fault("txt-ttl", ttl("", "TXT", 60), "", "TXT", broken=False),
    Fault("token-missing", gone("", "TXT", "google-site"), "", "TXT", broken=False),
    Fault("token-cut", cut("", "google-site", 40), "", "TXT", "beginning", broken=False),
    Fault(
        "token-lower-case",
        edit("", "TXT", "google-site", lambda value, _: value.lower()),
        "",
        "TXT",
        "capital",
        broken=False,
    ),
    # DKIM
    Fault("dkim-missing", gone(_KEY, "TXT"), _KEY, "TXT", broken=False),
    Fault("dkim-half-missing", cut(_KEY, _DKIM, 255), _KEY, "TXT", "beginning"),
    Fault(
        "dkim-quotes-inside",
        edit(_KEY, "TXT", _DKIM, lambda value, _: value[:255] + '" "' + value[255:]),
        _KEY,
        "TXT",
        "quotes",
    ),
    Fault(
        "dkim-blank-inside",
        edit(_KEY, "TXT", _DKIM, lambda value, _: value[:200] + " " + value[200:]),
        _KEY,
        "TXT",
        "space",
        broken=False,
    ),
    Fault(
        "dkim-other-key",
        edit(_KEY, "TXT", _DKIM, lambda value, _: value[:100] + "AAAA" + value[104:]),
        _KEY,
        "TXT",
        broken=False,
    ),
    Fault(
        "dkim-lower-case", edit(_KEY, "TXT", _DKIM, lambda value, _: value.lower()), _KEY, "TXT", "capital"
    ),
    Fault(
        "dkim-revoked",
        edit(_KEY, "TXT", _DKIM, lambda value, _: value.partition("p=")[0] + "p="),
        _KEY,
        "TXT",
        "beginning",
        broken=False,
    ),
    Fault(
        "dkim-backslashes",
        edit(_KEY, "TXT", _DKIM, lambda value, _: value.replace(";", "\\;")),
        _KEY,
        "TXT",
        "backslashes",
    ),
    Fault(
        "dkim-html",
        edit(_KEY, "TXT", _DKIM, lambda value, _: value.replace("+", "&#43;")),
        _KEY,
        "TXT",
        "web page",
    ),
    Fault("dkim-test-flag", swap(_KEY, "TXT", _DKIM, "k=rsa;", "k=rsa; t=y;"), _KEY, "TXT", broken=False),
    Fault("dkim-two-keys", more(_KEY, "TXT", "v=DKIM1; k=rsa; p=AAAA"), _KEY, "TXT"),
    Fault(
        "dkim-without-domainkey",
        moved(_KEY, "TXT", _DKIM, lambda zone: zone.named("s1")),
        _KEY,
        "TXT",
        "every part",
    ),
    Fault(
        "dkim-doubled-domain",
        moved(_KEY, "TXT", _DKIM, lambda zone: zone.named(_KEY) + zone.apex),
        _KEY,
        "TXT",
        "adds the domain itself",
    ),
    Fault("dkim-ttl", ttl(_KEY, "TXT", 300), _KEY, "TXT", broken=False),
    # DMARC
    Fault("dmarc-missing", gone("_dmarc", "TXT"), "_dmarc", "TXT"),
    Fault("dmarc-two", more("_dmarc", "TXT", "v=DMARC1; p=none"), "_dmarc", "TXT"),
    Fault("dmarc-weaker", swap("_dmarc", "TXT", _DMARC, "quarantine", "none"), "_dmarc", "TXT", broken=False),
    Fault("dmarc-policy-typo", swap("_dmarc", "TXT", _DMARC, "quarantine", "quarentine"), "_dmarc", "TXT"),
    Fault(
        "dmarc-lower-case-version",
        swap("_dmarc", "TXT", _DMARC, "v=DMARC1", "v=dmarc1"),
        "_dmarc",
        "TXT",
        "capital",
    ),
    Fault(
        "dmarc-policy-first",
        edit("_dmarc", "TXT", _DMARC, lambda value, _: value.replace("v=DMARC1; ", "") + "; v=DMARC1"),
        "_dmarc",
        "TXT",
    ),
    Fault("dmarc-comma", swap("_dmarc", "TXT", _DMARC, "p=quarantine;", "p=quarantine,"), "_dmarc", "TXT"),
    Fault("dmarc-full-width", swap("_dmarc", "TXT", _DMARC, ";", "；"), "_dmarc", "TXT", "full-width"),
    Fault("dmarc-no-mailto", swap("_dmarc", "TXT", _DMARC, "mailto:", ""), "_dmarc", "TXT"),
    Fault(
        "dmarc-reports-elsewhere",
        swap("_dmarc", "TXT", _DMARC, "wang@{domain}", "x@other.example"),
        "_dmarc",
        "TXT",
    ),
    Fault(
        "dmarc-half-of-mail",
        swap("_dmarc", "TXT", _DMARC, "p=quarantine;", "p=quarantine; pct=5;"),
        "_dmarc",
        "TXT",
    ),
    Fault(
        "dmarc-test-mode",
        swap("_dmarc", "TXT", _DMARC, "p=quarantine;", "p=quarantine; t=y;"),
        "_dmarc",
        "TXT",
        broken=False,
    ),
    Fault(
        "dmarc-subdomains-open",
        swap("_dmarc", "TXT", _DMARC, "p=quarantine;", "p=quarantine; sp=none;"),
        "_dmarc",
        "TXT",
        broken=False,
    ),
    Fault(
        "dmarc-without-underscore",
        moved("_dmarc", "TXT", _DMARC, lambda zone: zone.named("dmarc")),
        "_dmarc",
        "TXT",
        "underscore",
    ),
    Fault(
        "dmarc-doubled-domain",
        moved("_dmarc", "TXT", _DMARC, lambda zone: zone.named("_dmarc") + zone.apex),
        "_dmarc",
        "TXT",
        "adds the domain itself",
    ),
    Fault("dmarc-behind-alias", instead("_dmarc", "nowhere.example."), "_dmarc", "TXT"),
    # MTA-STS, TLS reports, BIMI, aliases
    Fault("sts-missing", gone("_mta-sts", "TXT"), "_mta-sts", "TXT"),
    Fault(
        "sts-old-id",
        edit("_mta-sts", "TXT", "v=STSv1", lambda *_: f"v=STSv1; id={'0' * 32};"),
        "_mta-sts",
        "TXT",
        broken=False,
    ),
    Fault("sts-two", more("_mta-sts", "TXT", "v=STSv1; id=1;"), "_mta-sts", "TXT"),
    Fault(
        "sts-id-with-hyphen",
        edit("_mta-sts", "TXT", "v=STSv1", lambda *_: "v=STSv1; id=2026-11-23;"),
        "_mta-sts",
        "TXT",
    ),
    Fault(
        "sts-alias-relative",
        swap("mta-sts", "CNAME", "", "pages.example.net.", "pages.example.net.{domain}."),
        "mta-sts",
        "CNAME",
        "appended",
    ),
    Fault("sts-alias-missing", gone("mta-sts", "CNAME"), "mta-sts", "CNAME", broken=False),
    Fault("tls-rpt-missing", gone("_smtp._tls", "TXT"), "_smtp._tls", "TXT"),
    Fault(
        "tls-rpt-no-address",
        edit("_smtp._tls", "TXT", "v=TLSRPTv1", lambda *_: "v=TLSRPTv1; rua="),
        "_smtp._tls",
        "TXT",
        "beginning",
    ),
    Fault("tls-rpt-two", more("_smtp._tls", "TXT", "v=TLSRPTv1; rua=mailto:x@{domain}"), "_smtp._tls", "TXT"),
    Fault(
        "bimi-other-logo",
        swap("default._bimi", "TXT", "v=BIMI1", "logo.svg", "old.svg"),
        "default._bimi",
        "TXT",
        broken=False,
    ),
    Fault("bimi-missing", gone("default._bimi", "TXT"), "default._bimi", "TXT", broken=False),
)


def _resplit(zone: Zone) -> None:
    """The same value in other strings: the same record to mail."""
    line = zone.find(_KEY, "TXT")
    octets = txt.to_octets(line.value)
    zone.lines[zone.lines.index(line)] = replace(line, strings=(octets[:100], octets[100:300], octets[300:]))


def _shared_ttl(zone: Zone) -> None:
    """Others share the set at the apex: theirs is the TTL."""
    more("", "TXT", "MS=ms12345678", 600)(zone)
    ttl("", "TXT", 600)(zone)


#: Changes that are none to mail, or none of the plan's business.
BENIGN: tuple[tuple[str, Change], ...] = (
    ("as planned", lambda zone: None),
    ("the key split elsewhere", _resplit),
    ("somebody's token beside ours, with its TTL", _shared_ttl),
    ("exchangers in capitals", edit("", "MX", "10", lambda value, _: value.upper())),
    ("an alias target in capitals", edit("mta-sts", "CNAME", "", lambda value, _: value.upper())),
    ("owner names in capitals", moved("_dmarc", "TXT", _DMARC, lambda zone: zone.named("_dmarc").upper())),
    ("records in another order", lambda zone: zone.lines.reverse()),
    ("a website beside", more("shop", "CNAME", "shop.example.net.")),
    ("an IPv6 address of an exchanger", more("mx1", "AAAA", "2606:2800:220:1:248:1893:25c8:1946")),
    ("somebody's subdomain", more("news", "A", "93.184.216.34")),
    ("a wildcard for websites", more("*", "A", "93.184.216.34")),
    ("a wildcard text", more("*.web", "TXT", "hello")),
    ("CAA", more("", "CAA", '0 issue "letsencrypt.org"')),
    ("an SRV record of a telephone", more("_sip._tcp", "SRV", "10 10 5060 sip.{domain}.")),
    ("a text that only mentions SPF", more("", "TXT", "see v=spf1 in our handbook", 3600)),
)
