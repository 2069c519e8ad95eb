"""DigitalOcean: single records.

Read: its OpenAPI description (github.com/digitalocean/openapi, specification/resources/domains: the fields
of a record, POST to make one, PUT with the fields to change one, the scopes of a token; read 2026-12-01),
and how DNSControl speaks to it (StackExchange/dnscontrol at 7a079bc): numbered pages; host names are sent
with their final dot and come back without, ``@`` for the zone itself. There it was found that a TXT, in
quotation marks and with them counted, has at most 509 characters, no backslash, and is never empty, and
that there is no null MX. The least TTL was not read anywhere: 30 is what its console says, from memory.
"""

from __future__ import annotations

from mailwright.hosts.dns.forms import Pages, RecordForm
from mailwright.hosts.dns.limits import Limits
from mailwright.hosts.dns.service import Secret, Shape, Stores
from mailwright.hosts.dns.services.declared import BEARER, Declared, by_records
from mailwright.model.text import Text

TOKEN = Secret("DIGITALOCEAN_TOKEN", "digitaloceanToken")

SERVICE = by_records(
    "digitalocean",
    Text("DigitalOcean", "DigitalOcean"),
    "https://api.digitalocean.com",
    RecordForm(
        listing="/v2/domains/{zone}/records",
        one="/v2/domains/{zone}/records/{id}",
        pages=Pages(("domain_records",), ("per_page", 200), number="page", total=("meta", "total")),
        value="data",
        dotted=True,
        known=("port", "weight", "flags", "tag"),
    ),
    Declared(
        secrets=(TOKEN,),
        signer=BEARER,
        stores=Stores(
            atomic=False,
            shape=Shape.VALUE_WISE,
            types=("MX", "TXT", "CNAME", "A", "AAAA"),
            least_ttl=30,
            limits=Limits(plain=True, null_mx=False, txt_most=504, without='"\\'),
        ),
        rights=Text(
            "a token with domain:read, create, update, delete",
            "权限为 domain:read、create、update、delete 的令牌",
        ),
    ),
)
