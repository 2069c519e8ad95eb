"""GoDaddy, by its API, for the accounts that may use it."""

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

KEY_ID = Secret("GODADDY_API_KEY", "godaddyApiKey")
KEY = Secret("GODADDY_API_SECRET", "godaddyApiSecret")
ADDRESS = "https://api.godaddy.com"


def _open() -> Connections:
    from mailwright.hosts.dns.godaddy import GodaddyAccounts

    return GodaddyAccounts((KEY_ID, KEY), ADDRESS)


SERVICE = DnsService(
    name="godaddy",
    about=Text(
        "GoDaddy, accounts with ten domains or Discount Domain Club Premium",
        "GoDaddy（仅限十个以上域名或订有 Discount Domain Club Premium 的账户）",
    ),
    way=Way.PROVIDER,
    stores=Stores(
        atomic=False,
        shape=Shape.SET_WISE,
        types=("MX", "TXT", "CNAME", "A", "AAAA"),
        least_ttl=600,
        limits=Limits(plain=True),
    ),
    tried=Text("a simulated API, not GoDaddy", "API 替身，未在 GoDaddy 上验证"),
    options=(Option("base_url", Text("API address", "API 地址"), ADDRESS),),
    secrets=(KEY_ID, KEY),
    where=place_by("godaddy", "base_url"),
    open=_open,
    rights=Text("a production key of the account", "账户的 Production 密钥"),
    asked_as="godaddy-api",
    experimental=True,
)
