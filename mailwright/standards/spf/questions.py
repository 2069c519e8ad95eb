"""How SPF asks the DNS without doing it: evaluation yields questions, a driver answers them.

One generator serves the synchronous and the asynchronous form, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class LookupFailed(Exception):
    """A look-up got no answer (timeout, SERVFAIL, REFUSED): a temperror, never "no such name"."""


#: Owner name (absolute, with the final dot; labels raw, without backslash escapes) and type (TXT, A,
#: AAAA, MX, PTR) → the values, aliases followed: TXT joined to one plain string each, MX as
#: "10 mail.example.com.", names and addresses as text; empty where name or data do not exist.
#: It raises LookupFailed, OSError or TimeoutError where there is no answer.
Lookup = Callable[[str, str], Sequence[str]]
AsyncLookup = Callable[[str, str], Awaitable[Sequence[str]]]

_FAILURES = (LookupFailed, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Question:
    """One DNS question: ``name`` is absolute, with the final dot."""

    name: str
    type: str


Answer = tuple[str, ...]
Steps = Generator[Question, Answer, T]


def ask(name: str, type: str) -> Steps[Answer]:
    """Ask one question. Raises LookupFailed where no answer came."""
    return (yield Question(name + ".", type))


def run(steps: Steps[T], lookup: Lookup) -> T:
    """Drive ``steps`` with a synchronous look-up function."""
    try:
        question = next(steps)
        while True:
            try:
                answer = tuple(lookup(question.name, question.type))
            except _FAILURES as error:
                question = steps.throw(_failure(question, error))
            else:
                question = steps.send(answer)
    except StopIteration as done:
        value: T = done.value
        return value


async def run_async(steps: Steps[T], lookup: AsyncLookup) -> T:
    """Drive ``steps`` with an asynchronous look-up function."""
    try:
        question = next(steps)
        while True:
            try:
                answer = tuple(await lookup(question.name, question.type))
            except _FAILURES as error:
                question = steps.throw(_failure(question, error))
            else:
                question = steps.send(answer)
    except StopIteration as done:
        value: T = done.value
        return value


def _failure(question: Question, error: Exception) -> LookupFailed:
    lookup_failed = LookupFailed(f"{question.name[:-1]} {question.type}")
    lookup_failed.__cause__ = error
    return lookup_failed


def usable(name: str) -> str | None:
    """The name as it can be asked for, cut to 253 octets from the left, or None (RFC 7208 §4.3, §7.3).

    None stands for empty labels, labels past 63 octets, and characters that are not printable ASCII.
    """
    name = name.removesuffix(".")
    while len(name) > 253 and "." in name:
        name = name.partition(".")[2]
    if not name.isascii() or not name.isprintable() or len(name) > 253:
        return None
    return name if all(0 < len(label) < 64 for label in name.split(".")) else None
