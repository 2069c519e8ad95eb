"""TLS at the exchangers: offered, proven, and bound by TLSA to the key in use (RFC 3207, 8461, 7672)."""

from __future__ import annotations

import contextlib
import datetime as dt
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute
from mailwright.model.sessions import SessionOverError
from mailwright.model.text import Text
from mailwright.resolving import clients
from mailwright.resolving.connect import Dial
from mailwright.standards import dane, der
from mailwright.verify.deep import certificate
from mailwright.verify.deep.rules import CERTIFICATE, STARTTLS, TLSA, check

_BLOCKED = Text(
    "port 25 cannot be reached from here ({reason}); many networks block it",
    "从此处无法访问 25 端口（{reason}）；许多网络会屏蔽该端口",
)
_CUT = Text("cannot be heard out: {reason}", "无法听完应答：{reason}")
_OFFERED = Text("offers STARTTLS", "支持 STARTTLS")
_NOT_OFFERED = Text(
    "offers no STARTTLS: mail to it travels in the clear", "不支持 STARTTLS：发往它的邮件以明文传输"
)
_FAILED = Text("STARTTLS fails ({reason})", "STARTTLS 失败（{reason}）")
_PROVEN = Text("proves its name", "可以证明主机名")
_UNPROVEN = Text("does not prove its name ({reason})", "无法证明主机名（{reason}）")
_UNPROVEN_STS = Text(
    "does not prove its name ({reason}); under the MTA-STS policy senders refuse to deliver",
    "无法证明主机名（{reason}）；在 MTA-STS 策略下发信方会拒绝投递",
)
_UNPROVEN_DANE = Text(
    "does not prove its name ({reason}); its TLSA record is of a CA, so senders with DANE refuse to deliver",
    "无法证明主机名（{reason}）；其 TLSA 记录绑定的是 CA，支持 DANE 的发信方会拒绝投递",
)
_BOUND = Text("one binds the key in use", "其中一条与正在使用的密钥相符")
_NOT_BOUND = Text(
    "none binds the key in use: senders with DANE refuse to deliver",
    "没有一条与正在使用的密钥相符：支持 DANE 的发信方会拒绝投递",
)
_ANCHORED = Text(
    "one is of a CA that issued the certificate in use, by the chain that the server sends",
    "其中一条所绑定的 CA 签发了正在使用的证书（依据服务器发送的证书链）",
)
_NOT_SENT = Text(
    "one is of a CA that issued the certificate in use, but the server does not send the CA's certificate, "
    "which it must (RFC 7672 §3.1.2): senders that do not take the CA from DNS refuse to deliver",
    "其中一条所绑定的 CA 签发了正在使用的证书，但服务器没有发送该 CA 的证书，而标准要求发送"
    "（RFC 7672 §3.1.2）：不从 DNS 取用该 CA 的发信方会拒绝投递",
)
_NOT_ANCHORED = Text(
    "they bind a CA, and the chain that the server sends does not lead to it: senders with DANE refuse to "
    "deliver. The server has to send the CA's certificate too",
    "绑定的是 CA，但服务器发送的证书链没有通向它：支持 DANE 的发信方会拒绝投递。"
    "服务器必须一并发送该 CA 的证书",
)


@dataclass(frozen=True, slots=True)
class Exchanger:
    """A host to try: ``strict`` where the MTA-STS policy enforces, ``tlsa`` its planned records."""

    host: str
    strict: bool = False
    tlsa: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a host showed: one of a reason why it was not reached or heard out, or what its TLS is like."""

    blocked: str = ""
    cut: Text | None = None
    offered: bool = False
    failed: str = ""
    untrusted: str = ""
    chain: tuple[bytes, ...] = ()

    @property
    def certificate(self) -> bytes:
        """The server's own; empty where none was seen."""
        return self.chain[0] if self.chain else b""


def look(host: str, dial: Dial) -> Seen:
    """Connect, say EHLO, STARTTLS and QUIT: no mail and no address is spoken of."""
    try:
        with _greeted(host, dial) as server:
            if not server.has_extn("starttls"):
                return Seen()
            try:
                return Seen(offered=True, chain=_tls(server, dial.context(host)))
            except ssl.SSLCertVerificationError as error:
                reason = error.verify_message
    except (ssl.SSLError, smtplib.SMTPException) as error:
        if isinstance(error.__context__, SessionOverError):  # smtplib says of that: it hung up
            return Seen(cut=error.__context__.reason)
        return Seen(offered=isinstance(error, ssl.SSLError), failed=_reason(error))
    except OSError as error:
        return Seen(blocked=_reason(error))
    with contextlib.suppress(OSError, smtplib.SMTPException), _greeted(host, dial) as server:
        anybody = dial.context(host)
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        return Seen(offered=True, untrusted=reason, chain=_tls(server, anybody))
    return Seen(offered=True, untrusted=reason)


@contextlib.contextmanager
def _greeted(host: str, dial: Dial) -> Iterator[smtplib.SMTP]:
    address, port = dial.target(host, 25)
    server = clients.Smtp(address, port, local_hostname="[127.0.0.1]", timeout=dial.timeout)
    try:
        server.ehlo_or_helo_if_needed()
        yield server
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _tls(server: smtplib.SMTP, context: ssl.SSLContext) -> tuple[bytes, ...]:
    code, reply = server.docmd("STARTTLS")
    if code != 220:
        raise smtplib.SMTPResponseException(code, reply)
    assert server.sock is not None
    wrapped = context.wrap_socket(server.sock)
    server.sock = wrapped
    server.file = None
    return certificate.served(wrapped)


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return f"{error.smtp_code} {reply.decode('utf-8', 'replace') if isinstance(reply, bytes) else reply}"
    return getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__


def judged(domain: str, exchanger: Exchanger, seen: Seen) -> tuple[Check, ...]:
    """What that means for mail to ``domain``."""
    return tuple(_judged(absolute(domain), exchanger, seen))


def _judged(name: str, exchanger: Exchanger, seen: Seen) -> Iterator[Check]:
    host, bound = exchanger.host, exchanger.strict or bool(exchanger.tlsa)
    if seen.blocked:
        text = _BLOCKED.using(reason=seen.blocked)
        yield check(STARTTLS, Status.NOT_CHECKABLE, name, "MX", text, server=host, host=host)
        return
    if seen.cut:
        text = _CUT.using(reason=seen.cut)
        yield check(STARTTLS, Status.NOT_CHECKABLE, name, "MX", text, server=host, host=host)
        return
    if seen.failed or not seen.offered:
        status = Status.FAIL if bound or seen.failed else Status.WARN
        text = _FAILED.using(reason=seen.failed) if seen.failed else _NOT_OFFERED
        yield check(STARTTLS, status, name, "MX", text, server=host, host=host)
        return
    yield check(STARTTLS, Status.PASS, name, "MX", _OFFERED, server=host, host=host)
    status, text = _certificate(name, exchanger, seen)
    yield check(CERTIFICATE, status, name, "MX", text, server=host, host=host)
    if exchanger.tlsa:
        yield _tlsa(exchanger, seen)


def _certificate(name: str, exchanger: Exchanger, seen: Seen) -> tuple[Status, Text]:
    """What the certificate is worth to senders with MTA-STS, with DANE, and to everybody else.

    DANE asks no public CA. A TLSA record of the server's own key asks nothing else either (usage 3, RFC 7672
    §3.1.1); one of a CA (usage 2, §3.1.2) asks for the name and the dates.
    """
    if not seen.untrusted:
        return Status.PASS, _PROVEN
    if exchanger.strict:
        return Status.FAIL, _UNPROVEN_STS.using(reason=seen.untrusted)
    records = [tlsa for text in exchanger.tlsa if (tlsa := _parsed(text))]
    if any(record.matches([seen.certificate]) for record in records):
        return Status.PASS, _UNPROVEN.using(reason=seen.untrusted)
    if any(record.usage == dane.TRUST_ANCHOR for record in records):
        names = (exchanger.host, name.rstrip("."))  # RFC 7672 §3.2.2
        wrong = certificate.trouble(seen.certificate, names, dt.datetime.now(dt.UTC))
        if wrong is None:
            return Status.PASS, _UNPROVEN.using(reason=seen.untrusted)
        return Status.FAIL, _UNPROVEN_DANE.using(reason=wrong)
    return Status.WARN, _UNPROVEN.using(reason=seen.untrusted)


def _tlsa(exchanger: Exchanger, seen: Seen) -> Check:
    records = [_parsed(record_text) for record_text in exchanger.tlsa]
    name = dane.owner_name(exchanger.host)
    if any(record.matches([seen.certificate]) for record in records if record):
        status, text = Status.PASS, _BOUND
    elif any(_leads_to(record, seen.chain) for record in records if record):
        status, text = Status.PASS, _ANCHORED
    elif any(_leads_to(record, seen.chain, unsent=True) for record in records if record):
        status, text = Status.WARN, _NOT_SENT
    elif any(record.usage == dane.TRUST_ANCHOR for record in records if record):
        status, text = Status.FAIL, _NOT_ANCHORED
    else:
        status, text = Status.FAIL, _NOT_BOUND
    values = (str(_own(seen.certificate)),) if seen.certificate else ()
    return check(
        TLSA,
        status,
        name,
        "TLSA",
        text,
        server=exchanger.host,
        expected=tuple(exchanger.tlsa),
        found=values,
        host=exchanger.host,
    )


def _leads_to(record: dane.Tlsa, chain: tuple[bytes, ...], *, unsent: bool = False) -> bool:
    """RFC 7672 §3.1.2: the CA of the record stands in the chain, and issued it.

    ``unsent``: or it stands whole, or its whole key, in the record alone (RFC 7671 §5.2.3).
    """
    if record.usage != dane.TRUST_ANCHOR:
        return False
    whole = (record.data,) if unsent and record.matching == 0 else ()
    more, keys = (whole, ()) if record.selector == dane.CERTIFICATE else ((), whole)
    now = dt.datetime.now(dt.UTC)
    return certificate.anchored(chain, lambda octets: record.matches([b"", octets]), now, more, keys)


def _parsed(text: str) -> dane.Tlsa | None:
    try:
        return dane.parse(text)
    except dane.DaneError:
        return None


def _own(certificate: bytes) -> dane.Tlsa | str:
    """``3 1 1`` of the key in use; what TLSA should say."""
    try:
        return dane.end_entity(der.spki_of_certificate(certificate))
    except der.DerError:
        return ""
