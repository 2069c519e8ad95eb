"""What names below a delegation have, read at their own servers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailwright.hosts.dns.base import HostError
from mailwright.model.names import absolute, is_below
from mailwright.model.records import Observed, ObservedSet
from mailwright.resolving.delegated import own_servers
from mailwright.resolving.server import Server

_MOST = 8  # delegations looked at
_TIMEOUT = 5.0  # seconds for each wait


async def delegated(
    domain: str,
    keys: Iterable[tuple[str, str]],
    cuts: Iterable[str],
    server: Server,
    servers: Sequence[Server] = (),
) -> Observed | None:
    """The sets at (name, type) pairs below zone cuts; None where nothing could be read.

    ``server`` serves the zone above, and is asked first: it may serve both. ``servers`` may be theirs.
    """
    pairs, sets = frozenset(keys), list[ObservedSet]()
    for cut in sorted(cuts)[:_MOST]:
        below = {pair for pair in pairs if is_below(pair[0], cut)}
        if below:
            sets += await _read(cut, below, server, servers)
    return Observed.of(absolute(domain), sets) if sets else None


async def _read(
    cut: str, keys: Iterable[tuple[str, str]], server: Server, servers: Sequence[Server]
) -> list[ObservedSet]:
    from mailwright.hosts.dns.rfc2136 import Rfc2136Host

    pairs = frozenset(keys)
    try:
        return list(await Rfc2136Host(cut, server.address, server.port, timeout=_TIMEOUT).read(pairs))
    except HostError:
        pass  # it serves the zone above alone
    for own_server in await own_servers(cut, server, servers):
        try:
            return list(
                await Rfc2136Host(cut, own_server.address, own_server.port, timeout=_TIMEOUT).read(pairs)
            )
        except HostError:
            continue
    return []
