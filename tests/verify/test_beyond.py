"""``verify --deep``: what is right passes, what is wrong is told, what cannot be seen is no pass."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.model.checks import Check, Status
from mailwright.operations.planning import planned
from mailwright.operations.world.deep import Depth, deep
from mailwright.resolving.connect import Dial
from mailwright.resolving.server import Server
from mailwright.sandbox.nameserver import running
from mailwright.spec.extra import MAX_AGE
from mailwright.standards import der, mta_sts
from mailwright.verify.deep.certificate import anchored, trouble
from tests.cli.test_commands import mailwright
from tests.mailboxes.secure import certificate
from tests.servers.base import free_port
from tests.verify.beyond import Page, exchanger, policy_server

MX = "mail.acme.example"
STS = "mta-sts.acme.example"
SPEC = f"""\
version: 1
domain: acme.example
timezone: Asia/Shanghai
mail_host: {{service: self-hosted, mx: ["10 {MX}"], ip4: [8.8.8.8]}}
dns_hosts: [{{service: manual}}]
contact: wang@acme.example
senders: [{{custom: crm, include: [spf.crm.example]}}]
mta_sts: {{mode: enforce}}
"""
ZONE = """\
@ 300 MX 10 mail
@ 300 TXT "v=spf1 ip4:8.8.8.8 include:spf.crm.example ~all"
mail 300 A 8.8.8.8
"""
CRM = 'spf 300 TXT "v=spf1 include:nets.crm.example ~all"\nnets 300 TXT "v=spf1 ip4:198.51.100.0/24 ~all"\n'
PTR = "8 300 PTR mail.acme.example.\n"
POLICY = str(mta_sts.Policy("enforce", (MX,), MAX_AGE["enforce"]))


class World:
    """Everything right, until a test spoils it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self.zones = {"acme.example.": ZONE, "crm.example.": CRM, "8.8.8.in-addr.arpa.": PTR}
        self.page = Page(POLICY)
        self.spec = SPEC
        self.cert, self.key = _certificate(folder, "mail", MX)
        self.sts_cert, self.sts_key = _certificate(folder, "sts", STS)
        self.smtp_tls = True
        self.mx_port: int | None = None
        self.heard: list[str] = []

    def begin(self) -> tuple[str, list[str], Path]:
        """Resolver, detours, and the file of whom to trust."""
        server = self._stack.enter_context(running(self.zones))
        pair = (self.cert, self.key) if self.smtp_tls else (None, None)
        port, self.heard = self._stack.enter_context(exchanger(*pair))
        web = self._stack.enter_context(policy_server(self.page, self.sts_cert, self.sts_key))
        trusted = self.folder / "trusted.pem"
        trusted.write_bytes(self.cert.read_bytes() + self.sts_cert.read_bytes())
        port = self.mx_port or port
        return (
            f"127.0.0.1:{server.port}",
            [f"{MX}:25:127.0.0.1:{port}", f"{STS}:443:127.0.0.1:{web}"],
            trusted,
        )

    def look(self, trusted: Path | None = None) -> list[Check]:
        resolver, detours, ours = self.begin()
        path = self.folder / "acme.yaml"
        path.write_text(self.spec)
        address, _, port = resolver.partition(":")
        dial = Dial.given(detours, str(trusted or ours))
        asked = Server("r", address, int(port))
        depth = Depth((asked,), (replace(asked, authoritative=False),), dial)
        (verdict,) = deep(planned([path], None).plans, depth)
        return list(verdict.checks)


def _certificate(folder: Path, sub: str, name: str) -> tuple[Path, Path]:
    (folder / sub).mkdir()
    return certificate(folder / sub, name)


def statuses(checks: list[Check], rule: str) -> list[Status]:
    return [check.status for check in checks if check.rule == rule]


def words(checks: list[Check], rule: str) -> str:
    return " ".join(check.text("en") for check in checks if check.rule == rule)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path, stack)


def test_all_is_well_where_all_is_well(world: World) -> None:
    seen = world.look()
    assert not [check for check in seen if check.status in (Status.FAIL, Status.UNKNOWN)], seen
    for rule in (
        "mta-sts-policy-served",
        "exchanger-starttls",
        "exchanger-certificate",
        "own-server-reverse",
    ):
        assert statuses(seen, rule) == [Status.PASS], (rule, words(seen, rule))
    assert statuses(seen, "sender-lets-in") == [Status.PASS, Status.PASS]
    assert "198.51.100.0" in words(seen, "sender-lets-in"), "an address behind the include of an include"
    assert statuses(seen, "caa-lets-issue") == [Status.PASS]
    assert set(world.heard) <= {"EHLO", "STARTTLS", "QUIT"}, "no address and no mail is spoken of"


def test_a_sender_that_the_living_record_does_not_let_in(world: World) -> None:
    world.zones["acme.example."] = ZONE.replace(" include:spf.crm.example", "")
    seen = world.look()
    told = {
        check.found[0] for check in seen if check.rule == "sender-lets-in" and check.status is Status.FAIL
    }
    assert told == {"softfail"}


def test_an_include_without_answer_is_unknown(world: World) -> None:
    del world.zones["crm.example."]
    assert Status.UNKNOWN in statuses(world.look(), "sender-lets-in")


def test_the_name_of_an_own_server(world: World) -> None:
    world.zones["8.8.8.in-addr.arpa."] = "8 300 PTR static.isp.example.\n"
    world.zones["isp.example."] = "static 300 A 203.0.113.99\n"
    seen = world.look()
    assert statuses(seen, "own-server-reverse") == [Status.FAIL]
    assert "static.isp.example" in words(seen, "own-server-reverse")


def test_nobody_may_issue_the_certificate_that_is_needed(world: World) -> None:
    world.zones["acme.example."] = ZONE + '@ 300 CAA 0 issue ";"\n'
    assert statuses(world.look(), "caa-lets-issue") == [Status.FAIL]


@pytest.mark.parametrize(
    ("page", "word"),
    [
        (Page(POLICY, 404), "status 404"),
        (Page("", 301, {"Location": "https://elsewhere.example/"}), "redirection"),
        (Page(POLICY, 200, {"Content-Type": "text/html"}), "text/html"),
        (Page(POLICY.replace("enforce", "testing")), "not the planned one"),
        (Page(POLICY.replace(MX, "other.example")), "does not name the exchanger"),
        (Page("hello"), "MTA-STS policy at"),
    ],
)
def test_a_policy_that_senders_do_not_find_as_planned(world: World, page: Page, word: str) -> None:
    world.page = page
    seen = world.look()
    assert Status.FAIL in statuses(seen, "mta-sts-policy-served")
    assert word in words(seen, "mta-sts-policy-served")


def test_certificates_that_prove_nothing(world: World, tmp_path: Path) -> None:
    stranger, _ = _certificate(tmp_path, "stranger", "stranger.example")
    seen = world.look(trusted=stranger)
    assert statuses(seen, "mta-sts-policy-served") == [Status.FAIL]
    assert statuses(seen, "exchanger-starttls") == [Status.PASS]
    assert statuses(seen, "exchanger-certificate") == [Status.FAIL], "the policy enforces"


def test_without_a_policy_an_unproven_certificate_is_a_warning(world: World, tmp_path: Path) -> None:
    stranger, _ = _certificate(tmp_path, "stranger", "stranger.example")
    world.spec = SPEC.replace("mta_sts: {mode: enforce}\n", "")
    assert statuses(world.look(trusted=stranger), "exchanger-certificate") == [Status.WARN]


def test_an_exchanger_without_starttls(world: World) -> None:
    world.smtp_tls = False
    assert statuses(world.look(), "exchanger-starttls") == [Status.FAIL]


def test_a_blocked_port_is_no_pass(world: World) -> None:
    world.mx_port = free_port()
    seen = world.look()
    assert statuses(seen, "exchanger-starttls") == [Status.NOT_CHECKABLE]
    assert not statuses(seen, "exchanger-certificate")


@pytest.mark.parametrize("right", [True, False])
def test_tlsa_binds_the_key_in_use_or_not(world: World, tmp_path: Path, right: bool) -> None:
    other, _ = _certificate(tmp_path, "next", MX)
    read = x509.load_pem_x509_certificate((world.cert if right else other).read_bytes())
    key = read.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "mx.pem").write_bytes(key)
    world.spec = SPEC + f"dane: [{{host: {MX}, certificate: mx.pem}}]\n"
    seen = world.look()
    assert statuses(seen, "exchanger-tlsa") == [Status.PASS if right else Status.FAIL]
    assert statuses(seen, "dnssec-state") == [Status.FAIL], "TLSA without DNSSEC counts for nothing"


def _issued(folder: Path, name: str, begins: int, ends: int) -> tuple[Path, Path, Path]:
    """A CA, and a certificate of it with its key; from and until in days from now."""
    key, ca_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    now = dt.datetime.now(dt.UTC)

    def made(subject: str, public: ec.EllipticCurvePublicKey, first: int, last: int, ca: bool) -> bytes:
        builder = x509.CertificateBuilder(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Our CA")]),
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]),
            public,
            x509.random_serial_number(),
            now + dt.timedelta(days=first),
            now + dt.timedelta(days=last),
        ).add_extension(x509.BasicConstraints(ca, None), critical=True)
        if not ca:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False
            )
        return builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    paths = [folder / each for each in ("ca.pem", "leaf.pem", "leaf.key")]
    paths[0].write_bytes(made("Our CA", ca_key.public_key(), -9, 900, True))
    paths[1].write_bytes(made(name, key.public_key(), begins, ends, False))
    paths[2].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths[0], paths[1], paths[2]


@pytest.mark.parametrize(
    ("name", "begins", "ends", "status", "word"),
    [
        (MX, -1, 90, Status.PASS, ""),
        ("*.acme.example", -1, 90, Status.PASS, ""),
        ("acme.example", -1, 90, Status.PASS, ""),
        ("www.stranger.example", -1, 90, Status.FAIL, "www.stranger.example"),
        ("*.mail.acme.example", -1, 90, Status.FAIL, "*.mail.acme.example"),
        (MX, -90, -2, Status.FAIL, "ran out on"),
        (MX, 2, 90, Status.FAIL, "begins on"),
    ],
)
def test_a_tlsa_record_of_a_ca_asks_for_the_name_and_the_dates(
    world: World, tmp_path: Path, name: str, begins: int, ends: int, status: Status, word: str
) -> None:
    """RFC 7672 §3.1.2; the server's own key (usage 3) asks for neither."""
    ca, world.cert, world.key = _issued(tmp_path, name, begins, ends)
    plain = SPEC.replace("mta_sts: {mode: enforce}\n", "")
    stranger, _ = _certificate(tmp_path, "stranger", "stranger.example")
    for key, wanted in (("ca", status), ("certificate", Status.PASS)):
        file = ca if key == "ca" else world.cert
        world.spec = plain + f"dane: [{{host: {MX}, {key}: {file.name}}}]\n"
        seen = world.look(trusted=stranger)
        assert statuses(seen, "exchanger-certificate") == [wanted], words(seen, "exchanger-certificate")
        assert key != "ca" or word in words(seen, "exchanger-certificate")


@pytest.mark.parametrize(
    ("sent", "bound", "status"),
    [
        (("leaf", "ca"), "ca", Status.PASS),
        (("leaf", "stranger", "ca"), "ca", Status.PASS),
        (("leaf",), "ca", Status.FAIL),
        (("leaf", "stranger"), "stranger", Status.FAIL),
        (("leaf", "namesake"), "namesake", Status.FAIL),
        (("leaf", "ca"), "stranger", Status.FAIL),
    ],
)
def test_a_tlsa_record_of_a_ca_asks_for_its_chain(
    world: World, tmp_path: Path, sent: tuple[str, ...], bound: str, status: Status
) -> None:
    """A CA of the same name and another key, or one that is only sent along, issued nothing."""
    ca, leaf, world.key = _issued(tmp_path, MX, -1, 90)
    (tmp_path / "other").mkdir()
    namesake, _, _ = _issued(tmp_path / "other", MX, -1, 90)
    stranger, _ = _certificate(tmp_path, "stranger", "stranger.example")
    files = {"ca": ca, "leaf": leaf, "namesake": namesake, "stranger": stranger}
    world.cert = tmp_path / "chain.pem"
    world.cert.write_bytes(b"".join(files[each].read_bytes() for each in sent))
    (tmp_path / "bound.pem").write_bytes(files[bound].read_bytes())
    plain = SPEC.replace("mta_sts: {mode: enforce}\n", "")
    world.spec = plain + f"dane: [{{host: {MX}, ca: bound.pem}}]\n"
    seen = world.look(trusted=stranger)
    assert statuses(seen, "exchanger-tlsa") == [status], words(seen, "exchanger-tlsa")


@pytest.mark.parametrize(
    ("form", "sent", "of", "status"),
    [
        ("2 0 0", ("leaf",), "ca", Status.WARN),
        ("2 1 0", ("leaf",), "ca", Status.WARN),
        ("2 1 0", ("leaf", "ca"), "ca", Status.PASS),
        ("2 0 0", ("leaf", "ca"), "ca", Status.PASS),
        ("2 1 0", ("leaf",), "namesake", Status.FAIL),
        ("2 0 0", ("leaf",), "namesake", Status.FAIL),
        ("2 1 1", ("leaf",), "ca", Status.FAIL),
    ],
)
def test_a_ca_that_stands_whole_in_the_record_need_not_be_sent_to_some(
    world: World, tmp_path: Path, form: str, sent: tuple[str, ...], of: str, status: Status
) -> None:
    """RFC 7671 §5.2.3: the key alone verifies the last one; RFC 7672 §3.1.2 wants it sent."""
    ca, leaf, world.key = _issued(tmp_path, MX, -1, 90)
    (tmp_path / "other").mkdir()
    namesake, _, _ = _issued(tmp_path / "other", MX, -1, 90)
    stranger, _ = _certificate(tmp_path, "stranger", "stranger.example")
    files = {"ca": ca, "leaf": leaf, "namesake": namesake}
    world.cert = tmp_path / "chain.pem"
    world.cert.write_bytes(b"".join(files[each].read_bytes() for each in sent))
    octets = ssl.PEM_cert_to_DER_cert(files[of].read_text())
    octets = der.spki_of_certificate(octets) if form[2] == "1" else octets
    data = (hashlib.sha256(octets).digest() if form[4] == "1" else octets).hex()
    plain = SPEC.replace("mta_sts: {mode: enforce}\n", "")
    host = MX.removesuffix(".acme.example")
    line = f"as_found: [{{name: _25._tcp.{host}, type: TLSA, values: ['{form} {data}']}}]\n"
    world.spec = plain + line
    seen = world.look(trusted=stranger)
    assert statuses(seen, "exchanger-tlsa") == [status], words(seen, "exchanger-tlsa")


@given(st.data())
@settings(max_examples=400, deadline=None)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_any_octets_are_a_chain_or_none(data: st.DataObject) -> None:
    """What a server sends as certificates proves something or nothing, and breaks nothing."""
    now, chain = dt.datetime.now(dt.UTC), list(_chain())
    for number, each in enumerate(chain):
        at = data.draw(st.integers(0, len(each)))
        cut, more = data.draw(st.integers(0, 4)), data.draw(st.binary(max_size=4))
        chain[number] = each[:at] + more + each[at + cut :]
    anchored(chain, lambda _: True, now)
    text = trouble(chain[0], (MX,), now)
    assert text is None or text("zh")


@functools.cache
def _chain() -> tuple[bytes, ...]:
    with tempfile.TemporaryDirectory() as folder:
        ca, leaf, _ = _issued(Path(folder), MX, -1, 90)
        read = [x509.load_pem_x509_certificate(path.read_bytes()) for path in (leaf, ca)]
    return tuple(each.public_bytes(serialization.Encoding.DER) for each in read)


def test_as_a_command(world: World, tmp_path: Path) -> None:
    world.page.status = 500
    resolver, detours, trusted = world.begin()
    path = tmp_path / "acme.yaml"
    path.write_text(world.spec)
    ways = [word for detour in detours for word in ("--connect-to", detour)]
    words = (
        "verify",
        str(path),
        "--deep",
        "--nameserver",
        resolver,
        "--resolver",
        resolver,
        "--format",
        "json",
    )
    done = mailwright(*words, *ways, "--ca-file", str(trusted))
    assert done.returncode == 2, done.stderr
    told = {each["rule"]: each["status"] for each in json.loads(done.stdout)["checks"]}
    assert told["mta-sts-policy-served"] == "fail" and told["exchanger-certificate"] == "pass"
    assert "exchanger-starttls" not in mailwright(*[word for word in words if word != "--deep"]).stdout


def test_the_agenda_asks_for_certificates_where_it_is_told_to(world: World, tmp_path: Path) -> None:
    """Own exchanger and policy host; untrusted ones have a day too; what does not answer is said."""
    _, detours, _ = world.begin()
    path = tmp_path / "acme.yaml"
    path.write_text(world.spec)
    ends = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    ways = [word for detour in detours for word in ("--connect-to", detour)]
    process = mailwright("agenda", str(path), "--online", "--format", "json", "--lang", "en", *ways)
    assert process.returncode == 2, process.stderr
    shown = {event["subject"]: event for event in json.loads(process.stdout)}
    assert set(shown) == {MX, STS} and {event["kind"] for event in shown.values()} == {"certificate"}
    assert {event["status"] for event in shown.values()} == {"due"} and f"ends on {ends}" in shown[MX]["text"]
    assert world.heard.count("STARTTLS") >= 1 and not {"MAIL", "RCPT"} & set(world.heard)
    ways[1] = f"{MX}:25:127.0.0.1:{free_port()}"
    process = mailwright("agenda", str(path), "--online", "--lang", "en", *ways)
    assert process.returncode == 1 and f"{MX}: its certificate was not seen" in process.stderr
    assert STS in process.stdout and MX not in process.stdout
    hosted = tmp_path / "hosted.yaml"
    hosted.write_text(
        world.spec.replace(
            'self-hosted, mx: ["10 mail.acme.example"], ip4: [8.8.8.8]', "tencent-exmail"
        ).replace("mta_sts: {mode: enforce}\n", "")
    )
    assert mailwright("agenda", str(hosted), "--online").returncode == 0
