"""One domain's mailboxes on one host: read, change, gate, apply in the order in which no mail is lost.

Scripts come first, because tables send mail to where a script passes it on; then new mailboxes and aliases;
then what nobody needs any more. Everything is read and judged before anything is written.
"""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mailwright.deploy import reviewed
from mailwright.deploy.errors import DeployError, refused
from mailwright.deploy.given import environment
from mailwright.deploy.mail import said
from mailwright.deploy.mail.values import (
    MailInputs,
    MailState,
    MailTarget,
    Rows,
    Scripts,
    joined,
    split,
)
from mailwright.deploy.mail.world import MailHost, World, cannot_open
from mailwright.hosts.mail import dovecot, folder, postfix, sieve, tables
from mailwright.hosts.mail.dovecot import ScriptChange, Seen
from mailwright.hosts.mail.folder import FileChange
from mailwright.model.consent import Consent, consented
from mailwright.model.finding import Finding
from mailwright.model.text import visible
from mailwright.plan.mailboxes.gate import Conflict, judge, judge_scripts
from mailwright.plan.transition.gate_rules import LINE_IN_THE_WAY


@dataclass(frozen=True, slots=True)
class MailWork:
    """What one operation wants, and what is known of before.

    ``inputs`` with ``closing``: ours go and everything else stays. ``before`` None: nothing is known.
    ``removal`` is the command by which they go.
    """

    inputs: MailInputs
    before: MailState | None = None
    consents: tuple[Consent, ...] = ()
    closing: bool = False
    removal: str = ""

    @property
    def target(self) -> MailTarget:
        """Where."""
        return self.inputs.target

    @property
    def as_of(self) -> dt.date:
        """The day of the plan."""
        return self.inputs.as_of

    @property
    def known_maps(self) -> Rows:
        """Rows that an earlier apply left as ours in this very folder."""
        same = self.before is not None and self.before.inputs.target.folder == self.target.folder
        return self.before.applied_maps if self.before is not None and same else {}

    @property
    def known_scripts(self) -> Scripts:
        """Likewise the scripts on this very server."""
        same = self.before is not None and self.before.inputs.target.login == self.target.login
        return self.before.applied_scripts if self.before is not None and same else {}

    @property
    def wanted(self) -> tables.Wanted:
        """What is wanted of the tables."""
        owned = frozenset((name, key) for name, rows in split(self.known_maps).items() for key in rows)
        take_over = consented(LINE_IN_THE_WAY.id, self.consents, self.as_of)
        rows = {} if self.closing else split(self.inputs.maps)
        return tables.Wanted(self.target.domain, rows, owned, take_over, self.closing)

    @property
    def scripts(self) -> Scripts:
        """What is wanted of the scripts."""
        return {} if self.closing else self.inputs.scripts

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """Every mailbox to look into."""
        return tuple(sorted({*self.scripts, *self.known_scripts}))


@dataclass(frozen=True, slots=True)
class MailChange:
    """Everything one apply does to one mail host."""

    domain: str
    target: str
    as_of: dt.date
    files: tuple[FileChange, ...] = ()
    scripts: tuple[ScriptChange, ...] = ()
    refusals: tuple[Finding, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether applying this would do nothing."""
        return not any(file.is_change for file in self.files) and not any(
            script.is_change for script in self.scripts
        )

    def digest(self, version: str) -> str:
        """Binds a review to an apply (hex SHA-256)."""
        body = [
            [version, self.domain, self.target, self.as_of.isoformat()],
            [[file.path.name, file.before, file.after] for file in self.files if file.is_change],
            [[s.mailbox, s.before, s.after, s.activate] for s in self.scripts if s.is_change],
        ]
        return hashlib.sha256(json.dumps(body, ensure_ascii=True).encode("ascii")).hexdigest()


def to_change(work: MailWork, world: World) -> MailChange:
    """What has to change, and what must not without consent."""
    files: tuple[FileChange, ...] = ()
    refusals: tuple[Finding, ...] = ()
    if work.target.folder:
        files = folder.changed(world.texts, work.wanted, Path(work.target.folder))
        refusals = _judged(work, world, files)
    kept = work.before.kept if work.before else {}
    conflicts = _conflicts(work, world)
    refusals += judge_scripts(conflicts.values(), work.consents, work.as_of)
    script_changes = tuple(
        dovecot.changed(_sent(work.scripts.get(mailbox)), seen, kept.get(mailbox), apart=mailbox in conflicts)
        for mailbox, seen in sorted(world.scripts.items())
    )
    runs = {
        mailbox: name for mailbox, seen in world.scripts.items() if (name := seen.kept or kept.get(mailbox))
    }
    after = {} if work.closing else runs
    target = work.target
    return MailChange(target.domain, target.label, work.as_of, files, script_changes, refusals, after)


def _conflicts(work: MailWork, world: World) -> dict[str, Conflict]:
    """Mailboxes whose owner's script would undo ours if both were one run."""
    kept = work.before.kept if work.before else {}
    met = {
        mailbox: dovecot.conflict(_sent(work.scripts.get(mailbox)), seen, kept.get(mailbox))
        for mailbox, seen in world.scripts.items()
    }
    return {
        mailbox: (mailbox, *conflict) for mailbox, conflict in sorted(met.items()) if conflict is not None
    }


def _sent(text: str | None) -> str | None:
    """A script as it goes to the server, None where none is wanted."""
    return text.replace("\n", "\r\n") if text else None


def _judged(work: MailWork, world: World, files: tuple[FileChange, ...]) -> tuple[Finding, ...]:
    domain = work.target.domain
    after = {**world.texts, **{file.path.name: file.after for file in files}}
    closed = {key for name, key in _places(work.inputs.maps) if name == postfix.SUSPENDED}
    domain_tables = work.wanted
    standing = [
        (entry.table, entry.key, visible(entry.value), visible(domain_tables.value(entry.place) or ""))
        for name in tables.NAMES
        for entry in tables.in_the_way(tables.about(name, world.texts.get(name) or "", domain), domain_tables)
        if not work.closing
    ]
    return judge(
        tables.routing(world.texts, domain, work.target.delimiter),
        tables.routing(after, domain, work.target.delimiter),
        closed=() if work.closing else closed,
        standing=standing,
        consents=work.consents,
        day=work.as_of,
    )


def _places(rows: Rows) -> Iterator[tuple[str, str]]:
    for place in rows:
        name, _, key = place.partition(" ")
        yield name, key


def carry_out(host: MailHost, work: MailWork, *, preview: bool = False) -> MailChange:
    """Bring the host to what is wanted, or say in a preview what that would change.

    Raises Refused, and DeployError where the host does not answer, a mailbox is not there, or ours were
    changed by others since they were looked at.
    """
    if preview:
        changes = judged(host, work)
        reviewed.note(changes)
        return changes
    _require_folder(host, work)
    with host.alone():
        changes = judged(host, work)
        if not changes.is_empty:
            reviewed.require(changes)
            _apply(host, changes, closing=work.closing)
            _read_back(host, work)
        return changes


def judged(host: MailHost, work: MailWork, *, looked: bool = True) -> MailChange:
    """The change, once everything speaks for it; the server has compiled the new scripts.

    ``looked``: what ``work`` knows of before is what the engine has just shown.
    """
    _require_folder(host, work)
    world = host.read(work.mailboxes)
    changes = to_change(work, world)
    if changes.refusals:
        raise refused(changes.refusals, removal=work.removal)
    missing = {mailbox: reason for mailbox, reason in world.closed.items() if mailbox in work.scripts}
    if missing:
        raise cannot_open(work.target, missing)
    if looked:
        _refuse_moved(work, world)
    host.check(changes.scripts)
    return changes


def _require_folder(host: MailHost, work: MailWork) -> None:
    """A folder that was written before is not made anew: the server reads on behind a lost mount."""
    if host.folder is not None and work.known_maps and not host.folder.is_dir():
        raise DeployError(said.FOLDER_LOST, folder=host.folder)


def _apply(host: MailHost, changes: MailChange, *, closing: bool) -> None:
    going = [script for script in changes.scripts if script.after is None]
    host.apply(script for script in changes.scripts if script.after is not None)
    try:
        folder.open_up(changes.files)
        if not closing:
            host.apply(going)
        folder.close(changes.files)
    except OSError as error:
        raise DeployError(f"{host.folder}: {error.strerror or error}") from None
    if closing:
        host.apply(going)


def _read_back(host: MailHost, work: MailWork) -> None:
    """What was written is what stands there now: the tables here, each script when it was stored."""
    if host.folder is None or work.closing:
        return
    now = joined(tables.live(folder.read(host.folder), work.target.domain, split(work.inputs.maps)))
    wrong = sorted(
        place for place in {*now, *work.inputs.maps} if now.get(place) != work.inputs.maps.get(place)
    )
    if wrong:
        raise DeployError(said.NOT_AS_PLANNED, folder=host.folder, places=visible(", ".join(wrong)))


def _refuse_moved(work: MailWork, world: World) -> None:
    """Ours differ from what the engine showed: nobody has reviewed what would happen now."""
    if work.before is None or work.closing or work.before.inputs.target != work.target:
        return
    maps, scripts = seen_now(work.before, world)
    places = [
        *_moved(work.before.inputs.maps, maps, work.inputs.maps),
        *(
            f"script {mailbox}"
            for mailbox in _moved(work.before.inputs.scripts, scripts, work.inputs.scripts)
        ),
    ]
    if places:
        raise DeployError(said.MOVED, domain=work.target.domain, places=visible(", ".join(places)))


def _moved(believed: Mapping[str, str], now: Mapping[str, str], targets: Mapping[str, str]) -> list[str]:
    return sorted(
        name for name in {*believed, *now} if now.get(name) not in (believed.get(name), targets.get(name))
    )


def seen_now(state: MailState, world: World) -> tuple[dict[str, str], dict[str, str]]:
    """Our rows and scripts as the host has them now, in the state's own words where they say the same."""
    maps: dict[str, str] = {}
    if state.inputs.target.folder:
        maps = joined(tables.live(world.texts, state.inputs.target.domain, split(state.applied_maps)))
    scripts = {
        mailbox: script_seen(seen, state.applied_scripts.get(mailbox, ""), state.kept.get(mailbox))
        for mailbox, seen in world.scripts.items()
    }
    return maps, scripts


#: Shown before a script that is stored and does not run.
NOT_ACTIVE = "# stored, but not active\n"


def script_seen(seen: Seen, applied: str, kept: str | None = None) -> str:
    """A mailbox's script as applied, where the server runs just that; else what it has."""
    if seen.ours is None:
        return ""
    apart = dovecot.conflict(_sent(applied), seen, kept) is not None
    todo = dovecot.changed(_sent(applied), seen, kept, apart=apart)
    if applied and not todo.is_change:
        return applied
    text = dovecot.plain(seen.ours)
    if applied and todo.before == todo.after:
        text = applied
    return text if seen.active == sieve.NAME else NOT_ACTIVE + text


def closing_of(state: MailState, consents: tuple[Consent, ...], removal: str) -> MailWork:
    """The work of taking everything away."""
    inputs = MailInputs(
        state.inputs.target, state.inputs.maps, state.inputs.scripts, environment.as_of() or dt.date.today()
    )
    return MailWork(inputs, state, consents, closing=True, removal=removal)


def lines_between(before: Rows, after: Rows) -> tuple[str, ...]:
    """One line a row that comes or goes."""
    lines: list[str] = []
    for place in sorted({*before, *after}):
        old, new = before.get(place), after.get(place)
        if old == new:
            continue
        lines += [f"- {place} {old}".rstrip()] if old is not None else []
        lines += [f"+ {place} {new}".rstrip()] if new is not None else []
    return tuple(map(visible, lines))


def script_lines(before: Scripts, after: Scripts) -> tuple[str, ...]:
    """The lines of scripts that come or go, below the mailbox each."""
    lines: list[str] = []
    for mailbox in sorted({*before, *after}):
        old, new = before.get(mailbox) or "", after.get(mailbox) or ""
        if old == new:
            continue
        sign = "~" if old and new else "+" if new else "-"
        lines.append(f"{sign} script {mailbox}")
        shown = difflib.unified_diff(old.split("\n"), new.split("\n"), n=0, lineterm="")
        lines += [
            f"    {line[0]} {line[1:]}"
            for line in shown
            if line[:1] in "+-" and not line.startswith(("+++", "---")) and line[1:].strip()
        ]
    return tuple(map(visible, lines))
