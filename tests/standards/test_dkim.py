"""DKIM key records: what they say, what is wrong with them, and the pairs made for them."""

from __future__ import annotations

import base64
import datetime as dt
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from mailwright.model.finding import has_errors
from mailwright.model.names import absolute
from mailwright.operations import signing
from mailwright.operations.planning import planned
from mailwright.standards import dkim
from tests.conftest import ROOT


def spki(bits: int) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


PAIR = signing.new_pair("rsa")
RSA_2048 = dkim.parse(PAIR.record).key
RSA_1024 = spki(1024)
B64 = base64.b64encode(RSA_2048).decode()
PRIVATE_B64 = "".join(PAIR.private.decode().splitlines()[1:-1])


def ids(text: str, **given: str) -> set[str]:
    return {finding.rule for finding in dkim.lint(text, **given)}


def bare_rsa() -> str:
    public = serialization.load_pem_public_key(PAIR.public.encode())
    octets = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return base64.b64encode(octets).decode()


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (f"v=DKIM1; k=rsa; p={B64}", set()),
        (f"p={B64}", set()),
        (f"v=DKIM1; h=sha1:sha256; s=*; t=; n=x; p={B64[:100]} {B64[100:]}", set()),
        (f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(range(32))).decode()}", set()),
        (f"v=DKIM1; k=rsa; p={base64.b64encode(RSA_1024).decode()}", {"dkim-rsa-under-2048"}),
        (f"v=DKIM1; k=rsa; p={B64[:-40]}", {"dkim-key-unreadable"}),
        ("v=DKIM1; k=rsa; p=not base64!", {"dkim-key-unreadable"}),
        (f"v=DKIM1; k=ed25519; p={B64}", {"dkim-key-unreadable"}),
        (f"v=DKIM1; k=rsa; p={PRIVATE_B64}", {"dkim-private-key-published"}),
        (f"v=DKIM1; k=rsa; p={bare_rsa()}", {"dkim-rsa-bare"}),
        (f"v=DKIM1; k=dsa; p={B64}", {"dkim-key-type-unknown"}),
        (f"v=DKIM1; h=sha1; p={B64}", {"dkim-hash-sha1-only"}),
        (f"v=DKIM1; s=tlsrpt; p={B64}", {"dkim-service-not-email"}),
        (f"v=DKIM1; t=y; p={B64}", {"dkim-test-mode"}),
        (f"v=DKIM1; t=s; p={B64}", {"dkim-strict-identity"}),
        (f"v=DKIM1; g=*; p={B64}", {"dkim-granularity-removed"}),
        ("v=DKIM1; p=", {"dkim-key-revoked"}),
        (f"k=rsa; v=DKIM1; p={B64}", {"dkim-record-malformed"}),
        (f"v=DKIM2; p={B64}", {"dkim-record-malformed"}),
        (f"v=DKIM1\\; k=rsa\\; p={B64}", {"dkim-record-malformed"}),
        ("v=DKIM1; k=rsa", {"dkim-record-malformed"}),
        (f"v=DKIM1; p={B64}; p={B64}", {"dkim-record-malformed"}),
    ],
)
def test_each_fault_has_its_rule(text: str, rules: set[str]) -> None:
    assert ids(text, name="s1._domainkey.acme.example.") == rules
    for finding in dkim.lint(text):
        assert "{" not in finding.message("en") + finding.message("zh") + finding.hint("en") + finding.hint(
            "zh"
        )
        assert PRIVATE_B64[:40] not in finding.message("en")


def test_lengths_at_the_edges() -> None:
    # A real key under 1024 bits cannot be made any more: the modulus is written by hand.
    def record(bits: int) -> str:
        def der(tag: int, body: bytes) -> bytes:
            octets = (len(body).bit_length() + 7) // 8
            long = bytes([0x80 | octets]) if len(body) > 127 else b""
            return bytes([tag]) + long + len(body).to_bytes(octets, "big") + body

        modulus = (1 << (bits - 1) | 1).to_bytes(bits // 8 + 1, "big")
        key = der(0x30, der(2, modulus) + der(2, b"\1\0\1"))
        oid = bytes.fromhex("300d06092a864886f70d0101010500")
        return "v=DKIM1; p=" + base64.b64encode(der(0x30, oid + der(3, b"\0" + key))).decode()

    said = {bits: ids(record(bits)) for bits in (1023, 1024, 2047, 2048, 4096, 4097)}
    assert said == {
        1023: {"dkim-rsa-under-1024"},
        1024: {"dkim-rsa-under-2048"},
        2047: {"dkim-rsa-under-2048"},
        2048: set(),
        4096: set(),
        4097: {"dkim-rsa-over-4096"},
    }


def test_testing_beside_an_enforcing_policy_is_an_error() -> None:
    text = f"v=DKIM1; t=y:s; p={B64}"
    severities = [
        {
            str(finding.severity)
            for finding in dkim.lint(text, policy=policy)
            if finding.rule == "dkim-test-mode"
        }
        for policy in (None, "none", "reject")
    ]
    assert severities == [{"warning"}, {"warning"}, {"error"}]


def test_a_parked_domains_revoked_wildcard_is_no_fault() -> None:
    assert not ids("v=DKIM1; p=", name="*._domainkey.acme.example.")


WORD = st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True)


@given(
    ed=st.none() | st.binary(min_size=32, max_size=32),
    hashes=st.lists(WORD, max_size=2),
    services=st.lists(WORD | st.just("*"), max_size=2),
    flags=st.lists(st.sampled_from("ys"), max_size=2),
)
def test_what_is_built_is_what_is_read(
    ed: bytes | None, hashes: list[str], services: list[str], flags: list[str]
) -> None:
    octets = RSA_2048 if ed is None else ed
    record = dkim.build(
        octets, "rsa" if ed is None else "ed25519", hashes=hashes, services=services, flags=flags
    )
    read = dkim.parse(str(record))
    assert read == record and read.key == octets
    assert (read.listed("h"), read.listed("s")) == (tuple(hashes), tuple(services))
    assert read.testing == ("y" in flags)


@given(
    st.text()
    | st.text("v=DKIM1;pk :\\\n").map("v=DKIM1; {}".format)
    | st.binary().map(lambda octets: "v=DKIM1; p=" + base64.b64encode(octets).decode())
)
def test_random_text_is_a_record_or_a_dkim_error(text: str) -> None:
    assert all(finding.message("zh") for finding in dkim.lint(text))
    dkim.key_of(text)
    for read in (
        lambda: dkim.parse(text).bits,
        lambda: dkim.record_for(text),
        lambda: dkim.same_key(text, text),
    ):
        try:
            read()
        except dkim.DkimError as error:
            assert error.reason("zh")


def test_the_private_half_is_never_taken_for_the_public_one() -> None:
    for text in (PAIR.private.decode(), PRIVATE_B64):
        with pytest.raises(dkim.DkimError, match="private"):
            dkim.record_for(text)
    with pytest.raises(dkim.DkimError):
        dkim.build(base64.b64decode(PRIVATE_B64))


# --- pairs


def test_a_pair_is_written_once_with_the_private_half_for_its_owner_only(tmp_path: Path) -> None:
    os.umask(os.umask(0o022))
    written = signing.write_pair(PAIR, tmp_path / "keys", "S1")
    assert written.private == tmp_path / "keys" / "s1.key"
    assert stat.S_IMODE(written.private.stat().st_mode) == 0o600
    assert dkim.record_for(written.public.read_text()) == PAIR.record
    assert (tmp_path / "keys" / ".gitignore").read_text() == "*.key\n", "it never gets into a repository"
    before = written.private.read_bytes()
    with pytest.raises(signing.SigningError, match="exists"):
        signing.write_pair(signing.new_pair("ed25519"), tmp_path / "keys", "s1")
    assert written.private.read_bytes() == before
    written.private.unlink()
    with pytest.raises(signing.SigningError, match="exists"):
        signing.write_pair(PAIR, tmp_path / "keys", "s1")
    assert not written.private.exists(), "refused before anything is written"


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "s1.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(signing.SigningError):
        signing.write_pair(PAIR, tmp_path, "s1")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("selector", ["../s1", "", "a/b", ".s1", "s1.", "-s", "x" * 64, "s 1"])
def test_a_selector_is_no_path(selector: str, tmp_path: Path) -> None:
    with pytest.raises(signing.SigningError):
        signing.write_pair(PAIR, tmp_path, selector)
    assert not list(tmp_path.iterdir())


def test_a_pair_does_not_show_its_private_half() -> None:
    assert PRIVATE_B64[:30] not in repr(PAIR) and "PRIVATE" not in repr(PAIR)


def test_the_halves_are_compared() -> None:
    other = signing.new_pair("ed25519")
    assert signing.matches(PAIR.private, PAIR.record) and signing.matches(PAIR.private, PAIR.public)
    assert not signing.matches(PAIR.private, other.record)
    assert signing.matches(other.private, other.record)
    with pytest.raises(signing.SigningError) as caught:
        signing.matches(
            b"-----BEGIN PRIVATE KEY-----\nsecretsecret\n-----END PRIVATE KEY-----\n", PAIR.record
        )
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "form",
    [
        '"{first}" "{rest}"',
        's1._domainkey.acme-trade.com. 3600 IN TXT ( "{first}"\n  "{rest}" )  ; DKIM key s1',
        "{escaped}",
    ],
)
def test_a_record_is_read_as_dig_and_zone_files_show_it(form: str) -> None:
    for pair, same in ((PAIR, True), (signing.new_pair("ed25519"), False)):
        record = pair.record
        parts = {"first": record[:20], "rest": record[20:], "escaped": record.replace(";", "\\;")}
        assert signing.matches(PAIR.private, form.format(**parts)) is same


SPEC = """version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: tencent-exmail}
dns_hosts: [{service: manual, console: aliyun}]
contact: wang@acme-trade.com
signing: [{selector: s1, public_key_file: keys/s1.pub}]
"""


@pytest.mark.parametrize("kind", signing.KEY_TYPES)
def test_a_mail_signed_with_the_key_verifies_through_the_planned_record(
    kind: signing.KeyType, tmp_path: Path
) -> None:
    verifier = pytest.importorskip("dkim", reason="dkimpy is not installed (test environment only)")
    if kind == "ed25519":
        pytest.importorskip("nacl", reason="dkimpy verifies ed25519 with PyNaCl, which is not installed")
    pair = signing.new_pair(kind)
    signing.write_pair(pair, tmp_path / "keys", "s1")
    (tmp_path / "acme.yaml").write_text(SPEC)
    records = planned_txt(tmp_path / "acme.yaml")
    private = (tmp_path / "keys" / "s1.key").read_bytes()
    if kind == "ed25519":  # dkimpy wants the bare seed
        key = serialization.load_pem_private_key(private, password=None)
        private = base64.b64encode(key.private_bytes_raw())  # type: ignore[union-attr]
    mail = b"From: wang@acme-trade.com\r\nTo: li@example.org\r\nSubject: quote\r\n\r\nHello\r\n"
    algorithm = {"rsa": b"rsa-sha256", "ed25519": b"ed25519-sha256"}[kind]
    header = verifier.sign(mail, b"s1", b"acme-trade.com", private, signature_algorithm=algorithm)

    def answer(name: bytes, timeout: int = 5) -> bytes | None:
        value = records.get(absolute(name.decode()))
        return value.encode() if value else None

    assert verifier.verify(header + mail, dnsfunc=answer)
    assert not verifier.verify(header + mail.replace(b"Hello", b"Hullo"), dnsfunc=answer)


def planned_txt(path: Path) -> dict[str, str]:
    """The TXT records that the spec at ``path`` plans, by absolute owner name."""
    result = planned([path], dt.date(2026, 11, 23))
    assert not has_errors(result.findings), result.findings
    return {record.name: record.values[0] for record in result.plans[0][1].records if record.type == "TXT"}


def mailwright(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, "-m", "mailwright", *words],
        cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_command_makes_a_pair_that_the_spec_takes(tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "acme.yaml").write_text(SPEC)
    process = mailwright("dkim", "new", "acme-trade.com", "--selector", "s1", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert "signing: [{selector: s1, public_key_file: keys/s1.pub}]" in process.stdout
    key, pub = tmp_path / "stacks/keys/s1.key", tmp_path / "stacks/keys/s1.pub"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text().splitlines()[1] not in process.stdout + process.stderr
    assert "dkim_signing.conf" in process.stdout and "opendkim.conf" in process.stdout
    shown = mailwright("plan", "acme", "--format", "zone", cwd=tmp_path)
    assert shown.returncode == 0 and "s1._domainkey.acme-trade.com." in shown.stdout
    again = mailwright("dkim", "new", "acme-trade.com", "--selector", "s1", cwd=tmp_path)
    assert again.returncode == 1 and "exists" in again.stderr
    assert mailwright("dkim", "match", str(key), str(pub), cwd=tmp_path).returncode == 0
    words = ("acme-trade.com", "--selector", "s2", "--type", "ed25519", "--lang", "zh")
    other = mailwright("dkim", "new", *words, cwd=tmp_path)
    assert other.returncode == 0 and "私钥" in other.stdout and "k=ed25519" in other.stdout
    assert mailwright("dkim", "match", str(key), "stacks/keys/s2.pub", cwd=tmp_path).returncode == 2
    assert mailwright("dkim", "match", str(pub), str(pub), cwd=tmp_path).returncode == 1


@pytest.mark.parametrize(
    ("domain", "selector", "part"),
    [
        ("not a domain", "s1", "not a domain: "),
        ("acme-trade.com", "../s1", "../s1 is not a selector"),
        ("acme", "s1", "acme: it has no dot"),
    ],
)
def test_wrong_names_are_a_usage_error(domain: str, selector: str, part: str, tmp_path: Path) -> None:
    done = mailwright("dkim", "new", domain, "--selector", selector, cwd=tmp_path)
    assert done.returncode == 64 and part in done.stderr and not list(tmp_path.iterdir())
