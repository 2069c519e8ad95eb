"""Reports as the large receivers write them: each has its own schema, its own gaps and its own wrapping."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage

DOMAIN = "acme-trade.com"


@dataclass(frozen=True)
class Mail:
    """What one receiver saw of one source on one day."""

    source: str = "203.0.113.10"
    count: int = 10
    header_from: str = DOMAIN
    dkim: str = "pass"
    spf: str = "pass"
    d: str = DOMAIN
    selector: str = "s1"
    signed: str = "pass"
    envelope: str = DOMAIN
    spf_result: str = "pass"
    disposition: str = "none"
    reason: str = ""


GOOD = Mail()
FORWARDED = Mail(
    "198.51.100.7", 3, dkim="fail", spf="fail", signed="fail", envelope="list.example", reason="mailing_list"
)
SPOOF = Mail("192.0.2.66", 5, dkim="fail", spf="fail", d="", envelope="spam.example", spf_result="none")


def _bounds(day: dt.date, zone: int = 0) -> tuple[int, int]:
    begin = int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) - zone * 3600
    return begin, begin + 86_399


def _policy(domain: str, p: str, more: str = "") -> str:
    tags = f"<domain>{domain}</domain><adkim>r</adkim><aspf>r</aspf><p>{p}</p>{more}"
    return f"<policy_published>{tags}</policy_published>"


def _signature(mail: Mail) -> str:
    """The selector after the result, as Google has it."""
    result = f"<domain>{mail.d}</domain><result>{mail.signed}</result><selector>{mail.selector}</selector>"
    return f"<dkim>{result}</dkim>"


def google(day: dt.date, mails: Sequence[Mail], p: str = "none", id: str = "", domain: str = DOMAIN) -> str:
    """RFC 7489 as most write it; pretty, with pct and sp, and a number as its id."""
    begin, end = _bounds(day)
    rows = "".join(
        f"""
  <record>
    <row>
      <source_ip>{mail.source}</source_ip>
      <count>{mail.count}</count>
      <policy_evaluated>
        <disposition>{mail.disposition}</disposition>
        <dkim>{mail.dkim}</dkim>
        <spf>{mail.spf}</spf>
        {f"<reason><type>{mail.reason}</type><comment></comment></reason>" if mail.reason else ""}
      </policy_evaluated>
    </row>
    <identifiers>
      <header_from>{mail.header_from}</header_from>
    </identifiers>
    <auth_results>
      {_signature(mail) if mail.d else ""}
      <spf><domain>{mail.envelope}</domain><result>{mail.spf_result}</result></spf>
    </auth_results>
  </record>"""
        for mail in mails
    )
    return f"""<?xml version="1.0" encoding="UTF-8" ?>
<feedback>
  <report_metadata>
    <org_name>google.com</org_name>
    <email>noreply-dmarc-support@google.com</email>
    <extra_contact_info>https://support.google.com/a/answer/2466580</extra_contact_info>
    <report_id>{id or f"{begin}{len(p)}"}</report_id>
    <date_range><begin>{begin}</begin><end>{end}</end></date_range>
  </report_metadata>
  {_policy(domain, p, "<sp>" + p + "</sp><pct>100</pct>")}{rows}
</feedback>
"""


def _flat(
    day: dt.date,
    mails: Sequence[Mail],
    org: str,
    zone: int,
    policy: str,
    head: str,
    row: Callable[[Mail], str],
) -> str:
    begin, end = _bounds(day, zone)
    return (
        f"{head}<report_metadata><org_name>{org}</org_name><email>dmarc@{org}</email>"
        f"<report_id>{org}.{begin}.{len(policy)}</report_id><date_range><begin>{begin}</begin><end>{end}</end></date_range>"
        f"</report_metadata>{policy}{''.join(map(row, mails))}</feedback>"
    )


def _row(mail: Mail, *, inner: str = "", empty: str = "") -> str:
    signature = (
        f"<dkim><domain>{mail.d}</domain><selector>{mail.selector}</selector><result>{mail.signed}</result></dkim>"
        if mail.d
        else empty
    )
    reason = f"<reason><type>{mail.reason}</type><comment/></reason>" if mail.reason else ""
    return (
        f"<record><row><source_ip>{mail.source}</source_ip><count>{mail.count}</count><policy_evaluated>"
        f"<disposition>{mail.disposition}</disposition><dkim>{mail.dkim}</dkim><spf>{mail.spf}</spf>{reason}"
        f"</policy_evaluated></row><identifiers>{inner}<header_from>{mail.header_from}</header_from></identifiers>"
        f"<auth_results>{signature}<spf><domain>{mail.envelope}</domain><scope>mfrom</scope>"
        f"<result>{mail.spf_result}</result></spf></auth_results></record>"
    )


def microsoft(day: dt.date, mails: Sequence[Mail], p: str = "none") -> str:
    """Names a schema and recipients' domains, and says fo."""
    head = (
        '<?xml version="1.0"?>\n<feedback xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<version>1.0</version>'
    )

    def row(mail: Mail) -> str:
        names = f"<envelope_to>outlook.com</envelope_to><envelope_from>{mail.envelope}</envelope_from>"
        return _row(mail, inner=names)

    return _flat(
        day,
        mails,
        "Enterprise Outlook",
        0,
        _policy(DOMAIN, p, "<sp>none</sp><pct>100</pct><fo>0</fo>"),
        head,
        row,
    )


def netease(day: dt.date, mails: Sequence[Mail], p: str = "none") -> str:
    """A day of Beijing, without a declaration; an empty DKIM result where there was no signature."""
    empty = "<dkim><domain></domain><result>none</result></dkim>"
    return _flat(
        day, mails, "163.com", 8, _policy(DOMAIN, p), "<feedback>", lambda mail: _row(mail, empty=empty)
    )


def tencent(day: dt.date, mails: Sequence[Mail], p: str = "none") -> str:
    """Declares GB2312, and capitalises results."""
    head = '<?xml version="1.0" encoding="GB2312"?><feedback><version>1</version>'

    def row(mail: Mail) -> str:
        return _row(replace(mail, dkim=mail.dkim.upper(), spf=mail.spf.title()))

    policy = _policy(DOMAIN, p, "<sp></sp><pct></pct>")
    return _flat(day, mails, "qq.com", 8, policy, head, row).replace("dmarc@qq.com", "腾讯 dmarc@qq.com")


def yahoo(day: dt.date, mails: Sequence[Mail], p: str = "none") -> str:
    """A byte order mark, and two reasons where there is one."""
    head = '\ufeff<?xml version="1.0"?><feedback>'

    def row(mail: Mail) -> str:
        twice = "<reason><type>local_policy</type><comment>arc=pass</comment></reason></policy_evaluated>"
        made = _row(mail)
        return made.replace("</policy_evaluated>", twice) if mail.reason else made

    return _flat(day, mails, "Yahoo", 0, _policy(DOMAIN, p, "<pct>100</pct>"), head, row)


def mail_ru(day: dt.date, mails: Sequence[Mail], p: str = "none") -> str:
    """UTF-16, and a space of names that nobody declared."""
    head = '<?xml version="1.0" encoding="UTF-16"?><feedback>'
    return _flat(day, mails, "Mail.Ru", 3, _policy(DOMAIN, p), head, _row)


def rfc9990(day: dt.date, mails: Sequence[Mail], p: str = "none", t: str = "n") -> str:
    """The form of 2026: a namespace, a generator, testing and np, and languages on comments."""
    head = '<?xml version="1.0" encoding="UTF-8"?><feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">'
    head += "<version>1.0</version>"

    def row(mail: Mail) -> str:
        return _row(mail).replace("<comment/>", '<comment lang="en">by a list</comment>')

    policy = _policy(
        DOMAIN,
        p,
        f"<sp>{p}</sp><np>{p}</np><testing>{t}</testing><discovery_method>treewalk</discovery_method>",
    )
    made = _flat(day, mails, "comcast.net", 0, policy, head, row)
    return made.replace("</date_range>", "</date_range><generator>reporter 3</generator>")


#: Name, text of a day's report, and the encoding it goes out in.
RECEIVERS: dict[str, tuple[Callable[..., str], str]] = {
    "google": (google, "utf-8"),
    "microsoft": (microsoft, "utf-8"),
    "netease": (netease, "utf-8"),
    "tencent": (tencent, "gb2312"),
    "yahoo": (yahoo, "utf-8"),
    "mail.ru": (mail_ru, "utf-16"),
    "rfc9990": (rfc9990, "utf-8"),
}


def tls(day: dt.date, secured: int = 100, failed: int = 0, domain: str = DOMAIN) -> bytes:
    """RFC 8460 §4.4."""
    details = [{"result-type": "certificate-expired", "failed-session-count": failed}] if failed else []
    body = {
        "organization-name": "Google Inc.",
        "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"},
        "contact-info": "smtp-tls-reporting@google.com",
        "report-id": f"{day}_{domain}",
        "policies": [
            {
                "policy": {
                    "policy-type": "sts",
                    "policy-domain": domain,
                    "policy-string": ["version: STSv1"],
                },
                "summary": {"total-successful-session-count": secured, "total-failure-session-count": failed},
                "failure-details": details,
            }
        ],
    }
    return json.dumps(body).encode()


def zipped(data: bytes, name: str = "report.xml") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data)


def mailed(data: bytes, name: str, type: str = "application/gzip") -> bytes:
    """A report as it comes in."""
    message = EmailMessage()
    message["From"], message["To"] = "noreply-dmarc-support@google.com", f"wang@{DOMAIN}"
    message["Subject"] = f"Report domain: {DOMAIN} Submitter: google.com Report-ID: <1>"
    message.set_content("This is an aggregate report.")
    message.add_attachment(data, *type.split("/"), filename=name)
    return bytes(message)


def failure(day: dt.date, domain: str = DOMAIN) -> bytes:
    """RFC 9991: a multipart/report with the headers of what failed."""
    return f"""From: reporter@receiver.example
To: wang@{DOMAIN}
Subject: FW: Order 4711
Date: {day:%a, %d %b %Y} 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an authentication failure report.

--b
Content-Type: message/feedback-report

Feedback-Type: auth-failure
User-Agent: reporter/1
Version: 1
Original-Mail-From: <li@{domain}>
Arrival-Date: {day:%a, %d %b %Y} 09:00:00 +0000
Source-IP: 192.0.2.66
Reported-Domain: {domain}
Auth-Failure: dmarc
Identity-Alignment: none

--b
Content-Type: text/rfc822-headers

From: Li <li@{domain}>
To: Someone Private <private@receiver.example>
Subject: Order 4711
Date: {day:%a, %d %b %Y} 09:00:00 +0000

--b--
""".encode()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
