"""SPF (RFC 7208): the record as a value, read, built, merged and counted. No I/O."""

from mailwright.standards.spf.merging import dropped, lookup_cost, merge, union
from mailwright.standards.spf.parser import SpfError, parse
from mailwright.standards.spf.record import MAX_LOOKUPS, Mechanism, Modifier, SpfRecord, Term

__all__ = [
    "MAX_LOOKUPS",
    "Mechanism",
    "Modifier",
    "SpfError",
    "SpfRecord",
    "Term",
    "dropped",
    "lookup_cost",
    "merge",
    "parse",
    "union",
]
