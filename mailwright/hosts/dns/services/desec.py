"""deSEC: sets, all of a change in one call.

Read: its own pages (github.com/desec-io/desec-stack at d7ccaf7, docs/dns/rrsets.rst and
docs/rate-limits.rst, read 2026-12-01). One PATCH with several sets is carried out whole or not at all, also
where a CNAME takes the place of another type; a set with no records goes. Up to 500 sets come at a time,
further ones by a cursor in the header ``Link``. A zone has a least TTL (3600 unless deSEC has lowered it
for the account), the greatest is 86400. Fifty reads a minute for an account; for a zone two writes a
second, 15 a minute, 100 an hour, 300 a day, else 429 with ``Retry-After``. A second writer between reading
and writing is not noticed by the host.
"""

from __future__ import annotations

from mailwright.hosts.dns.forms import Pages, Sent, SetForm, SetTexts
from mailwright.hosts.dns.service import Secret, Shape, Stores
from mailwright.hosts.dns.services.declared import Declared, by_sets, header
from mailwright.model.text import Text

TOKEN = Secret("DESEC_TOKEN", "desecToken")
_SETS = "/api/v1/domains/{zone}/rrsets/"


def _writes(sets: tuple[SetTexts, ...]) -> Sent:
    body = [
        {"subname": texts.name, "type": texts.type, "ttl": texts.ttl, "records": list(texts.values)}
        for texts in sets
    ]
    return Sent("PATCH", _SETS, body)


SERVICE = by_sets(
    "desec",
    Text("deSEC", "deSEC"),
    "https://desec.io",
    SetForm(
        listing=_SETS,
        pages=Pages(cursor="cursor", linked=True),
        writes=_writes,
        name="subname",
        apex="",
        known=("created", "domain", "name", "touched"),
        batch=True,
    ),
    Declared(
        secrets=(TOKEN,),
        signer=header("Authorization", "Token {}"),
        stores=Stores(atomic=True, shape=Shape.SETS, least_ttl=3600, most_ttl=86400),
        rights=Text(
            "a token whose policies let it write in this one domain",
            "令牌，策略仅允许写入该域名",
        ),
        pace=(50, 60.0),
    ),
)
