"""Namecheap, by its API, which writes whole zones."""

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

USER = Secret("NAMECHEAP_API_USER", "namecheapApiUser")
KEY = Secret("NAMECHEAP_API_KEY", "namecheapApiKey")
ADDRESS = "https://api.namecheap.com/xml.response"


def _open() -> Connections:
    from mailwright.hosts.dns.namecheap import NamecheapAccounts

    return NamecheapAccounts((USER, KEY), ADDRESS)


SERVICE = DnsService(
    name="namecheap",
    about=Text("Namecheap", "Namecheap"),
    way=Way.PROVIDER,
    stores=Stores(
        atomic=True,
        shape=Shape.WHOLE_ZONE,
        types=("MX", "TXT", "CNAME", "A", "AAAA"),
        least_ttl=60,
        most_ttl=60_000,
        limits=Limits(plain=True),
    ),
    tried=Text("a simulated API, not Namecheap", "API 替身，未在 Namecheap 上验证"),
    options=(
        Option(
            "client_ip",
            Text("the allowed address that calls come from", "已加入白名单的调用方地址"),
            "203.0.113.10",
            required=True,
        ),
        Option("base_url", Text("API address", "API 地址"), ADDRESS),
    ),
    secrets=(USER, KEY),
    where=place_by("namecheap", "base_url"),
    open=_open,
    rights=Text(
        "the account's one API key, from an allowed address", "账户唯一的 API 密钥，且来自白名单地址"
    ),
    asked_as="namecheap-api",
    experimental=True,
)
