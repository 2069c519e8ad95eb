"""Report addresses that a mail service hands out and reads itself: whoever publishes one sees no report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule

TO_VENDOR = rule(
    "dmarc-report-to-vendor",
    Severity.WARNING,
    en="{tag} at {name} has {address}, a mailbox of {domain} itself: these reports are not yours to see.",
    zh="{name} 的 {tag} 中 {address} 是 {domain} 服务商自己的邮箱：这些报告您看不到。",
    hint_en="Write an address of your own, beside it or in its place: dmarc: {{rua: [dmarc@…]}}.",
    hint_zh="请另写或改写为自己的邮箱：dmarc: {{rua: [dmarc@…]}}。",
    reference="RFC 9990 §3",
)

#: Domains of mail services for everybody, where nobody else has a mailbox of one of these names.
_SERVICES = frozenset(
    [
        "qq.com",
        "exmail.qq.com",
        "foxmail.com",
        "163.com",
        "126.com",
        "yeah.net",
        "qiye.163.com",
        "aliyun.com",
        "sina.com",
        "sohu.com",
        "139.com",
        "gmail.com",
        "outlook.com",
        "hotmail.com",
        "yahoo.com",
        "icloud.com",
        "mail.ru",
        "yandex.ru",
        "zoho.com",
        "feishu.cn",
    ]
)
_NAMES = frozenset(
    [
        "mailauth-reports",
        "dmarc",
        "dmarc-reports",
        "dmarc_reports",
        "dmarcreport",
        "dmarc-report",
        "noreply-dmarc-support",
        "postmaster",
        "abuse",
    ]
)
#: Domains of the companies behind them: every mailbox there is theirs.
_COMPANIES = frozenset(
    ["tencent.com", "netease.com", "alibaba-inc.com", "google.com", "microsoft.com", "apple.com"]
)


def is_vendors(address: str) -> bool:
    """Whether the mailbox is the service's own, such as ``mailauth-reports@qq.com``."""
    local, _, domain = address.lower().rpartition("@")
    return domain in _COMPANIES or (domain in _SERVICES and local in _NAMES)


def to_vendors(addresses: Iterable[str], tag: str, name: str) -> Iterator[Finding]:
    """A finding for each of these mailboxes that is a service's own; ``name`` is the record's owner name."""
    for address in addresses:
        domain = address.rpartition("@")[2].lower()
        if is_vendors(address) and not name.endswith("." + domain):
            yield found(TO_VENDOR, name=name, tag=tag, address=address, domain=domain)
