# ruff: noqa: E501
"""Bounces in the shapes in which mail systems send them, round a reply of a receiver."""

from __future__ import annotations

import base64
from collections.abc import Callable

SENDER, RECIPIENT = "wang@acme-trade.com", "lin@customer.example"
RETURNED = f"From: Wang <{SENDER}>\nTo: {RECIPIENT}\nSubject: Quote 0815\nMessage-ID: <q1@acme-trade.com>\n"


def _folded(text: str, width: int = 72) -> str:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n    ".join([*lines, line])


def _report(reply: str, host: str, text: str, *, sender: str, subject: str, status: str) -> str:
    return f"""Return-Path: <>
From: {sender}
To: {SENDER}
Subject: {subject}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

{text}

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.acme-trade.com
Arrival-Date: Mon, 30 Nov 2026 10:00:00 +0800

Final-Recipient: rfc822; {RECIPIENT}
Original-Recipient: rfc822;{RECIPIENT}
Action: failed
Status: {status}
Remote-MTA: dns; {host}
Diagnostic-Code: smtp; {_folded(reply)}

--b1
Content-Type: text/rfc822-headers

{RETURNED}
--b1--
"""


def postfix(reply: str, host: str) -> str:
    """Postfix's own report."""
    text = f"""This is the mail system at host mail.acme-trade.com.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

                   The mail system

<{RECIPIENT}>: host {host}[203.0.113.25] said: {_folded(reply)} (in
    reply to RCPT TO command)"""
    daemon = "MAILER-DAEMON@mail.acme-trade.com (Mail Delivery System)"
    return _report(
        reply, host, text, sender=daemon, subject="Undelivered Mail Returned to Sender", status="5.0.0"
    )


def gmail(reply: str, host: str) -> str:
    """What Gmail sends to its own users."""
    text = f"""** Address not found **

Your message wasn't delivered to {RECIPIENT}.

The response from the remote server was:
{reply}"""
    daemon = "Mail Delivery Subsystem <mailer-daemon@googlemail.com>"
    return _report(
        reply, host, text, sender=daemon, subject="Delivery Status Notification (Failure)", status="5.0.0"
    )


def exchange(reply: str, host: str) -> str:
    """Exchange Online's report, whose text is a page."""
    page = f"""<html><head><style>p {{color: red}}</style></head><body><p>Your message to {RECIPIENT} couldn't be
 delivered.</p><p>Diagnostic information for administrators:</p>
<p>Generating server: HK0PR01MB2345.apcprd01.prod.example.com</p><p>{RECIPIENT}<br>Remote server returned '{reply}'</p>
</body></html>"""
    text = _report(
        reply,
        host,
        "@@",
        sender="Microsoft Outlook <postmaster@acme-trade.com>",
        subject="Undeliverable: Quote 0815",
        status="5.0.0",
    )
    return text.replace("Content-Type: text/plain; charset=utf-8\n\n@@", f"Content-Type: text/html\n\n{page}")


def exim(reply: str, host: str) -> str:
    """Exim before it had reports: plain text only."""
    return f"""Return-Path: <>
X-Failed-Recipients: {RECIPIENT}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mail.acme-trade.com>
To: {SENDER}
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {RECIPIENT}
    host {host} [203.0.113.25]
    SMTP error from remote mail server after RCPT TO:<{RECIPIENT}>:
    {_folded(reply)}

------ This is a copy of the message, including all the headers. ------

Return-path: <{SENDER}>
{RETURNED}
550 5.1.1 this line is the message's own text
"""


def qmail(reply: str, host: str) -> str:
    """qmail, and what Yahoo shows as its sample."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@mail.acme-trade.com
To: {SENDER}
Subject: failure notice

Hi. This is the qmail-send program at mail.acme-trade.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{RECIPIENT}>:
203.0.113.25 failed after I sent the message.
Remote host said: {reply}

--- Below this line is a copy of the message.

Return-Path: <{SENDER}>
{RETURNED}
"""


def _chinese(subject: str, sender: str, page: str, charset: str) -> str:
    body = base64.encodebytes(page.encode(charset)).decode()
    title = base64.b64encode(subject.encode(charset)).decode()
    return f"""Return-Path: <>
From: {sender}
To: {SENDER}
Subject: =?{charset}?B?{title}?=
MIME-Version: 1.0
Content-Type: text/html; charset="{charset}"
Content-Transfer-Encoding: base64

{body}"""


def qq(reply: str, host: str) -> str:
    """QQ Mail and Exmail: a page in Chinese."""
    page = f"""<div>很抱歉您的邮件被退回，具体原因请参考：</div><table><tr><td>收件人邮件地址：</td>
<td>{RECIPIENT}</td></tr><tr><td>退信原因：</td><td>host {host}[203.0.113.25] said: {reply}</td></tr></table>"""
    return _chinese("系统退信", "PostMaster@qq.com", page, "gb18030")


def netease(reply: str, host: str) -> str:
    """NetEase, Coremail: a page in Chinese with the dialogue."""
    page = f"""<p>尊敬的用户，很抱歉，您的邮件未能发送成功。</p><p>收件人：{RECIPIENT}</p>
<p>退信原因 / Error：SMTP error, RCPT TO: host: {host}(203.0.113.25): {reply}</p>"""
    return _chinese("系统退信/Systems bounce", "Postmaster@163.com", page, "gbk")


def alibaba(reply: str, host: str) -> str:
    """Alibaba Mail: a report with its own words."""
    text = f"""很抱歉，您发送的邮件未能送达。

收件人: {RECIPIENT}
退信原因: {reply}
"""
    daemon = "Mail Delivery Subsystem <postmaster@aliyun.example>"
    return _report(reply, host, text, sender=daemon, subject="邮件退信 Undelivered mail", status="5.0.0")


def pasted(reply: str, host: str) -> str:
    """What somebody copies out of a bounce."""
    return f"<{RECIPIENT}>: host {host}[203.0.113.25] said: {reply}\n"


def log(reply: str, host: str) -> str:
    """A line of Postfix's log."""
    return (
        f"Nov 30 10:00:01 mail postfix/smtp[1234]: 4ABC: to=<{RECIPIENT}>, relay={host}[203.0.113.25]:25, "
        f"delay=1.2, dsn=5.0.0, status=bounced (host {host}[203.0.113.25] said: {reply} (in reply to RCPT TO "
        "command))\n"
    )


SHAPES: tuple[Callable[[str, str], str], ...] = (
    postfix, gmail, exchange, exim, qmail, qq, netease, alibaba, pasted, log,
)  # fmt: skip
