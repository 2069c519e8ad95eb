"""DMARC (RFC 9989): the policy record read, built, weighed, linted and evaluated. No I/O."""

from mailwright.standards.dmarc.evaluation import (
    MAX_QUERIES,
    Alignment,
    Evaluation,
    LookupFailed,
    Question,
    evaluate,
    evaluate_async,
    evaluation,
    organizational_domain,
    walk_names,
)
from mailwright.standards.dmarc.lint import lint, lint_set, voiding_wildcards, wildcard_findings
from mailwright.standards.dmarc.record import (
    POLICIES,
    REMOVED_TAGS,
    DmarcError,
    DmarcRecord,
    Policy,
    build,
    lowered,
    only_record,
    parse,
    policy_strength,
    report_authorisation_name,
)
from mailwright.standards.tags import mailto

__all__ = [
    "MAX_QUERIES",
    "POLICIES",
    "REMOVED_TAGS",
    "Alignment",
    "DmarcError",
    "DmarcRecord",
    "Evaluation",
    "LookupFailed",
    "Policy",
    "Question",
    "build",
    "evaluate",
    "evaluate_async",
    "evaluation",
    "lint",
    "lint_set",
    "lowered",
    "mailto",
    "only_record",
    "organizational_domain",
    "parse",
    "policy_strength",
    "report_authorisation_name",
    "voiding_wildcards",
    "walk_names",
    "wildcard_findings",
]
