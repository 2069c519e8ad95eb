"""Alibaba Cloud DNS (阿里云云解析), by its API."""

from __future__ import annotations

from mailwright.hosts.dns.limits import Limits
from mailwright.hosts.dns.service import (
    Connections,
    DnsService,
    Option,
    Secret,
    Shape,
    Stores,
    Way,
    place_by,
)
from mailwright.model.text import Text

KEY_ID = Secret("ALIBABA_CLOUD_ACCESS_KEY_ID", "aliyunAccessKeyId")
KEY = Secret("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "aliyunAccessKeySecret")
TOKEN = Secret("ALIBABA_CLOUD_SECURITY_TOKEN", "aliyunSecurityToken", optional=True)
ADDRESS = "https://alidns.aliyuncs.com"


def _open() -> Connections:
    from mailwright.hosts.dns.aliyun import AliyunAccounts

    return AliyunAccounts((KEY_ID, KEY, TOKEN), ADDRESS)


SERVICE = DnsService(
    name="aliyun",
    about=Text("Alibaba Cloud DNS", "阿里云云解析 DNS"),
    way=Way.PROVIDER,
    stores=Stores(
        atomic=False,
        shape=Shape.VALUE_WISE,
        types=("MX", "TXT", "CNAME", "SRV", "A", "AAAA"),
        limits=Limits(mx=(1, 50), plain=True),
    ),
    tried=Text("a simulated API, not Alibaba Cloud", "API 替身，未在阿里云上验证"),
    options=(Option("base_url", Text("API address", "API 地址"), ADDRESS),),
    secrets=(KEY_ID, KEY, TOKEN),
    where=place_by("aliyun", "base_url"),
    open=_open,
    rights=Text(
        "alidns:DescribeDomainRecords, AddDomainRecord, UpdateDomainRecord, DeleteDomainRecord of one domain",
        "单个域名的 alidns:DescribeDomainRecords、AddDomainRecord、UpdateDomainRecord、DeleteDomainRecord",
    ),
    asked_as="aliyun-api",
    experimental=True,
)
