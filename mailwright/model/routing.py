"""What tables on a mail host say right now: which addresses take mail, and whether it reaches anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mailwright.model.mailboxes import DELIMITER, parted

_MOST_STEPS = 1000  # expansions of one address; Postfix stops at virtual_alias_expansion_limit, 1000


@dataclass(frozen=True, slots=True)
class Routing:
    """The tables of one domain, as a server reads them. Addresses are whole and lower case.

    ``aliases``: targets by address, the catch-all at ``@domain``. ``refused`` take no mail though an alias
    or a mailbox stands behind them. ``suspended``: nobody may log in. ``others``: targets of the addresses
    of other domains, by hand, that lead into this one. ``archived``: where copies go, by table and address.
    ``elsewhere``: whose mail is taken here and passed on to another mail host of the domain.
    """

    domain: str
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mailboxes: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    suspended: frozenset[str] = frozenset()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    delimiter: str = DELIMITER
    archived: Mapping[tuple[str, str], str] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()

    def taking(self) -> tuple[str, ...]:
        """Every address whose mail reaches somebody; sorted. A catch-all is ``@domain``."""
        named = {alias for alias in (*self.aliases, *self.mailboxes) if alias.endswith("@" + self.domain)}
        return tuple(sorted(address for address in named if self.reaches(address)))

    def leaning(self) -> tuple[str, ...]:
        """Addresses of other domains whose mail reaches somebody by way of this one; sorted."""
        return tuple(sorted(other for other in self.others if self.reaches(other)))

    def opened(self) -> frozenset[str]:
        """The mailboxes that any address of the domain leads to."""
        ends = {self._base(end) for address in self.taking() for end in self.ends(address)}
        return frozenset(ends & self.mailboxes) - self.elsewhere

    def unarchived(self, before: Routing) -> tuple[str, ...]:
        """Addresses that still take mail, and no copy of it is kept any more; ``@domain`` is every one."""
        every = "@" + self.domain
        gone = {
            address
            for table, address in before.archived
            if (table, address) not in self.archived and (table, every) not in self.archived
        }
        return tuple(
            sorted(
                address for address in gone if (self.taking() if address == every else self.reaches(address))
            )
        )

    def reaches(self, address: str) -> bool:
        """Whether mail to an address ends in a mailbox or outside; ``@domain`` asks for the catch-all."""
        return address not in self.refused and any(True for _ in self.ends(address))

    def ends(self, address: str) -> Iterator[str]:
        """Mailboxes and outside addresses, each once, as virtual(5) expands an address."""
        seen: set[str] = set()
        todo = [address]
        while todo and len(seen) < _MOST_STEPS:
            leaf = todo.pop(0)
            if leaf in seen:
                continue
            seen.add(leaf)
            targets = self._targets(leaf)
            if targets is None or targets == (leaf,):
                if not leaf.endswith("@" + self.domain) or self._base(leaf) in self.mailboxes:
                    yield leaf
                continue
            todo += targets

    def _targets(self, address: str) -> tuple[str, ...] | None:
        if address in self.others:
            return self.others[address]
        for key in (address, self._base(address), "@" + self.domain):
            if key in self.aliases and address.endswith("@" + self.domain):
                return self.aliases[key]
        return None

    def _base(self, address: str) -> str:
        return address if address in self.mailboxes else without_detail(address, self.delimiter)


def without_detail(address: str, delimiter: str = DELIMITER) -> str:
    """``wang@…`` of ``wang+info@…`` (RFC 5233)."""
    return parted(address, delimiter)[0]
