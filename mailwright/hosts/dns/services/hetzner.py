"""Hetzner, by the API of its Cloud Console: one set a call (the older DNS Console has another API).

Read on 2026-12-01: Hetzner's own Python SDK (hcloud 2.27.0: paths, fields, pages, errors that are tried
again), and how DNSControl speaks to it (StackExchange/dnscontrol at 7a079bc). A set is made by POST; an
action replaces its records, another changes its TTL; it goes by DELETE. A set without a TTL has the zone's.
An action is answered before it is carried out, and while it is the set is locked. A protected set is not
touched. A secondary zone gets its records elsewhere, and is refused. The least TTL was not read; 60 is from
memory.
"""

from __future__ import annotations

from typing import Any

from mailwright.hosts.dns.forms import Lookup, Pages, Sent, SetForm, SetTexts
from mailwright.hosts.dns.service import Secret, Shape, Stores
from mailwright.hosts.dns.services.declared import BEARER, Declared, by_sets
from mailwright.model.text import Text

TOKEN = Secret("HCLOUD_TOKEN", "hcloudToken")
_SETS = "/v1/zones/{zone}/rrsets"


def _writes(sets: tuple[SetTexts, ...]) -> Sent:
    (texts,) = sets
    one, parts = _SETS + "/{name}/{type}", {"name": texts.name, "type": texts.type}
    if not texts.values:
        return Sent("DELETE", one, parts=parts)
    if texts.before is not None and texts.ttl_only:
        return Sent("POST", one + "/actions/change_ttl", {"ttl": texts.ttl}, parts=parts)
    standing = {record["value"]: record for record in (texts.before or {}).get("records", ())}
    records = [_record(value, standing.get(value, {}).get("comment")) for value in texts.values]
    if texts.before is not None:
        return Sent("POST", one + "/actions/set_records", {"records": records}, parts=parts)
    body = {"name": texts.name, "type": texts.type, "ttl": texts.ttl, "records": records}
    return Sent("POST", _SETS, body)


def _record(value: str, comment: str | None) -> dict[str, Any]:
    return {"value": value} | ({"comment": comment} if comment else {})


def _pages(items: str) -> Pages:
    return Pages((items,), ("per_page", 50), number="page", total=("meta", "pagination", "total_entries"))


SERVICE = by_sets(
    "hetzner",
    Text("Hetzner (Cloud Console)", "Hetzner（Cloud Console）"),
    "https://api.hetzner.cloud",
    SetForm(
        listing=_SETS,
        pages=_pages("rrsets"),
        writes=_writes,
        lookup=Lookup("/v1/zones", _pages("zones"), {"name": "{zone}"}, served=("mode", ("primary",))),
        inside="value",
        zone_ttl="ttl",
        ttl_apart=True,
        known=("id", "zone", "labels"),
        idle={"protection": (None, {}, {"change": False})},
    ),
    Declared(
        secrets=(TOKEN,),
        signer=BEARER,
        stores=Stores(
            atomic=False,
            shape=Shape.SET_WISE,
            types=("MX", "TXT", "CNAME", "SRV", "TLSA", "A", "AAAA"),
            least_ttl=60,
        ),
        rights=Text("a token of the project, read and write", "项目的读写令牌"),
        locked=(423,),
    ),
)
