"""What is known of a host, what is drawn where the documents are silent, and the ground a decision rests on."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.mail_host.simulators.facts import FACTS, HOSTS, Value
from tests.mail_host.simulators.model import Event, EventKind, Outcome
from tests.mail_host.simulators.questions import CHOICES


class Knowledge:
    """The answers of one host: documented ones, and draws made once for the silent questions.

    All silent questions are drawn at the start and in a fixed order, so that a tenant is of one piece and the same
    generator gives the same tenant whatever is asked of it, and in whatever order.
    """

    def __init__(self, host: str, rng: random.Random) -> None:
        """Draw the answers the documents of ``host`` do not give."""
        if host not in HOSTS:
            raise ValueError(f"no such host: {host}")
        self.host = host
        self.rng = rng
        self._drawn: dict[str, Value] = {key: rng.choice(CHOICES[key]) for key in sorted(CHOICES)}

    def documented(self, key: str) -> bool:
        """Whether the host's documents answer the question."""
        return f"{self.host}:{key}" in FACTS

    def answer(self, key: str) -> Value:
        """The documented answer, or the one drawn."""
        fact = FACTS.get(f"{self.host}:{key}")
        return fact.value if fact else self._drawn[key]


@dataclass
class Ground:
    """The facts one decision rests on, and whether one of them is silent."""

    knowledge: Knowledge
    facts: list[str] = field(default_factory=list)
    undocumented: bool = False

    def branch(self) -> Ground:
        """The same ground, to be built on apart."""
        return Ground(self.knowledge, list(self.facts), self.undocumented)

    def base(self, axiom: str) -> None:
        """Rest on an axiom."""
        self._note(f"base:{axiom}")

    def know(self, key: str) -> Value:
        """The answer to a question; a silent one makes the decision undocumented."""
        self._note(f"{self.knowledge.host}:{key}")
        if not self.knowledge.documented(key):
            self.undocumented = True
        return self.knowledge.answer(key)

    def yes(self, key: str) -> bool:
        """The answer to a yes-or-no question."""
        return bool(self.know(key))

    def number(self, key: str) -> int:
        """The answer to a question for a number."""
        value = self.know(key)
        if not isinstance(value, int):
            raise TypeError(key)
        return value

    def text(self, key: str) -> str:
        """The answer to a question for a word."""
        return str(self.know(key))

    def many(self, key: str) -> tuple[str, ...]:
        """The answer to a question for several words."""
        value = self.know(key)
        return value if isinstance(value, tuple) else ()

    def cite(self, key: str) -> Value:
        """The answer where it is documented, else ``None``; never makes the decision undocumented."""
        return self.know(key) if self.knowledge.documented(key) else None

    def within(self, key: str, count: int) -> bool:
        """Whether a count is within a limit; a count every plausible limit allows rests on nothing."""
        if not self.knowledge.documented(key):
            plausible = [choice for choice in CHOICES[key] if isinstance(choice, int)]
            if count <= min(plausible):
                return True
        limit = self.know(key)
        return not isinstance(limit, int) or count <= limit

    def coin(self) -> bool:
        """Toss for something the documents leave to chance; the decision is undocumented."""
        self.undocumented = True
        return self.knowledge.rng.random() < 0.5

    def done(self, reason: str = "") -> Outcome:
        """The step was carried out."""
        return self._outcome(True, reason)

    def refused(self, reason: str) -> Outcome:
        """The step was refused."""
        return self._outcome(False, reason)

    def event(
        self,
        kind: EventKind,
        target: str,
        *,
        folder: str = "",
        text: str = "",
        code: str = "",
        form_only: bool = False,
    ) -> Event:
        """An event that rests on this ground."""
        only = form_only and self.undocumented
        return Event(kind, target, folder, text, code, tuple(self.facts), self.undocumented, only)

    def _note(self, fact: str) -> None:
        if fact not in self.facts:
            self.facts.append(fact)

    def _outcome(self, taken: bool, reason: str) -> Outcome:
        if not self.facts:
            self.base("setting")
        if self.undocumented:
            return Outcome("undocumented", taken, reason, tuple(self.facts))
        return Outcome("done" if taken else "refused", taken, reason, tuple(self.facts))
