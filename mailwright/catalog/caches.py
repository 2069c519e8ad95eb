"""What the catalog remembers of its files."""

from __future__ import annotations

from mailwright.catalog import capability, costs, index, loading


def forget() -> None:
    """Read everything anew the next time: the folders have changed."""
    remembered = (
        loading.service,
        loading.files,
        index.entries,
        index.marks,
        costs.spf_costs,
        costs.lookup_costs,
        capability.capability,
    )
    for function in remembered:
        function.cache_clear()
