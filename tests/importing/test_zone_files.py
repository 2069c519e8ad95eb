"""Zone files as DNS hosts export them: what can be read is read, and each line that cannot is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.cli import main
from mailwright.model.names import is_below
from mailwright.operations import importing
from mailwright.operations.importing import World, zone_file

DOMAIN = "acme-trade.com"
EXMAIL = (
    '@ 600 MX 5 mxbiz1.qq.com.\n@ 600 MX 10 mxbiz2.qq.com.\n@ 600 TXT "v=spf1 include:spf.mail.qq.com ~all"\n'
)
CLOUDFLARE = """;;
;; Domain:     acme-trade.com.
;; Exported:   2026-11-23 08:00:00
;; This file is intended for use with Cloudflare's DNS service.
;; SOA Record
acme-trade.com	3600	IN	SOA	amy.ns.cloudflare.com. dns.cloudflare.com. 2050 10000 2400 604800 3600

;; NS Records
acme-trade.com.	86400	IN	NS	amy.ns.cloudflare.com.

;; A Records
mail.acme-trade.com.	1	IN	A	203.0.113.25 ; cf_tags=cf-proxied:true

;; CNAME Records
acme-trade.com.	1	IN	CNAME	acme.pages.dev. ; cf_tags=cf-proxied:true

;; MX Records
acme-trade.com.	1	IN	MX	5 mxbiz1.qq.com.
acme-trade.com.	120	IN	MX	10 mxbiz2.qq.com.

;; TXT Records
acme-trade.com.	1	IN	TXT	"v=spf1 include:spf.mail.qq.com ~all"
"""
GODADDY = """; Domain: acme-trade.com
; Exported (y-m-d hh:mm:ss): 2026-11-23 08:00:00
$ORIGIN acme-trade.com.

; SOA Record
@	3600	 IN 	SOA	ns43.domaincontrol.com.	dns.jomax.net. (
				2026112300
				28800
				7200
				604800
				3600
				)

; A Record
@	600	 IN 	A	Parked

; MX Record
@	3600	 IN 	MX	5	mxbiz1.qq.com.
@	3600	 IN 	MX	10	mxbiz2.qq.com.

; TXT Record
@	3600	 IN 	TXT	"v=spf1 include:spf.mail.qq.com ~all"

; SRV Record
_imaps._tcp.@	3600	 IN 	SRV	0	1	993	imap.exmail.qq.com.
"""


def world(data: str | bytes, tmp_path: Path) -> World:
    path = tmp_path / "zone"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return importing.from_zone_file(DOMAIN, path)


def _values(read: World, name: str, type: str) -> tuple[str, ...]:
    found = read.observed.get(name, type)
    return found.plain if found else ()


def test_cloudflares_own_export(tmp_path: Path) -> None:
    read = world(CLOUDFLARE, tmp_path)
    exchangers = read.observed.get(f"{DOMAIN}.", "MX")
    assert exchangers and exchangers.plain == ("10 mxbiz2.qq.com.", "5 mxbiz1.qq.com.")
    assert exchangers.ttl == 120  # the lower one; 1 alone is "automatic", and 300 is served
    texts = read.observed.get(f"{DOMAIN}.", "TXT")
    assert texts and texts.ttl == 300
    assert read.proxied == {f"mail.{DOMAIN}.", f"{DOMAIN}."}
    assert read.flattened == "acme.pages.dev"
    (note,) = read.unread
    assert note("en").startswith("line 15 is left out: the domain itself is a CNAME")
    assert not _values(read, f"{DOMAIN}.{DOMAIN}.", "SOA")


def test_a_ttl_of_one_elsewhere_is_one(tmp_path: Path) -> None:
    read = world(EXMAIL.replace("600", "1"), tmp_path)
    assert {record_set.ttl for record_set in read.observed} == {1}


def test_godaddys_export(tmp_path: Path) -> None:
    read = world(GODADDY, tmp_path)
    assert _values(read, f"_imaps._tcp.{DOMAIN}.", "SRV") == ("0 1 993 imap.exmail.qq.com.",)
    assert [text("en") for text in read.unread] == ["line 15 is left out: Parked cannot be a value of type A"]
    assert [text("zh") for text in read.unread] == ["第 15 行已略过：Parked 不是有效的 A 记录值"]


def test_every_name_whole_and_without_its_dot_is_meant_whole(tmp_path: Path) -> None:
    """A host that writes all owners like the SOA's means them all like the SOA's."""
    lines = (
        f"{DOMAIN} 600 SOA ns.example. x.example. 1 1 1 1 1",
        f"_dmarc.{DOMAIN} 600 TXT v=DMARC1\\;p=none",
    )
    read = world("\n".join(lines), tmp_path)
    assert _values(read, f"_dmarc.{DOMAIN}.", "TXT") == ("v=DMARC1;p=none",)
    read = world("\n".join((*lines, "@ 600 MX 5 mail")), tmp_path)
    assert _values(read, f"_dmarc.{DOMAIN}.{DOMAIN}.", "TXT")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_encoding(codec: str, tmp_path: Path) -> None:
    text = f"; 企业邮箱的区域文件\n{EXMAIL}"
    read = world(text.encode(codec), tmp_path)
    assert "5 mxbiz1.qq.com." in _values(read, f"{DOMAIN}.", "MX")
    assert not read.unread


def test_a_long_string_in_quotes(tmp_path: Path) -> None:
    key = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 12
    read = world(f'{EXMAIL}s1._domainkey 600 TXT "{key}"\n', tmp_path)
    record_set = read.observed.get(f"s1._domainkey.{DOMAIN}.", "TXT")
    assert record_set and record_set.plain == (key,)
    assert [len(string) for value in record_set.values for string in value.strings or ()] == [
        255,
        len(key) - 255,
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("@ 600 MX mxbiz1.qq.com.", "a value of type MX"),
        ("www 600 A 1.2.3", "a value of type A"),
        ("@ 600 ALIAS web.example.", "the record type ALIAS"),
        ('@ 600 TXT "v=spf1', "not closed"),
        ("@ 600 MX ( 5", "not closed"),
        ("$INCLUDE /etc/hostname", "not read"),
        ("@ 600 CH TXT x", "not IN"),
        ("a..b 600 A 192.0.2.1", "cannot be a name"),
        ("$GENERATE 1-2000000 h$ A 192.0.2.1", "$GENERATE"),
        ("@ 600 TXT \\999", "a value of type TXT"),
        ("docs 600 CAA 0 issue ca.example", "excludes all other records"),
        ("docs 600 CNAME other.example.", "a CNAME already"),
    ],
)
def test_a_line_costs_itself_alone(
    line: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, spec = tmp_path / "zone", tmp_path / "acme.yaml"
    path.write_text(f"docs 600 CNAME web.example.\n{line}\n{EXMAIL}")
    assert main(["import", DOMAIN, "--zone-file", str(path), "-o", str(spec), "--lang", "en"]) == 0
    said = capsys.readouterr().err
    assert "line 2 is left out" in said and reason in said
    assert "tencent-exmail" in spec.read_text() and "line 2 is left out" in spec.read_text()


def test_generated_lines(tmp_path: Path) -> None:
    read = world(f"$GENERATE 1-3 mx$ 600 A 192.0.2.${{10,3}}\n$GENERATE 5-7/2 h$ CNAME x\n{EXMAIL}", tmp_path)
    assert _values(read, f"h7.{DOMAIN}.", "CNAME") == (f"x.{DOMAIN}.",)
    assert not _values(read, f"h6.{DOMAIN}.", "CNAME")


_WORDS = st.sampled_from(
    ["@", "IN", "600", "1h", "MX", "TXT", "CNAME", "SRV", "A", "SOA", "(", ")", '"', '"a"', ";", "\\",
     "\\300", "$TTL", "$ORIGIN", "$GENERATE", "1-3", "$", "x.", "x", ".", "..", "\u3000", "邮箱",
     "\udcff", " ", "\n", "5"]
)  # fmt: skip


@given(words=st.lists(_WORDS | st.text(max_size=4), max_size=40))
@settings(max_examples=2000, deadline=None)
def test_no_text_is_too_odd(words: list[str]) -> None:
    """Whatever stands there: nothing is raised, and the lines before and after are read."""
    odd = " ".join(words).replace("(", "").replace("$", "S")
    read = zone_file.read(f"@ 600 MX 5 a.example.\n{odd}\n@ 600 MX 6 b.example.\n", "x.example")
    here = {
        value
        for record_set in read.sets
        if (record_set.name, record_set.type) == ("x.example.", "MX")
        for value in record_set.values
    }
    assert {"5 a.example.", "6 b.example."} <= {value.value for value in here}
    zone_file.read(" ".join(words), "x.example")


@given(data=st.binary(max_size=300))
@settings(max_examples=1000, deadline=None)
def test_no_octets_are_too_odd(data: bytes) -> None:
    for record_set in zone_file.read(zone_file.decoded(data), "x.example").sets:
        assert is_below(record_set.name, ".") and record_set.ttl >= 0
