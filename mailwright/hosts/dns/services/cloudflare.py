"""Cloudflare, through Pulumi's own provider for it (``deploy/cloudflare``)."""

from __future__ import annotations

import os
from collections.abc import Mapping

from mailwright.hosts.dns.service import Access, DnsService, Option, Secret, Shape, Stores, Way, place_by
from mailwright.model.text import Text

TOKEN = Secret("CLOUDFLARE_API_TOKEN")
_NO_TOKEN = Text("CLOUDFLARE_API_TOKEN is not set", "未设置 CLOUDFLARE_API_TOKEN")
_NO_PULUMI = Text("needs the pulumi command", "需要 pulumi 命令")
_TOKEN_SET = Text(
    "a token is set; `mailwright preview` tries it", "已设置令牌；可用 `mailwright preview` 试用"
)


def _access() -> Access:
    import shutil

    if not shutil.which("pulumi"):
        return Access(False, _NO_PULUMI)
    there = bool(os.environ.get(TOKEN.variable))
    return Access(there, _TOKEN_SET if there else _NO_TOKEN)


def _suffix(options: Mapping[str, str]) -> str:
    return options.get("base_url") or options.get("zone_id") or ""


SERVICE = DnsService(
    name="cloudflare",
    about=Text("Cloudflare's API", "Cloudflare API"),
    way=Way.PLUGIN,
    stores=Stores(atomic=False, shape=Shape.VALUE_WISE, least_ttl=60),
    tried=Text("a simulated API, with Pulumi's real plugin", "API 替身，配合 Pulumi 的真实插件"),
    options=(
        Option("zone_id", Text("zone id", "区 ID"), "023e105f4ecef8ad9ca31a8372d0c353"),
        Option("base_url", Text("API address", "API 地址"), "https://api.cloudflare.com/client/v4"),
    ),
    secrets=(TOKEN,),
    where=place_by("cloudflare", "base_url", "zone_id"),
    suffix=_suffix,
    access=_access,
    rights=Text("Zone · Read, DNS · Edit of one zone", "单个区的 Zone · Read、DNS · Edit"),
    asked_as="cloudflare-api",
)
