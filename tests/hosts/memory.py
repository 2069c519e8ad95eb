"""A DNS host kept in memory: all that a new host has to bring, in one module.

It changes one record a call and is not atomic, so it can stop anywhere. A store whose name is a path is
kept there, for engines that run in a process of their own.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from mailwright.hosts.dns.base import Denied, HostError, Moved, Partly, Unreachable
from mailwright.hosts.dns.service import DnsService, Option, Options, Secret, Shape, Stores, Target, Way
from mailwright.hosts.dns.shapes import joined, rest, step
from mailwright.model.changes import ChangeSet, SetChange
from mailwright.model.names import is_below, key
from mailwright.model.records import Observed, ObservedSet, ObservedValue
from mailwright.model.text import Text

TOKEN = Secret("MEMORY_TOKEN", "memoryToken")
Sets = dict[tuple[str, str], ObservedSet]
Values = tuple[ObservedValue, ...]


@dataclass
class Store:
    """The zones of one account. ``calls`` that may still be made before nobody answers; None: any number."""

    token: str = "token-of-the-tests"
    zones: dict[str, Sets] = field(default_factory=dict)
    calls: int | None = None
    made: int = 0

    def call(self) -> None:
        """One call of the API that writes."""
        if self.calls is not None and self.made >= self.calls:
            raise Unreachable(Text("the store does not answer", "存储没有应答"))
        self.made += 1

    def write(self, zone: str, name: str, type: str, ttl: int, values: Iterable[ObservedValue]) -> None:
        """One set as it is to be; none where there are no values."""
        kept = tuple(values)
        self.zones[zone].pop((name, type), None)
        if kept:
            self.zones[zone][(name, type)] = ObservedSet(name, type, ttl, kept)


STORES: dict[str, Store] = {}


def load(name: str) -> Store:
    """The store of this name."""
    path = Path(name)
    return pickle.loads(path.read_bytes()) if path.is_absolute() else STORES.setdefault(name, Store())


def save(name: str, store: Store) -> None:
    """Keep it."""
    if Path(name).is_absolute():
        Path(name).write_bytes(pickle.dumps(store))


class Client:
    """One zone of a store; implements ``DnsClient``."""

    def __init__(self, zone: str, store: str, token: str) -> None:
        self.zone = zone
        self._name = store
        self._token = token

    def __repr__(self) -> str:
        return f"Client({self.zone!r}, {self._name!r})"

    async def read(self, keys: Iterable[tuple[str, str]]) -> Observed:
        """Read these sets; a name with a CNAME gives it."""
        asked = set(keys)
        sets = self._zone(load(self._name))
        wanted = asked | {(name, "CNAME") for name, _ in asked}
        cuts = {name for name, type in sets if type == "NS" and name != self.zone}
        record_sets = [record_set for pair, record_set in sets.items() if pair in wanted]
        below = [
            record_set
            for record_set in record_sets
            if not any(is_below(record_set.name, cut) for cut in cuts)
        ]
        return Observed.of(self.zone, below, frozenset(key(*each) for each in asked), frozenset(cuts))

    async def apply(self, changes: ChangeSet) -> Partly | None:
        """One record a call: what is in the way goes first, then all that comes, then the rest that goes."""
        store = load(self._name)
        sets = self._zone(store)
        wanted = changes.changes
        self._require(sets, wanted)
        done: dict[str, SetChange] = {}
        left = {each.key: each for each in wanted}
        try:
            for change in _steps(wanted):
                store.call()
                store.write(self.zone, change.name, change.type, change.ttl, change.after)
                done[change.key] = joined(done.get(change.key), change)
                left[change.key] = rest(left[change.key], change)
        except Unreachable as error:
            if not done:
                raise
            return Partly(tuple(done.values()), tuple(e for e in left.values() if e.is_change), error)
        finally:
            save(self._name, store)
        return None

    def _zone(self, store: Store) -> Sets:
        if self._token != store.token:
            raise Denied(Text("the store does not take this token", "存储不接受此令牌"))
        if self.zone not in store.zones:
            raise HostError(Text("there is no zone {zone}", "没有区域 {zone}"), zone=self.zone)
        return store.zones[self.zone]

    def _require(self, sets: Sets, changes: Iterable[SetChange]) -> None:
        cuts = {name for name, type in sets if type == "NS" and name != self.zone}
        for change in changes:
            now = sets.get((change.name, change.type))
            before = change.before
            if (now.values if now else ()) != (before.values if before else ()):
                raise Moved(Text("{key} was changed by somebody else", "{key} 已被他人修改"), key=change.key)
            if any(is_below(change.name, cut) for cut in cuts):
                raise HostError(Text("{key} is below a delegation", "{key} 位于委派之下"), key=change.key)


def _steps(wanted: Iterable[SetChange]) -> Iterator[SetChange]:
    """Single records: in place where one takes another's place, then what comes, and last what goes."""
    changes = sorted(wanted, key=lambda change: (bool(change.after), change.key))
    coming: list[SetChange] = []
    going: list[SetChange] = []
    for each in changes:
        stands = each.before.values if each.before else ()
        swapped = not each.after and any(one.name == each.name and one.after for one in changes)
        if each.ttl_changes and not each.added and not each.removed:
            coming.append(step(each, stands, stands))
        for gone, new in zip_longest(each.removed, each.added):
            after = (*(one for one in stands if one != gone), *([new] if new else []))
            (coming if new or swapped else going).append(step(each, stands, after))
            stands = after
    yield from (*coming, *going)


class Memory:
    """The way to every store."""

    def client(self, target: Target, secrets: Mapping[str, str]) -> Client:
        """One zone. Raises HostError without a token."""
        token = secrets.get(TOKEN.variable)
        if not token:
            raise HostError(Text("{variable} is not set", "未设置 {variable}"), variable=TOKEN.variable)
        return Client(target.zone, str(target.options["store"]), token)

    async def close(self) -> None:
        """Nothing is open."""


def _where(options: Options) -> str:
    return f"memory:{options['store']}"


SERVICE = DnsService(
    name="memory",
    about=Text("tests", "测试"),
    way=Way.PROVIDER,
    stores=Stores(atomic=False, shape=Shape.VALUE_WISE, least_ttl=30),
    tried=Text("itself", "自身"),
    options=(Option("store", Text("which store", "哪个存储"), "a", required=True, kept=True),),
    secrets=(TOKEN,),
    where=_where,
    open=Memory,
)
