"""What a stack holds at Cloudflare is opened for deletion, where all of it is to go.

Cloudflare's provider deletes without asking: so the state protects, and this lifts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from mailwright.deploy.given.beside import Beside, Holding
from mailwright.deploy.given.environment import consents
from mailwright.deploy.run import notes
from mailwright.deploy.tokens import CLOUDFLARE, MAIL_DOMAIN, RECORD, ROUTING
from mailwright.model.text import Lang

#: The consents that taking a whole domain down needs.
DOWN = frozenset({"no-mx-left", "spf-gone", "selector-gone", "dmarc-weakened"})
#: The rules of Cloudflare Email Routing are the addresses' only routes.
EMPTIED = "role-address-emptied"

_Resource = dict[str, Any]


def needed(types: Iterable[str]) -> frozenset[str]:
    """The consents that taking resources of these types down needs."""
    routed = any(type.startswith(ROUTING) for type in types)
    return DOWN | {EMPTIED} if routed else DOWN


def open_for_deletion(stack: auto.Stack, project: Path, lang: Lang) -> None:
    """Lift what protects, with full consent. What another stack holds, too, is to stay whatever the consent.

    What is switched on is also *retained* until then, so that no slip of the engine switches it off.
    """
    exported = stack.export_stack()
    body: Mapping[str, Any] = exported.deployment or {}
    there = [resource for resource in body.get("resources", ()) if _is_at_cloudflare(resource)]
    holdings = _holdings(body, project) if there else {}
    for holding in holdings.values():
        notes.notice(holding.stays()(lang))
    staying = [resource for resource in there if resource.get("parent") in holdings]
    for resource in staying:
        resource["protect"], resource["retainOnDelete"] = False, True
    guarded = [
        resource for resource in there if resource.get("protect") and resource.get("parent") not in holdings
    ]
    rules = needed(str(resource["type"]) for resource in guarded)
    if {consent.rule for consent in consents()}.issuperset(rules):
        _unprotect(guarded)
    elif not staying:
        return
    if guarded or staying:
        stack.import_stack(auto.Deployment(version=exported.version, deployment=dict(body)))


def _unprotect(resources: Iterable[_Resource]) -> None:
    for resource in resources:
        resource["protect"] = False
        if resource["type"].partition(":EmailRouting")[2] in ("Dns", "Settings"):
            resource["retainOnDelete"] = False


def _is_at_cloudflare(resource: Mapping[str, Any]) -> bool:
    type = str(resource.get("type"))
    return type == RECORD or type.startswith(ROUTING)


def _holdings(deployment: Mapping[str, Any], project: Path) -> dict[str, Holding]:
    """What other stacks hold of the domains at Cloudflare, by the URN of the component here."""
    return {urn: holding for urn, holding in _looked_up(deployment, project) if holding}


def _looked_up(deployment: Mapping[str, Any], project: Path) -> Iterator[tuple[str, Holding | None]]:
    beside: Beside | None = None
    for resource in deployment.get("resources", ()):
        if resource.get("type") == MAIL_DOMAIN:
            urn = str(resource["urn"])
            stack, name = urn.removeprefix("urn:pulumi:").split("::")[:2]
            beside = beside or Beside(stack, name, project)
            for domain in (resource.get("outputs") or {}).get(CLOUDFLARE) or ():
                yield urn, beside.at_cloudflare(domain)
