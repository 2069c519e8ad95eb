"""What a value is to receivers: surely a record, to some, to nobody; the parsers say the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.model.families import Family, family_of
from mailwright.model.readings import VERSIONED, Reading, as_read, beginning, reading
from mailwright.standards import bimi, dmarc, mta_sts, spf, tls_rpt

SURELY, SOME, NO = Reading.SURELY, Reading.SOME, Reading.NO
PLACES = {
    Family.SPF: "acme.example.",
    Family.DMARC: "_dmarc.acme.example.",
    Family.MTA_STS: "_mta-sts.acme.example.",
    Family.TLS_RPT: "_smtp._tls.acme.example.",
    Family.BIMI: "default._bimi.acme.example.",
}
PARSERS = {
    Family.SPF: (spf.parse, spf.SpfError),
    Family.DMARC: (dmarc.parse, dmarc.DmarcError),
    Family.MTA_STS: (mta_sts.parse_record, mta_sts.MtaStsError),
    Family.TLS_RPT: (tls_rpt.parse, tls_rpt.TlsRptError),
    Family.BIMI: (bimi.parse, bimi.BimiError),
}


@pytest.mark.parametrize(
    ("family", "value", "wanted"),
    [
        (Family.DMARC, "v=DMARC1", SURELY),
        (Family.DMARC, "V=DMARC1; p=none", SURELY),
        (Family.DMARC, "v \t=\t DMARC1 ;p=none", SURELY),
        (Family.DMARC, " v=DMARC1; p=none", SOME),
        (Family.DMARC, "v=dmarc1; p=none", SOME),
        (Family.DMARC, "p=none; v=DMARC1", SOME),
        (Family.DMARC, ";v=DMARC1; p=none", SOME),
        (Family.DMARC, "v=DMARC1\n", SOME),
        (Family.DMARC, "\u00a0v=DMARC1; p=none", NO),
        (Family.DMARC, "\u3000v=DMARC1; p=none", NO),
        (Family.DMARC, "v=DMARC1 p=none", NO),
        (Family.DMARC, "v=DMARC10; p=none", NO),
        (Family.DMARC, "v=DMARC; p=none", NO),
        (Family.DMARC, '"v=DMARC1; p=none"', NO),
        (Family.MTA_STS, "v=STSv1; id=1", SURELY),
        (Family.MTA_STS, "V=STSv1; id=1", SOME),
        (Family.MTA_STS, "id=1; v=STSv1", SOME),
        (Family.MTA_STS, "v=STSv10; id=1", NO),
        (Family.TLS_RPT, "v=TLSRPTv1;rua=mailto:a@b.example", SURELY),
        (Family.TLS_RPT, " v=TLSRPTv1;rua=mailto:a@b.example", SOME),
        (Family.TLS_RPT, "rua=mailto:a@b.example; v=TLSRPTv1", NO),
        (Family.TLS_RPT, "v=TLSRPTv10;rua=mailto:a@b.example", NO),
        (Family.BIMI, "v=BIMI1; l=", SURELY),
        (Family.BIMI, " V=BIMI1; l=", SOME),
        (Family.BIMI, "v=BIMI10; l=", NO),
        (Family.SPF, "v=spf1", SURELY),
        (Family.SPF, "V=SPF1 -all", SURELY),
        (Family.SPF, " v=spf1 -all", SOME),
        (Family.SPF, "v=spf1\t-all", SOME),
        (Family.SPF, "v=spf1\n", SOME),
        (Family.SPF, "v = spf1 -all", SOME),
        (Family.SPF, "v=spf1\u00a0-all", NO),
        (Family.SPF, "v=spf10 -all", NO),
        (Family.SPF, "v=spf1,-all", NO),
        (Family.SPF, "spf2.0/pra -all", NO),
        (Family.TOKEN, "v=spf1", NO),
    ],
)
def test_a_value_is_one_thing(family: Family, value: str, wanted: Reading) -> None:
    assert reading(family, value) is wanted
    if family in PLACES:
        claimed = family_of(PLACES[family], "TXT", value)
        assert (claimed is family) == (wanted is not NO)


_PIECES = st.sampled_from(
    ("v", "V", "=", " ", "\t", "\n", ";", "\u00a0", "\u3000", "DMARC1", "dmarc1", "STSv1", "TLSRPTv1",
     "BIMI1", "spf1", "SPF1", "0", "p=reject", "id=1", "rua=mailto:a@b.example", "l=", "-all",
     "include:x.example", '"')
)  # fmt: skip


@given(st.lists(_PIECES, max_size=9).map("".join))
@settings(max_examples=4000, deadline=None)
def test_the_parsers_agree_with_it(value: str) -> None:
    for family in VERSIONED:
        parse, error = PARSERS[family]
        said = reading(family, value)
        try:
            parse(value)
        except error:
            pass
        else:
            assert said is SURELY, "a parser never reads what is not surely a record"
        text = as_read(family, value)
        assert (text is None) == (said is NO)
        if text is not None:
            assert reading(family, text) is SURELY, "whoever reads it reads a record"
            assert text == value or text.startswith(beginning(family).rstrip(";"))


def test_the_strictest_of_several_readings_counts() -> None:
    assert dmarc.strictest([" v=DMARC1; p=reject", "v=DMARC1; p=none"]) == (2, 2, 2)
    assert dmarc.strictest([" v=DMARC1; p=none; sp=reject", "p=quarantine; sp=none; v=DMARC1"]) == (1, 2, 2)
    assert dmarc.strictest(["v=DMARC1; p=reject", "v=DMARC1; p=none"]) == (-1, -1, -1)
    assert dmarc.strictest(["v=DMARC10; p=reject"]) == (-1, -1, -1)
