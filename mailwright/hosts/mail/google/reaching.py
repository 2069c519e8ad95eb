"""Whom mail reaches by the lines of an account: what the gate compares before and after. Pure."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from mailwright.hosts.mail.google.changing import TAKING, target_of
from mailwright.hosts.mail.google.rows import ACTIVE, ALL_MAIL, Rows, parts


@dataclass(frozen=True, slots=True)
class Reaching:
    """Lines, and the mailboxes of which nobody is the reader: they only pass mail on."""

    rows: Rows
    roles: Set[str] = frozenset()

    def taking(self) -> frozenset[str]:
        """Every address whose mail reaches somebody."""
        named = {address for kind, address, _ in map(parts, self.rows) if kind in TAKING}
        return frozenset(address for address in named if self.reaches(address))

    def reaches(self, address: str, seen: Set[str] = frozenset()) -> bool:
        """Whether mail to an address ends where somebody reads it, outside included."""
        if address in seen:
            return False
        seen = seen | {address}
        if (state := self.rows.get(f"user {address}")) is not None:
            return state == ACTIVE and (address not in self.roles or self._passed(address, seen))
        if (owner := self.rows.get(f"alias {address}")) is not None:
            return self.reaches(owner, seen)
        if f"group {address}" in self.rows:
            head = f"member {address} "
            members = [
                key.removeprefix(head)
                for key, how in self.rows.items()
                if key.startswith(head) and how == ALL_MAIL
            ]
            return any(self.reaches(member, seen) for member in members)
        return not self._is_inside(address)

    def _passed(self, address: str, seen: Set[str]) -> bool:
        """Whether a mailbox without a reader passes mail on, or colleagues read it."""
        for key, value in self.rows.items():
            kind, box, more = parts(key)
            if box == address and kind in ("filter", "forward", "delegate"):
                target = more if kind == "delegate" else target_of(kind, more, value)
                if target and self.reaches(target, seen):
                    return True
        return False

    def _is_inside(self, address: str) -> bool:
        domains = {parts(key)[1].rpartition("@")[2] for key in self.rows if key.startswith("user ")}
        return address.rpartition("@")[2] in domains

    def leaving(self) -> frozenset[tuple[str, str]]:
        """(address, outside address) of all mail that goes out by itself."""
        return frozenset(
            (address, target)
            for key, value in self.rows.items()
            for kind, address, more in [parts(key)]
            for target in [more if kind == "member" else target_of(kind, more, value)]
            if kind in ("member", "filter", "forward") and target and not self._is_inside(target)
        )
