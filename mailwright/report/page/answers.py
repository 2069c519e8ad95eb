"""The five plain answers about a domain's mail, and their text form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailwright.model.text import Lang, Text
from mailwright.report.escaping import lines


class State(StrEnum):
    """How good an answer is."""

    GOOD = "good"
    CARE = "care"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """One question that an owner of a domain asks, and the answer in a sentence."""

    question: Text
    state: State
    text: Text


STATE_WORDS: dict[State, Text] = {
    State.GOOD: Text("good", "良好"),
    State.CARE: Text("look at it", "需留意"),
    State.BAD: Text("act", "需处理"),
    State.UNKNOWN: Text("not visible", "无法看到"),
}


def text(answers: Sequence[Answer], lang: Lang) -> str:
    """Two lines an answer: the question with its state, and the sentence."""
    parts = []
    for number, answer in enumerate(answers, 1):
        parts.append(lines(f"{number}. {answer.question(lang)} [{STATE_WORDS[answer.state](lang)}]"))
        parts.append(lines(f"   {answer.text(lang)}"))
    return "\n".join(parts)
