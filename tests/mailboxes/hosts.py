"""A company at each of the hosts whose behaviour is written down."""

from __future__ import annotations

import datetime as dt

from mailwright.catalog import service
from mailwright.catalog.capability import capability
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.plan import Plan
from mailwright.model.text import Lang
from mailwright.plan.mailboxes.trace import Mail, Trace, trace
from mailwright.report.mailboxes.checklist import checklist
from tests.mailboxes.specs import DAY, DOMAIN, HEAD, planned

#: The hosts with what each must be told besides.
HOSTS = {
    "google-workspace": "",
    "microsoft-365": ", mx_token: acmetrade-com0i",
    "tencent-exmail": "",
    "alibaba-mail": ", site: cn",
    "netease-qiye": ", site: hz",
    "zoho-mail": ", site: com, spf_include: zohomail.com",
    "feishu": "",
    "lark": "",
}


def head(host: str) -> str:
    """The first lines of a spec at a host."""
    return HEAD.replace('self-hosted, mx: ["10 mail.acme-trade.com"]', host + HOSTS[host])


def at(host: str, text: str, day: dt.date = DAY) -> Plan:
    """The plan of a company at a host."""
    return planned(text, day, head(host))


def boxes(plan: Plan) -> Mailboxes:
    """Its mailboxes."""
    assert plan.mailboxes is not None
    return plan.mailboxes


def story(plan: Plan, to: str, subject: str = "", sender: str = "buyer@outside.example") -> Trace:
    """What becomes of a mail."""
    address = f"{to}@{DOMAIN}"
    return trace(boxes(plan), Mail(address, sender, subject, to=(address,)))


def who(plan: Plan, to: str, subject: str = "") -> set[str]:
    """Who gets a mail: local parts."""
    return {address.partition("@")[0] for address in story(plan, to, subject).addresses}


def steps(plan: Plan, host: str, lang: Lang = "en") -> str:
    """The checklist."""
    known = service(host)
    assert known is not None
    return checklist(boxes(plan), known.names, lang, capability(host).answer)
