"""DNSPod, by Tencent Cloud's API."""

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

KEY_ID = Secret("TENCENTCLOUD_SECRET_ID", "tencentcloudSecretId")
KEY = Secret("TENCENTCLOUD_SECRET_KEY", "tencentcloudSecretKey")
TOKEN = Secret("TENCENTCLOUD_TOKEN", "tencentcloudToken", optional=True)
ADDRESS = "https://dnspod.tencentcloudapi.com"


def _open() -> Connections:
    from mailwright.hosts.dns.dnspod import DnspodAccounts

    return DnspodAccounts((KEY_ID, KEY, TOKEN), ADDRESS)


SERVICE = DnsService(
    name="dnspod",
    about=Text("DNSPod (Tencent Cloud)", "DNSPod（腾讯云）"),
    way=Way.PROVIDER,
    stores=Stores(
        atomic=False,
        shape=Shape.VALUE_WISE,
        types=("MX", "TXT", "CNAME", "SRV", "A", "AAAA"),
        limits=Limits(mx=(1, 20), plain=True),
    ),
    tried=Text("a simulated API, not Tencent Cloud", "API 替身，未在腾讯云上验证"),
    options=(Option("base_url", Text("API address", "API 地址"), ADDRESS),),
    secrets=(KEY_ID, KEY, TOKEN),
    where=place_by("dnspod", "base_url"),
    open=_open,
    rights=Text(
        "dnspod:DescribeRecordList, CreateRecord, ModifyRecord, DeleteRecord of one domain",
        "单个域名的 dnspod:DescribeRecordList、CreateRecord、ModifyRecord、DeleteRecord",
    ),
    asked_as="dnspod-api",
    experimental=True,
)
