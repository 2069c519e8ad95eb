"""An account as a tenant of the simulated host, so that mail can be delivered in every state between."""

from __future__ import annotations

import datetime
import random
import re

from tests.mail_host.simulators.google_api.account import Account, Body
from tests.mail_host.simulators.tenant import Tenant
from tests.mail_host.simulators.world import Forward, Group, Mailbox, Rule

_POSTING = {
    "ANYONE_CAN_POST": "anyone",
    "ALL_IN_DOMAIN_CAN_POST": "domain",
    "ALL_MEMBERS_CAN_POST": "members",
}
_SUBJECT = re.compile(r"(-?)\(subject:\(([^)]*)\)\)")
_WORD = re.compile(r'"([^"]*)"')


def tenant(account: Account, day: datetime.date, seed: int = 1) -> Tenant:
    """The tenant as it is now. Aliases have been there for a week, so that nothing waits for them."""
    simulated = Tenant("google", account.domain, random.Random(seed))
    since = day - datetime.timedelta(days=7)
    for user in account.users.values():
        box = Mailbox(user.address, name=user.name, suspended=user.suspended)
        box.aliases = dict.fromkeys(user.aliases, since)
        box.rules = [rule for row in user.filters for rule in _rules(row)]
        if user.auto.get("enabled"):
            keeps = user.auto.get("disposition") != "trash"
            box.forward = Forward((str(user.auto["emailAddress"]).lower(),), keep_copy=keeps)
        simulated.world.boxes[box.address] = box
        simulated.world.confirmed |= {to for to, how in user.forwarding.items() if how == "accepted"}
    for group in account.groups.values():
        copy = Group(group.address, group.address[:20])
        copy.members = [
            member for member, row in group.members.items() if row["delivery_settings"] == "ALL_MAIL"
        ]
        copy.posting = _POSTING[group.settings["whoCanPostMessage"]]
        copy.moderated = group.settings["messageModerationLevel"] != "MODERATE_NONE"
        copy.aliases = dict.fromkeys(group.aliases, since)
        simulated.world.groups[copy.address] = copy
    return simulated


def _rules(row: Body) -> list[Rule]:
    """A filter of the forms that are tried here: words of the subject that must, or must not, be there.

    One of several words is enough for a filter; a simulated rule has one, so there is one for each.
    """
    query = str(row["criteria"].get("query", ""))
    choices: list[list[str]] = [[]]
    unless: list[str] = []
    for minus, words in _SUBJECT.findall(query):
        listed = _WORD.findall(words)
        if minus:
            unless += listed
        else:
            choices = [[*chosen, word] for chosen in choices for word in listed]
    assert not _SUBJECT.sub("", query).strip(), query
    action = row["action"]
    do = [("forward", str(action["forward"]).lower())] if action.get("forward") else []
    do += [("delete", "")] if "TRASH" in action.get("addLabelIds", ()) else []
    actions = tuple(do or [("mark_read", "")])
    return [
        Rule(f"{row['id']} {number}", _when(words, tuple(unless)), actions, stop=False)
        for number, words in enumerate(choices)
    ]


def _when(words: list[str], unless: tuple[str, ...]) -> dict[str, object]:
    names = ("subject_contains", "header:Subject", "header:subject", "header:SUBJECT")
    when: dict[str, object] = dict(zip(names, words, strict=False))
    when |= {"not_subject_contains": unless} if unless else {}
    return when or {"all": True}
