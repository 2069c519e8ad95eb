"""Which addresses the planned exchanger takes, asked with RCPT and no mail sent (RFC 5321 §3.3).

A random address is asked first: a server that takes it would take any, and then nothing is concluded.
"""

from __future__ import annotations

import re
import secrets
import smtplib
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailwright.model.checks import Check, Status
from mailwright.model.mailboxes import Mailboxes, parted
from mailwright.model.position import Position
from mailwright.model.rules import Rule
from mailwright.model.sessions import BoundedContext
from mailwright.resolving import clients
from mailwright.resolving.connect import Dial
from mailwright.verify.mail import rules as said

MOST = 20  # recipients in one go, the random one counted
PAUSE = 0.5  # seconds between two of them
_BLOCKED = re.compile(r"(?i)block|black|spam|policy|polic|reputation|denied|rbl|not allowed|too many|rate")


class Word(StrEnum):
    """What a server says of a recipient."""

    TAKES = "takes"
    REFUSES = "refuses"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer and the server's own words."""

    word: Word
    text: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    address: str
    takes: bool
    position: Position | None
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """A sub-address that mail to the addresses ``behind`` it goes over (RFC 5233)."""

    address: str
    behind: tuple[str, ...]
    position: Position | None = None


def probe(
    mailboxes: Mailboxes,
    exchangers: Sequence[str],
    dial: Dial,
    *,
    detail: Detail | None = None,
    most: int = MOST,
    pause: float = PAUSE,
) -> tuple[Check, ...]:
    """One connection to the first exchanger that answers; ``exchangers`` in order of preference.

    ``detail`` is asked too: where it is refused, what the addresses behind it get returns to the sender.
    """
    if not exchangers:
        return (
            Check(
                said.NO_EXCHANGER.id,
                Status.NOT_CHECKABLE,
                mailboxes.domain,
                "RCPT",
                (),
                (),
                "",
                said.NO_EXCHANGER.message,
            ),
        )
    failed: list[Check] = []
    for host in exchangers:
        try:
            with _connected(host, dial) as server:
                return (*failed, *_asked(mailboxes, server, host, detail, most=most, pause=pause))
        except (OSError, smtplib.SMTPException) as error:
            failed.append(
                _check(said.EXCHANGER, Status.UNKNOWN, mailboxes.domain, host, problem=_problem(error))
            )
    return tuple(failed)


def _connected(host: str, dial: Dial) -> smtplib.SMTP:
    address, port = dial.target(host, 25)
    server = clients.Smtp(address, port, timeout=dial.timeout)
    try:
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            # Opportunistic, as between mail servers: whoever cannot prove its name is asked all the same.
            context = BoundedContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def _asked(
    mailboxes: Mailboxes, server: smtplib.SMTP, host: str, detail: Detail | None, *, most: int, pause: float
) -> Iterator[Check]:
    anybody = f"mw-{secrets.token_hex(6)}@{mailboxes.domain}"
    first = _said_or_gone(server, anybody)
    yield _of_anybody(mailboxes, host, first)
    targets = list(_wanted(mailboxes, detail))
    answers: dict[str, Said] = {}
    if first.word is Word.REFUSES:
        for target in targets[: most - 1]:
            time.sleep(pause)
            last = answers[target.address] = _said_or_gone(server, target.address)
            if server.sock is None:  # it hung up: whoever goes on elsewhere is a nuisance
                answers |= {other.address: last for other in targets if other.address not in answers}
                break
    other = _other_delimiter(mailboxes, server, detail, answers)
    shut = _is_shut(first, answers)
    for target in targets:
        answer = answers.get(target.address)
        if first.word is Word.TAKES:
            yield _check(said.INCONCLUSIVE, Status.NOT_CHECKABLE, target.address, host, target)
        elif first.word is Word.UNSURE:
            yield _check(said.NOT_NOW, Status.UNKNOWN, target.address, host, target, said=first.text)
        elif answer is None:
            yield _check(said.OVER_LIMIT, Status.NOT_CHECKABLE, target.address, host, target, most=most - 1)
        elif answer.word is Word.UNSURE or shut:
            yield _check(said.NOT_NOW, Status.UNKNOWN, target.address, host, target, said=answer.text)
        else:
            yield _of_one(target, answer, host, other)


def _other_delimiter(
    mailboxes: Mailboxes, server: smtplib.SMTP, detail: Detail | None, answers: dict[str, Said]
) -> str | None:
    """A sub-address with another delimiter that the server takes, where it refuses the planned one."""
    answer = answers.get(detail.address) if detail else None
    if detail is None or answer is None or answer.word is not Word.REFUSES:
        return None
    address, sub = parted(detail.address, mailboxes.delimiter)
    local, _, host = address.rpartition("@")
    for sign in "+-_":
        if sign in mailboxes.delimiter or server.sock is None:
            continue
        tried = f"{local}{sign}{sub[1:]}@{host}"
        if _said_or_gone(server, tried).word is Word.TAKES:
            return tried
    return None


def _of_one(target: _Wanted, answer: Said, host: str, other: str | None) -> Check:
    takes = answer.word is Word.TAKES
    if target.behind and not takes:
        named = ", ".join(target.behind)
        if other:
            sign = parted(other, "+-_")[1][0]
            return _check(
                said.DELIMITER_OTHER,
                Status.FAIL,
                target.address,
                host,
                target,
                addresses=named,
                other=other,
                sign=sign,
            )
        return _check(
            said.DETAIL_REFUSED, Status.FAIL, target.address, host, target, addresses=named, said=answer.text
        )
    rule = said.TAKEN if takes else said.REFUSED
    good = Status.PASS if takes == target.takes else Status.FAIL
    return _check(rule, good, target.address, host, target, said=answer.text)


def _of_anybody(mailboxes: Mailboxes, host: str, first: Said) -> Check:
    """A catch-all is planned, or unknown addresses are refused."""
    name = f"(unknown)@{mailboxes.domain}"
    if first.word is Word.UNSURE:
        return _check(said.NOT_NOW, Status.UNKNOWN, name, host, said=first.text)
    takes = first.word is Word.TAKES
    rule = said.TAKEN if takes else said.REFUSED
    if takes == bool(mailboxes.catch_all):
        return _check(rule, Status.PASS, name, host, said=first.text)
    # A server may take mail and bounce it later: that is no catch-all, and no way to see it from here.
    return _check(rule, Status.WARN if takes else Status.FAIL, name, host, said=first.text)


def _wanted(mailboxes: Mailboxes, detail: Detail | None) -> Iterator[_Wanted]:
    """Role addresses first: they are what a slip hits, all at once where it is the detail."""
    if detail:
        yield _Wanted(detail.address, True, detail.position, detail.behind)
    yield from (_Wanted(route.address, True, route.position) for route in mailboxes.routes)
    yield from (_Wanted(refused.address, False, refused.position) for refused in mailboxes.refused)
    yield from (_Wanted(mailbox.address, True, mailbox.position) for mailbox in mailboxes.mailboxes)


def _is_shut(first: Said, answers: dict[str, Said]) -> bool:
    """Whether the server refuses everybody and does not say that they are unknown: it means us."""
    return bool(answers) and all(
        answer.word is Word.REFUSES and not re.search(r"\b5\.[12]\.\d", answer.text)
        for answer in (first, *answers.values())
    )


def _said_or_gone(server: smtplib.SMTP, address: str) -> Said:
    """The answer; a server that hangs up has not answered, and is not asked again."""
    try:
        return ask(server, address)
    except (OSError, smtplib.SMTPException) as error:
        server.close()
        return Said(Word.UNSURE, _problem(error))


def ask(server: smtplib.SMTP, address: str) -> Said:
    """MAIL, RCPT, RSET. Raises SMTPException and OSError."""
    code, text = server.mail("")
    if code < 300:
        code, text = server.rcpt(address)
    else:
        code = 450 if code < 500 else 599  # the sender was refused: nothing is said about the recipient
    server.rset()
    return judged(code, text.decode("utf-8", "replace"))


def judged(code: int, text: str) -> Said:
    """What an answer means (RFC 5321 §4.2, RFC 3463): refused is only what is said of the address itself."""
    shown = f"{code} {' '.join(text.split())}"[:200]
    if code in (250, 251):
        return Said(Word.TAKES, shown)
    status = re.search(r"\b5\.(\d{1,3})\.(\d{1,3})\b", text)
    if code in (550, 551, 553, 554) and (status[1] in "12" if status else not _BLOCKED.search(text)):
        return Said(Word.REFUSES, shown)
    return Said(Word.UNSURE, shown)


def _check(
    rule: Rule, status: Status, name: str, host: str, target: _Wanted | None = None, **params: object
) -> Check:
    text = rule.message.using(**params)
    at = target.position if target else None
    return Check(rule.id, status, name, "RCPT", (), (), f"{host}:25", text, at)


def _problem(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {error.smtp_error!r}"[:200]
    return (str(error) or type(error).__name__).splitlines()[0][:200]
