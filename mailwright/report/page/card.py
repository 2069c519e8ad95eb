"""A card as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailwright.model.text import Lang, Text
from mailwright.plan.cards import Card
from mailwright.report.page import signature
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
_AND = Text(", ", "、")
_COLON = Text(": ", "：")
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
_AS_TEXT = Text("as plain text", "纯文本")
_AS_HTML = Text(
    "select the lines below and paste them into the program", "选中以下内容，粘贴到客户端的签名设置中"
)
_MADE_AT = Text("Where this password is made: ", "该密码的生成位置：")
_SWITCH_ON = Text("Switch IMAP on first: ", "须先开启 IMAP：")
_ABROAD = Text("Abroad (outside mainland China)", "在海外时（海外加速服务器）")
_ABROAD_WHY = Text(
    "The same user name and password, over servers abroad; in mainland China use those above.",
    "用户名和密码不变，改用海外服务器；在境内请用上面的服务器。",
)
_WAYS = Text("In your program", "在您的客户端中")
_PHONE = Text("On the phone", "手机")
_SCAN = Text("Scan with the phone's camera: {url}", "用手机相机扫描：{url}")
_PROFILE = Text("Profile for iPhone, iPad and Mac", "iPhone、iPad 与 Mac 的配置描述文件")
_NEVER = Text("No password is in this page or in the profile.", "本页与描述文件中都没有密码。")
_MORE = """
header,main,footer{max-width:46rem}table{margin:.5rem 0}
.warn{background:var(--soft);border-left:.3rem solid var(--bad);border-radius:.4rem;padding:.7rem 1rem}
.ways dt{font-weight:600;margin-top:.8rem}.ways dd{margin:.15rem 0 0}
.html{border:1px dashed var(--line);padding:.7rem 1rem;border-radius:.4rem}.html a{color:inherit}
.qr{background:#fff;padding:.6rem;border-radius:.4rem;display:inline-block;line-height:0}
@media print{.warn,pre{border:1px solid var(--line)}h2,dt{break-after:avoid}dd,pre,.qr,tr{break-inside:avoid}}
pre{background:var(--soft);padding:.7rem 1rem;border-radius:.4rem;white-space:pre-wrap;overflow-wrap:anywhere}
"""


def page(card: Card, lang: Lang, *, profile: str = "", url: str = "") -> str:
    """The page; ``profile`` is the name of the person's profile beside it, ``url`` what a phone opens."""
    title = e(_TITLE.using(name=card.name)(lang))
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!DOCTYPE html>\n<html lang="{_LANG[lang]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{title}</title>\n<style>{STYLE}{_MORE}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1></header>\n<main>\n{''.join(_parts(card, lang, profile, url))}</main>\n"
        f"<footer><p>{e(_NEVER(lang))}</p></footer>\n</body>\n</html>\n"
    )


def _parts(card: Card, lang: Lang, profile: str, url: str) -> Iterator[str]:
    yield f"<p>{e(_ADDRESS(lang))}{code(card.address)}<br>\n"
    yield f"{e(_HOST_OF(lang))}{e(card.service(lang))}</p>\n"
    yield from _wrong(card, lang)
    if card.servers:
        yield from _settings(card, lang)
    if card.note:
        yield f"<p>{e(card.note(lang))}</p>\n"
    yield from _ways(card, lang)
    if profile or url:
        yield f"<h2>{e(_PHONE(lang))}</h2>\n"
        if profile:
            yield f'<p><a href="{e(profile)}">{e(_PROFILE(lang))}</a></p>\n'
        if url:
            yield f'<p class="qr">{_qr(url)}</p>\n<p>{e(_SCAN.using(url=url)(lang))}</p>\n'
    for title, addresses in ((_SENDS, card.sends_as), (_GETS, card.gets), (_SHARED, card.shared)):
        if addresses:
            items = "".join(f"<li>{code(address)}</li>" for address in addresses)
            yield f"<h2>{e(title(lang))}</h2>\n<ul>{items}</ul>\n"
    lines = "\n".join(e(line) for line in signature.plain(card).split("\n"))
    yield f"<h2>{e(_SIGNATURE(lang))}</h2>\n<p>{e(_AS_HTML(lang))}</p>\n"
    yield f'<div class="html">{signature.markup(card)}</div>\n<p>{e(_AS_TEXT(lang))}</p>\n'
    yield f"<pre>{lines}</pre>\n"


def _wrong(card: Card, lang: Lang) -> Iterator[str]:
    """What does not work, before anybody tries; programs with one reason share a paragraph."""
    dead: dict[str, list[str]] = {}
    for way in card.ways:
        if not way.works:
            dead.setdefault(way.text(lang), []).append(way.program.names(lang))
    if card.warnings or dead:
        yield f"<h2>{e(_NOT(lang))}</h2>\n"
    yield from (f'<p class="warn">{e(text(lang))}</p>\n' for text in card.warnings)
    for reason, names in dead.items():
        programs = e(_AND(lang).join(names))
        yield f'<p class="warn"><strong>{programs}</strong>{e(_COLON(lang))}{e(reason)}</p>\n'


def _settings(card: Card, lang: Lang) -> Iterator[str]:
    yield f"<h2>{e(_TYPE(lang))}</h2>\n"
    if card.switch_on:
        yield f"<p><strong>{e(_SWITCH_ON(lang))}</strong>{e(card.switch_on(lang))}</p>\n"
    yield _table(card.servers, lang)
    yield f"<p>{e(_USER(lang))}{code(card.address)}<br>\n"
    yield f"{e(_PASSWORD(lang))}{e(card.password(lang))}</p>\n"
    if card.password_at:
        yield f"<p>{e(_MADE_AT(lang))}{e(card.password_at(lang))}</p>\n"
    if {"imap", "pop3"} <= {server.kind for server in card.servers}:
        yield f"<p>{e(_WHY_IMAP(lang))}</p>\n"
    if card.abroad:
        yield f"<h3>{e(_ABROAD(lang))}</h3>\n{_table(card.abroad, lang)}<p>{e(_ABROAD_WHY(lang))}</p>\n"


def _ways(card: Card, lang: Lang) -> Iterator[str]:
    """What is pressed in each program; one that does not work stands above, with the reason."""
    ways = [way for way in card.ways if way.works]
    if ways:
        yield f'<h2>{e(_WAYS(lang))}</h2>\n<dl class="ways">\n'
        yield from (f"<dt>{e(way.program.names(lang))}</dt><dd>{e(way.text(lang))}</dd>\n" for way in ways)
        yield "</dl>\n"


def _qr(url: str) -> str:
    import segno

    code: str = segno.make(url, error="m", micro=False).svg_inline(scale=4, border=2)
    return code


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
