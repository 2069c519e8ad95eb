"""Look-ups for the rules of the standards, which are pure: resolvers asked through the sockets of the run.

Targets that many domains share (an include, an exchanger, who gets reports) are asked for once.
"""

from __future__ import annotations

import asyncio
import ipaddress
import struct
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import TypeVar

from mailwright.model import txt
from mailwright.resolving import wire
from mailwright.resolving.asking import Asker, asking, settled
from mailwright.resolving.reply import Reply
from mailwright.resolving.server import Server
from mailwright.resolving.sharing import in_turn
from mailwright.standards.dmarc import NO_SUCH_NAME
from mailwright.standards.spf import Lookup, LookupFailed

T = TypeVar("T")
_NOERROR, _NXDOMAIN = 0, 3
_ALIASES = 12  # followed within one answer
_AHEAD = 8
#: Questions that one domain's judgement may come to: a third party's include can name tens of thousands.
BUDGET = 1000
_SPENT = f"more than {BUDGET} questions for one domain"


class Lookups:
    """What resolvers say, remembered. ``lookup`` is the standards' AsyncLookup."""

    def __init__(self, resolvers: Sequence[Server], asker: Asker) -> None:
        self._resolvers, self._asker = resolvers, asker
        self._known: dict[tuple[str, str], Sequence[str] | LookupFailed] = {}

    async def lookup(self, name: str, type: str) -> Sequence[str]:
        """The values at a name, aliases followed. Raises LookupFailed where no resolver answers."""
        answer = await self._found(name, type)
        if isinstance(answer, LookupFailed):
            raise answer
        return answer

    async def through(self, judge: Callable[[Lookup], T]) -> T:
        """What a pure function makes of the world.

        It is called again, with more known each time, until it asks for nothing new; so all that it can ask
        at one time goes out together.
        """
        room, beyond = BUDGET, set[tuple[str, str]]()
        while True:
            missing: dict[tuple[str, str], None] = {}
            result = judge(partial(self._from_memory, missing, beyond))
            if not missing:
                return result
            keys = tuple(missing)
            beyond.update(keys[room:])
            await self.fetch(keys[:room], soon=True)
            room -= len(keys[:room])

    async def fetch(self, keys: Iterable[tuple[str, str]], *, soon: bool = False) -> None:
        """Ask for names and types at one time; ``soon``: before all that waits for its turn."""
        known = self._known
        unknown = {key for name, type in keys if (key := (name.lower(), type)) not in known}
        if not self._resolvers:
            known.update((key, LookupFailed(f"{' '.join(key)}: no resolver")) for key in unknown)
            return
        first, *others = self._resolvers
        begun = [(key, self._begin(first, *key, soon=soon)) for key in unknown]
        for key, future in begun:  # all are under way before the first is waited for
            reply = await settled(future)
            if key not in known:
                answer = _read(reply, *key)
                failed = isinstance(answer, LookupFailed)
                known[key] = await self._ask(*key, others, answer) if failed else answer

    def _from_memory(
        self,
        missing: dict[tuple[str, str], None],
        beyond: Collection[tuple[str, str]],
        name: str,
        type: str,
    ) -> Sequence[str]:
        if (name, type) in beyond:
            raise LookupFailed(f"{name} {type}: {_SPENT}")
        answer = self._known.get((name.lower(), type))
        if answer is None:
            missing[name, type] = None
            raise LookupFailed(f"{name} {type}: not known yet")
        if isinstance(answer, LookupFailed):
            raise answer
        return answer

    async def _found(self, name: str, type: str) -> Sequence[str] | LookupFailed:
        key = (name.lower(), type)
        if key not in self._known:
            await self.fetch((key,))
        return self._known[key]

    async def _ask(
        self, name: str, type: str, servers: Iterable[Server], failed: Sequence[str] | LookupFailed
    ) -> Sequence[str] | LookupFailed:
        """What the first of the servers says that says anything; else the last failure."""
        for server in servers:
            failed = _read(await settled(self._begin(server, name, type)), name, type)
            if not isinstance(failed, LookupFailed):
                break
        return failed

    def _begin(self, server: Server, name: str, type: str, *, soon: bool = False) -> asyncio.Future[Reply]:
        return self._asker.begin(server, name.replace("\\", "\\\\"), type, soon=soon)


def _read(reply: Reply, name: str, type: str) -> Sequence[str] | LookupFailed:
    code = -1 if reply.problem else wire.code(reply.message)
    if code == _NXDOMAIN:
        return NO_SUCH_NAME
    problem = reply.problem("en") if reply.problem else f"response code {code}"
    if code == _NOERROR:
        try:
            return values(reply.message, type)
        except (ValueError, struct.error, IndexError):
            problem = "a malformed answer"
    return LookupFailed(f"{name} {type}: {problem}")


async def judged(
    judges: Sequence[Callable[[Lookup], T]],
    resolvers: Sequence[Server],
    likely: Sequence[Sequence[tuple[str, str]]] = (),
) -> list[T]:
    """Many pure functions over the same resolvers, at once.

    A few go ahead: what they ask for the others mostly share, and need not ask for step by step. ``likely``
    are, for each, names and types that it will surely ask for: they go out at once, and each is judged when
    its own are there, while the others' are still under way.
    """
    async with asking() as asker:
        lookups = Lookups(resolvers, asker)

        async def told(number: int, ahead: asyncio.Future[list[T]] | None = None) -> T:
            if likely:
                await lookups.fetch(likely[number], soon=ahead is None)
            if ahead is not None and not ahead.done():
                await asyncio.shield(ahead)
            return await lookups.through(judges[number])

        first = asyncio.gather(*map(told, range(len(judges[:_AHEAD]))))
        others = await in_turn(told(number, first) for number in range(_AHEAD, len(judges)))
        return [*await first, *others]


def values(reply: bytes, type: str) -> tuple[str, ...]:
    """The values of one type in an answer, at the name asked or where its aliases lead.

    Raises ValueError, IndexError or struct.error for what is malformed.
    """
    records = [record for record in wire.records(reply) if not record.section]
    owner, _ = wire.name_at(reply, 12)
    for _ in range(_ALIASES):
        alias = next((e for e in records if e.owner == owner and e.type == wire.TYPES["CNAME"]), None)
        if alias is None or type == "CNAME":
            break
        owner, _ = wire.name_at(reply, alias.start)
    matching_records = [
        record for record in records if record.owner == owner and record.type == wire.TYPES[type]
    ]
    return tuple(_shown(type, wire.rdata(reply, record, type)) for record in matching_records)


def _shown(type: str, octets: bytes) -> str:
    if type == "TXT":
        return txt.from_octets(octets)
    if type in ("A", "AAAA"):
        return str(ipaddress.ip_address(octets))
    if type == "MX":
        return f"{int.from_bytes(octets[:2], 'big')} {wire.text(octets[2:])}"
    if type in ("CNAME", "NS", "PTR"):
        return wire.text(octets)
    if type == "CAA":  # RFC 8659 §4.1: flags, the tag with its length before it, the value
        end = 2 + octets[1]
        return f'{octets[0]} {octets[2:end].decode("ascii")} "{octets[end:].decode("utf-8")}"'
    raise ValueError(f"{type} is not looked up here")
