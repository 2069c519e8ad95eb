"""Why a mail server was not reached, in the words of whoever typed its values into a program."""

from __future__ import annotations

import imaplib
import poplib
import smtplib
import socket
import ssl
from contextlib import suppress

from mailwright.model.sessions import connect
from mailwright.model.text import Text
from mailwright.resolving.connect import Dial
from mailwright.verify.mail.servers import Port

_PROTOCOL = (imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPException)
#: OpenSSL's codes of a certificate that was not accepted (X509_V_ERR_*).
_NOT_YET, _EXPIRED, _NAME, _UNKNOWN = 9, 10, 62, (18, 19, 20, 21)
#: What OpenSSL calls an answer that is no TLS.
_NO_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")

_NO_NAME = Text(
    "the server name {host} does not exist, or this network cannot look it up: look for a slip in it",
    "服务器名 {host} 不存在，或本网络无法查询：请检查是否写错",
)
_CLOSED = Text(
    "nothing answers at port {port}: the port is wrong, or {protocol} is switched off there",
    "端口 {port} 没有服务：端口不对，或对方未开启 {protocol}",
)
_BLOCKED = Text(
    "no answer from port {port}: the port is wrong, or this network or a firewall blocks it",
    "端口 {port} 没有回应：端口不对，或被本网络或防火墙拦截",
)
_TLS_AT_ONCE = Text(
    "port {port} begins TLS at once: choose SSL/TLS there, not STARTTLS",
    "端口 {port} 一开始就是 TLS：请选择 SSL/TLS，而不是 STARTTLS",
)
_TLS_LATER = Text(
    "port {port} begins in clear text: choose STARTTLS there, or the port for SSL/TLS ({usual})",
    "端口 {port} 以明文开始：请选择 STARTTLS，或改用 SSL/TLS 的端口（{usual}）",
)
_NO_STARTTLS = Text(
    "port {port} offers no encryption (STARTTLS): use the port for SSL/TLS ({usual})",
    "端口 {port} 不提供加密（STARTTLS）：请改用 SSL/TLS 的端口（{usual}）",
)
_OTHER = Text(
    "another protocol than {protocol} answers at port {port}: {raw}",
    "端口 {port} 上回应的不是 {protocol}：{raw}",
)
_OTHER_NAME = Text(
    "its certificate is not for {host}: the server name is wrong, or somebody is in between ({raw})",
    "证书不是 {host} 的：服务器名不对，或有人在中间窃听（{raw}）",
)
_OLD = Text(
    "its certificate has expired: whoever runs the server has to renew it ({raw})",
    "证书已过期：须由服务器管理员更新（{raw}）",
)
_YOUNG = Text(
    "its certificate is not valid yet: look at the clock of this machine ({raw})",
    "证书尚未生效：请检查本机时钟（{raw}）",
)
_STRANGER = Text(
    "its certificate is signed by nobody that this machine trusts ({raw})",
    "证书的签发者不受本机信任（{raw}）",
)
_RAW = Text("{raw}", "{raw}")
_USUAL = {"imap": 993, "pop3": 995, "smtp": 465}


def no_starttls(port: Port) -> Text:
    """The server offers no TLS at this port."""
    return _of(_NO_STARTTLS, port, "")


def trouble(error: Exception, port: Port, dial: Dial, raw: str) -> Text:
    """What ``error`` means; ``raw`` is its own text, and all there is where nothing more is known."""
    return _of(_kind(error, port, dial), port, raw)


def _kind(error: Exception, port: Port, dial: Dial) -> Text:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_certificate(error.verify_code)
    if isinstance(error, socket.gaierror):
        return _NO_NAME
    if isinstance(error, ConnectionRefusedError):
        return _CLOSED
    if isinstance(error, ssl.SSLError):
        return _TLS_LATER if (error.reason or "") in _NO_TLS else _RAW
    if port.tls != "implicit" and _begins_tls(port, dial):
        return _TLS_AT_ONCE
    if isinstance(error, TimeoutError):
        return _BLOCKED
    return _OTHER if isinstance(error, _PROTOCOL) else _RAW


def _of_certificate(code: int) -> Text:
    if code == _NAME:
        return _OTHER_NAME
    if code == _EXPIRED:
        return _OLD
    if code == _NOT_YET:
        return _YOUNG
    return _STRANGER if code in _UNKNOWN else _RAW


def _of(text: Text, port: Port, raw: str) -> Text:
    usual = _USUAL[port.protocol]
    return text.using(host=port.host, port=port.port, protocol=port.protocol.upper(), usual=usual, raw=raw)


def _begins_tls(port: Port, dial: Dial) -> bool:
    """Whether a TLS handshake is answered at once; nothing is sent within it."""
    address, number = dial.target(port.host, port.port)
    with suppress(OSError), connect((address, number), dial.timeout) as plain:
        try:
            with dial.context(port.host).wrap_socket(plain):
                return True
        except ssl.SSLCertVerificationError:
            return True
        except ssl.SSLError:
            return False
    return False
