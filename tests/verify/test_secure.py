"""Resolvers over TLS and HTTPS: a real one, and servers that lie, fall silent, or are somebody else."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mailwright.resolving import secure as room
from mailwright.resolving.asking import asking
from mailwright.resolving.connect import Dial
from mailwright.resolving.lookups import values
from mailwright.resolving.reply import Reply
from mailwright.resolving.secure import secure
from mailwright.resolving.server import Server, resolver
from tests.cli.test_commands import mailwright
from tests.mailboxes.secure import certificate
from tests.servers.base import ADDRESS, DnsServer, Missing, free_port
from tests.servers.fixtures import started
from tests.servers.unbound import NAME, Resolver, unbound
from tests.verify.test_verify import lines, plan_of, spec

KINDS = ("plain", "tls", "https")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DnsServer, Resolver]]:
    """The embedded nameserver, and Unbound before it."""
    server = started("embedded")
    try:
        with unbound(tmp_path_factory.mktemp("unbound"), server.port) as found:
            yield server, found
    except Missing as reason:
        if os.environ.get("MAILWRIGHT_REQUIRE_SERVERS") == "1":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))


def said(folder: Path, *words: str) -> tuple[int, list[dict[str, object]]]:
    """Exit code and the checks of one domain."""
    done = mailwright(*words, "--format", "json", cwd=folder)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)["checks"]


# -- a real resolver --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_resolver_is_compared_as_any_server(
    tmp_path: Path, real: tuple[DnsServer, Resolver], kind: str
) -> None:
    server, resolver = real
    zone = server.new_zone()
    path = spec(tmp_path, zone.rstrip("."))
    server.put(zone, lines(plan_of(path)))
    url = resolver.urls()[kind]
    words = ("verify", str(path), "--nameserver", f"{ADDRESS}:{server.port}")
    words = (*words, "--resolver", url, "--ca-file", str(resolver.ca))
    code, checks = said(tmp_path, *words)
    told = [check for check in checks if check["server"] == url]
    assert code == 0 and len(told) == len(plan_of(path).records)
    assert {each["status"] for each in told} == {"pass"}
    server.drop(zone, "_dmarc", "TXT")
    code, checks = said(tmp_path, *words)
    missing = [check for check in checks if check["server"] == url and check["status"] == "fail"]
    assert code == 2 and [each["name"] for each in missing] == [f"_dmarc.{zone}"]


@pytest.mark.parametrize("kind", ["tls", "https"])
@pytest.mark.parametrize("command", ["check", "drift", "verify"])
def test_every_command_that_asks_resolvers_takes_them(
    tmp_path: Path, real: tuple[DnsServer, Resolver], kind: str, command: str
) -> None:
    server, resolver = real
    zone = server.new_zone()
    path = spec(tmp_path, zone.rstrip("."))
    server.put(zone, lines(plan_of(path)))
    words = {
        "check": ("--online",),
        "drift": ("--dns-only", "--nameserver", f"{ADDRESS}:{server.port}"),
        "verify": ("--deep", "--nameserver", f"{ADDRESS}:{server.port}"),
    }[command]
    ways = ("--resolver", resolver.urls()[kind], "--ca-file", str(resolver.ca))
    plainly = ("--resolver", resolver.urls()["plain"])
    secured, plain = (
        mailwright(command, str(path), *words, *each, "--format", "json", cwd=tmp_path)
        for each in (ways, plainly)
    )
    assert secured.stdout.replace(resolver.urls()[kind], resolver.urls()["plain"]) == plain.stdout
    assert secured.returncode == plain.returncode and plain.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_hundreds_of_questions_at_a_time(real: tuple[DnsServer, Resolver], kind: str) -> None:
    server, found = real
    zone = server.new_zone("\n".join(f't{n} 300 TXT "value {n}"' for n in range(400)))
    where = resolver(found.urls()[kind], Dial(ca_file=str(found.ca)))

    async def run() -> list[Reply]:
        async with asking() as asker:
            return await asyncio.gather(*(asker.reply(where, f"t{n}.{zone}", "TXT") for n in range(400)))

    replies = asyncio.run(run())
    assert [values(reply.message, "TXT") for reply in replies] == [(f"value {n}",) for n in range(400)]


def test_names_that_nobody_answers_for_hold_up_no_other(
    real: tuple[DnsServer, Resolver], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "TIMEOUT", 3.0)
    server, found = real
    zone = server.new_zone("\n".join(f't{n} 300 TXT "value {n}"' for n in range(3)))
    where = resolver(found.urls()["https"], Dial(ca_file=str(found.ca)))

    async def run(number: int) -> list[Reply]:
        names = [f"t{n}.{zone}" for n in range(3)] + [f"n{n}.r{number}.silent." for n in range(3)]
        async with asking() as asker:
            return await asyncio.gather(*(asker.reply(where, name, "TXT") for name in names))

    async def several() -> list[list[Reply]]:
        return await asyncio.gather(*map(run, range(8)))

    for replies in asyncio.run(several()):
        assert [values(reply.message, "TXT") for reply in replies[:3]] == [(f"value {n}",) for n in range(3)]
        assert all(reply.problem for reply in replies[3:])


@pytest.mark.parametrize("kind", ["tls", "https"])
def test_whom_the_certificate_does_not_prove_is_not_believed(
    tmp_path: Path, real: tuple[DnsServer, Resolver], kind: str
) -> None:
    server, found = real
    zone = server.new_zone()
    path = spec(tmp_path, zone.rstrip("."))
    server.put(zone, lines(plan_of(path)))
    (tmp_path / "other").mkdir()
    stranger, _ = certificate(tmp_path / "other", NAME)
    url = found.urls()[kind]
    words = ("verify", str(path), "--nameserver", f"{ADDRESS}:{server.port}")
    for name, ca in ((url, stranger), (url.replace(NAME, "dns.other.example"), found.ca)):
        code, checks = said(tmp_path, *words, "--resolver", name, "--ca-file", str(ca), "--lang", "en")
        told = [check for check in checks if check["server"] == name]
        assert code == 1 and {each["status"] for each in told} == {"unknown"}
        proven = name.partition("#")[2]
        assert all(f"the certificate does not prove {proven}" in str(each["message"]) for each in told)
    done = mailwright(*words, "--resolver", url, "--ca-file", str(stranger), "--lang", "zh", cwd=tmp_path)
    assert f"证书无法证明 {NAME}" in done.stdout


# -- what is no resolver ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("tls://", "https://", "http://dns.example/", "udp://192.0.2.1", "tls://dns.example/dns-query"),
        *("tls://dns.example:99999", "https://user:secret@dns.example/", "https://dns.example/?dns=x"),
        *("tls://dns.example:x", "dns.example", "192.0.2.1:0", "192.0.2.999"),
    ],
)
def test_what_is_no_resolver_is_wrong_usage(tmp_path: Path, text: str) -> None:
    path = spec(tmp_path, "acme.example")
    done = mailwright("verify", str(path), "--resolver", text, cwd=tmp_path)
    assert done.returncode == 64 and "a resolver is" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and "secret" not in done.stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tls://1.1.1.1", "tls://1.1.1.1"),
        ("tls://[2606:4700::1111]:853", "tls://[2606:4700::1111]"),
        ("https://dns.example", "https://dns.example/dns-query"),
        ("https://dns.example:8443/q", "https://dns.example:8443/q"),
        ("tls://192.0.2.1:8853#dns.example", "tls://192.0.2.1:8853#dns.example"),
        ("office=tls://192.0.2.1", "office (tls://192.0.2.1)"),
    ],
)
def test_a_resolver_is_shown_as_it_was_written(text: str, shown: str) -> None:
    assert str(resolver(text)) == shown


# -- servers that misbehave -------------------------------------------------------------------------

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def standing(folder: Path, talk: Talk) -> Iterator[tuple[int, Path]]:  # type: ignore[misc]
    """A TLS server that says what the test wants."""
    cert, key = certificate(folder, NAME)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async with await asyncio.start_server(served, ADDRESS, 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1], cert


async def asked(scheme: str, port: int, cert: Path, count: int = 1) -> list[str]:
    """What is said of so many questions."""
    where = resolver(f"{scheme}://{ADDRESS}:{port}#{NAME}", Dial(ca_file=str(cert), timeout=2))
    async with asking() as asker:
        replies = await asyncio.gather(*(asker.reply(where, f"t{n}.example.", "TXT") for n in range(count)))
    return [reply.problem("en") if reply.problem else "answered" for reply in replies]


def http(status: str, media: str, body: bytes) -> Talk:
    """An HTTP server that gives one answer to everything."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(x for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()

    return talk


@pytest.mark.parametrize(
    ("talk", "problem"),
    [
        (http("404 Not Found", "text/html", b"no"), "HTTP 404 text/html"),
        (http("200 OK", "text/html", b"<p>log in first</p>"), "HTTP 200 text/html"),
        (http("302 Found", "application/dns-message", b""), "HTTP 302 application/dns-message"),
        (http("200 OK", "application/dns-message", b"\0" * 70000), "longer than a DNS message"),
        (http("200 OK", "application/dns-message", b"\0" * 40), "an answer to another question"),
        (http("200 OK", "application/dns-message", b""), "an answer to another question"),
    ],
)
def test_no_answer_of_an_https_server_is_believed_but_a_dns_message(
    tmp_path: Path, talk: Talk, problem: str
) -> None:
    async def run() -> list[str]:
        async with standing(tmp_path, talk) as (port, cert):
            return await asked("https", port, cert)

    (told,) = asyncio.run(run())
    assert problem in told


@pytest.mark.parametrize("scheme", ["tls", "https"])
def test_a_resolver_that_closes_or_is_not_there_is_said_to_be_so(tmp_path: Path, scheme: str) -> None:
    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)

    async def run() -> tuple[list[str], list[str]]:
        async with standing(tmp_path, nothing) as (port, cert):
            return await asked(scheme, port, cert, 50), await asked(scheme, free_port(), cert, 50)

    closed, absent = asyncio.run(run())
    assert "answered" not in closed and all(closed)
    assert set(absent) == {"connection refused"}


def test_a_silent_https_resolver_is_spared_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "TIMEOUT", 0.3)
    monkeypatch.setattr(room, "AT_ONCE", 10)
    heard = 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        while await reader.readuntil(b"\r\n\r\n"):
            heard += 1

    async def run() -> list[str]:
        async with standing(tmp_path, silent) as (port, cert):
            return await asked("https", port, cert, 500)

    assert set(asyncio.run(run())) == {"timeout"} and heard <= 30


def test_nothing_is_sent_before_the_certificate_is_proven(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1))

    async def run() -> list[str]:
        (tmp_path / "other").mkdir()
        stranger, _ = certificate(tmp_path / "other", NAME)
        async with standing(tmp_path, listening) as (port, _):
            return [*await asked("tls", port, stranger), *await asked("https", port, stranger)]

    told = asyncio.run(run())
    assert all("does not prove" in each for each in told) and not any(heard)


def test_secrets_in_a_url_are_refused() -> None:
    with pytest.raises(ValueError, match="is not https://"):
        secure("https://user:secret@dns.example/dns-query")


def test_the_name_of_the_certificate_and_the_detour_are_apart() -> None:
    made = secure("https://dns.example/q", Dial.given(["dns.example:443:127.0.0.1:8443"]))
    assert made is not None and made.proven == "dns.example"
    assert made.dial.target(made.host, made.port) == ("127.0.0.1", 8443)
    assert Server("x", str(made), secure=made).address == "https://dns.example/q"
