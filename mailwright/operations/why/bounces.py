"""What a bounce says: fields of RFC 3464, or the free texts of mail systems that know it not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mailwright.operations.why.reading import Read

Kind = Literal["bounce", "complaint", "auto-reply", "message", "text"]

MOST_REPLIES = 60  # of one bounce; more say nothing new
MOST_REPLY = 1500  # characters of one reply

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(
    r"(?<![\w.,\[/@:-])(?:smtp[;:] ?)?([45][0-5]\d)(?![\d.,/@])"
    r"(?::? +| ?-[ -]*)\(?#?(?:([45]\.\d{1,3}\.\d{1,3})(?![\d.]))?"
)
_ADDRESS = re.compile(r"[\w.+=/!#$%&'*?^`{|}~-]{1,100}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_HOSTS = (
    re.compile(r"\bhost:? ([a-z0-9][\w-]*(?:\.[\w-]+)+)\.? ?[\[(]", re.I),
    re.compile(r"\bby ([a-z0-9][\w-]*(?:\.[\w-]+)+)\.? ?\[[0-9a-f.:]+\]", re.I),
    re.compile(r"\bconnect to ([a-z0-9][\w-]*(?:\.[\w-]+)+)\.? ?[\[(]", re.I),
    re.compile(r"\b(?:conversation|connection) with ([a-z0-9][\w-]*(?:\.[\w-]+)+)\.? ?[\[(]", re.I),
    re.compile(r"\bRemote (?:server|host|MTA)[^\w\n]{1,4}(?:dns[;:] ?)?([a-z0-9][\w-]*(?:\.[\w-]+)+)", re.I),
    re.compile(r"^([a-z0-9][\w-]*(?:\.[\w-]+)+) (?:gave this error|rejected your message)", re.I | re.M),
    re.compile(r"\bfrom ([a-z0-9][\w-]*(?:\.[\w-]+)+)\.? ?\[[0-9a-f.:]+\]", re.I),
)
#: Where the message that came back begins: nothing behind it is the bounce's own.
_RETURNED = re.compile(
    r"^[ \t>]*(?:-+ ?(?:below this line is a copy|this is a copy of|original message|forwarded message"
    r"|the header of the original|原始邮件|unsent message below|returned message|message header"
    r"|message headers? follow)|original message headers|your original message|received: |return-path: "
    r"|content-type: |dkim-signature: |message-id: |x-received: |-+ ?message (?:header|as)).*$",
    re.IGNORECASE | re.MULTILINE,
)
_SUBJECT = re.compile(
    r"undeliver|error sending your mail"
    r"|delivery (?:status|failure|fail|has failed|incomplete|delay|problem|error|report|notif)"
    r"|failed delivery|mail delivery|returned (?:mail|to sender)|return(?:ed)? message|returning message"
    r"|failure notice|failure notification|non[- ]?deliver|not delivered|could ?n.t be delivered"
    r"|warning: (?:message|could not)|mail (?:failure|error|system error)|message (?:delayed|status|not sent)"
    r"|退信|退回|系统退|投递失败|发送失败|无法投递|未送达|未能送达|无法送达",
    re.IGNORECASE,
)
_DAEMON = re.compile(
    r"mailer-daemon|post_?master|mail delivery|mail-daemon|mdaemon"
    r"|系统退信|退信|邮件系统|microsoft outlook|mail administrator",
    re.IGNORECASE,
)
_AWAY = re.compile(r"^(?:auto(?:matic)? ?-?(?:reply|response|replied)|out of (?:the )?office|自动回复)", re.I)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the mail to one recipient.

    ``action`` is that of RFC 3464 ("failed", "delayed", "delivered", "relayed", "expanded") or empty;
    ``reply`` is the raw line with its blanks counted as one, ``code`` and ``status`` those in it, ``host``
    the server that said it and ``reporter`` the one that wrote the bounce. All of them may be empty.
    """

    recipient: str
    action: str
    reply: str
    code: str = ""
    status: str = ""
    host: str = ""
    reporter: str = ""


def kind(mail: Read) -> Kind:
    """What the mail is. A bounce is known by its report, else by who writes it or what it is about."""
    types = {part.type for part in mail.parts}
    if not mail.is_message:
        return "text"
    if types & {"message/delivery-status", "message/global-delivery-status"}:
        return "bounce"
    if "message/feedback-report" in types:
        return "complaint"
    subject = mail.first("subject")
    if _AWAY.match(subject) or "vacation" in mail.first("auto-submitted"):
        return "auto-reply"
    if mail.first("x-failed-recipients"):
        return "bounce"
    from_daemon = bool(_DAEMON.search(mail.first("from")))
    empty = mail.first("return-path").strip() == "<>"
    if (_SUBJECT.search(subject) and (from_daemon or empty)) or (
        from_daemon and any(_replies(own_text(mail)))
    ):
        return "bounce"
    if mail.first("auto-submitted").lower().startswith("auto-replied"):
        return "auto-reply"
    return "message"


def own_text(mail: Read) -> str:
    """What the bounce itself says, without the message that came back."""
    texts = [part.text for part in mail.parts if part.type == "text/plain"][:1]
    pages = [part.text for part in mail.parts if part.type == "text/html"][:1]
    text = next((part for part in (*texts, *pages) if part.strip()), "")
    return before_returned(text)


def before_returned(text: str) -> str:
    """The text up to where the message that came back begins."""
    match = _RETURNED.search(text)
    return text[: match.start()] if match and match.start() > 40 else text


def reports(mail: Read) -> tuple[Report, ...]:
    """One for each recipient of a bounce or of pasted text; several replies to one recipient stay apart."""
    text = own_text(mail)
    prose_reports = tuple(_said(text))
    status = next((p.text for p in mail.parts if p.type.endswith("delivery-status")), "")
    field_reports = tuple(_by_fields(status, prose_reports)) if status else ()
    if field_reports:
        return field_reports
    fallback = next(iter(_ADDRESS.findall(mail.first("x-failed-recipients"))), "")
    if prose_reports:
        return tuple(replace(report, recipient=report.recipient or fallback) for report in prose_reports)
    return (Report(fallback or _address(text), "", _one_line(text)[:MOST_REPLY], host=_host(text)),)


def _by_fields(text: str, prose_reports: Sequence[Report]) -> Iterator[Report]:
    """RFC 3464 §2: a block about the message, then one about each recipient."""
    blocks = [block for part in re.split(r"\n\s*\n", text) if (block := _fields(part))]
    general: Mapping[str, str] = {}
    for block in blocks[:MOST_REPLIES]:
        if not {"final-recipient", "original-recipient", "action"} & set(block):
            general = {**block, **general}
            continue
        general = {**{k: v for k, v in block.items() if k == "reporting-mta"}, **general}
        yield _of_block(block, _typed(general.get("reporting-mta", "")), prose_reports)


def _of_block(block: Mapping[str, str], reporter: str, prose_reports: Sequence[Report]) -> Report:
    recipient = _address(block.get("final-recipient", "")) or _address(block.get("original-recipient", ""))
    diagnostic = _one_line(re.sub(r"^[\w-]+\s*;\s*", "", block.get("diagnostic-code", "")))
    diagnostic = _reply(diagnostic)
    code, status = _numbers(diagnostic)
    stated = next(iter(_STATUS.findall(block.get("status", ""))), "")
    same = [
        report
        for report in prose_reports
        if not report.recipient or report.recipient.lower() == recipient.lower()
    ]
    more = same or list(prose_reports)
    host = _typed(block.get("remote-mta", "")) or _host(diagnostic)
    if not diagnostic and more:
        diagnostic, code, status = more[0].reply, more[0].code, more[0].status
    host = host or next((report.host for report in more if report.host), "")
    action = block.get("action", "").strip().lower().split(" ")[0]
    return Report(recipient, action, diagnostic, code, status or stated, host, reporter)


def _fields(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in text.split("\n"):
        match = re.match(r"([A-Za-z][A-Za-z0-9-]*) ?:(.*)", line)
        if match and not line.startswith((" ", "\t")):
            name = match[1].lower()
            fields.setdefault(name, match[2].strip())
        elif name and line.strip():
            fields[name] += " " + line.strip()
    return fields


def _said(text: str) -> Iterator[Report]:
    """The replies that a free text quotes, each with the address and the server named last before it."""
    address, host = "", ""
    for paragraph in re.split(r"\n[ \t]*\n", text[:100_000])[:400]:
        line = _one_line(paragraph)
        places = list(_REPLY.finditer(line))[:MOST_REPLIES]
        starts = _distinct(places, line)
        if not starts:
            address, host = _address(line) or address, _host(line) or host
        for number, start in enumerate(starts):
            end = starts[number + 1].start() if number + 1 < len(starts) else len(line)
            before = line[: start.start()]
            reply = _reply(line[start.start() : end])
            address = _last_address(before) or address or _address(reply)
            host = _host(before) or _host(line) or host
            code, status = _numbers(reply)
            yield Report(address, "", reply, code, status, host)


def _distinct(places: Sequence[re.Match[str]], line: str) -> list[re.Match[str]]:
    """The beginnings of replies; a reply of several lines repeats its code (RFC 5321 §4.2.1)."""
    matches: list[re.Match[str]] = []
    for place in places:
        same = matches and place[1] == matches[-1][1] and (place[2] or "") == (matches[-1][2] or "")
        if same and not re.search(r"\bhost \S+|<\S+@\S+>:", line[matches[-1].end() : place.start()]):
            continue
        matches.append(place)
    return matches


def _replies(text: str) -> Iterator[re.Match[str]]:
    yield from _REPLY.finditer(_one_line(text[:20_000]))


def _reply(line: str) -> str:
    code, status = _numbers(line)
    prefix = rf"\b{code}[- ]+" + (rf"\(?#?{re.escape(status)}\)?" if status else r"(?=\S)")
    first = re.search(prefix, line) if code else None
    if first is None:
        return line[:MOST_REPLY]
    return _one_line(line[: first.end()] + re.sub(prefix, " ", line[first.end() :]))[:MOST_REPLY]


def _numbers(reply: str) -> tuple[str, str]:
    match = _REPLY.search(reply)
    status = (match[2] if match and match[2] else "") or next(iter(_STATUS.findall(reply)), "")
    return (match[1] if match else ""), status


def _one_line(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("‘", "'").split())


def _address(text: str) -> str:
    match = _ADDRESS.search(text)
    return match[0].strip("'*`") if match else ""


def _last_address(text: str) -> str:
    addresses = _ADDRESS.findall(text[-2000:])
    return addresses[-1].strip("'*`") if addresses else ""


def _host(text: str) -> str:
    for pattern in _HOSTS:
        match = pattern.search(text[-3000:])
        if match and "@" not in match[0]:
            return match[1].lower()
    return ""


def _typed(value: str) -> str:
    """``dns; mx.example.com`` without its type, and without an address behind the name."""
    name = value.rpartition(";")[2].strip().split(" ")[0].strip("()[]").lower()
    return name if re.fullmatch(r"[\w.:-]+", name) else ""
