"""SPF (RFC 7208): the record as a value: read, built, merged, evaluated, counted and judged. No I/O."""

from mailwright.standards.spf.budget import BudgetTree, Cost, Trouble, budget, budget_async
from mailwright.standards.spf.evaluate import check_host, check_host_async, select
from mailwright.standards.spf.lint import lint, lint_budget, lint_set
from mailwright.standards.spf.merging import dropped, lookup_cost, merge, union
from mailwright.standards.spf.old_type import lint_old_type
from mailwright.standards.spf.parser import SpfError, parse
from mailwright.standards.spf.questions import AsyncLookup, Lookup, LookupFailed
from mailwright.standards.spf.record import (
    MAX_LOOKUPS,
    Mechanism,
    Modifier,
    Qualifier,
    SpfRecord,
    Term,
)
from mailwright.standards.spf.result import Limits, SpfResult, Step

__all__ = [
    "MAX_LOOKUPS",
    "AsyncLookup",
    "BudgetTree",
    "Cost",
    "Limits",
    "Lookup",
    "LookupFailed",
    "Mechanism",
    "Modifier",
    "Qualifier",
    "SpfError",
    "SpfRecord",
    "SpfResult",
    "Step",
    "Term",
    "Trouble",
    "budget",
    "budget_async",
    "check_host",
    "check_host_async",
    "dropped",
    "lint",
    "lint_budget",
    "lint_old_type",
    "lint_set",
    "lookup_cost",
    "merge",
    "parse",
    "select",
    "union",
]
