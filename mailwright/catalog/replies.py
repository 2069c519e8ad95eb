"""What receivers answer and why mail comes back: dated data (``replies.yaml``, ``bounce-causes.yaml``)."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from mailwright.catalog.loading import FOLDER
from mailwright.model.names import is_below
from mailwright.model.text import Text

Fault = Literal["ours", "receiver", "recipient", "nobody"]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PATH = re.compile(r"(https?://[^/\s]+)\S*")
_BETWEEN = ".{0,90}?"  # what a star of a form stands for


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for which mail comes back. ``cure`` names what of a spec has to do with it, or is empty."""

    id: str
    fault: Fault
    cure: str
    what: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Source:
    """The public document that says what a reply means, and its date or the day it was read."""

    title: str
    url: str
    date: str


@dataclass(frozen=True, slots=True)
class Form:
    """One form of reply; empty fields fit all. ``status`` is the enhanced one without its class ("7.26")."""

    cause: str
    text: str
    code: str
    status: str
    pattern: re.Pattern[str] | None

    def fits(self, reply: str, code: str, status: str) -> bool:
        """Whether a reply, its blanks counted as one, is of this form."""
        if self.code and code != self.code:
            return False
        if self.status and status.partition(".")[2] != self.status:
            return False
        return self.pattern is None or self.pattern.search(reply) is not None


@dataclass(frozen=True, slots=True)
class Receiver:
    """A mail system, or a kind of mail software, with the forms of its replies in their order."""

    id: str
    names: Text
    hosts: tuple[str, ...]
    domains: tuple[str, ...]
    signs: tuple[str, ...]
    sources: tuple[Source, ...]
    forms: tuple[Form, ...]

    def is_host(self, host: str) -> bool:
        """Whether a server's name is one of this receiver's."""
        name = host.lower().rstrip(".")
        return any(is_below(name, end.removeprefix(".")) for end in self.hosts)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reply means and who says so; ``source`` None where only the status code of RFC 3463 says it."""

    cause: Cause
    receiver: Receiver | None
    source: Source | None
    form: str


@functools.cache
def causes() -> Mapping[str, Cause]:
    """All causes by id."""
    return {
        id: Cause(id, cause["fault"], cause.get("cure", ""), _text(cause["what"]), _text(cause["do"]))
        for id, cause in _data("bounce-causes.yaml")["causes"].items()
    }


@functools.cache
def statuses() -> Mapping[str, str]:
    """The cause of each enhanced status that means one thing alone, by subject and detail ("1.1")."""
    return dict(_data("bounce-causes.yaml")["statuses"])


@functools.cache
def receivers() -> tuple[Receiver, ...]:
    """Mail systems whose replies are known."""
    return tuple(_receiver(id, receiver) for id, receiver in _data("replies.yaml")["receivers"].items())


@functools.cache
def software() -> tuple[Receiver, ...]:
    """Mail software and the words of the standards, in the order in which they are read."""
    return tuple(_receiver(id, product) for id, product in _data("replies.yaml")["software"].items())


def recognised(reply: str, hosts: Iterable[str]) -> Receiver | None:
    """Whose a reply is: by its own words, else by the name of the server that said it."""
    low = reply.lower()
    for receiver in receivers():
        if any(sign.lower() in low for sign in receiver.signs):
            return receiver
    names = [host for host in hosts if host]
    return next((candidate for candidate in receivers() if any(map(candidate.is_host, names))), None)


def by_address(address: str) -> Receiver | None:
    """Whose mailbox an address is, where its domain is a public one."""
    domain = address.rpartition("@")[2].lower()
    return next((receiver for receiver in receivers() if domain in receiver.domains), None)


def meaning(reply: str, code: str, status: str, receiver: Receiver | None) -> Meaning | None:
    """What a reply means: by its receiver's forms, by those of software, by its status; None is not known."""
    plain = _PATH.sub(r"\1", reply)  # the words of an address say nothing: …/help_spam_16.htm
    for party in (*((receiver,) if receiver else ()), *software()):
        for form in party.forms:
            if form.fits(reply if party is receiver else plain, code, status):
                return Meaning(causes()[form.cause], receiver, party.sources[0], form.text)
    if receiver is None:
        for party in receivers():
            for form in party.forms:
                if " " in form.text.strip() and form.fits(reply, code, status):
                    return Meaning(causes()[form.cause], party, party.sources[0], form.text)
    cause = _by_status(code, status)
    return Meaning(causes()[cause], receiver, None, status) if cause else None


def _by_status(code: str, status: str) -> str | None:
    """The cause that a status alone tells; some mean nothing beside a code that refuses for good.

    Whatever begins with 4 asks to try again (RFC 5321 §4.2.1), but for matters of policy (x.7.x).
    """
    kind, _, detail = status.partition(".")
    if kind == "4" and detail in ("1.1", "7.1"):  # not yet known to be so, or refused for now
        return "later"
    if code.startswith("5") and detail in ("4.1", "4.2", "4.5"):
        return None
    later = "4" in (code[:1], kind) and not code.startswith("5") and not detail.startswith("7.")
    return statuses().get(detail) or ("later" if later else None)


def _receiver(id: str, data: Mapping[str, Any]) -> Receiver:
    return Receiver(
        id,
        _text(data["names"]),
        tuple(data.get("hosts", ())),
        tuple(data.get("domains", ())),
        tuple(data.get("signs", ())),
        tuple(Source(source["title"], source["url"], str(source["date"])) for source in data["sources"]),
        tuple(_forms(data["forms"])),
    )


def _forms(listed: Iterable[Mapping[str, Any]]) -> Iterator[Form]:
    for row in listed:
        text = str(row.get("form", ""))
        words = _BETWEEN.join(map(re.escape, re.split(r"\s*\*\s*", text)))
        pattern = re.compile(words, re.IGNORECASE) if text else None
        yield Form(row["cause"], text, str(row.get("code", "")), str(row.get("status", "")), pattern)


def _text(data: Mapping[str, str]) -> Text:
    return Text(data["en"], data["zh"])


def _data(name: str) -> Any:
    return yaml.load((FOLDER / name).read_bytes(), Loader=_LOADER)
