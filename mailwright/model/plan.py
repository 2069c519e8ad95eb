"""The one value that flows: what a spec asks of the world on a given day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mailwright.model.consent import Consent
from mailwright.model.finding import Finding
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.records import PlannedRecord
from mailwright.model.text import Lang


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one domain's mail needs, on the day ``as_of``.

    ``domain`` is the A-label domain without the final dot. ``records`` are sorted by name, type
    and family. ``mailboxes``: None where a spec names none. ``consents`` are the spec's ``allow:``,
    ``silenced`` the rules of its ``silence:``. ``delegated`` are records that the servers of delegated names
    have: mail finds them, and nothing here writes them.
    """

    domain: str
    as_of: dt.date
    records: tuple[PlannedRecord, ...]
    findings: tuple[Finding, ...] = ()
    consents: tuple[Consent, ...] = ()
    mailboxes: Mailboxes | None = None
    silenced: frozenset[str] = frozenset()
    delegated: tuple[PlannedRecord, ...] = ()

    def to_json(self, lang: Lang = "en") -> dict[str, object]:
        """The documented JSON form."""
        return {
            "domain": self.domain,
            "as_of": self.as_of.isoformat(),
            "records": [
                {
                    "name": record.name,
                    "type": record.type,
                    "ttl": record.ttl,
                    "values": list(record.values),
                    "why": record.why(lang),
                    "line": record.position.line if record.position else None,
                }
                for record in self.records
            ],
            "mailboxes": self.mailboxes.to_json(lang) if self.mailboxes else [],
            "findings": [finding.to_json(lang) for finding in self.findings],
        }
