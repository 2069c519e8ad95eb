"""Whom an automatic reply answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.mail_host.simulators.knowledge import Ground
from tests.mail_host.simulators.world import Reply, header

if TYPE_CHECKING:
    from tests.mail_host.simulators.mailbox import MailboxRun


def why_no_reply(run: MailboxRun, ground: Ground, reply: Reply) -> str:
    """Why an automatic reply is not sent; empty if it is."""
    return (
        _by_dates(run, ground, reply)
        or _by_message(run, ground)
        or _by_place(run, ground)
        or _by_audience(run, ground, reply)
        or _by_interval(run, ground, reply)
    )


def _by_dates(run: MailboxRun, ground: Ground, reply: Reply) -> str:
    """Before the first or after the last day."""
    today = run.run_.ctx.day
    if reply.start is not None and today < reply.start:
        return "not yet on"
    if reply.until is not None and today == reply.until:
        ground.know("reply.last_day")
    return "no longer on" if reply.until is not None and today > reply.until else ""


def _by_message(run: MailboxRun, ground: Ground) -> str:
    """Messages that are no letters by people."""
    mail = run.run_.mail
    if mail.sender in ("", "<>"):
        ground.know("reply.null_sender")
        return "null sender"
    if header(mail, "Auto-Submitted").lower() not in ("", "no") and not ground.yes("reply.auto_submitted"):
        return "automatic message"
    suppress = {word.strip().lower() for word in header(mail, "X-Auto-Response-Suppress").split(",")}
    if suppress & {"oof", "all"} and not ground.yes("reply.x_suppress"):
        return "the sender wants none"
    listed = header(mail, "List-Id") or header(mail, "Precedence").lower() in ("bulk", "list")
    return "mailing list" if listed and not ground.yes("reply.list") else ""


def _by_place(run: MailboxRun, ground: Ground) -> str:
    """Messages that came through a group, are spam, are not kept, or were answered by a rule."""
    if run.way.via_group and not ground.yes("reply.group"):
        return "sent to a group"
    if run.run_.mail.spam and not ground.yes("reply.spam"):
        return "spam"
    if not run.kept and not ground.yes("reply.no_copy"):
        return "no copy kept"
    return "answered by a rule" if run.rule_replied and ground.yes("reply.rule_first") else ""


def _by_audience(run: MailboxRun, ground: Ground, reply: Reply) -> str:
    """Senders the reply is not for."""
    sender = run.run_.mail.sender.lower()
    inside = run.run_.ctx.world.inside(sender)
    known = sender in reply.contacts
    if reply.audience == "everyone":
        if not inside and reply.outside_text:
            ground.cite("reply.outside_text")
            return ""
        if inside or ground.yes("reply.outside"):
            return ""
        return "outside sender"
    ground.know("reply.audiences")
    wanted = {"inside": inside, "outside": not inside, "contacts": known, "non_contacts": not known}
    return "" if wanted.get(reply.audience, False) else f"only for {reply.audience}"


def _by_interval(run: MailboxRun, ground: Ground, reply: Reply) -> str:
    """Senders who had the reply a short while ago."""
    last = run.box.replied.get(run.run_.mail.sender.lower())
    if last is None:
        return ""
    again = ground.number("reply.again_days")
    if reply.interval is not None:
        again = reply.interval
    elapsed = (run.run_.ctx.day - last).days
    if again < 0 or elapsed < again:
        return "answered already"
    if elapsed == again > 1 and not ground.coin():
        return "answered already"
    return ""
