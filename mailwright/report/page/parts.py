"""What the page's sections are made of: words, escaping, tables, cards."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from mailwright.model.checks import Status
from mailwright.model.rules import Severity
from mailwright.model.text import Lang, Text
from mailwright.report.escaping import visible

W: dict[str, Text] = {
    "head": Text("Company mail", "企业邮件报告"),
    "skip": Text("To the answers", "跳到回答"),
    "answers": Text("Five answers", "五个问题"),
    "flow": Text("How mail flows", "邮件流向"),
    "out": Text("Who sends in the domain's name", "谁以本域名发信"),
    "in": Text("Where mail comes in, and to whom it goes", "来信由哪里接收，送给谁"),
    "senders": Text("Senders", "发信方"),
    "domain": Text("The domain", "域名"),
    "proof": Text("What receivers check", "收件方的检查"),
    "exchangers": Text("Mail exchangers", "MX 主机"),
    "host": Text("Mail host", "邮件服务"),
    "people": Text("Addresses", "地址"),
    "goes": Text("Which address goes to whom", "地址与收件人"),
    "to": Text("Goes to", "收件人"),
    "rules": Text("Rules", "规则"),
    "records": Text("Records and their reasons", "记录及理由"),
    "budget": Text("What SPF costs", "SPF 查询次数"),
    "findings": Text("Findings", "检查结果"),
    "live": Text("Live status", "线上状态"),
    "agenda": Text("What is due, and what comes", "到期与将至的事项"),
    "day": Text("Day", "日期"),
    "event": Text("What", "事项"),
    "clients": Text("Settings for mail programs", "客户端设置"),
    "name": Text("Name", "名称"),
    "type": Text("Type", "类型"),
    "value": Text("Value", "值"),
    "why": Text("Why", "理由"),
    "address": Text("Address", "地址"),
    "port": Text("Port", "端口"),
    "tls": Text("Encryption", "加密方式"),
    "none": Text("None.", "无。"),
    "unasked": Text(
        "The nameservers were not asked for this page (--nameserver or --live asks them).",
        "生成本页时未查询DNS 服务器（用 --nameserver 或 --live 查询）。",
    ),
    "nobody": Text("The spec names no people or addresses.", "规格中没有写人员与地址。"),
    "silent": Text(
        "This name neither sends nor takes mail, and says so.", "该域名不收发邮件，并已公开声明。"
    ),
    "asof": Text("Planned for {day}", "计划日期：{day}"),
    "status": Text("Status", "状态"),
    "server": Text("Server", "服务器"),
    "remedy": Text("What to do: ", "处理办法："),
    "refused": Text("refused", "拒收"),
    "contents": Text("Contents", "目录"),
    "lookups": Text("{n} of {most} look-ups", "查询 {n}/{most} 次"),
    "ruled": Text("by rules, see the table", "按规则分派，见下表"),
    "more": Text("and {n} more, see the table", "另有 {n} 个，见下表"),
    "preference": Text("preference {n}", "优先级 {n}"),
    "user": Text(
        "User name: the whole address. Password: {password}.", "用户名：完整的邮箱地址。密码：{password}。"
    ),
    "password": Text("that of the mailbox", "邮箱密码"),
    "oauth": Text("Sign in with the browser (OAuth 2)", "通过浏览器登录（OAuth 2）"),
    "foot": Text(
        "Made by Mailwright from the spec. This page asks nothing of the network.",
        "由 Mailwright 根据规格生成。本页不访问网络。",
    ),
}
SEVERITY_WORDS: dict[Severity, Text] = {
    Severity.ERROR: Text("error", "错误"),
    Severity.WARNING: Text("warning", "警告"),
    Severity.INFO: Text("note", "提示"),
}
STATUS_WORDS: dict[Status, Text] = {
    Status.PASS: Text("✓ as planned", "✓ 一致"),
    Status.FAIL: Text("✗ differs", "✗ 不一致"),
    Status.WARN: Text("! look at it", "! 需留意"),
    Status.UNKNOWN: Text("? could not tell", "? 无法判断"),
    Status.NOT_CHECKABLE: Text("– not visible", "– 无法看到"),
}


def e(text: object) -> str:
    """Text as HTML: nothing of it is ever markup, and no control or direction character acts."""
    plain = str(text).encode("utf-8", "backslashreplace").decode()
    return html.escape(visible(plain), quote=True)


def word(name: str, lang: Lang, **params: object) -> str:
    """One of the page's own words, as HTML."""
    return e(W[name].using(**params)(lang) if params else W[name](lang))


def code(text: object) -> str:
    """A name or value as it is written, as HTML."""
    return f"<code>{e(text)}</code>"


def chip(kind: str, text: str) -> str:
    """A short word in a frame; its colour says nothing that the word does not."""
    return f'<span class="chip {e(kind)}">{e(text)}</span>'


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str, lang: Lang) -> str:
    """A table of HTML cells that becomes one block a row on a narrow screen; each cell names its column."""
    names = [word(column, lang) for column in heads]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-label="{name}"><div>{cell}</div></td>' for name, cell in zip(names, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<table><caption class="unseen">{word(caption, lang)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
