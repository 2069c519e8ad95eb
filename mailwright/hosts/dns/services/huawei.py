"""Huawei Cloud DNS: one set a call.

Read: the vendor's own Python SDK (huaweicloudsdkdns and huaweicloudsdkcore 3.1.219: paths, parameters,
fields and their meaning, the signature), its page "Creating a Record Set"
(support.huaweicloud.com/eu/api-dns/dns_api_64001, of 2025-12-02), both on 2026-12-01, and how DNSControl
speaks to it (StackExchange/dnscontrol at 7a079bc).

Zones and sets have ids and come in pages. A set is made by POST, written by PUT (what that leaves empty
stays as it is, so no set is ever emptied by it) and goes by DELETE. ``default_view`` is the line (线路) that
answers everybody; a weight other than 1 answers some otherwise than others, and 0 is a stand-by. DNSControl
found on 2026-05-18 that there is no null MX, and neither quotation mark nor backslash in a TXT. Of the
rights only ``dns:recordset:create`` was read, the others are named alike. That the DNS answers from one
address for all regions is DNSControl's experience with China; accounts of other sites give their region's
as ``base_url``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from mailwright.hosts.dns.forms import Lookup, Pages, Sent, SetForm, SetTexts
from mailwright.hosts.dns.limits import Limits
from mailwright.hosts.dns.service import Secret, Shape, Stores
from mailwright.hosts.dns.services.declared import Declared, by_sets
from mailwright.hosts.dns.signing import canonical_query, sdk
from mailwright.model.text import Text

KEY_ID = Secret("HUAWEICLOUD_SDK_AK", "huaweicloudAccessKey")
KEY = Secret("HUAWEICLOUD_SDK_SK", "huaweicloudSecretKey")
_SETS = "/v2.1/zones/{zone}/recordsets"
_SERVED = ("ACTIVE", "PENDING_CREATE", "PENDING_UPDATE")


def _signer(host: str, key_id: str, key: str) -> Callable[[Any], Mapping[str, str]]:
    """A signature over the method, the address, the body and these headers."""

    def sign(request: Any) -> Mapping[str, str]:
        date = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
        query = canonical_query(request.query or {})
        signed = {"host": host, "x-sdk-date": date}
        line = {"method": request.method, "path": request.path, "query": query}
        authorization = sdk(key_id, key, signed, request.body, **line)
        return {"X-Sdk-Date": date, "Authorization": authorization}

    return sign


def _writes(sets: tuple[SetTexts, ...]) -> Sent:
    (texts,) = sets
    one, parts = _SETS + "/{id}", {"id": str((texts.before or {}).get("id", ""))}
    if not texts.values:
        return Sent("DELETE", one, parts=parts)
    body: dict[str, Any] = {
        "name": texts.whole,
        "type": texts.type,
        "ttl": texts.ttl,
        "records": list(texts.values),
    }
    if texts.before is None:
        return Sent("POST", _SETS, body | {"line": "default_view"})
    return Sent("PUT", one, body, parts=parts)


def _pages(items: str) -> Pages:
    return Pages((items,), ("limit", 500), offset="offset", total=("metadata", "total_count"))


SERVICE = by_sets(
    "huawei",
    Text("Huawei Cloud DNS", "华为云云解析"),
    "https://dns.myhuaweicloud.com",
    SetForm(
        listing=_SETS,
        pages=_pages("recordsets"),
        writes=_writes,
        lookup=Lookup(
            "/v2/zones",
            _pages("zones"),
            query={"type": "public", "name": "{zone}"},
            served=("status", _SERVED),
        ),
        line=("line", "default_view"),
        served=("status", _SERVED),
        going=("PENDING_DELETE",),
        known=(
            "id",
            "description",
            "zone_id",
            "zone_name",
            "created_at",
            "updated_at",
            "default",
            "project_id",
            "links",
            "tags",
        ),
        idle={"weight": (1, None)},
    ),
    Declared(
        secrets=(KEY_ID, KEY),
        signer=_signer,
        stores=Stores(
            atomic=False,
            shape=Shape.SET_WISE,
            types=("MX", "TXT", "CNAME", "SRV", "A", "AAAA"),
            least_ttl=1,
            limits=Limits(null_mx=False, ascii=True, without='"\\'),
        ),
        rights=Text(
            "dns:zone:list, dns:recordset:list, create, update, delete of an IAM user",
            "IAM 用户的 dns:zone:list、dns:recordset:list、create、update、delete",
        ),
    ),
)
