"""Google Cloud DNS: one change of exact deletions and additions.

Read on 2026-12-01: Google's own description of the API (dns.v1.json, revision 20261009, in
google-api-python-client 2.202.0), and how DNSControl speaks to it (StackExchange/dnscontrol at 7a079bc).
``changes.create`` is atomic; what it deletes must be what is there exactly, so a second writer makes it
fail. That it fails with 409 or 412 then was not read: any refusal leaves the zone as it was. A set with a
routing policy answers some otherwise than others and is not touched. Of several zones with the name only
public ones count.
"""

from __future__ import annotations

from typing import Any

from mailwright.hosts.dns.forms import Lookup, Pages, Sent, SetForm, SetTexts
from mailwright.hosts.dns.service import Option, Secret, Shape, Stores
from mailwright.hosts.dns.services.declared import BEARER, Declared, by_sets
from mailwright.model.text import Text

TOKEN = Secret("GOOGLE_OAUTH_ACCESS_TOKEN", "googleAccessToken")
_ZONES = "/dns/v1/projects/{project}/managedZones"
_FIELDS = ("name", "type", "ttl", "rrdatas")


def _writes(sets: tuple[SetTexts, ...]) -> Sent:
    before = [{field: texts.before[field] for field in _FIELDS} for texts in sets if texts.before]
    after: list[dict[str, Any]] = [
        {"name": texts.whole, "type": texts.type, "ttl": texts.ttl, "rrdatas": list(texts.values)}
        for texts in sets
        if texts.values
    ]
    return Sent("POST", _ZONES + "/{zone}/changes", {"deletions": before, "additions": after})


def _pages(items: str) -> Pages:
    return Pages((items,), ("maxResults", 500), cursor="pageToken", following=("nextPageToken",))


SERVICE = by_sets(
    "google-cloud-dns",
    Text("Google Cloud DNS", "Google Cloud DNS"),
    "https://dns.googleapis.com",
    SetForm(
        listing=_ZONES + "/{zone}/rrsets",
        pages=_pages("rrsets"),
        writes=_writes,
        lookup=Lookup(
            _ZONES,
            _pages("managedZones"),
            query={"dnsName": "{zone}."},
            name="dnsName",
            id="name",
            only={"visibility": "public"},
        ),
        values="rrdatas",
        known=("kind", "signatureRrdatas"),
        batch=True,
    ),
    Declared(
        secrets=(TOKEN,),
        signer=BEARER,
        stores=Stores(atomic=True, shape=Shape.CONDITIONAL),
        rights=Text(
            "dns.managedZones.list, dns.resourceRecordSets.list, create, delete, dns.changes.create",
            "dns.managedZones.list、dns.resourceRecordSets.list、create、delete、dns.changes.create",
        ),
        options=(Option("project", Text("id of the project", "项目 ID"), "acme-dns", required=True),),
    ),
)
