"""A card as one self-contained page, and as the profile that Apple's programs read by themselves."""

from __future__ import annotations

import plistlib
import uuid
from collections.abc import Iterator, Sequence

from mailwright.model.text import Lang, Text
from mailwright.plan.cards import Card
from mailwright.report.page.parts import code, e
from mailwright.report.style import STYLE
from mailwright.standards.autoconfig import Server

_LANG: dict[Lang, str] = {"en": "en", "zh": "zh-CN"}
_KINDS = {
    "imap": Text("incoming, IMAP", "收信 IMAP"),
    "pop3": Text("incoming, POP3", "收信 POP3"),
    "smtp": Text("outgoing, SMTP", "发信 SMTP"),
}
_TITLE = Text("Mail settings of {name}", "{name} 的邮箱设置")
_SERVER = Text("server", "服务器")
_HOST = Text("host", "主机")
_PORT = Text("port", "端口")
_TLS = Text("encryption", "加密")
_USER = Text("User name: ", "用户名：")
_PASSWORD = Text("Password: ", "密码：")
_HOST_OF = Text("Mail host: ", "邮件服务：")
_ADDRESS = Text("Address: ", "地址：")
_TYPE = Text("What to type", "填写内容")
_NOT = Text("What does not work", "行不通的做法")
_WHY_IMAP = Text(
    "Choose IMAP, not POP3: IMAP keeps mail on the server, so phone, computer and CRM see the same. POP3 "
    "takes mail off the server, and what one device has fetched the others may never see.",
    "请选 IMAP，不要选 POP3：IMAP 把邮件保留在服务器上，手机、电脑与 CRM 看到的一致；POP3 会把邮件取走，"
    "一台设备收过的，其他设备可能再也看不到。",
)
_SENDS = Text("May send as", "可用以下地址发信")
_GETS = Text("Gets mail to", "接收发往以下地址的邮件")
_SHARED = Text("Shared mailboxes", "共享邮箱")
_SIGNATURE = Text("Signature", "签名")
_PROFILE = Text("Profile for iPhone, iPad and Mac", "iPhone、iPad 与 Mac 的配置描述文件")
_NEVER = Text("No password is in this page or in the profile.", "本页与描述文件中都没有密码。")
_MORE = """
header,main,footer{max-width:46rem}table{margin:.5rem 0}
.warn{background:var(--soft);border-left:.3rem solid var(--bad);border-radius:.4rem;padding:.7rem 1rem}
pre{background:var(--soft);padding:.7rem 1rem;border-radius:.4rem;white-space:pre-wrap;overflow-wrap:anywhere}
"""


def page(card: Card, lang: Lang, *, profile: str = "") -> str:
    """The page; ``profile`` is the name of the person's profile beside it, or nothing."""
    title = e(_TITLE.using(name=card.name)(lang))
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!DOCTYPE html>\n<html lang="{_LANG[lang]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{title}</title>\n<style>{STYLE}{_MORE}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1></header>\n<main>\n{''.join(_parts(card, lang, profile))}</main>\n"
        f"<footer><p>{e(_NEVER(lang))}</p></footer>\n</body>\n</html>\n"
    )


def _parts(card: Card, lang: Lang, profile: str) -> Iterator[str]:
    yield f"<p>{e(_ADDRESS(lang))}{code(card.address)}<br>\n"
    yield f"{e(_HOST_OF(lang))}{e(card.service(lang))}</p>\n"
    if card.warnings:
        yield f"<h2>{e(_NOT(lang))}</h2>\n"
        yield from (f'<p class="warn">{e(warning(lang))}</p>\n' for warning in card.warnings)
    if card.servers:
        yield f"<h2>{e(_TYPE(lang))}</h2>\n{_table(card.servers, lang)}"
        yield f"<p>{e(_USER(lang))}{code(card.address)}<br>\n"
        yield f"{e(_PASSWORD(lang))}{e(card.password(lang))}</p>\n"
        kinds = {server.kind for server in card.servers}
        if {"imap", "pop3"} <= kinds:
            yield f"<p>{e(_WHY_IMAP(lang))}</p>\n"
    if card.note:
        yield f"<p>{e(card.note(lang))}</p>\n"
    if profile:
        yield f'<p><a href="{e(profile)}">{e(_PROFILE(lang))}</a></p>\n'
    for title, addresses in ((_SENDS, card.sends_as), (_GETS, card.gets), (_SHARED, card.shared)):
        if addresses:
            items = "".join(f"<li>{code(address)}</li>" for address in addresses)
            yield f"<h2>{e(title(lang))}</h2>\n<ul>{items}</ul>\n"
    lines = "\n".join(e(line) for line in signature(card).split("\n"))
    yield f"<h2>{e(_SIGNATURE(lang))}</h2>\n<pre>{lines}</pre>\n"


def _table(servers: tuple[Server, ...], lang: Lang) -> str:
    """On a phone each server becomes a block, and each cell names its column."""
    names = [e(text(lang)) for text in (_SERVER, _HOST, _PORT, _TLS)]
    heads = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = "".join(f"<tr>{_row(server, names, lang)}</tr>\n" for server in servers)
    caption = f'<caption class="unseen">{e(_TYPE(lang))}</caption>'
    return f"<table>{caption}<thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table>\n"


def _row(server: Server, names: Sequence[str], lang: Lang) -> str:
    tls = "SSL/TLS" if server.socket == "SSL" else server.socket
    cells = (e(_KINDS[server.kind](lang)), code(server.host), str(server.port), tls)
    pairs = zip(names, cells, strict=True)
    return "".join(f'<td data-label="{name}"><div>{cell}</div></td>' for name, cell in pairs)


def signature(card: Card) -> str:
    """The plain text below a mail."""
    return "\n".join(line for line in ("-- ", card.name, card.title, card.domain, card.address) if line)


def mobileconfig(card: Card) -> bytes | None:
    """Apple's profile, without a password; None where a program cannot log in by one, or there is no IMAP.

    The names are made from the address, so that a new profile replaces the old one. Unsigned.
    """
    incoming = next((server for server in card.servers if server.kind == "imap"), None)
    outgoing = next((server for server in card.servers if server.kind == "smtp"), None)
    if not incoming or not outgoing or not card.by_password:
        return None
    account = {
        "PayloadType": "com.apple.mail.managed",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{_reversed(card)}.account",
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{card.address}#account")).upper(),
        "PayloadDisplayName": card.address,
        "EmailAccountType": "EmailTypeIMAP",
        "EmailAccountName": card.name,
        "EmailAccountDescription": card.address,
        "EmailAddress": card.address,
        **_side("Incoming", incoming, card.address),
        **_side("Outgoing", outgoing, card.address),
        "OutgoingPasswordSameAsIncomingPassword": True,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": _reversed(card),
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{card.address}")).upper(),
        "PayloadDisplayName": card.address,
        "PayloadOrganization": card.domain,
        "PayloadContent": [account],
    }
    return plistlib.dumps(profile, sort_keys=True)


def _side(side: str, server: Server, address: str) -> dict[str, object]:
    return {
        f"{side}MailServerAuthentication": "EmailAuthPassword",
        f"{side}MailServerHostName": server.host,
        f"{side}MailServerPortNumber": server.port,
        f"{side}MailServerUseSSL": True,
        f"{side}MailServerUsername": address,
    }


def _reversed(card: Card) -> str:
    return ".".join([*reversed(card.domain.split(".")), "mail", card.key])
