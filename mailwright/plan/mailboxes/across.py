"""A mail at two mail hosts: its story at the one where it comes in, and at the other where it is passed "
"on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Text
from mailwright.plan.mailboxes.story import Mail, Reached, Step, Trace

#: The story at one host.
Walk = Callable[[Mailboxes, Mail], Trace]
_ROUND = Text(
    "{of} comes back to the host that passed it on: the mail goes round",
    "{of} 又回到转出它的服务：邮件循环",
)


def trace(company: Mailboxes, mail: Mail, walk: Walk) -> Trace:
    """The whole story. Mail of a colleague begins at the host where that colleague writes."""
    home = company.places.get(mail.sender.lower(), "")
    start = next((number for number, view in enumerate(company.views) if view.home == home), 0)
    whole = Trace((), ())
    waiting, seen = [(start, mail.recipient)], set[tuple[int, str]]()
    while waiting:
        number, address = waiting.pop(0)
        if (number, address) in seen:
            text = _ROUND.using(of=address)
            whole = replace(whole, unknown=(*whole.unknown, text))
            continue
        seen.add((number, address))
        story = walk(company.views[number], replace(mail, recipient=address))
        waiting += [(1 - number, onward) for onward in story.onward]
        whole = _joined(whole, story, depth=1 if len(seen) > 1 else 0)
    return whole


def _joined(whole: Trace, story: Trace, depth: int) -> Trace:
    reached: dict[str, Reached] = {
        delivery.address: delivery for delivery in (*whole.reached, *story.reached)
    }
    return Trace(
        (*whole.steps, *(Step(step.text, step.depth + depth, step.position) for step in story.steps)),
        tuple(sorted(reached.values(), key=lambda delivery: delivery.address)),
        (*whole.replies, *story.replies),
        tuple(dict.fromkeys((*whole.notices, *story.notices))),
        tuple(dict.fromkeys((*whole.refused, *story.refused))),
        tuple({text("en"): text for text in (*whole.unknown, *story.unknown)}.values()),
    )
