"""A change of kind at one address: an alias becomes a mailbox, a mailbox a group, a user a shared mailbox.

A console has no such change. The old object is freed before the new one can take its name, and mail in
between is refused, unless it is routed or a catch-all takes it. So the steps have an order, and each is
ticked by itself: route, free, create, test, unroute. What the host converts in place needs none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mailwright.catalog.behaviour import Behaviour, behaviour
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Text
from mailwright.plan.mailboxes.kinds import GAP, Bridge, bridge
from mailwright.report.mailboxes.progress import Both, Memory, Planned, both

#: What an address may be at a host, as ids of steps begin.
KINDS = ("person", "shared", "alias", "group", "routing", "forward")
_ROUTE = Text(
    "Before `{of}` changes its kind, {word} ({path}): mail to `{of}` goes to {to} for the while",
    "在更改 `{of}` 的类型之前，{word}（{path}）：暂时把 `{of}` 的来信转给 {to}",
)
_CATCH = Text(
    "Before `{of}` changes its kind, {word} ({path}): mail to unknown addresses goes to {to} for the while",
    "在更改 `{of}` 的类型之前，{word}（{path}）：未知地址的来信暂时送达 {to}",
)
_GAP = Text(
    "From here to the next step mail to `{of}` is refused, about {minutes} minutes: do both at one go",
    "从这一步到下一步之间，发往 `{of}` 的邮件会被拒收，约 {minutes} 分钟：请一次做完",
)
_FREE = Text(
    "Free `{of}`: {what}: delete it, or rename it, so that the name is free; move its mail elsewhere first",
    "释放 `{of}`：{what}：删除或改名，使该名称可以再用；其中的邮件请先移走",
)
_TEST = Text(
    "Send a mail from outside to `{of}`: it must be with {to} before you go on",
    "从外部向 `{of}` 发一封邮件：确认 {to} 收到后再继续",
)
_UNROUTE = Text("Take the bridge for `{of}` away again", "撤销 `{of}` 的临时转交")
_CONVERT = Text(
    "Turn the mailbox `{of}` into a shared one in place, not by deleting it ({what})",
    "把邮箱 `{of}` 直接转为共享邮箱，不要删除重建（{what}）",
)


def in_order(planned: Sequence[Planned], memory: Memory, mailboxes: Mailboxes) -> list[Planned]:
    """The steps with those of each change of kind where the new object is made."""
    host = behaviour(mailboxes.hosted.service) if mailboxes.hosted else None
    steps: list[Planned] = []
    for id, words in planned:
        kind, _, address = id.partition(":")
        if kind not in KINDS or not _changes(memory, kind, address):
            steps.append((id, words))
            continue
        old = _old(memory, kind, address)
        steps += _sequence(id, words, old, memory, _Place(address, host, mailboxes))
    return steps


def staying(memory: Memory, mailboxes: Mailboxes) -> Callable[[str], bool]:
    """Whether what was made stays, because mail still goes by it.

    An address of the plan for which there is no step any more is one of which nobody knows now how the host
    does it: what a checklist made for it is taken away by no line, its rules neither.
    """
    objects = mailboxes.hosted.objects if mailboxes.hosted else ()
    open_ = {host_object.address for host_object in objects if host_object.kind in {"unknown", "refused"}}
    was_made = {address for address in open_ if any(memory.is_done(f"{kind}:{address}") for kind in KINDS)}
    planned = {box.address for box in mailboxes.mailboxes} | {route.address for route in mailboxes.routes}

    handed_over = {route.address for route in mailboxes.routes if route.kind == "handover"}

    def stays(id: str) -> bool:
        kind, _, address = id.partition(":")
        if kind in KINDS:
            return address in planned
        if kind == "handover":
            return address in handed_over
        return bool(was_made) and (kind == "rest" or id.startswith("rules["))

    return stays


def _old(memory: Memory, kind: str, address: str) -> str:
    """The id of what stands at the address now and has to go; '' where it is gone already."""
    done = (f"{other}:{address}" for other in KINDS if other != kind)
    return next(filter(memory.is_done, done), "")


def _freed(memory: Memory, address: str) -> str:
    """The step that freed the address, where it was ticked."""
    done = (f"free:{kind}:{address}" for kind in KINDS)
    return next(filter(memory.is_done, done), "")


def _changes(memory: Memory, kind: str, address: str) -> bool:
    """Whether a change at the address is to be begun, or was begun and is not over."""
    last = "unroute" if f"route:{address}" in memory.steps else "test"
    begun = bool(_freed(memory, address)) or memory.is_done(f"route:{address}")
    return bool(_old(memory, kind, address)) or (begun and not memory.is_done(f"{last}:{address}"))


class _Place:
    """One address at its host, with whom mail reaches meanwhile."""

    def __init__(self, address: str, host: Behaviour | None, mailboxes: Mailboxes) -> None:
        self.address, self.host = address, host
        leaves = [leaf for leaf in mailboxes.leaves(address) if leaf != address]
        holder = mailboxes.mailbox(address)
        leaves = leaves or list(holder.members if holder else ())
        contact = mailboxes.leaves(f"postmaster@{mailboxes.domain}")
        self.to = tuple(leaf for leaf in leaves or contact if leaf != address)
        self.reads = tuple(leaves) or (address,)

    def say(self, text: Text, to: Sequence[str] = (), **more: Both) -> Both:
        """A sentence about the address."""
        shown = ", ".join(f"`{target}`" for target in to or self.to) or "–"
        return both(text.using(of=self.address, to=shown, minutes=GAP), **more)


def _sequence(id: str, words: Both, old: str, memory: Memory, place: _Place) -> Iterator[Planned]:
    address, freed = place.address, _freed(memory, place.address)
    converted = "person:" in (old or freed) and id.startswith("shared:") and _converts(place.host)
    way = Bridge.NONE if converted else bridge(place.host, anybody=bool(place.to))
    if way is not Bridge.NONE and place.host:
        known = place.host.words.get(way.value)
        fallback = Text("routing", "路由") if way is Bridge.ROUTING else Text("catch-all", "catch-all")
        word, path = (known.word, known.path) if known else (fallback, Text("console", "控制台"))
        names = {"word": (word("en"), word("zh")), "path": (path("en"), path("zh"))}
        yield f"route:{address}", place.say(_ROUTE if way is Bridge.ROUTING else _CATCH, **names)
    if old:
        gap = place.say(_GAP) if way is Bridge.NONE and not converted else ("", "")
        free = place.say(_CONVERT if converted else _FREE, what=memory.steps[old].headline)
        yield f"free:{old}", _joined(free, gap)
    elif freed:
        yield freed, memory.steps[freed].headline
    yield id, words
    yield f"test:{address}", place.say(_TEST, place.reads)
    if way is not Bridge.NONE:
        yield f"unroute:{address}", place.say(_UNROUTE)


def _converts(host: Behaviour | None) -> bool:
    """Whether the host turns a mailbox into one that several read, by its documents."""
    return host is not None and host.says("leaver") in {"shared", "public"}


def _joined(words: Both, bullet: Both) -> Both:
    english, chinese = (
        f"{text}\n   - {more}" if more else text for text, more in zip(words, bullet, strict=True)
    )
    return english, chinese
