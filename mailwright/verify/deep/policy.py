"""The MTA-STS policy as senders fetch it: over HTTPS, from the one address there is (RFC 8461 §3.3)."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Sequence

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute
from mailwright.model.text import Text
from mailwright.resolving.connect import Dial
from mailwright.standards import mta_sts
from mailwright.verify.deep.rules import POLICY, check

#: Octets; a sender may stop reading there (RFC 8461 §3.2).
MOST = 64 * 1024
_UNTRUSTED = Text("its certificate does not prove {host} ({reason})", "其证书无法证明 {host}（{reason}）")
_NO_HOST = Text("{host} does not exist", "{host} 不存在")
_REFUSED = Text("{host} does not take connections on port 443", "{host} 的 443 端口拒绝连接")
_SILENT = Text("{host} cannot be reached from here ({reason})", "从此处无法访问 {host}（{reason}）")
_STATUS = Text("status {status} instead of 200", "状态码为 {status}，应为 200")
_REDIRECT = Text(
    "it is a redirection (status {status}), which senders do not follow",
    "返回重定向（状态码 {status}），发信方不会跟随",
)
_TYPE = Text("its type is {type} instead of text/plain", "类型为 {type}，应为 text/plain")
_BROKEN = Text("{reason}", "{reason}")
_OTHER = Text("it is not the planned one: {difference}", "与计划不一致：{difference}")
_SAME = Text("as planned, mode {mode}", "与计划一致，模式 {mode}")
_UNCOVERED = Text(
    "it does not name the exchanger {host}: senders refuse to deliver there",
    "其中没有 MX 主机 {host}：发信方会拒绝向其投递",
)
_UNUSED = Text(
    "it names {pattern}, which is not a planned exchanger", "其中的 {pattern} 不是计划中的 MX 主机"
)


def served(domain: str, planned: mta_sts.Policy, exchangers: Sequence[str], dial: Dial) -> tuple[Check, ...]:
    """What a sender finds, beside what is planned; ``exchangers`` are host names."""
    return tuple(_served(domain, planned, exchangers, dial))


def _served(domain: str, planned: mta_sts.Policy, exchangers: Sequence[str], dial: Dial) -> Iterator[Check]:
    host, url = mta_sts.policy_host(domain), mta_sts.policy_url(domain)
    name = absolute("_mta-sts", domain)
    planned_lines = tuple(str(planned).splitlines())

    def say(status: Status, message: Text, served_lines: Sequence[str] = ()) -> Check:
        return check(
            POLICY,
            status,
            name,
            "TXT",
            message,
            server=host,
            expected=planned_lines,
            found=tuple(served_lines),
            url=url,
        )

    got = _fetch(host, dial)
    if isinstance(got, Text):
        status = Status.UNKNOWN if got.en == _SILENT.en else Status.FAIL
        yield say(status, got)
        return
    text, type = got
    if type.partition(";")[0].strip().lower() != "text/plain":
        yield say(Status.FAIL, _TYPE.using(type=type or "–"))
    lines = text.splitlines()
    try:
        live = mta_sts.parse_policy(text)
    except mta_sts.MtaStsError as error:
        yield say(Status.FAIL, _BROKEN.using(reason=error.reason), lines)
        return
    if (live.mode, set(live.mx), live.max_age) == (planned.mode, set(planned.mx), planned.max_age):
        yield say(Status.PASS, _SAME.using(mode=live.mode), lines)
    else:
        yield say(
            Status.FAIL,
            _OTHER.using(
                difference="; ".join(sorted({*str(live).split("\r\n")} ^ {*str(planned).split("\r\n")}))
            ),
            lines,
        )
    for exchanger in exchangers if live.mode != "none" else ():
        if not live.covers(exchanger):
            yield say(
                Status.FAIL if live.mode == "enforce" else Status.WARN,
                _UNCOVERED.using(host=exchanger),
                lines,
            )
    for pattern in live.mx:
        if not any(mta_sts.matches(pattern, mx_host) for mx_host in exchangers):
            yield say(Status.WARN, _UNUSED.using(pattern=pattern), lines)


def _fetch(host: str, dial: Dial) -> tuple[str, str] | Text:
    """The policy's text and type, or what went wrong."""
    connection = http.client.HTTPSConnection(host, timeout=dial.timeout)
    try:
        raw = dial.open(host, 443)
        connection.sock = dial.context(host).wrap_socket(raw)
        connection.request("GET", "/.well-known/mta-sts.txt", headers={"Accept": "text/plain"})
        answer = connection.getresponse()
        if 300 <= answer.status < 400:
            return _REDIRECT.using(status=answer.status)
        if answer.status != http.client.OK:
            return _STATUS.using(status=answer.status)
        return answer.read(MOST).decode("utf-8", "replace"), answer.getheader("Content-Type") or ""
    except ssl.SSLCertVerificationError as error:
        return _UNTRUSTED.using(host=host, reason=error.verify_message)
    except socket.gaierror as error:
        missing = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        return (_NO_HOST if missing else _SILENT).using(host=host, reason=error.strerror)
    except ConnectionRefusedError:
        return _REFUSED.using(host=host)
    except (OSError, http.client.HTTPException) as error:
        return _SILENT.using(host=host, reason=getattr(error, "strerror", None) or type(error).__name__)
    finally:
        connection.close()
