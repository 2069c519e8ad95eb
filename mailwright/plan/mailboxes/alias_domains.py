"""The addresses of a company at an alias domain, on a server that reads our tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from mailwright.model.mailboxes import Mailboxes, Route
from mailwright.model.text import Text
from mailwright.spec.model import MailSpec
from mailwright.spec.own_server import SELF_HOSTED

_Value = TypeVar("_Value")
_WHY = Text("the same as {to}", "与 {to} 相同")


def addresses_at(mailboxes: Mailboxes, domain: str, spec: MailSpec) -> Mailboxes | None:
    """Each address leads to the company's own one, so that leavers, rules and groups hold there too.

    None where the mail host is somebody else's: its own alias domain does it, or an alias for each address.
    """
    if spec.mail_host.service != SELF_HOSTED and not (
        spec.moving_from and spec.moving_from.host.service == SELF_HOSTED
    ):
        return None

    def there(address: str) -> str:
        local, _, host = address.rpartition("@")
        return f"{local}@{domain}" if host == mailboxes.domain else address

    def moved(table: Mapping[str, _Value]) -> dict[str, _Value]:
        return {there(address): value for address, value in table.items() if there(address) != address}

    places = {box.address: box.position for box in mailboxes.mailboxes}
    places |= {route.address: route.position for route in mailboxes.routes}
    routes = (
        Route(there(address), "alias", (address,), why=_WHY.using(to=address), position=position)
        for address, position in sorted(places.items())
    )
    return Mailboxes(
        domain=domain,
        as_of=mailboxes.as_of,
        routes=tuple(routes),
        refused=tuple(replace(refused, address=there(refused.address)) for refused in mailboxes.refused),
        catch_all=mailboxes.catch_all,
        senders=moved(mailboxes.senders),
        max_redirects=mailboxes.max_redirects,
        delimiter=mailboxes.delimiter,
        archive_in=moved(mailboxes.archive_in),
        archive_out=moved(mailboxes.archive_out),
        relays=moved(mailboxes.relays),
        archive_position=mailboxes.archive_position,
        catch_all_position=mailboxes.catch_all_position,
    )
