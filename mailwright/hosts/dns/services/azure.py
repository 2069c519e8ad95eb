"""Azure DNS: one set a call, with the tag of what was read as its condition.

Read on 2026-12-01: Microsoft's own Python SDK (azure-mgmt-dns 9.0.0, api-version 2018-05-01: paths, fields,
``If-Match`` and ``If-None-Match``), and how DNSControl speaks to it (StackExchange/dnscontrol at 7a079bc),
which found that there is no null MX and no empty TXT. A set is written by PUT, which replaces all of it,
its metadata too, so those go back; it goes by DELETE. With ``If-Match`` its tag, or ``If-None-Match: *``
where there is none, a second writer makes it fail. An alias, which follows another resource, is not
touched. The host's own limits of TTL and length were not read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mailwright.hosts.dns.forms import Pages, Sent, SetForm, SetTexts
from mailwright.hosts.dns.limits import Limits
from mailwright.hosts.dns.service import Option, Secret, Shape, Stores
from mailwright.hosts.dns.services.declared import BEARER, Declared, by_sets
from mailwright.model import txt
from mailwright.model.text import Text

TOKEN = Secret("AZURE_ACCESS_TOKEN", "azureAccessToken")
_GROUP = "/subscriptions/{subscription}/resourceGroups/{resource_group}"
_ZONE = _GROUP + "/providers/Microsoft.Network/dnsZones/{zone}"
_VERSION = "2018-05-01"
#: By type: where a set's values are, and the fields that make one, in the order of a zone file.
_FIELDS = {
    "A": ("ARecords", ("ipv4Address",)),
    "AAAA": ("AAAARecords", ("ipv6Address",)),
    "NS": ("NSRecords", ("nsdname",)),
    "MX": ("MXRecords", ("preference", "exchange")),
    "SRV": ("SRVRecords", ("priority", "weight", "port", "target")),
    "CNAME": ("CNAMERecord", ("cname",)),
}
_HOSTS = ("nsdname", "exchange", "target", "cname")
_QUIET = (
    "id",
    "name",
    "type",
    "etag",
    "properties",
    "TTL",
    "fqdn",
    "provisioningState",
    "metadata",
    "TXTRecords",
    *(key for key, _ in _FIELDS.values()),
)


def _read(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """A set with its values as texts of a zone file, and beside them what nobody here knows."""
    told, type = item["properties"], str(item["type"]).rpartition("/")[2]
    more = {field: value for field, value in {**item, **told}.items() if value and field not in _QUIET}
    target = more.get("targetResource")
    if isinstance(target, Mapping) and not target.get("id"):
        del more["targetResource"]
    if type not in (*_FIELDS, "TXT"):  # SOA, PTR, CAA: theirs, whatever they say
        texts, more = [json.dumps(more, sort_keys=True)], {}
    else:
        texts = list(_texts(type, told))
    return {"name": item["name"], "type": type, "ttl": told.get("TTL"), "records": texts, **more}


def _texts(type: str, told: Mapping[str, Any]) -> list[str]:
    if type == "TXT":
        return [
            txt.quote(tuple(map(txt.to_octets, record["value"]))) for record in told.get("TXTRecords") or ()
        ]
    key, fields = _FIELDS[type]
    values = told.get(key) or []
    records = [values] if isinstance(values, Mapping) else values
    return [" ".join(_text(field, record[field]) for field in fields) for record in records]


def _text(field: str, value: object) -> str:
    return f"{str(value).rstrip('.')}." if field in _HOSTS else str(value)


def _writes(sets: tuple[SetTexts, ...]) -> Sent:
    (texts,) = sets
    path = f"{_ZONE}/{{type}}/{{name}}?api-version={_VERSION}"
    parts = {"name": texts.name, "type": texts.type}
    condition = {"If-Match": str(texts.before["etag"])} if texts.before else {"If-None-Match": "*"}
    if not texts.values:
        return Sent("DELETE", path, headers=condition, parts=parts)
    metadata = (texts.before or {}).get("properties", {}).get("metadata")
    kept = {"metadata": metadata} if metadata else {}
    body = {"properties": {"TTL": texts.ttl, **_records(texts), **kept}}
    return Sent("PUT", path, body, condition, parts)


def _records(texts: SetTexts) -> dict[str, Any]:
    if texts.type == "TXT":
        return {"TXTRecords": [{"value": _strings(text)} for text in texts.values]}
    key, fields = _FIELDS[texts.type]
    records = [
        {
            field: int(part) if part.isdigit() else part
            for field, part in zip(fields, text.split(), strict=True)
        }
        for text in texts.values
    ]
    return {key: records[0] if texts.type == "CNAME" else records}


def _strings(text: str) -> list[str]:
    from mailwright.hosts.dns import presentation

    return [txt.from_octets(octets) for octets in presentation.read(".", "TXT", text).strings or ()]


SERVICE = by_sets(
    "azure-dns",
    Text("Azure DNS", "Azure DNS"),
    "https://management.azure.com",
    SetForm(
        listing=_ZONE + "/recordsets",
        pages=Pages(("value",), ("$top", 100), cursor="$skiptoken", following=("nextLink",), linked=True),
        query={"api-version": _VERSION},
        writes=_writes,
        read=_read,
    ),
    Declared(
        secrets=(TOKEN,),
        signer=BEARER,
        stores=Stores(
            atomic=False,
            shape=Shape.CONDITIONAL_SETS,
            types=("MX", "TXT", "CNAME", "SRV", "A", "AAAA"),
            limits=Limits(plain=True, null_mx=False),
        ),
        rights=Text(
            "the role DNS Zone Contributor on the zone alone",
            "仅限该区域的 DNS Zone Contributor（DNS 区域参与者）角色",
        ),
        options=(
            Option(
                "subscription",
                Text("id of the subscription", "订阅 ID"),
                "00000000-0000-0000-0000-000000000000",
                required=True,
            ),
            Option(
                "resource_group", Text("resource group of the zone", "区域所在的资源组"), "dns", required=True
            ),
        ),
    ),
)
