"""MTA-STS (RFC 8461): the record, the policy, where it is served, and what is wrong with them. No I/O."""

from mailwright.standards.mta_sts.hosting import policy_host, policy_url, static_files, worker
from mailwright.standards.mta_sts.lint import lint_policy, lint_record
from mailwright.standards.mta_sts.policy import (
    MAX_AGE_MOST,
    MODES,
    MtaStsError,
    Policy,
    build_record,
    matches,
    parse_policy,
    parse_record,
    policy_id,
    repeats_id,
)

__all__ = [
    "MAX_AGE_MOST",
    "MODES",
    "MtaStsError",
    "Policy",
    "build_record",
    "lint_policy",
    "lint_record",
    "matches",
    "parse_policy",
    "parse_record",
    "policy_host",
    "policy_id",
    "policy_url",
    "repeats_id",
    "static_files",
    "worker",
]
