"""A console without an API, or without anybody's wish to use it: a person enters what the sheet says."""

from __future__ import annotations

from mailwright.hosts.dns.service import Access, DnsService, Option, Shape, Stores, Way
from mailwright.model.text import Text

_BY_HAND = Text(
    "by hand: mailwright plan {file} --format sheet", "手工录入：mailwright plan {file} --format sheet"
)

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
    stores=Stores(atomic=None, shape=Shape.BY_HAND),
    tried=Text("by whoever pastes it; `verify` compares", "由粘贴者完成；`verify` 负责比对"),
    options=(
        Option(
            "console",
            Text("whose words the sheet uses", "变更单用哪家控制台的用词"),
            "aliyun",
            values=CONSOLES,
        ),
    ),
    access=lambda: Access(True, _BY_HAND),
)
