"""``trace`` agrees with Postfix's look-ups and Pigeonhole's interpreter, on generated specs and mails."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import pytest

from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.mailboxes.message import read
from mailwright.plan.mailboxes.trace import trace
from tests.mailboxes.servers import Oracle, require, work
from tests.mailboxes.specs import DOMAIN, mailboxes

__all__ = ["work"]

WORDS = [
    "product A",
    "产品A",
    "quote",
    "报价",
    "Ünïcode",
    "ｐｒｏｄｕｃｔ",
    "product\u00a0A",
    'a "b" \\ c',
    "${labels}",
]
SENDERS = ["buyer@outside.test", "Bank@Fraud.example", "wang@acme-trade.com"]


def rule(of: str, dice: random.Random) -> str:
    kinds = dice.sample(["subject_contains", "body_contains", "from"], dice.choice([1, 1, 2]))
    words = {
        "subject_contains": dice.sample(WORDS, dice.choice([1, 2])),
        "body_contains": dice.sample(WORDS, 1),
        "from": [dice.choice(["@outside", "fraud", "acme-trade"])],
    }
    tests = [f"{kind}: {yaml_list(words[kind])}" for kind in kinds]
    tests += dice.choice([[], [], ["match: any"], ["not_replies: true"]])
    return f"  - {{for: {of}, when: {{{', '.join(tests)}}}, then: {{{then(dice, of)}}}}}\n"


def yaml_list(words: list[str]) -> str:
    return "[" + ", ".join("'" + word.replace("'", "''") + "'" for word in words) + "]"


def then(dice: random.Random, of: str) -> str:
    who = [each for each in ("wang", "li", "chen", "agent@partner.example") if each != of]
    made = dice.sample(
        [
            f"assign_to: {dice.choice(who)}",
            f"copy_to: {dice.choice(who)}",
            "tag: 高意向",
            "tag: hot",
            "folder: Inquiries",
            "stop: true",
        ],
        dice.choice([1, 2]),
    )
    return ", ".join({each.split(":")[0]: each for each in made}.values())


def company(seed: int) -> tuple[str, Mailboxes]:
    """A spec of people, addresses and rules."""
    dice = random.Random(seed)
    text = "people:\n  wang: {}\n  li: {}\n  chen: {}\n"
    text += dice.choice(["", "  zhao: {left: 2026-10-01, handover: {to: li, until: 2099-01-01}}\n"])
    fourth = "zhao" if "zhao" in text else "li"
    text += f"addresses:\n  info: {{to: {dice.choice(['wang', '[wang, li]', 'sales'])}}}\n"
    text += f"  sales: {{to: {dice.choice(['[wang, li]', f'[chen, {fourth}]', 'li'])}}}\n"
    text += "  support: {to: li, shared: true}\n  agent: {to: [li, x@partner.example]}\n"
    text += "rules:\n  - {for: support, when: {subject_contains: spam}, then: {folder: Junk}}\n"
    for of in dice.sample(["info", "info", "sales", "wang", "support"], 3):
        text += rule(of, dice)
    text += dice.choice(["", "catch_all: {to: chen}\n"])
    return text, mailboxes(text)


def encoded(text: str, dice: random.Random) -> bytes:
    """A subject as programs write it: raw, or as encoded words, whole or split over two and folded."""
    how = dice.choice(["raw", "b", "q", "gbk", "two"])
    if how == "raw":
        return text.encode()
    if how == "gbk" and all(ord(each) < 0x10000 for each in text):
        return b"=?gbk?B?" + base64.b64encode(text.encode("gbk", "replace")) + b"?="
    if how == "q":
        return b"=?UTF-8?Q?" + b"".join(b"=%02X" % each for each in text.encode()) + b"?="
    if how == "two":
        half = len(text) // 2
        parts = [base64.b64encode(each.encode()) for each in (text[:half], text[half:]) if each]
        return b"\r\n ".join(b"=?utf-8?b?" + part + b"?=" for part in parts)
    return b"=?UTF-8?B?" + base64.b64encode(text.encode()) + b"?="


def message(dice: random.Random, to: str, sender: str) -> bytes:
    subject = " ".join(dice.sample([*WORDS, "hello", "PRODUCT a"], dice.choice([1, 2])))
    body = " ".join(dice.sample([*WORDS, "hello", "QUOTE"], dice.choice([0, 1, 2])))
    head = b"From: " + sender.encode() + b"\r\nTo: " + to.encode() + b"\r\nMessage-ID: <1@x>\r\n"
    head += b"Subject: " + encoded(subject, dice) + b"\r\n"
    head += dice.choice([b"", b"", b"In-Reply-To: <0@x>\r\n"])
    how = dice.choice(["plain", "html", "base64", "gbk"])
    if how == "html":
        page = f"<html><body><p>Dear <b>sir</b>,</p><p>{body.replace('<', '')}</p></body></html>"
        return head + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page.encode() + b"\r\n"
    if how == "base64":
        head += b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        return head + base64.encodebytes(body.encode()).replace(b"\n", b"\r\n") + b"\r\n"
    if how == "gbk":
        head += b"Content-Type: text/plain; charset=gbk\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        return head + body.encode("gbk", "replace") + b"\r\n"
    return head + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + body.encode() + b"\r\n"


RECIPIENTS = ["info", "sales", "support", "agent", "wang", "info+web", "zhao", "wnag", "postmaster"]


@pytest.mark.parametrize("seed", range(40))
def test_trace_says_what_the_servers_do(seed: int, work: Path) -> None:
    require("postmap", "sieve-test")
    text, made = company(seed)
    oracle = Oracle(work, made)
    dice = random.Random(seed)
    for local in dice.sample(RECIPIENTS, 8):
        to, sender = f"{local}@{DOMAIN}", dice.choice(SENDERS)
        mail = message(dice, to, sender)
        story = trace(made, read(mail, to))
        expected = {reached.address: frozenset(reached.folders) for reached in story.reached}
        if story.refused:
            assert oracle.refuses(to) and not expected
            continue
        found = oracle.reached(to, sender, mail)
        told = "\n".join([text, to, repr(mail), *(step.text("en") for step in story.steps)])
        assert found == expected, told
