"""The rules of large receivers for bulk senders, and what a plan keeps of them, as text."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from mailwright.model.text import Lang, Text
from mailwright.plan.lint.bulk import WORDS, Held

_HEAD = Text(
    "{receiver} requires of mail from @{name} (as read {date}; bulk: {counted}):",
    "{receiver} 对 @{name} 来信的要求（{date} 查阅；大量发信：{counted}）：",
)
_BULK = Text("bulk: ", "大量发信：")


def text(held: Iterable[Held], lang: Lang = "en") -> str:
    """One block a receiver and sending name; what a plan cannot show is said to be not checkable."""
    blocks = []
    for (profile, name), several in groupby(held, key=lambda judgement: (judgement.profile, judgement.name)):
        head = _HEAD.using(receiver=profile.names, name=name, date=profile.date, counted=profile.counted)
        lines = [head(lang)]
        for held_judgement in several:
            before = _BULK(lang) if held_judgement.requirement.bulk else ""
            lines.append(
                f"  [{WORDS[held_judgement.status](lang)}] {before}{held_judgement.requirement.text(lang)}"
            )
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)
