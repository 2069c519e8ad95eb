"""Whether a domain's answers are signed and hold, as a validating resolver sees them (RFC 4035)."""

from __future__ import annotations

from collections.abc import Sequence

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute
from mailwright.model.text import Text
from mailwright.verify.beyond.rules import DNSSEC, check
from mailwright.verify.servers import Server

TIMEOUT = 9.0
_NOBODY = Text("no resolver to ask", "没有可询问的解析器")
_SILENT = Text("{server} does not answer", "{server} 没有应答")
_HOLDS = Text("signed, and {server} validates it", "已签名，{server} 验证通过")
_UNSIGNED = Text("not signed; nothing that is planned needs it", "未签名；计划中没有依赖它的内容")
_NEEDED = Text(
    "not signed, and TLSA records count for nothing without it", "未签名，没有 DNSSEC 时 TLSA 记录无效"
)
_BOGUS = Text(
    "the signatures do not hold: {server} gives no answer, and mail from whoever validates does not arrive",
    "签名验证失败：{server} 不给出应答，来自使用验证的发信方的邮件无法到达",
)
_NOT_VALIDATED = Text(
    "there is a DS record, and {server} does not validate", "存在 DS 记录，但 {server} 不做验证"
)


async def state(domain: str, resolvers: Sequence[Server], *, needed: bool) -> Check:
    """``needed``: TLSA records are planned. The first resolver that answers is believed, and named."""
    name, failed = absolute(domain), Status.NOT_CHECKABLE
    said: Text = _NOBODY
    for server in resolvers:
        try:
            answer = await _ask(name, "SOA", server)
            status, said = await _read(name, answer, server, needed)
            return check(DNSSEC, status, name, "DS", said, server=str(server), domain=domain)
        except (dns.exception.DNSException, OSError):
            failed, said = Status.UNKNOWN, _SILENT.using(server=server)
    return check(DNSSEC, failed, name, "DS", said, domain=domain)


async def _read(name: str, answer: dns.message.Message, server: Server, needed: bool) -> tuple[Status, Text]:
    if answer.rcode() == dns.rcode.SERVFAIL:
        unchecked = await _ask(name, "SOA", server, dns.flags.CD)
        if unchecked.rcode() == dns.rcode.NOERROR:
            return Status.FAIL, _BOGUS.using(server=server)
        return Status.UNKNOWN, _SILENT.using(server=server)
    if answer.flags & dns.flags.AD:
        return Status.PASS, _HOLDS.using(server=server)
    parent = await _ask(name, "DS", server)
    if any(each.rdtype == dns.rdatatype.DS for each in parent.answer):
        return Status.NOT_CHECKABLE, _NOT_VALIDATED.using(server=server)
    return (Status.FAIL, _NEEDED) if needed else (Status.PASS, _UNSIGNED)


async def _ask(name: str, type: str, server: Server, flags: int = 0) -> dns.message.Message:
    query = dns.message.make_query(name, type, want_dnssec=True)
    query.flags |= dns.flags.AD | flags
    answer, _ = await dns.asyncquery.udp_with_fallback(query, server.address, TIMEOUT, server.port)
    return answer
