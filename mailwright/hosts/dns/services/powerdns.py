"""PowerDNS by its own HTTP API, where RFC 2136 is switched off and a web server is on."""

from __future__ import annotations

from urllib.parse import urlsplit

from mailwright.hosts.dns.service import Connections, DnsService, Option, Options, Secret, Shape, Stores, Way
from mailwright.model import variables
from mailwright.model.records import WITH_OLD_SPF
from mailwright.model.text import Text

KEY = Secret(variables.POWERDNS_API_KEY, "powerdnsApiKey")


def _open() -> Connections:
    from mailwright.hosts.dns.powerdns_api import PowerDnsServers

    return PowerDnsServers((KEY,))


def _where(options: Options) -> str:
    address = urlsplit(str(options["base_url"]))
    return f"powerdns:{address.netloc}{address.path.rstrip('/')}/{options['server_id']}"


SERVICE = DnsService(
    name="powerdns",
    about=Text("PowerDNS's HTTP API", "PowerDNS 的 HTTP API"),
    way=Way.PROVIDER,
    stores=Stores(atomic=True, types=WITH_OLD_SPF, shape=Shape.SETS),
    tried=Text("pdns_server 4.7", "pdns_server 4.7"),
    options=(
        Option(
            "base_url",
            Text("address of its web server", "其 Web 服务的地址"),
            "https://ns1.acme-trade.com:8081",
            required=True,
            kept=True,
        ),
        Option(
            "server_id",
            Text("server id (localhost)", "服务器 ID（localhost）"),
            "localhost",
            default="localhost",
        ),
    ),
    secrets=(KEY,),
    where=_where,
    open=_open,
    rights=Text("the server's one API key", "该服务器唯一的 API 密钥"),
)
