"""Whether a domain's answers are signed and hold, as a validating resolver sees them (RFC 4035)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute
from mailwright.model.text import Text
from mailwright.resolving import wire
from mailwright.resolving.asking import Asker, asking
from mailwright.resolving.server import Server
from mailwright.verify.deep.rules import DNSSEC, check

_NOERROR, _SERVFAIL = 0, 2
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
    text: Text = _NOBODY
    async with asking() as asker:
        for server in resolvers:
            try:
                status, text = await _judged(asker, name, server, needed)
                return check(DNSSEC, status, name, "DS", text, server=str(server), domain=domain)
            except (ValueError, struct.error):
                failed, text = Status.UNKNOWN, _SILENT.using(server=server)
    return check(DNSSEC, failed, name, "DS", text, domain=domain)


async def _judged(asker: Asker, name: str, server: Server, needed: bool) -> tuple[Status, Text]:
    """Raises ValueError without a usable answer."""
    answer = await _ask(asker, server, name, "SOA")
    if wire.code(answer) == _SERVFAIL:
        unchecked = await _ask(asker, server, name, "SOA", wire.UNCHECKED)
        if wire.code(unchecked) == _NOERROR:
            return Status.FAIL, _BOGUS.using(server=server)
        return Status.UNKNOWN, _SILENT.using(server=server)
    if wire.validated(answer):
        return Status.PASS, _HOLDS.using(server=server)
    parent = await _ask(asker, server, name, "DS")
    if any(record.type == wire.TYPES["DS"] and not record.section for record in wire.records(parent)):
        return Status.NOT_CHECKABLE, _NOT_VALIDATED.using(server=server)
    return (Status.FAIL, _NEEDED) if needed else (Status.PASS, _UNSIGNED)


async def _ask(asker: Asker, server: Server, name: str, type: str, how: wire.How = wire.VALIDATING) -> bytes:
    reply = await asker.reply(server, name, type, how=how)
    if reply.problem is not None:
        raise ValueError(reply.problem("en"))
    return reply.message
