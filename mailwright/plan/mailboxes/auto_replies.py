"""What auto-replies say where the spec does not: two lines, English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable

from mailwright.spec.mailboxes import Address, Away, Person

_AWAY = "I am away until {until}; your mail waits for me.\n我休假至 {until}，回来后会处理您的来信。"
_AWAY_COVER = (
    "I am away until {until}. {cover} has a copy of your mail.\n我休假至 {until}，期间由 {cover} 代收来信。"
)
_LEFT = "{name} has left. Your mail was passed on to a colleague.\n{name} 已离职，您的来信已转交同事处理。"
_LEFT_ROLE = (
    "{name} has left. Your mail was passed on; please write to {role} from now on.\n"
    "{name} 已离职，您的来信已转交。今后请联系 {role}。"
)
_LEFT_NAMED = "{name} has left. Your mail went to {successor}.\n{name} 已离职，您的来信已转给 {successor}。"


def away(absence: Away, cover: str | None) -> str:
    """The text of somebody on holiday; ``cover`` is the address that gets a copy."""
    return (_AWAY_COVER if cover else _AWAY).format(until=absence.until, cover=cover)


def left(person: Person, addresses: Iterable[Address], successor: str, domain: str) -> str:
    """The text of somebody who left.

    It names an address of their role, or of the successor's, because people come and go; the successor is
    named where the spec says ``name_successor``.
    """
    name = person.name or person.key
    if person.name_successor:
        return _LEFT_NAMED.format(name=name, successor=successor)
    theirs = {f"{person.key}@{domain}", successor}
    role = next((address.key for address in addresses if theirs & set(address.to)), "")
    return _LEFT_ROLE.format(name=name, role=f"{role}@{domain}") if role else _LEFT.format(name=name)
