"""A console without an API, or without anybody's wish to use it: a person enters what the sheet says.

How it is read, and what becomes ours, is in ``deploy/dns/by_hand.py``.
"""

from __future__ import annotations

from mailwright.hosts.dns.service import Access, DnsService, Option, Shape, Stores, Way
from mailwright.model.records import WITH_OLD_SPF
from mailwright.model.text import Text

_BY_HAND = Text("by hand: mailwright preview {file}", "手工录入：mailwright preview {file}")

#: Whose words a sheet can use, see the catalog's ``dns-hosts.yaml``.
CONSOLES = (
    "aliyun",
    "cloudflare",
    "dnspod",
    "generic",
    "godaddy",
    "huawei",
    "route53",
    "namecheap",
    "google-cloud-dns",
    "azure-dns",
)

SERVICE = DnsService(
    name="manual",
    about=Text("a sheet", "变更单"),
    way=Way.SHEET,
    stores=Stores(atomic=None, types=WITH_OLD_SPF, shape=Shape.BY_HAND),
    tried=Text("BIND, Knot, the embedded nameserver", "BIND、Knot、内置 DNS 服务器"),
    options=(
        Option(
            "console",
            Text("whose words the sheet uses", "变更单用哪家控制台的用词"),
            "aliyun",
            values=CONSOLES,
        ),
    ),
    where=lambda _options: "manual",
    access=lambda: Access(True, _BY_HAND),
)
