"""The resource class a Pulumi program declares: one (zone, domain) on one nameserver."""

from __future__ import annotations

from typing import Any

import pulumi

from mailwright.deploy.dns.values import Inputs
from mailwright.deploy.tokens import DNS_RECORDS
from mailwright.hosts.dns.service import Way


class DnsRecords(pulumi.CustomResource):
    """The mail records of one domain in one zone.

    Args:
        name: the A-label domain; it must never change (see ``resource-renamed``).
        inputs: target, records and day.
        opts: Pulumi's own options.
    """

    records: pulumi.Output[dict[str, Any]]
    retiring: pulumi.Output[list[dict[str, str]]]
    pending: pulumi.Output[bool]

    def __init__(self, name: str, inputs: Inputs, opts: pulumi.ResourceOptions | None = None) -> None:
        properties = {**inputs.plain(), "applied": None, "retiring": None}
        if inputs.target.service.way is Way.SHEET:
            properties["pending"] = None
        super().__init__(DNS_RECORDS, name, properties, opts)
