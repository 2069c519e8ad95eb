"""How mail carries what was decided about it from one mailbox to the next: in the sub-address (RFC 5233).

``info`` with rules goes to ``wang+info``, so that the script of wang's mailbox knows by which address a mail
came; labels go on as ``li+mw.1a2b3c``. A mailbox gets the mail whatever its detail says: nothing is lost.
"""

from __future__ import annotations

from mailwright.model.mailboxes import DELIMITER, Label, Mailbox, Mailboxes, Route

MARK = "mw"


def with_detail(address: str, detail: str, delimiter: str = DELIMITER) -> str:
    """``wang@…`` with a detail: ``wang+info@…``; of several delimiters the first is written."""
    local, _, host = address.rpartition("@")
    return f"{local}{delimiter[0]}{detail}@{host}"


def expansion(route: Route, delimiter: str = DELIMITER) -> tuple[str, ...]:
    """What an alias map says for a route: its targets, or the mailbox in which its rules run."""
    if route.router is None:
        return route.to
    detailed = with_detail(route.router, route.address.partition("@")[0], delimiter)
    if route.dispatches:
        return (detailed,)
    return tuple(detailed if address == route.router else address for address in route.to)


def arriving_labels(mailboxes: Mailboxes, mailbox: str) -> tuple[Label, ...]:
    """The labels that mail may carry when it comes to a mailbox or a route of it; sorted."""
    all_labels: set[Label] = set()
    holders: tuple[Mailbox | Route, ...] = (*mailboxes.mailboxes, *mailboxes.routes)
    for holder in holders:
        labels = {label for rule in holder.rules for label in rule.labels}
        if labels and mailbox in _reachable(mailboxes, holder.address):
            all_labels |= labels
    return tuple(sorted(all_labels, key=lambda label: (label.kind, label.name)))


def reaching(mailboxes: Mailboxes, mailbox: str) -> tuple[str, ...]:
    """Every address whose mail may come to a mailbox, its own first, the others sorted."""
    others = {route.address for route in mailboxes.routes if mailbox in _reachable(mailboxes, route.address)}
    return (mailbox, *sorted(others - {mailbox}))


def _reachable(mailboxes: Mailboxes, address: str) -> set[str]:
    """Every address that mail to ``address`` may come to, over routes and rules."""
    seen: set[str] = set()
    todo = [address]
    while todo:
        leaf = todo.pop()
        if leaf in seen or not mailboxes.inside(leaf):
            continue
        seen.add(leaf)
        holder = mailboxes.mailbox(leaf) or mailboxes.route(leaf)
        if holder is None:
            todo += mailboxes.arriving(leaf)
            continue
        todo += holder.to if isinstance(holder, Route) else ()
        todo += [target for rule in holder.rules for target in (*rule.assign_to, *rule.copy_to)]
    return seen
