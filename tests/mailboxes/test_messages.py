"""Messages as they really come: ``trace`` reads them as Pigeonhole does, octet by octet."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from mailwright.plan.mailboxes.message import read
from mailwright.plan.mailboxes.trace import trace
from tests.mailboxes.servers import Oracle, oracle_of
from tests.mailboxes.specs import DOMAIN, mailboxes

RULES = """\
people: {wang: {}, li: {}}
rules:
  - {for: wang, when: {subject_contains: ['产品A', 'product A']}, then: {folder: Subject}}
  - {for: wang, when: {body_contains: ['报价', 'quote me', 'a<b']}, then: {folder: Body}}
  - {for: wang, when: {from: ['buyer@', 'Müller']}, then: {folder: From}}
  - {for: wang, when: {to: ['sales@']}, then: {folder: To}}
"""


def b64(octets: bytes) -> bytes:
    return base64.b64encode(octets)


def word(charset: bytes, octets: bytes) -> bytes:
    return b"=?" + charset + b"?B?" + b64(octets) + b"?="


def mail(
    subject: bytes = b"x",
    body: bytes = b"\r\nhi\r\n",
    sender: bytes = b"a@b.example",
    to: bytes = b"wang@acme-trade.com",
) -> bytes:
    head = b"From: " + sender + b"\r\nTo: " + to + b"\r\nMessage-ID: <1@x>\r\n"
    return head + b"Subject: " + subject + b"\r\n" + body


def part(kind: bytes, text: bytes, encoding: bytes = b"8bit") -> bytes:
    head = b"MIME-Version: 1.0\r\nContent-Type: " + kind + b"\r\n"
    return head + b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + text + b"\r\n"


GBK = "产品A".encode("gbk")
UTF8 = "产品A".encode()
SUBJECTS = [
    UTF8,
    GBK,
    b"=?gb2312?B?" + b64(GBK) + b"?=",
    b"=?GB18030?B?" + b64(GBK) + b"?=",
    b"=?gbk?B?" + b64(GBK[:3]) + b"?= =?gbk?B?" + b64(GBK[3:]) + b"?=",
    b"=?utf-8?B?" + b64(UTF8[:4]) + b"?=\r\n =?utf-8?B?" + b64(UTF8[4:]) + b"?=",
    b"product\r\n A",
    b"product\r\n\tA",
    b"product  A",
    b"product\xc2\xa0A",
    b"=?utf-8?Q?product_A?=",
    b"=?utf-8?Q?product?= A",
    b"=?utf-8?Q?product?= =?utf-8?Q?_A?=",
    b"=?unknown?B?" + b64(UTF8) + b"?=",
    b"=?utf-8*zh?B?" + b64(UTF8) + b"?=",
    b"=?utf-8?B?" + b64(UTF8).rstrip(b"=") + b"?=",
    b"x=?utf-8?B?" + b64(UTF8) + b"?=y",
    "ｐｒｏｄｕｃｔ　Ａ".encode(),
    b"=?utf-8?q?product A?=",
    b"=?us-ascii?Q?product=20A?=",
    b"=?big5?B?" + b64("產品A".encode("big5")) + b"?=",
    b"",
]
BODIES = [
    part(b"text/plain; charset=utf-8", "请报价".encode()),
    part(b"text/plain; charset=gbk", "请报价".encode("gbk")),
    part(b"text/plain", "请报价".encode("gbk")),
    part(b"text/plain; charset=gb2312", "请报价".encode("gbk")),
    part(b"text/html; charset=utf-8", "<p>请<b>报</b>价</p>".encode()),
    part(b"text/html; charset=utf-8", b"<p>quote&nbsp;me</p>"),
    part(b"text/html; charset=utf-8", b"<p>quote<br>me</p>"),
    part(b"text/html; charset=utf-8", b"<p>quote\r\nme</p>"),
    part(b"text/html", b"<p>a&lt;b</p>"),
    part(b"text/html", b"<style>quote me</style><p>x</p>"),
    part(b"text/html", b"<script>quote me</script>"),
    part(b"text/html", b"<!-- quote me -->"),
    part(b"text/html", b'<img alt="quote me">'),
    part(b"text/plain", b"quote=20me=\r\n", b"quoted-printable"),
    part(b"text/plain", b"quo=\r\nte me", b"quoted-printable"),
    part(b"text/plain", b"quote\r\nme"),
    part(
        b'multipart/alternative; boundary="q"',
        b"--q\r\nContent-Type: text/plain\r\n\r\nno\r\n"
        b"--q\r\nContent-Type: text/html\r\n\r\n<b>quote</b> me\r\n"
        b"--q--",
    ),
    part(
        b'multipart/mixed; boundary="q"',
        b"--q\r\nContent-Type: text/plain\r\n\r\nno\r\n"
        b"--q\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n\r\nquote me\r\n"
        b"--q--",
    ),
    part(
        b'multipart/mixed; boundary="q"',
        b"--q\r\nContent-Type: application/octet-stream\r\n\r\nquote me\r\n--q--",
    ),
    part(
        b'multipart/mixed; boundary="q"',
        b"quote me\r\n--q\r\nContent-Type: text/plain\r\n\r\nno\r\n--q--\r\nquote me",
    ),
    part(b"message/rfc822", b"Subject: x\r\n\r\nquote me\r\n"),
    part(b"text/plain; charset=utf-8", base64.b64encode("请报价".encode()), b"base64"),
    part(b"text/plain; charset=nonsense", "请报价".encode()),
    part(b"text/calendar", b"quote me"),
]
SENDERS = [
    b"Buyer <buyer@x.example>",
    b'"buyer@x.example" <c@x.example>',
    b"=?utf-8?Q?M=C3=BCller?= <c@x.example>",
    b"a@b.example, buyer@x.example",
    b"buyer@x.example (comment)",
    b"<buyer@x.example>",
    b"buyer@",
    b"group: buyer@x.example;",
    b"BUYER@X.example",
    b"buyer at x",
]
RECEIVERS = [
    b"sales@acme-trade.com",
    b"x@y.example\r\nCc: Sales <SALES@acme-trade.com>",
    b'"sales@" <x@y.example>',
    b"undisclosed-recipients:;",
]

MAILS = [mail(subject=each) for each in SUBJECTS] + [mail(body=each) for each in BODIES]
MAILS += [mail(sender=each) for each in SENDERS] + [mail(to=each) for each in RECEIVERS]


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with oracle_of(mailboxes(RULES)) as asked:
        yield asked


@pytest.mark.parametrize("message", MAILS, ids=range(len(MAILS)))
def test_a_message_is_read_as_the_server_reads_it(message: bytes, oracle: Oracle) -> None:
    to = f"wang@{DOMAIN}"
    said = {folder for reached in trace(oracle.made, read(message, to)).reached for folder in reached.folders}
    assert said == oracle.run(to, "a@b.example", message).folders
