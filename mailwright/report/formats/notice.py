"""A short message for people: what differs now, in a few plain lines; no markup that a value could use."""

from __future__ import annotations

from collections.abc import Sequence

from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.names import bare
from mailwright.model.text import Lang, Text, visible

#: Lines about records, characters of one, octets of them all (WeCom takes 2048); the rest is counted.
MOST, LONGEST, OCTETS = 8, 160, 1600
_DIFFERS = Text(
    "Mailwright: mail of {domains} is not as planned.", "Mailwright：{domains} 的邮件配置与计划不一致。"
)
_AGAIN = Text(
    "Mailwright: mail of {domains} is as planned again.", "Mailwright：{domains} 的邮件配置已恢复与计划一致。"
)
_LINE = Text("{name} {type}: {said}", "{name} {type}：{said}")
_MORE = Text("and {count} more", "另有 {count} 项")


def different(verdicts: Sequence[Verdict]) -> list[tuple[str, Check]]:
    """Domain and check of all that is seen to differ; what could not be told is nobody's news."""
    return [(v.domain, check) for v in verdicts for check in v.checks if check.status is Status.FAIL]


def text(verdicts: Sequence[Verdict], lang: Lang) -> str:
    """The message; of a world that is as planned it says that it is so again."""
    differences = different(verdicts)
    domains = dict.fromkeys(domain for domain, _ in differences) or [verdict.domain for verdict in verdicts]
    head = (_DIFFERS if differences else _AGAIN).using(domains=_some(list(domains)))(lang)
    lines = list(dict.fromkeys(_line(check, lang) for _, check in differences))
    shown = lines[:MOST]
    while len("\n".join(shown).encode()) > OCTETS:
        shown.pop()
    more = [_MORE.using(count=len(lines) - len(shown))(lang)] if len(lines) > len(shown) else []
    return "\n".join([head, *shown, *more])


def _some(domains: Sequence[str]) -> str:
    return ", ".join(domains[:3]) + (f" +{len(domains) - 3}" if len(domains) > 3 else "")


def _line(check: Check, lang: Lang) -> str:
    sentence = _LINE.using(name=bare(check.name), type=check.type, said=check.text(lang))(lang)
    sentence = visible(" ".join(sentence.split()))
    return sentence if len(sentence) <= LONGEST else sentence[: LONGEST - 1] + "…"
