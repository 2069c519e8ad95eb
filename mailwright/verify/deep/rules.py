"""What a look beyond the records may say, in both languages."""

from __future__ import annotations

from mailwright.model.checks import Check, Status
from mailwright.model.position import Position
from mailwright.model.rules import Rule, Severity, rule
from mailwright.model.text import Text


def _said(id: str, *texts: str) -> Rule:
    """``texts``: message and hint, each en then zh, then the section of its standard."""
    en, zh, hint_en, hint_zh, section = texts
    return rule(id, Severity.ERROR, en=en, zh=zh, hint_en=hint_en, hint_zh=hint_zh, reference=section)


SENDER = _said(
    "sender-lets-in",
    "SPF of {domain} says to {address} of {sender}: {said}.",
    "{domain} 的 SPF 对 {sender} 的 {address}：{said}。",
    "Apply the plan; where it is applied, ask the service whether its include is still right.",
    "请执行计划；若已执行，请向服务商确认其 include 是否仍然正确。",
    "RFC 7208 §4",
)
POLICY = _said(
    "mta-sts-policy-served",
    "The MTA-STS policy at {url}: {said}.",
    "{url} 处的 MTA-STS 策略：{said}。",
    "`mailwright mta-sts SPEC --out FOLDER` writes the files to serve.",
    "用 `mailwright mta-sts SPEC --out 文件夹` 生成要提供的文件。",
    "RFC 8461 §3.3",
)
STARTTLS = _said(
    "exchanger-starttls",
    "The exchanger {host}: {said}.",
    "MX 主机 {host}：{said}。",
    "Switch STARTTLS on for port 25, or ask the operator of {host}.",
    "请在 25 端口启用 STARTTLS，或联系 {host} 的运营方。",
    "RFC 3207",
)
CERTIFICATE = _said(
    "exchanger-certificate",
    "The certificate of the exchanger {host}: {said}.",
    "MX 主机 {host} 的证书：{said}。",
    "Give the server a certificate of a public CA that names {host}.",
    "请为该服务器配置包含 {host} 的公共 CA 证书。",
    "RFC 8461 §4.1",
)
TLSA = _said(
    "exchanger-tlsa",
    "The TLSA records of the exchanger {host}: {said}.",
    "MX 主机 {host} 的 TLSA 记录：{said}。",
    "Publish the record of the key in use before it is used: `dane:` with next_key.",
    "请在启用密钥之前发布其记录：在 `dane:` 中写 next_key。",
    "RFC 7672 §3.1",
)
REVERSE = _said(
    "own-server-reverse",
    "The name of the own server {address}: {said}.",
    "自有服务器 {address} 的反向解析：{said}。",
    "Have the owner of the address set its PTR to the server's name, and give that name the address.",
    "请让 IP 的提供方把 PTR 设为服务器主机名，并让该主机名解析回此 IP。",
    "RFC 1912 §2.1",
)
DNSSEC = _said(
    "dnssec-state",
    "DNSSEC of {domain}: {said}.",
    "{domain} 的 DNSSEC：{said}。",
    "Compare the DS record at the registrar with the keys of the zone.",
    "请核对注册商处的 DS 记录与区域中的密钥。",
    "RFC 4035 §4.3",
)
CAA = _said(
    "caa-lets-issue",
    "CAA for {host}: {said}.",
    "{host} 的 CAA：{said}。",
    "Name the CA of the server's certificate in a CAA issue record.",
    "请在 CAA issue 记录中写上签发服务器证书的 CA。",
    "RFC 8659 §4.2",
)

NETWORKS = _said(
    "answers-by-network",
    "What {domain} answers to several networks: {said}.",
    "{domain} 对不同网络的应答：{said}。",
    "In the console of the DNS host, give every mail record the default line; delete those of single lines.",
    "请在 DNS 控制台把邮件记录的线路都设为“默认”，并删除只属于单条线路的记录。",
    "RFC 7871 §7.2",
)


def check(
    rule: Rule,
    status: Status,
    name: str,
    type: str,
    said: Text,
    *,
    server: str = "",
    expected: tuple[str, ...] = (),
    found: tuple[str, ...] = (),
    position: Position | None = None,
    **params: object,
) -> Check:
    """A check in the words of its rule."""
    text = rule.message.using(said=said, **params)
    return Check(rule.id, status, name, type, expected, found, server, text, position)
