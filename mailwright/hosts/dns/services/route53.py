"""Amazon Route 53, by boto3, which is an extra: ``pip install 'mailwright[route53]'``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mailwright.hosts.dns.service import DnsService, Option, Secret, Shape, Stores, Target, Way, place_by
from mailwright.model.records import WITH_OLD_SPF
from mailwright.model.text import Text

if TYPE_CHECKING:
    from mailwright.hosts.dns.base import DnsClient
    from mailwright.hosts.dns.route53 import Account

KEY_ID = Secret("AWS_ACCESS_KEY_ID", "awsAccessKeyId")
KEY = Secret("AWS_SECRET_ACCESS_KEY", "awsSecretAccessKey")
TOKEN = Secret("AWS_SESSION_TOKEN", "awsSessionToken")


class Accounts:
    """The clients of a run, one a credential."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, ...], Account] = {}

    def client(self, target: Target, secrets: Mapping[str, str]) -> DnsClient:
        """One zone. Raises HostError where boto3 is missing."""
        from mailwright.hosts.dns.api import ApiHost
        from mailwright.hosts.dns.route53 import Account, Route53Api
        from mailwright.hosts.dns.shapes import CONDITIONAL

        address = str(target.options.get("base_url", ""))
        key = (address, *(secrets.get(secret.variable, "") for secret in (KEY_ID, KEY, TOKEN)))
        if key not in self._accounts:
            self._accounts[key] = Account(address, secrets)
        zone_id = str(target.options.get("zone_id", ""))
        return ApiHost(target.zone, Route53Api(target.zone, self._accounts[key], zone_id), CONDITIONAL)

    async def close(self) -> None:
        """Close idle connections."""
        for account in self._accounts.values():
            account.client.close()
        self._accounts.clear()


SERVICE = DnsService(
    name="route53",
    about=Text("Amazon Route 53", "Amazon Route 53"),
    way=Way.PROVIDER,
    stores=Stores(atomic=True, types=WITH_OLD_SPF, shape=Shape.CONDITIONAL, txt_most=4000),
    tried=Text("moto's server, not Amazon's", "moto 服务器，未在 Amazon 上验证"),
    options=(
        Option("zone_id", Text("hosted zone id", "托管区域 ID"), "Z1D633PJN98FT9"),
        Option("base_url", Text("API address", "API 地址"), "https://route53.amazonaws.com"),
    ),
    secrets=(KEY_ID, KEY, TOKEN),
    where=place_by("route53", "base_url", "zone_id"),
    open=Accounts,
    rights=Text(
        "route53:ListHostedZonesByName; ListResourceRecordSets, ChangeResourceRecordSets of one zone",
        "route53:ListHostedZonesByName；单个区域的 ListResourceRecordSets、ChangeResourceRecordSets",
    ),
    asked_as="route53-api",
)
