"""What must not happen to mailboxes without consent: an address that took mail reaches nobody afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from mailwright.model.consent import Consent, consented
from mailwright.model.finding import Finding, found
from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.gate import ROLE_ADDRESS_EMPTIED
from mailwright.plan.mailboxes.trace import Mail, trace


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
    closed = {each.address for each in after.suspended} if after else set()
    for address in sorted({each.lower() for each in before}):
        if address in closed:
            continue  # the spec says by date that this person left: that is the consent
        if after and address.startswith("@"):
            reached = bool(after.catch_all)
        else:
            reached = after is not None and bool(trace(after, Mail(address)).reached)
        if not reached:
            rule = ROLE_ADDRESS_EMPTIED
            yield found(rule, name=address, id=rule.id, day=day.isoformat())
