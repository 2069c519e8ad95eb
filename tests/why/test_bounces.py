"""Bounces in the shapes of mail systems: the cause is right, or said to be not known."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from mailwright.catalog import replies
from mailwright.operations.why.explaining import explained
from tests.why.shapes import RECIPIENT, SENDER, SHAPES, exim, pasted, postfix

REPLIES = yaml.safe_load((Path(__file__).parent / "replies.yaml").read_bytes())
MANUALS = yaml.safe_load((Path(__file__).parent / "manuals.yaml").read_bytes())


def causes(octets: bytes) -> list[str]:
    return [
        answer.judged.meaning.cause.id if answer.judged.meaning else "not-known"
        for answer in explained(octets, ()).answers
    ]


@pytest.mark.parametrize("group", sorted(REPLIES))
def test_of_all_shapes_nearly_every_cause_is_right_and_none_wrong(group: str) -> None:
    seen: Counter[str] = Counter()
    wrong = []
    for each in REPLIES[group]:
        for shape in SHAPES:
            found = causes(shape(each["reply"], each["at"]).encode())
            result = (
                "right" if found == [each["cause"]] else "unknown" if set(found) == {"not-known"} else "wrong"
            )
            seen[result] += 1
            if result == "wrong":
                wrong.append((shape.__name__, each["reply"], each["cause"], found))
    assert not wrong
    assert seen.total() >= 400
    assert seen["right"] >= 0.95 * seen.total(), seen


def test_replies_that_others_print_are_judged_right_or_not_at_all() -> None:
    """Two shapes each, in turn, from a server that no receiver of the catalog is."""
    seen: Counter[str] = Counter()
    wrong = []
    for number, row in enumerate(MANUALS):
        for turn in (0, 3):
            shape = SHAPES[(number + turn) % len(SHAPES)]
            answer = causes(shape(row["reply"], "mx.customer.example").encode())
            known = set(answer) - {"not-known"}
            if known <= set(row["causes"]):
                seen["right" if known or "policy" in row["causes"] else "unknown"] += 1
            else:
                seen["wrong"] += 1
                wrong.append((shape.__name__, row["reply"], row["causes"], answer))
    assert seen.total() >= 600
    assert seen["right"] >= 0.95 * seen.total() and len(wrong) <= 0.01 * seen.total(), (seen, wrong)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda each: each.__name__)
def test_recipient_and_server_are_read_in_every_shape(shape: object) -> None:
    (answer,) = explained(shape("550 5.1.1 User unknown", "mx.customer.example").encode(), ()).answers  # type: ignore[operator]
    assert answer.judged.report.recipient == RECIPIENT
    if shape.__name__ != "qmail":  # type: ignore[attr-defined]
        assert answer.judged.report.host == "mx.customer.example"


def test_the_message_that_came_back_is_not_read_as_a_reply() -> None:
    assert causes(exim("552 5.2.2 Mailbox quota exceeded", "mx.customer.example").encode()) == [
        "mailbox-full"
    ]


@pytest.mark.parametrize(
    "reply",
    ["550 Rejected", "554 5.0.0 Go away", "550 5.7.0 q7", "552 5.5.0 beta", "599", "550 \x1b[31mno\x1b[0m"],
)
def test_what_no_document_says_is_not_known_and_shown_raw(reply: str) -> None:
    (answer,) = explained(pasted(reply, "mx.customer.example").encode(), ()).answers
    assert answer.judged.meaning is None and answer.fault == "not-known"
    assert "\x1b" not in answer.judged.report.reply and answer.judged.report.reply


def test_several_recipients_are_told_one_by_one() -> None:
    first = postfix("550 5.1.1 User unknown", "mx.customer.example")
    second = """Final-Recipient: rfc822; mei@other.example
Action: delayed
Status: 4.4.1
Diagnostic-Code: smtp; connect to mx.other.example[203.0.113.26]:25: Connection timed out

--b1
Content-Type: text/rfc822-headers"""
    both = first.replace("--b1\nContent-Type: text/rfc822-headers", second)
    one, two = explained(both.encode(), ()).answers
    assert (one.judged.report.recipient, one.judged.meaning.cause.id) == (RECIPIENT, "no-such-user")  # type: ignore[union-attr]
    assert (two.judged.report.recipient, two.judged.report.action) == ("mei@other.example", "delayed")
    assert two.judged.meaning and two.judged.meaning.cause.id == "cannot-connect"
    assert two.judged.report.host == "mx.other.example"


def test_a_success_is_no_failure() -> None:
    sent = postfix("250 2.0.0 Ok", "mx.customer.example").replace("Action: failed", "Action: relayed")
    (answer,) = explained(sent.encode(), ()).answers
    assert answer.judged.is_delivered and answer.judged.meaning is None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("From: a@b.example\nSubject: Out of office: back on Monday\n", "auto-reply"),
        ("From: a@b.example\nSubject: 自动回复：出差中\n", "auto-reply"),
        ("From: a@b.example\nSubject: Quote\n", "message"),
        ("From: a@b.example\nSubject: Fwd: 550 5.1.1 User unknown\n", "message"),
        ("Content-Type: multipart/report; boundary=b\nFrom: fbl@b.example\n", "complaint"),
    ],
)
def test_what_is_no_bounce_is_told_apart(head: str, kind: str) -> None:
    body = (
        "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n\n--b--\n"
        if kind == "complaint"
        else "550 5.1.1 User unknown\n"
    )
    explanation = explained(f"{head}\n{body}".encode(), ())
    assert (explanation.kind, explanation.answers) == (kind, ())


def test_the_sender_of_what_came_back_is_found() -> None:
    assert explained(postfix("550 5.1.1 User unknown", "mx.customer.example").encode(), ()).sender == SENDER


def test_every_form_leads_to_a_cause_and_names_its_document() -> None:
    for receiver in (*replies.receivers(), *replies.software()):
        assert receiver.sources and all(
            source.url.startswith("http") and source.date for source in receiver.sources
        )
        assert {form.cause for form in receiver.forms} <= set(replies.causes())
    assert set(replies.statuses().values()) <= set(replies.causes())
    used = {form.cause for each in (*replies.receivers(), *replies.software()) for form in each.forms}
    assert set(replies.causes()) <= used | set(replies.statuses().values())


def test_no_form_is_hidden_by_one_before_it() -> None:
    """A form that another of its list always meets first never counts."""
    hidden = []
    for receiver in (*replies.receivers(), *replies.software()):
        for number, form in enumerate(receiver.forms):
            words = form.text.replace(" * ", " x ").replace("*", "x")
            first = next(
                (
                    f
                    for f in receiver.forms
                    if f.fits(words, form.code, f"5.{form.status}" if form.status else "")
                ),
                form,
            )
            if (
                form.text
                and not form.code
                and receiver.forms.index(first) < number
                and first.cause != form.cause
            ):
                hidden.append((receiver.id, form.text, form.cause, "meets first", first.text, first.cause))
    assert not hidden, hidden
