"""PowerDNS by its own HTTP API, where RFC 2136 is switched off and a web server is on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mailwright.hosts.dns.service import DnsService, Option, Options, Secret, Shape, Stores, Target, Way
from mailwright.model import variables
from mailwright.model.text import Text

if TYPE_CHECKING:
    from mailwright.hosts.dns.base import DnsClient
    from mailwright.hosts.dns.http import Http

KEY = Secret(variables.POWERDNS_API_KEY, "powerdnsApiKey")


class PowerDnsServers:
    """The connections of a run, one an address and key."""

    def __init__(self) -> None:
        self._https: dict[tuple[str, str], Http] = {}

    def client(self, target: Target, secrets: Mapping[str, str]) -> DnsClient:
        """One zone. Raises HostError without a key, or where the address is none."""
        from mailwright.hosts.dns import api_said
        from mailwright.hosts.dns.api import ApiHost
        from mailwright.hosts.dns.base import HostError
        from mailwright.hosts.dns.http import Http
        from mailwright.hosts.dns.powerdns_api import PowerDnsApi
        from mailwright.hosts.dns.shapes import SetWise

        key = secrets.get(KEY.variable, "")
        if not key:
            raise HostError(api_said.NOT_SET, variable=KEY.variable)
        address = str(target.options["base_url"])
        if (address, key) not in self._https:
            self._https[address, key] = Http(address, lambda _request: {"X-API-Key": key})
        api = PowerDnsApi(target.zone, self._https[address, key], str(target.options["server_id"]))
        return ApiHost(target.zone, api, SetWise(atomic=True))

    async def close(self) -> None:
        """Close idle connections."""
        for each in self._https.values():
            each.close()
        self._https.clear()


def _where(options: Options) -> str:
    address = urlsplit(str(options["base_url"]))
    return f"powerdns:{address.netloc}{address.path.rstrip('/')}/{options['server_id']}"


SERVICE = DnsService(
    name="powerdns",
    about=Text("PowerDNS's HTTP API", "PowerDNS 的 HTTP API"),
    way=Way.PROVIDER,
    stores=Stores(atomic=True, shape=Shape.SETS),
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
    open=PowerDnsServers,
    rights=Text("the server's one API key", "该服务器唯一的 API 密钥"),
)
