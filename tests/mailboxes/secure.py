"""IMAP, POP3 and submission over TLS for the living pair: a second Dovecot over the same mailboxes."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.mailboxes import dovecot_conf as conf
from tests.mailboxes.live import Live, _wait, free_ports
from tests.mailboxes.servers import unprivileged
from tests.mailboxes.specs import DOMAIN

HOST = f"mail.{DOMAIN}"


@dataclass
class Secure:
    """Where it listens; ``ca`` is the certificate to trust."""

    imaps: int
    pop3s: int
    imap: int
    submissions: int
    submission: int
    ca: Path

    def detours(self, smtp: int) -> list[str]:
        """``--connect-to`` for all of it."""
        ports = {
            993: self.imaps,
            995: self.pop3s,
            143: self.imap,
            465: self.submissions,
            587: self.submission,
            25: smtp,
        }
        return [f"{HOST}:{port}:127.0.0.1:{to}" for port, to in ports.items()]


def certificate(folder: Path, name: str = HOST, days: int = 2) -> tuple[Path, Path]:
    """A certificate for ``name`` that signs itself and ends in so many days, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=9))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    for path in (cert, private):
        path.chmod(0o644)
    return cert, private


@contextmanager
def secured(live: Live) -> Iterator[Secure]:
    """Started over ``live``; ended by process id."""
    if not Path("/usr/lib/dovecot/pop3-login").exists():
        missing = "not installed: Debian package dovecot-pop3d"
        pytest.fail(missing) if os.environ.get("MAILWRIGHT_REQUIRE_SERVERS") else pytest.skip(missing)
    imaps, pop3s, imap, submissions, submission, auth = free_ports(6)
    home = live.home / "secure"
    home.mkdir()
    home.chmod(0o777)
    cert, key = certificate(home)
    text = (live.home / "dovecot.conf").read_text().replace(str(live.home / "run"), str(home / "run"))
    text = text.replace(str(live.home / "state"), str(home / "state"))
    text = text.replace(str(live.home / "dovecot.log"), str(home / "dovecot.log"))
    text = text.replace("protocols = imap lmtp sieve", "protocols = imap pop3").replace(
        "ssl = no\n", "ssl = yes\n"
    )
    text += conf.encrypted(cert, key)
    with_tls = " ssl = yes\n"
    text += conf.service("imap-login", conf.listener("imap", imap), conf.listener("imaps", imaps, with_tls))
    text += conf.service("pop3-login", conf.listener("pop3", 0), conf.listener("pop3s", pop3s, with_tls))
    text += conf.service("auth", conf.listener("sasl", auth), chroot=True)
    (home / "dovecot.conf").write_text(text)
    master = live.home / "postfix" / "master.cf"
    options = (
        "smtpd_sasl_auth_enable=yes",
        "smtpd_sasl_type=dovecot",
        f"smtpd_sasl_path=inet:127.0.0.1:{auth}",
        f"smtpd_tls_cert_file={cert}",
        f"smtpd_tls_key_file={key}",
        "smtpd_relay_restrictions=permit_sasl_authenticated,reject",
        "smtpd_tls_auth_only=yes",
        "tls_random_source=dev:/dev/urandom",
    )
    lines = "".join(f"  -o {option}\n" for option in options)
    before = master.read_text()
    master.write_text(
        f"{before}127.0.0.1:{submissions} inet n - n - - smtpd\n{lines}  -o smtpd_tls_wrappermode=yes\n"
        f"127.0.0.1:{submission} inet n - n - - smtpd\n{lines}  -o smtpd_tls_security_level=encrypt\n"
        "tlsmgr unix - - n 1000? 1 tlsmgr\n"
    )
    live.reload()
    process = subprocess.Popen(["dovecot", "-F", "-c", str(home / "dovecot.conf")], **unprivileged())  # type: ignore[call-overload]
    try:
        for port in (imaps, pop3s, imap, submissions, submission):
            _wait(port)
        yield Secure(imaps, pop3s, imap, submissions, submission, cert)
    finally:
        process.terminate()
        process.wait(10)
        master.write_text(before)
        live.reload()
