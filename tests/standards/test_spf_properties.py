"""Properties: what is built reads back the same, and nothing raises but SpfError."""

from __future__ import annotations

import contextlib
from ipaddress import IPv4Address, IPv6Address

from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.standards import spf

signs = st.sampled_from(["+", "-", "~", "?"])
labels = st.from_regex(r"[a-z0-9_]([a-z0-9\-]{0,8}[a-z0-9])?", fullmatch=True)
names = st.builds(lambda parts, top: ".".join([*parts, top]), st.lists(labels, min_size=1, max_size=3),
                  st.sampled_from(["com", "example", "xn--fiqs8s", "net."]))  # fmt: skip
macros = st.builds(
    lambda letter, digits, reverse, delimiters: f"%{{{letter}{digits}{reverse}{delimiters}}}",
    st.sampled_from(list("slodiphvSLODIPHV")),
    st.sampled_from(["", "1", "2", "10"]),
    st.sampled_from(["", "r", "R"]),
    st.text("-.+,/_=", max_size=2),
)
specs = st.one_of(names, st.builds("{}.{}".format, macros, names), macros, st.just("%%%_%-.example"))
bits4, bits6 = st.none() | st.integers(0, 32), st.none() | st.integers(0, 128)
mechanisms = st.one_of(
    st.builds(spf.Mechanism, signs, st.just("all")),
    st.builds(spf.Mechanism, signs, st.sampled_from(["include", "exists"]), specs),
    st.builds(spf.Mechanism, signs, st.just("ptr"), st.none() | specs),
    st.builds(spf.Mechanism, signs, st.sampled_from(["a", "mx"]), st.none() | specs, st.none(), bits4, bits6),
    st.builds(spf.Mechanism, signs, st.just("ip4"), st.none(),
              st.builds(str, st.builds(IPv4Address, st.integers(0, 2**32 - 1))), bits4),
    st.builds(spf.Mechanism, signs, st.just("ip6"), st.none(),
              st.builds(str, st.builds(IPv6Address, st.integers(0, 2**128 - 1))), st.none(), bits6),
)  # fmt: skip
modifiers = st.one_of(
    st.builds(spf.Modifier, st.sampled_from(["redirect", "exp"]), specs),
    st.builds(spf.Modifier, st.sampled_from(["x-note", "moo.cow_2"]), st.text("ab:/=!~", max_size=5)),
)
built = st.lists(st.one_of(mechanisms, modifiers), max_size=6).map(tuple).map(spf.SpfRecord)


@settings(deadline=None)
@given(built)
def test_what_is_built_reads_back_as_the_same_value(record: spf.SpfRecord) -> None:
    single = [modifier.name for modifier in record.modifiers if modifier.name in ("redirect", "exp")]
    if len(single) != len(set(single)):
        with contextlib.suppress(spf.SpfError):
            spf.parse(str(record))
            raise AssertionError("a second redirect= or exp= was read")
        return
    assert spf.parse(str(record)) == record


#: Text near enough to SPF to get past the first letters.
pieces = st.sampled_from(
    ["v=spf1", " ", "+", "-", "all", "include:", "a", "mx", "ptr", "exists:", "ip4:", "ip6:", "1.2.3.4",
     "::1", "fe80::1%eth0", "/24", "//64", "/2４", "%{d}", "%{l999999r-}", "%{", "%%", "redirect=", "exp=",
     "x.example", "..", "\n", "\x00", "é", "ſ", "=", ":", "٣"]
)  # fmt: skip
soup = st.lists(pieces, max_size=12).map("".join) | st.text(max_size=40)
texts = soup | soup.map("v=spf1 ".__add__)


@settings(deadline=None)
@given(texts)
def test_random_text_raises_nothing_but_spf_error(text: str) -> None:
    try:
        record = spf.parse(text)
    except spf.SpfError as error:
        assert error.reason in str(error)
        assert error.text("zh") != ""
    else:
        assert text.isascii()
        assert spf.parse(str(record)) == record
    for each in spf.lint(text):
        assert each.message("en")
        assert each.hint("zh")


zone_names = ["example.com", "x.example", "a.example.com", "1.2.0.192.in-addr.arpa", "com"]
values = st.one_of(
    texts,
    st.sampled_from(["192.0.2.1", "2001:db8::1", "10 x.example.", "0 .", "x.example", "v=spf1 -all"]),
    built.map(str),
)  # fmt: skip
zones = st.dictionaries(
    st.tuples(st.sampled_from(zone_names), st.sampled_from(["TXT", "A", "AAAA", "MX", "PTR"])),
    st.lists(values, max_size=3) | st.none(),
)
RESULTS = {"pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"}


@settings(deadline=None)
@given(
    zones,
    st.sampled_from(["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0"]),
    st.sampled_from(zone_names) | st.text(max_size=20),
    st.text(max_size=20) | st.builds("{}@{}".format, st.text(max_size=9), st.sampled_from(zone_names)),
    st.text(max_size=10),
)
def test_check_host_answers_whatever_the_zone_holds(
    zone: dict[tuple[str, str], list[str] | None], ip: str, domain: str, sender: str, helo: str
) -> None:
    def lookup(name: str, type: str) -> list[str]:
        assert name.isascii()
        assert len(name) <= 254
        found = zone.get((name[:-1].lower(), type), [])
        if found is None:
            raise TimeoutError
        return found

    result = spf.check_host(ip, domain, sender, lookup, helo=helo)
    assert result.result in RESULTS
    assert (result.problem is not None) == (result.result in ("none", "permerror", "temperror"))
    assert result.problem is None or result.problem("zh")
    assert result.lookups <= 11  # the eleventh is the one that is refused
    for each in spf.select(tuple(lookup_or_nothing(lookup, domain))):
        try:
            tree = spf.budget(domain, each, lookup)
        except spf.SpfError:
            continue
        assert tree.lookups < 250
        spf.lint(each, domain=domain, tree=tree)


def lookup_or_nothing(lookup: spf.Lookup, domain: str) -> list[str]:
    try:
        return list(lookup(domain + ".", "TXT")) if domain.isascii() else []
    except (TimeoutError, AssertionError):
        return []
