"""Scripts on a ManageSieve server: read, compare, apply, take away. What is somebody else's goes on running.

Ours is one script, named ``mailwright``. Where another one was active, ours runs it at its end
(``include``, RFC 6609), and taking ours away makes that one active again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mailwright.hosts.mail import own_scripts, sieve
from mailwright.hosts.mail.managesieve import ManageSieveError, NotTakenError, Session
from mailwright.hosts.mail.strangers import targets
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Text

_INCLUDE = re.compile(
    r'^(?:if string :is "\$\{answered\}" "" \{ )?'
    r'include :personal :optional "((?:[^"\\]|\\.)*)";(?: \})?\r?$',
    re.MULTILINE,
)
#: What Pigeonhole calls a filter that stood in the place of its link as a plain file, once another is active.
RESCUED = "dovecot.orig"


@dataclass(frozen=True, slots=True)
class Seen:
    """One mailbox's scripts. ``ours`` is the text of ours, None where there is none.

    ``active`` is the name of the active script; ``foreign`` are the texts of all other scripts by name.
    ``fault`` is the server's word where the one that has to go on running does not compile.
    """

    mailbox: str
    ours: str | None
    active: str | None
    foreign: tuple[tuple[str, str], ...] = ()
    fault: str | None = None

    @property
    def kept(self) -> str | None:
        """The script of somebody else that has to go on running: the active one, or the one ours includes."""
        if self.active is not None and self.active != sieve.NAME:
            return self.active
        match = _INCLUDE.search(self.ours or "")
        name = re.sub(r"\\(.)", r"\1", match[1]) if match else None
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
    seen = Seen(mailbox, texts.get(sieve.NAME), active, foreign)
    return seen if seen.kept is None else replace(seen, fault=_fault(session, texts[seen.kept]))


def _fault(session: Session, text: str) -> str | None:
    try:
        session.check(text)
    except NotTakenError as error:
        return str(error)
    return None


def conflict(script_text: str | None, seen: Seen, kept: str | None = None) -> tuple[str, Text] | None:
    """(name, why) of somebody else's script that cannot be one run with ours; None where all is well."""
    name = then(seen, kept)
    if script_text is None or name is None:
        return None
    why = own_scripts.conflict(script_text, dict(seen.foreign)[name], seen.fault)
    return None if why is None else (name, why)


def then(seen: Seen, kept: str | None = None) -> str | None:
    """Whose script goes on running after ours; ``kept`` ran before ours was tampered with."""
    return seen.kept or (kept if kept in dict(seen.foreign) else None)


def change(mailboxes: Mailboxes | None, seen: Seen) -> ScriptChange:
    """What it takes to get there; ``made`` None, or a mailbox without rules: ours is taken away."""
    return changed(sieve.script(mailboxes, seen.mailbox) if mailboxes else None, seen)


def changed(
    script_text: str | None, seen: Seen, kept: str | None = None, *, apart: bool = False
) -> ScriptChange:
    """The same from a script's text; ``kept``: somebody else's that ran before ours was tampered with.

    ``apart``: that one is not run, because it would undo ours; it stays stored.
    """
    other = then(seen, kept)
    if script_text is None:
        gives_back = other or "" if seen.active == sieve.NAME else None
        return ScriptChange(seen.mailbox, seen.ours, None, gives_back if seen.ours is not None else None)
    whole = sieve.including(script_text, None if apart else other)
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

    The new script is stored and compiled before it is made active; the old one is deleted last. A filter in a
    plain file shows only when another one becomes active: then the server stores it, and ours runs it.
    """
    check(session, todo)
    expected = todo.after
    if todo.after is not None and todo.before != todo.after:
        session.put(sieve.NAME, todo.after)
    if todo.activate is not None:
        known = set(session.scripts()[0])
        session.activate(todo.activate or None)
        if todo.after is not None and RESCUED in set(session.scripts()[0]) - known:
            expected = sieve.including(todo.after, RESCUED)
            session.put(sieve.NAME, expected)
    if todo.after is None and todo.before is not None:
        session.delete(sieve.NAME)
    seen = read(session, todo.mailbox)
    is_there = plain(seen.ours or "") == plain(expected or "")
    if not is_there or (todo.activate is not None and (seen.active or "") != todo.activate):
        raise ManageSieveError("the server confirmed the script and does not have it")
    return seen
