"""Scripts on a ManageSieve server: read, compare, apply, take away. What is somebody else's goes on running.

Ours is one script, named ``mailwright``. Where another one was active, ours runs it at its end
(``include``, RFC 6609), and taking ours away makes that one active again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailwright.hosts.mail import sieve
from mailwright.hosts.mail.managesieve import ManageSieveError, Session
from mailwright.hosts.mail.strangers import targets
from mailwright.model.mailboxes import Mailboxes

_INCLUDE = re.compile(r'^include :personal :optional "((?:[^"\\]|\\.)*)";\r?$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Seen:
    """One mailbox's scripts. ``ours`` is the text of ours, None where there is none.

    ``active`` is the name of the active script; ``foreign`` are the texts of all other scripts by name.
    """

    mailbox: str
    ours: str | None
    active: str | None
    foreign: tuple[tuple[str, str], ...] = ()

    @property
    def kept(self) -> str | None:
        """The script of somebody else that has to go on running: the active one, or the one ours includes."""
        if self.active is not None and self.active != sieve.NAME:
            return self.active
        found = _INCLUDE.search(self.ours or "")
        name = re.sub(r"\\(.)", r"\1", found[1]) if found else None
        return name if name in dict(self.foreign) else None

    def redirects(self) -> tuple[tuple[str, str], ...]:
        """(script, target) of every redirect in scripts that no spec knows: the mark of payment fraud."""
        return tuple((name, target) for name, text in self.foreign for target in targets(text))


@dataclass(frozen=True, slots=True)
class ScriptChange:
    """A mailbox's script before and after; ``after`` None takes ours away."""

    mailbox: str
    before: str | None
    after: str | None
    activate: str | None

    @property
    def is_change(self) -> bool:
        """Whether the text or the active script changes."""
        return self.before != self.after or self.activate is not None


def read(session: Session, mailbox: str) -> Seen:
    """What stands on the server."""
    names, active = session.scripts()
    texts = {name: session.get(name) for name in names}
    foreign = tuple((name, texts[name]) for name in sorted(names) if name != sieve.NAME)
    return Seen(mailbox, texts.get(sieve.NAME), active, foreign)


def change(made: Mailboxes | None, seen: Seen) -> ScriptChange:
    """What it takes to get there; ``made`` None, or a mailbox without rules: ours is taken away."""
    return changed(sieve.script(made, seen.mailbox) if made else None, seen)


def changed(wanted: str | None, seen: Seen, kept: str | None = None) -> ScriptChange:
    """The same from a script's text; ``kept``: somebody else's that ran before ours was tampered with."""
    there = dict(seen.foreign)
    then = seen.kept or (kept if kept in there else None)
    if wanted is None:
        gives_back = then or "" if seen.active == sieve.NAME else None
        return ScriptChange(seen.mailbox, seen.ours, None, gives_back if seen.ours is not None else None)
    whole = sieve.including(wanted, then)
    before = whole if seen.ours is not None and plain(seen.ours) == plain(whole) else seen.ours
    return ScriptChange(seen.mailbox, before, whole, sieve.NAME if seen.active != sieve.NAME else None)


def plain(text: str) -> str:
    """A script with line feeds only: servers may store either end of line."""
    return text.replace("\r\n", "\n")


def check(session: Session, todo: ScriptChange) -> None:
    """Ask the server whether it would take what is planned. Raises ManageSieveError with its own word."""
    if todo.after is None:
        return
    missing = set(sieve.required(todo.after)) - session.extensions
    if missing:
        raise ManageSieveError(f"the server lacks Sieve extensions: {', '.join(sorted(missing))}")
    if todo.before != todo.after:
        session.check(todo.after)


def apply(session: Session, todo: ScriptChange) -> Seen:
    """Do it, and read back. Raises ManageSieveError with the server's own word; then nothing was changed.

    The new script is stored and compiled before it is made active; the old one is deleted last.
    """
    check(session, todo)
    if todo.after is not None and todo.before != todo.after:
        session.put(sieve.NAME, todo.after)
    if todo.activate is not None:
        session.activate(todo.activate or None)
    if todo.after is None and todo.before is not None:
        session.delete(sieve.NAME)
    return read(session, todo.mailbox)
