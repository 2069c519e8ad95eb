"""What a diff names: records by their value, wherever they stand in a set."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from tests.deploy.test_provider_process import URN, Plugin, inputs, plugin, properties
from tests.servers.base import DnsServer

__all__ = ["plugin"]
A, B, C = "10 a.example.", "10 b.example.", "20 c.example."
OURS, FOREIGN = "v=spf1 mx ~all", "v=spf1 include:foreign.example -all"


def _records(zone: str, *values: str, ttl: int = 300, type: str = "MX") -> dict[str, Any]:
    return {f"{zone} {type}": {"ttl": ttl, "values": list(values)}}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((A, B), (B,), {"values[0]": "DELETE"}),
        ((B,), (A, B), {"values[0]": "ADD"}),
        ((A, B), (B, C), {"values[0]": "DELETE", "values[1]": "ADD"}),
        ((A,), (B,), {"values[0]": "UPDATE"}),
        ((A, B, C), (B,), {"values[0]": "DELETE", "values[2]": "DELETE"}),
        ((B, A), (A, B), {}),
    ],
)
def test_a_record_that_stays_is_no_line(
    plugin: Plugin,
    embedded: DnsServer,
    before: tuple[str, ...],
    after: tuple[str, ...],
    expected: dict[str, str],
) -> None:
    zone = "firm.example."
    old, new = (inputs(embedded, zone, records=_records(zone, *values)) for values in (before, after))
    olds = properties({**old, "applied": old["records"], "retiring": []})
    request = provider_pb2.DiffRequest(urn=URN + zone, id="x", olds=olds, news=properties(new))
    kinds = {
        path.removeprefix(f'records["{zone} MX"].'): provider_pb2.PropertyDiff.Kind.Name(detail.kind)
        for path, detail in plugin.stub.Diff(request).detailedDiff.items()
    }
    assert kinds == expected


def test_a_foreign_spf_beside_ours_does_not_read_as_if_ours_went(plugin: Plugin, embedded: DnsServer) -> None:
    """The engine itself compares outputs by their index: what was there stays where it stood."""
    zone = embedded.new_zone(f'@ 300 TXT "{OURS}"\n@ 300 TXT "{FOREIGN}"\n')
    given = inputs(embedded, zone, records=_records(zone, OURS, type="TXT"))
    before = properties({**given, "applied": given["records"], "retiring": []})
    request = provider_pb2.ReadRequest(urn=URN + zone, id="x", properties=before, inputs=properties(given))
    answer = plugin.stub.Read(request)
    values = answer.properties["records"][f"{zone} TXT"]["values"]
    assert list(values) == [OURS, FOREIGN] != sorted([OURS, FOREIGN])
    request = provider_pb2.DiffRequest(
        urn=URN + zone, id="x", olds=answer.properties, old_inputs=answer.inputs, news=properties(given)
    )
    (path,) = plugin.stub.Diff(request).detailedDiff
    index = int(path.rpartition("[")[2].rstrip("]"))
    assert answer.inputs["records"][f"{zone} TXT"]["values"][index] == FOREIGN
