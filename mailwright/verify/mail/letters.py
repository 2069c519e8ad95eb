"""Tagged test mails: sent as a person of the company, followed into mailboxes and folders by IMAP.

They are read only, never deleted or marked: what a mailbox holds is nobody's to touch.
"""

from __future__ import annotations

import imaplib
import re
import secrets
import smtplib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate

from mailwright.model.checks import Check, Status
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.position import Position
from mailwright.model.text import Text
from mailwright.plan.mailboxes.message import read
from mailwright.plan.mailboxes.trace import Trace, trace
from mailwright.resolving.connect import Dial
from mailwright.verify.mail import rules as said
from mailwright.verify.mail.folders import folders
from mailwright.verify.mail.logins import check
from mailwright.verify.mail.servers import Means, Port, password, variable
from mailwright.verify.mail.sessions import Imap, LoginRefused, NotNow, Smtp, Untrusted, session, shown

MOST = 20  # mails in one go
#: Headers that a test mail writes itself.
_OURS = ("from", "to", "cc", "subject", "date", "message-id", "auto-submitted", "mime-version")
_TEXT = Text(
    "Written by a check of company mail; no answer is needed.", "这是企业邮件检查的测试信，无需回复。"
)
_NO_SENDER = Text(
    "no mailbox to send from: set {variable}, for a mailbox of the plan, to its {password}",
    "没有可用于发信的邮箱：请把计划中某个邮箱的{password}写入 {variable}",
)
_NO_SERVERS = Text(
    "IMAP and SMTP servers with a password login are needed", "需要支持密码登录的 IMAP 与 SMTP 服务器"
)
_OUTSIDE = Text("it would leave the company, to {to}", "它会离开公司，发往 {to}")
_UNREAD = Text("set {variable} to look into {address}", "请设置 {variable} 以查看 {address}")
_TOO_MANY = Text("at most {most} mails per run", "一次最多 {most} 封")
_NOWHERE = Text("nobody's mailbox", "无人收到")
_REFUSED = Text("refused by the server: {text}", "被服务器拒绝：{text}")


@dataclass(frozen=True, slots=True)
class Letter:
    """One test mail: an address, and what makes its rules fire. ``position`` is the line that asks for it.

    ``headers`` are more of them by name; ``size`` is how many octets it has at least.
    """

    to: str
    subject: str = ""
    body: str = ""
    position: Position | None = None
    headers: tuple[tuple[str, str], ...] = ()
    size: int = 0
    attachment: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds: ``length`` until a mail counts as not seen, ``step`` between looks, ``settle`` afterwards."""

    length: float = 60.0
    step: float = 2.0
    settle: float = 2.0


Found = dict[str, dict[str, set[str]]]  # mailbox → folder → flags


@dataclass
class _Sent:
    """A mail on its way, and where it was seen; ``refusal`` is the server's word where it was not taken."""

    letter: Letter
    id: str
    tag: str
    story: Trace
    refusal: str = ""
    found: Found = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Post:
    """Everything a round of test mails needs. ``passwords`` by mailbox."""

    mailboxes: Mailboxes
    imap: Port
    smtp: Port
    dial: Dial
    passwords: dict[str, str] = field(repr=False)
    sender: str = ""


def letters(
    mailboxes: Mailboxes,
    asked: Sequence[Letter],
    means: Means,
    wait: Wait | None = None,
) -> tuple[Check, ...]:
    """Send each letter, and say where it ended beside where the plan says."""
    known = means.servers
    boxes = [mailbox.address for mailbox in mailboxes.mailboxes]
    passwords = {box: secret for box in boxes if (secret := password(box, means.environment))}
    imap, smtp = known.ports.get("imap"), known.ports.get("smtp")
    if imap is None or smtp is None or "oauth2" in (imap.auth, smtp.auth):
        return (check(said.UNSENT, Status.NOT_CHECKABLE, mailboxes.domain, "MAIL", "", why=_NO_SERVERS),)
    if not passwords:
        why = _NO_SENDER.using(variable=variable(boxes[0] if boxes else "wang"), password=known.password)
        return (check(said.UNSENT, Status.NOT_CHECKABLE, mailboxes.domain, "MAIL", str(smtp), why=why),)
    post = Post(mailboxes, imap, smtp, means.dial, passwords, next(iter(passwords)))
    return tuple(_round(post, asked, wait or Wait()))


def _round(post: Post, asked: Sequence[Letter], wait: Wait) -> Iterator[Check]:
    ready: list[tuple[_Sent, bytes]] = []
    for letter in asked:
        sent, octets = _written(post, letter)
        why = _not_to_send(sent.story, len(ready))
        if why is None:
            ready.append((sent, octets))
        else:
            yield _of(post, sent, said.UNSENT.message.using(why=why), said.UNSENT.id, Status.NOT_CHECKABLE)
    try:
        _send(post, ready)
        under_way = [sent for sent, _ in ready]
        _follow(post, under_way, wait)
    except (NotNow, Untrusted, LoginRefused) as error:
        problem = str(error)
        yield check(said.UNREACHABLE, Status.UNKNOWN, post.sender, "MAIL", str(post.smtp), problem=problem)
        return
    for sent in under_way:
        yield from _judged(post, sent, wait)


def _written(post: Post, letter: Letter) -> tuple[_Sent, bytes]:
    """The mail in its own bytes, and what the plan makes of just those."""
    tag = f"mw-{secrets.token_hex(4)}"
    mail = EmailMessage()
    mail["From"], mail["To"] = post.sender, letter.to
    mail["Subject"] = re.sub(r"[\r\n]+", " ", f"{letter.subject} [{tag}]").strip()
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{tag}.{secrets.token_hex(8)}@{post.mailboxes.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no auto-reply answers it
    for name, value in letter.headers:
        if name.lower() not in _OURS and name not in mail:
            mail[name] = value
    text = f"{letter.body}\n\n-- \n{_TEXT('en')}\n{_TEXT('zh')}\n"
    octets = _octets(mail, text, letter.attachment)
    if letter.size > len(octets):
        # Base64 makes 78 octets, line end included, of 57.
        octets = _octets(mail, text + " " * ((letter.size - len(octets)) * 57 // 78 + 57), letter.attachment)
    return _Sent(letter, mail["Message-ID"], tag, trace(post.mailboxes, read(octets, letter.to))), octets


def _octets(mail: EmailMessage, text: str, attachment: bool) -> bytes:
    mail.clear_content()
    mail.set_content(text, cte="base64")
    if attachment:
        mail.add_attachment(b"mailwright", "application", "octet-stream", filename="mailwright.bin")
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def _not_to_send(story: Trace, already: int) -> Text | None:
    outside = [reached.address for reached in story.reached if reached.outside] + list(story.notices)
    if outside:
        return _OUTSIDE.using(to=", ".join(outside))
    return _TOO_MANY.using(most=MOST) if already >= MOST else None


def _send(post: Post, ready: Sequence[tuple[_Sent, bytes]]) -> None:
    """All over one connection. Raises what ``session`` and a login raise."""
    if not ready:
        return
    with session(post.smtp, post.dial) as opened:
        assert isinstance(opened, Smtp)
        opened.login(post.sender, post.passwords[post.sender])
        for sent, octets in ready:
            try:
                opened.server.sendmail(post.sender, [sent.letter.to], octets)
            except smtplib.SMTPRecipientsRefused as error:
                code, text = next(iter(error.recipients.values()))
                sent.refusal = f"{code} {shown(Exception(text))}"


def _follow(post: Post, under_way: Sequence[_Sent], wait: Wait) -> None:
    """Look until each mail is where it belongs, or where it does not, or the time is over; then once more."""
    end = time.monotonic() + wait.length
    while True:
        _look(post, under_way)
        done = all(sent.refusal or _strayed(sent) or not _missing(post, sent) for sent in under_way)
        if done or time.monotonic() >= end:
            break
        time.sleep(wait.step)
    if under_way and done:
        time.sleep(wait.settle)
        _look(post, under_way)


def _look(post: Post, under_way: Sequence[_Sent]) -> None:
    for address, secret in list(post.passwords.items()):
        with session(post.imap, post.dial) as opened:
            assert isinstance(opened, Imap)
            try:
                opened.login(address, secret)
            except LoginRefused:  # which the check of logins says; one try is enough
                del post.passwords[address]
                continue
            for wire, name in folders(opened.box):
                if opened.box.select(wire, readonly=True)[0] != "OK":
                    continue
                for sent in under_way:
                    flags = _flags(opened.box, sent.id)
                    if flags is not None:
                        sent.found.setdefault(address, {})[name] = flags


def _flags(box: imaplib.IMAP4, id: str) -> set[str] | None:
    """The flags of a message in the open folder; None: it is not there."""
    numbers = (box.search(None, "HEADER", "Message-ID", f'"{id}"')[1][0] or b"").split()
    if not numbers:
        return None
    answer = box.fetch(numbers[-1].decode(), "(FLAGS)")[1][0]
    return {
        ParseFlag.decode() for ParseFlag in imaplib.ParseFlags(answer if isinstance(answer, bytes) else b"")
    }


def _expected(sent: _Sent) -> dict[str, set[str]]:
    return {reached.address: set(reached.folders) for reached in sent.story.reached}


def _strayed(sent: _Sent) -> bool:
    expected_folders = _expected(sent)
    return any(
        not set(held_folders) <= expected_folders.get(address, set())
        for address, held_folders in sent.found.items()
    )


def _missing(post: Post, sent: _Sent) -> bool:
    return any(
        not folders <= set(sent.found.get(address, {}))
        for address, folders in _expected(sent).items()
        if address in post.passwords
    )


def _judged(post: Post, sent: _Sent, wait: Wait) -> Iterator[Check]:
    expected_folders = _expected(sent)
    planned = _shown(expected_folders) or _NOWHERE
    seen = {address: set(held_folders) for address, held_folders in sent.found.items()}
    visible = {
        address: visible_folders
        for address, visible_folders in expected_folders.items()
        if address in post.passwords
    }
    tags = all(
        set(reached.tags) <= _all_flags(sent, reached.address)
        for reached in sent.story.reached
        if reached.address in seen
    )
    if sent.refusal or (not seen and not visible):
        yield from _not_taken(post, sent, planned)
    elif seen == visible and tags:
        text = said.ARRIVES.message.using(where=_shown(visible))
        yield _of(post, sent, text, said.ARRIVES.id, Status.PASS)
    elif all(
        seen_folders <= expected_folders.get(address, set()) for address, seen_folders in seen.items()
    ) and (tags or not seen):
        text = said.NOT_SEEN.message.using(seconds=round(wait.length), tag=sent.tag, planned=planned)
        yield _of(post, sent, text, said.NOT_SEEN.id, Status.UNKNOWN)
    else:
        flagged = {box: {*seen[box], *(f"#{tag}" for tag in _keywords(sent, box))} for box in seen}
        text = said.ASTRAY.message.using(where=_shown(flagged), planned=_with_tags(sent))
        yield _of(post, sent, text, said.ASTRAY.id, Status.FAIL)
    for address in sorted(set(expected_folders) - set(post.passwords)):
        why = _UNREAD.using(variable=variable(address), address=address)
        yield _of(post, sent, said.UNSENT.message.using(why=why), said.UNSENT.id, Status.NOT_CHECKABLE)


def _not_taken(post: Post, sent: _Sent, planned: object) -> Iterator[Check]:
    """The server refused it, as planned or not; or nobody whose mailbox can be read was to get it."""
    if not sent.refusal:
        return
    where = _REFUSED.using(text=sent.refusal)
    if sent.story.refused and not sent.story.reached:
        yield _of(post, sent, said.ARRIVES.message.using(where=where), said.ARRIVES.id, Status.PASS)
    else:
        text = said.ASTRAY.message.using(where=where, planned=planned)
        yield _of(post, sent, text, said.ASTRAY.id, Status.FAIL)


def _all_flags(sent: _Sent, address: str) -> set[str]:
    return {flag for flags in sent.found.get(address, {}).values() for flag in flags}


def _keywords(sent: _Sent, address: str) -> set[str]:
    return {flag for flag in _all_flags(sent, address) if not flag.startswith("\\")}


def _with_tags(sent: _Sent) -> str:
    return _shown(
        {
            reached.address: {*reached.folders, *(f"#{tag}" for tag in reached.tags)}
            for reached in sent.story.reached
        }
    )


def _shown(where: Mapping[str, set[str]]) -> str:
    return "; ".join(f"{address}: {', '.join(sorted(names))}" for address, names in sorted(where.items()))


def _of(post: Post, sent: _Sent, text: Text, rule: str, status: Status) -> Check:
    expected = tuple(
        f"{who} {name}" for who, names in sorted(_expected(sent).items()) for name in sorted(names)
    )
    lines = tuple(f"{who} {name}" for who, names in sorted(sent.found.items()) for name in sorted(names))
    at = sent.letter.position
    return Check(rule, status, sent.letter.to, "MAIL", expected, lines, str(post.imap), text, at)
