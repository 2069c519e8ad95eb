"""Who gets this mail? From a spec and a mail to the steps it takes, with no server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mailwright.model.finding import Finding, has_errors
from mailwright.model.text import Lang, Text
from mailwright.operations.planning import planned
from mailwright.plan.mailboxes.message import read
from mailwright.plan.mailboxes.trace import Mail, Reached, Trace, trace
from mailwright.spec.model import MailSpec


@dataclass(frozen=True, slots=True)
class Traced:
    """The story of one mail at each domain that has its recipient; ``findings`` are the specs' errors."""

    stories: tuple[tuple[str, Trace], ...]
    findings: tuple[Finding, ...]
    sources: dict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a mail says; ``to`` is a whole address, or a local part for every spec's own domain.

    ``message`` are the octets of a whole message, which then says everything but the recipient.
    """

    to: str
    sender: str
    subject: str
    body: str
    is_reply: bool = False
    message: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    size: int = 0
    attachments: bool = False
    again: bool = False
    bounce: bool = False

    def mail(self, domain: str) -> Mail:
        """The mail as it comes in at ``domain``."""
        to = self.to if "@" in self.to else f"{self.to}@{domain}"
        if self.message is not None:
            return replace(read(self.message, to), again=self.again, bounce=self.bounce)
        answers = any(name.lower() in ("in-reply-to", "references") for name, _ in self.headers)
        return Mail(
            to,
            self.sender,
            self.subject,
            self.body,
            (to,),
            self.is_reply or answers,
            self.headers,
            self.size,
            self.attachments,
            again=self.again,
            bounce=self.bounce,
        )


def _hosts(spec: MailSpec) -> tuple[str, ...]:
    """The domains at which the spec's addresses take mail."""
    return (spec.domain, spec.domain_unicode.lower(), *(alias.domain for alias in spec.alias_domains))


def traced(paths: Sequence[Path], asked: Asked, as_of: dt.date | None) -> Traced:
    """Trace one mail through the specs whose domain it is addressed to."""
    seen = planned(paths, as_of)
    errors = tuple(finding for finding in seen.findings if has_errors([finding]))
    host = asked.to.rpartition("@")[2].lower() if "@" in asked.to else ""
    stories = tuple(
        (plan.domain, trace(plan.mailboxes, asked.mail(plan.domain)))
        for spec, plan in seen.plans
        if plan.mailboxes and plan.domain == spec.domain and host in ("", *_hosts(spec))
    )
    return Traced(stories, errors, seen.sources)


def render(story: Trace, lang: Lang) -> str:
    """The steps, indented by how often the mail was passed on, then who gets it."""
    lines = []
    for step in story.steps:
        place = f"  ({step.position})" if step.position else ""
        lines.append("  " * step.depth + "· " + step.text(lang) + place)
    lines.append("")
    for one in story.reached:
        lines.append(_ARRIVES.using(address=one.address, where=_where(one, lang))(lang))
    for address in story.refused:
        lines.append(_REFUSED.using(address=address)(lang))
    for open_question in story.unknown:
        lines.append(_UNKNOWN.using(what=open_question)(lang))
    if not story.reached and not story.refused and not story.unknown:
        lines.append(_NOBODY(lang))
    return "\n".join(lines)


def to_json(story: Trace, lang: Lang) -> dict[str, object]:
    """The documented JSON form."""
    return {
        "steps": [
            {
                "text": step.text(lang),
                "depth": step.depth,
                "line": step.position.line if step.position else None,
            }
            for step in story.steps
        ],
        "reached": [
            {
                "address": reached.address,
                "outside": reached.outside,
                "folders": list(reached.folders),
                "tags": list(reached.tags),
            }
            for reached in story.reached
        ],
        "replies": [reply.sender for reply in story.replies],
        "notices": list(story.notices),
        "refused": list(story.refused),
        "unknown": [text(lang) for text in story.unknown],
    }


_ARRIVES = Text("→ {address}{where}", "→ {address}{where}")
_REFUSED = Text("✗ {address}: no such address, refused (550)", "✗ {address}：地址不存在，拒收（550）")
_UNKNOWN = Text("? not known: {what}", "? 未知：{what}")
_NOBODY = Text("✗ nobody gets it", "✗ 无人收到")
_FOLDER = Text(", in {folders}", "，位于 {folders}")
_TAGGED = Text(", tagged {tags}", "，标签 {tags}")
_OUTSIDE = Text(" (outside)", "（公司外）")


def _where(one: Reached, lang: Lang) -> str:
    if one.outside:
        return _OUTSIDE(lang)
    tags = _TAGGED.using(tags=", ".join(one.tags))(lang) if one.tags else ""
    return _FOLDER.using(folders=", ".join(one.folders))(lang) + tags
