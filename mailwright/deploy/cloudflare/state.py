"""What this stack has deployed at Cloudflare so far, read from the engine's own state.

The program asks for the outputs of its own stack, so that it knows what retires and since when.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailwright.deploy.dns.values import plain_retiring, retiring_of
from mailwright.deploy.properties import meant, shown
from mailwright.deploy.run import stack_state
from mailwright.deploy.tokens import CLOUDFLARE, MAIL_DOMAIN, RECORD, ROUTING
from mailwright.hosts.dns.cloudflare import LiveRecord
from mailwright.model.changes import Retiring
from mailwright.model.names import absolute, bare, is_below, key
from mailwright.plan.transition.ownership import Owned


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of one domain: resource names to record ids, and what the last run left.

    ``applied`` are the values last wanted by ``NAME TYPE``; ``open`` the resources that Pulumi may
    delete; ``pending``: the last run had not finished.
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    applied: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    retiring: tuple[Retiring, ...] = ()
    open: frozenset[str] = frozenset()
    pending: bool = False
    held: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def owned(self) -> Owned:
        """What is ours: as last wanted, else as the state holds it."""
        return Owned({**self.held, **self.applied}, self.retiring)

    def plain(self) -> dict[str, Any]:
        """The output property that ``Stack.read`` reads back."""
        return {
            "applied": {pair: [shown(value) for value in values] for pair, values in self.applied.items()},
            "retiring": [plain_retiring(retiring_value) for retiring_value in self.retiring],
            "open": sorted(self.open),
            "pending": self.pending,
        }


@dataclass(frozen=True, slots=True)
class _Record:
    """One ``DnsRecord`` of the state."""

    name: str
    id: str
    owner: str


@dataclass(frozen=True, slots=True)
class Stack:
    """What lies below MailDomains in this stack, and the outputs of those by domain.

    ``routing``: the ids of Email Routing's resources by their names.
    """

    records: tuple[_Record, ...]
    routing: Mapping[str, str]
    outputs: Mapping[str, Mapping[str, Any]]

    @staticmethod
    def read() -> Stack:
        """Ask the engine. On a new stack all are empty."""
        records: list[_Record] = []
        routing: dict[str, str] = {}
        outputs: dict[str, Mapping[str, Any]] = {}
        for urn, body in stack_state.resources().items():
            type, own_outputs = str(body.get("type")), body.get("outputs") or {}
            name, id = urn.rpartition(f"{type}::")[2], str(own_outputs.get("id") or "")
            if type == MAIL_DOMAIN:
                outputs.update(own_outputs.get(CLOUDFLARE) or {})
            elif not id or f"::{MAIL_DOMAIN}${type}::" not in urn:
                continue
            elif type == RECORD:
                records.append(_Record(name, id, absolute(str(own_outputs.get("name", "")))))
            elif type.startswith(ROUTING):
                routing[name] = id
        return Stack(tuple(records), routing, outputs)

    def email_routing(self, domain: str) -> tuple[dict[str, str], Mapping[str, Any]]:
        """Of a domain's Email Routing: ids by resource name, and what the last run kept."""
        kept: Mapping[str, Any] = (self.outputs.get(domain) or {}).get("email") or {}
        return {name: id for name, id in self.routing.items() if _is_of(name, domain)}, kept

    def memory(self, domain: str, live: Iterable[LiveRecord], domains: Iterable[str] = ()) -> Memory:
        """What is known of a domain; ``live`` says what its records hold now.

        ``domains`` are the others of this run: what lies in one of them below ``domain`` is theirs.
        """
        domain_outputs = self.outputs.get(bare(domain)) or {}
        mine = [
            resource
            for resource in self.records
            if self._domain(resource, (domain, *domains)) == bare(domain)
        ]
        by_id = {live_record.id: live_record for live_record in live}
        held: dict[str, tuple[str, ...]] = {}
        for own_record in mine:
            if record := by_id.get(own_record.id):
                pair = key(record.name, record.type)
                held[pair] = (*held.get(pair, ()), record.value.value)
        return Memory(
            ids={resource.name: resource.id for resource in mine},
            applied=_applied(domain_outputs.get("applied") or {}),
            retiring=tuple(map(retiring_of, domain_outputs.get("retiring") or ())),
            open=frozenset(domain_outputs.get("open") or ()),
            pending=bool(domain_outputs.get("pending")),
            held=held,
        )

    def unclaimed(self, domains: Sequence[str]) -> list[str]:
        """Owner names of records that lie in none of the domains."""
        here = {bare(domain) for domain in domains}
        return sorted(
            {bare(record.owner) for record in self.records if self._domain(record, domains) not in here}
        )

    def _domain(self, record: _Record, domains: Iterable[str]) -> str:
        """The nearest domain above a record, of those deployed now or before; empty for none."""
        known = {bare(output) for output in (*self.outputs, *domains)}
        above = [domain for domain in known if is_below(record.owner, domain)]
        return max(above, key=len, default="")


def _applied(body: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {pair: tuple(meant(str(value)) for value in values) for pair, values in body.items()}


def _is_of(name: str, domain: str) -> bool:
    """Whether a resource of Email Routing is about this domain, as its name says."""
    head = name.partition(" ")[0]
    return head == domain or head.endswith("@" + domain)
