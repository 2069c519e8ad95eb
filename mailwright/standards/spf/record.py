"""The parts of an SPF record, as frozen values whose text is the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: RFC 7208 §4.6.4: terms that cause DNS queries, in the whole evaluation.
MAX_LOOKUPS = 10
#: §4.6.4 as well: look-ups that find nothing, and the exchangers of one ``mx``.
MAX_VOIDS = 2
MAX_MX = 10

Qualifier = Literal["+", "-", "~", "?"]


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One mechanism (RFC 7208 §5).

    ``name`` is lower case. ``domain`` is the domain-spec as written, or None; ``network`` the address
    of ip4 and ip6; ``cidr4`` and ``cidr6`` the prefix lengths in bits where written.
    """

    qualifier: Qualifier
    name: str
    domain: str | None = None
    network: str | None = None
    cidr4: int | None = None
    cidr6: int | None = None

    def __str__(self) -> str:
        """The term, with the default qualifier ``+`` left out."""
        sign = "" if self.qualifier == "+" else self.qualifier
        value = self.network if self.network is not None else self.domain
        text = sign + self.name + (f":{value}" if value is not None else "")
        text += f"/{self.cidr4}" if self.cidr4 is not None else ""
        if self.cidr6 is None:
            return text
        return text + ("/" if self.name == "ip6" else "//") + str(self.cidr6)

    @property
    def identity(self) -> str:
        """What makes two mechanisms the same: qualifier and meaning; names lose their case."""
        return str(self).lower() if "%" not in (self.domain or "") else str(self)

    @property
    def looks_up(self) -> bool:
        """Whether it counts against the limit of ten (RFC 7208 §4.6.4)."""
        return self.name in ("include", "a", "mx", "ptr", "exists")


@dataclass(frozen=True, slots=True)
class Modifier:
    """One modifier (RFC 7208 §6): ``redirect``, ``exp``, or unknown and ignored."""

    name: str
    value: str

    def __str__(self) -> str:
        """The term."""
        return f"{self.name}={self.value}"

    @property
    def identity(self) -> str:
        """What makes two modifiers the same."""
        return str(self).lower() if "%" not in self.value else str(self)


Term = Mechanism | Modifier


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """A syntactically valid record: its terms in order."""

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        """The record's text, normalised: single blanks, no ``+``."""
        return " ".join(["v=spf1", *map(str, self.terms)])

    @property
    def mechanisms(self) -> tuple[Mechanism, ...]:
        """The mechanisms without ``all``, in order."""
        return tuple(term for term in self.terms if isinstance(term, Mechanism) and term.name != "all")

    @property
    def modifiers(self) -> tuple[Modifier, ...]:
        """The modifiers, in order."""
        return tuple(term for term in self.terms if isinstance(term, Modifier))

    @property
    def all(self) -> Mechanism | None:
        """The first ``all``, which ends evaluation (RFC 7208 §5.1)."""
        return next((t for t in self.terms if isinstance(t, Mechanism) and t.name == "all"), None)

    @property
    def redirect(self) -> str | None:
        """The target of ``redirect=``; without effect where there is an ``all`` (RFC 7208 §6.1)."""
        return next((modifier.value for modifier in self.modifiers if modifier.name == "redirect"), None)
