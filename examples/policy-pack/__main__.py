"""A policy pack for Pulumi (CrossGuard): ``pulumi up --policy-pack examples/policy-pack``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import rules
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationArgs, ResourceValidationPolicy

_Rule = Callable[[str, Mapping[str, Any]], Iterator[str]]


def _policy(name: str, rule: _Rule) -> ResourceValidationPolicy:
    def validate(resource: ResourceValidationArgs, report: Callable[[str], None]) -> None:
        for fault in rule(resource.resource_type, resource.props):
            report(fault)

    return ResourceValidationPolicy(name, rule.__doc__ or name, validate)


PolicyPack(
    "company-mail",
    [
        _policy("dmarc-guards", rules.dmarc_guards),
        _policy("spf-lets-not-everybody", rules.spf_lets_not_everybody),
        _policy("keys-are-long", rules.keys_are_long),
        _policy("nothing-is-forwarded-outside", rules.nothing_is_forwarded_outside),
    ],
    EnforcementLevel.MANDATORY,
)
