"""What SPF includes cost in DNS look-ups: measured facts of the services, and of other names."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from mailwright.catalog import index, loading, reading
from mailwright.catalog.service import SpfCost

#: Days after which a measurement is too old to be relied on: what an include costs changes without notice.
RELIABLE_DAYS = 90


@functools.cache
def spf_costs() -> Mapping[str, SpfCost]:
    """What each include that the catalog knows costs, by name; those of no service too."""
    known = dict(reading.costs({"spf_costs": loading.other_includes()}))
    for entry in index.entries().values():
        known.update(entry.costs)
    return known


@functools.cache
def lookup_costs() -> Mapping[str, int]:
    """DNS look-ups that an SPF include costs in all, itself counted: measured ones only."""
    return {name: cost.lookups for name, cost in spf_costs().items() if cost.lookups is not None}
