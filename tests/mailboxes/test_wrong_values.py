# ruff: noqa: E501
"""A card's values typed wrong, each in its own way, at a real Dovecot and Postfix: the word names what is wrong."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailwright.catalog.logins import meaning
from mailwright.model.checks import Status
from mailwright.model.text import LANGS, Text
from mailwright.resolving.connect import Dial
from mailwright.spec.loading import parse
from mailwright.verify.mail.logins import logins
from mailwright.verify.mail.servers import Means, Port, Servers, servers, variable
from tests.cards.test_cards import every, made, text
from tests.mailboxes.live import Live, free_ports
from tests.mailboxes.secure import HOST, Secure, certificate
from tests.mailboxes.specs import DOMAIN
from tests.mailboxes.test_verify_mail import world

__all__ = ["world"]
PASSWORD = Text("client-specific password", "客户端专用密码")


def word(dial: Dial, port: Port, address: str = f"wang@{DOMAIN}", secret: str = "pw-wang") -> str:
    """The one complaint about a login with these values, in English; in Chinese it is there too."""
    means = Means(Servers({port.protocol: port}, PASSWORD), dial, {variable(address): secret})
    wrong = [check for check in logins(DOMAIN, [address], means) if check.status is not Status.PASS]
    assert len(wrong) == 1, wrong
    assert secret not in wrong[0].text("en") and "{" not in wrong[0].text("zh")
    return wrong[0].text("en")


@contextmanager
def listening(certificate_of: Path | None = None) -> Iterator[int]:
    """A port that takes connections: with an expired certificate, or without ever a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(str(certificate_of), str(certificate_of).replace("cert", "key"))
            try:
                context.wrap_socket(server.accept()[0], server_side=True)
            except OSError:
                return

        if certificate_of:
            threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def test_each_way_to_be_wrong_is_named(world: tuple[Live, Secure], tmp_path: Path) -> None:
    live, secure = world
    users = live.home / "users"
    kept = users.read_text()
    users.write_text(
        f"{kept}abroad@{DOMAIN}:{{PLAIN}}pw-wang::::::nologin=y reason=ERR.LOGIN.IPDENY\n"
        f"shut@{DOMAIN}:{{PLAIN}}pw-wang::::::nologin=y reason=UC_LOGIN_SOURCE_NOT_ALLOWED\n"
    )
    old, _ = certificate(tmp_path, days=-3)
    (nobody,) = free_ports(1)
    with listening() as silent, listening(old) as expired:
        more = {9001: nobody, 9002: silent, 9003: expired, 9004: live.smtp}
        ways = [f"{HOST}:{port}:127.0.0.1:{to}" for port, to in more.items()]
        ways += [f"other.{DOMAIN}:993:127.0.0.1:{secure.imaps}", *secure.detours(live.smtp)]
        given = Dial.given(ways, str(secure.ca))
        dial = Dial(given.detours, given.ca_file, 2.0)
        trusting_nobody = Dial(given.detours, None, 2.0)
        both = tmp_path / "both.pem"
        both.write_bytes(old.read_bytes())
        imap = Port("imap", HOST, 993, "implicit")
        said = [
            ("host slip", word(dial, Port("imap", "imap.acme-trade.invalid", 993, "implicit")), "imap.acme-trade.invalid does not exist"),
            ("port", word(dial, Port("imap", HOST, 9001, "implicit")), "nothing answers at port 9001"),
            ("firewall", word(dial, Port("imap", HOST, 9002, "implicit")), "no answer from port 9002"),
            ("STARTTLS at 993", word(dial, Port("imap", HOST, 993, "starttls")), "port 993 begins TLS at once"),
            ("STARTTLS at 465", word(dial, Port("smtp", HOST, 465, "starttls")), "port 465 begins TLS at once"),
            ("SSL at 143", word(dial, Port("imap", HOST, 143, "implicit")), "choose STARTTLS there, or the port for SSL/TLS (993)"),
            ("SSL at 587", word(dial, Port("smtp", HOST, 587, "implicit")), "choose STARTTLS there, or the port for SSL/TLS (465)"),
            ("no encryption", word(dial, Port("smtp", HOST, 9004, "starttls")), "offers no encryption"),
            ("POP3 port", word(dial, Port("imap", HOST, 995, "implicit")), "another protocol than IMAP answers at port 995"),
            ("SMTP port", word(dial, Port("pop3", HOST, 465, "implicit")), "another protocol than POP3 answers at port 465"),
            ("certificate's name", word(dial, Port("imap", f"other.{DOMAIN}", 993, "implicit")), f"certificate is not for other.{DOMAIN}"),
            ("authority", word(trusting_nobody, imap), "signed by nobody that this machine trusts"),
            ("expired", word(Dial(given.detours, str(both), 2.0), Port("imap", HOST, 9003, "implicit")), "certificate has expired"),
            ("password", word(dial, imap, secret="of-the-web-page"), "the password is client-specific password"),
            ("password at SMTP", word(dial, Port("smtp", HOST, 465, "implicit"), secret="of-the-web-page"), "user name (the whole address) or the password"),
            ("password at POP3", word(dial, Port("pop3", HOST, 995, "implicit"), secret="of-the-web-page"), "user name (the whole address) or the password"),
            ("user name", word(dial, imap, address="wang"), "user name (the whole address)"),
            ("IP address", word(dial, imap, address=f"abroad@{DOMAIN}"), "IP address of this network is not allowed"),
            ("IMAP off", word(dial, imap, address=f"shut@{DOMAIN}"), "IMAP is switched off for this mailbox"),
        ]  # fmt: skip
    users.write_text(kept)
    assert not [(way, answer) for way, answer, expected in said if expected not in answer]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("[ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)", "not the password of the web page"),
        ("535 Login Fail. Please enter your authorization code to login. More information in http://service.mail.qq.com/", "not the password of the web page"),
        ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [PN0PR01.PROD.OUTLOOK.COM]", "OAuth only"),
        ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", "switched off"),
        ("[AUTHENTICATIONFAILED] LOGIN Invalid credentials or IMAP is disabled sc=1", "or IMAP is switched off"),
        ("526 Authentication failure[1]", "too many wrong logins"),
        ("[PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.", "without encryption"),
    ],
)  # fmt: skip
def test_a_hosts_own_words_are_understood(reply: str, expected: str) -> None:
    cause = meaning(reply)
    assert cause and expected in cause.using(protocol="IMAP", password=PASSWORD)("en")
    assert all("{" not in cause.using(protocol="IMAP", password=PASSWORD)(lang) for lang in LANGS)


def test_what_no_document_says_is_left_as_it_came() -> None:
    assert meaning("535 the moon is in the wrong house") is None


def test_the_cards_values_are_those_that_are_tried() -> None:
    """Every mail host and site: the best server of each kind on the card, and what ``verify --mail`` asks."""
    compared = 0
    for id, site, _ in every():
        people = made(text(id, site))
        if people:
            spec = parse(text(id, site).encode(), "acme.yaml").spec
            assert spec
            ports = servers(spec).ports
            best = {server.kind: server for server in reversed(people[0].servers)}
            sockets = {"SSL": "implicit", "STARTTLS": "starttls"}
            shown = {kind: (one.host, one.port, sockets[one.socket]) for kind, one in best.items()}
            assert (
                shown == {kind: (port.host, port.port, port.tls) for kind, port in ports.items()} or not shown
            )
            compared += bool(shown)
    assert compared >= 30
