"""What must not happen to mailboxes without consent: an address that took mail reaches nobody afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

from mailwright.model.consent import Consent, consented, proposed
from mailwright.model.finding import Finding, found
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.routing import Routing
from mailwright.model.rules import Rule
from mailwright.model.text import Text, visible
from mailwright.plan.mailboxes.trace import Mail, trace
from mailwright.plan.transition.gate_rules import (
    ARCHIVE_ENDED,
    LINE_IN_THE_WAY,
    LOGIN_OPENED,
    MAILBOX_CUT_OFF,
    OWN_SCRIPT_CONFLICTS,
    ROLE_ADDRESS_EMPTIED,
)

#: (table, address, what stands there, what the plan wants there)
Standing = tuple[str, str, str, str]
#: (mailbox, name of its owner's own script, why it cannot be one run with ours)
Conflict = tuple[str, str, Text]


def gate(
    before: Iterable[str], after: Mailboxes | None, consents: Iterable[Consent], day: dt.date
) -> tuple[Finding, ...]:
    """The refusals; empty: it may be applied.

    Args:
        before: addresses that take mail on the host now. A catch-all is ``@domain``.
        after: what is planned; None takes everything away.
        consents: of the spec and the command line.
        day: on which consents must hold.
    """
    if consented(ROLE_ADDRESS_EMPTIED.id, consents, day):
        return ()
    return tuple(_emptied(before, after, day))


def _emptied(before: Iterable[str], after: Mailboxes | None, day: dt.date) -> Iterator[Finding]:
    for address in sorted({old_address.lower() for old_address in before}):
        if after and address.startswith("@"):
            reached = bool(after.catch_all)
        else:
            reached = after is not None and bool(trace(after, Mail(address)).reached)
        if not reached:
            rule = ROLE_ADDRESS_EMPTIED
            yield found(rule, name=address, id=rule.id, day=proposed(day))


def judge(
    before: Routing,
    after: Routing,
    *,
    closed: Collection[str],
    standing: Iterable[Standing],
    consents: Iterable[Consent],
    day: dt.date,
) -> tuple[Finding, ...]:
    """The refusals of a change to a host's tables; empty: it may be applied.

    Args:
        before: what the tables do now, lines by hand included.
        after: what they would do.
        closed: mailboxes that the spec closes to their owners by date, so nothing need lead there any more.
            That mail to their address reaches nobody wants a consent of its own.
        standing: lines by hand at addresses of the plan that say something else.
        consents: of the spec and the command line.
        day: on which consents must hold.
    """
    given = tuple(consents)
    findings: list[Finding] = []
    if not consented(LINE_IN_THE_WAY.id, given, day):
        for table, name, there, new_value in standing:
            shown = {"name": name, "table": table, "before": there or "–", "after": new_value or "–"}
            findings.append(_finding(LINE_IN_THE_WAY, day, **shown))
    lost = [
        *(old_address for old_address in before.taking() if not after.reaches(old_address)),
        *(old_address for old_address in before.leaning() if not after.reaches(old_address)),
    ]
    gone = (before.opened() - after.opened()) - {*closed, *lost}
    opened = before.suspended - after.suspended - after.mailboxes
    for broken, names in (
        (ROLE_ADDRESS_EMPTIED, lost),
        (MAILBOX_CUT_OFF, sorted(gone)),
        (LOGIN_OPENED, sorted(opened)),
        (ARCHIVE_ENDED, after.unarchived(before)),
    ):
        if names and not consented(broken.id, given, day):
            findings.append(_finding(broken, day, name=", ".join(names)))
    return tuple(findings)


def judge_scripts(
    conflicts: Iterable[Conflict], consents: Iterable[Consent], day: dt.date
) -> tuple[Finding, ...]:
    """The refusals where somebody's own script would undo ours, or stop running without a word."""
    given = tuple(consents)
    if consented(OWN_SCRIPT_CONFLICTS.id, given, day):
        return ()
    return tuple(
        _finding(OWN_SCRIPT_CONFLICTS, day, name=mailbox, script=visible(script), why=why)
        for mailbox, script, why in conflicts
    )


def _finding(broken: Rule, day: dt.date, **params: object) -> Finding:
    return Finding(broken.id, "", None, {"id": broken.id, "day": proposed(day), **params})
