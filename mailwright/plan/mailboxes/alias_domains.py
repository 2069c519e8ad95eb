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


def addresses_at(made: Mailboxes, domain: str, spec: MailSpec) -> Mailboxes | None:
    """Each address leads to the company's own one, so that leavers, rules and groups hold there too.

    None where the mail host is somebody else's: its own alias domain does it, or an alias for each address.
    """
    if spec.mail_host.service != SELF_HOSTED and not (
        spec.moving_from and spec.moving_from.host.service == SELF_HOSTED
    ):
        return None

    def there(address: str) -> str:
        local, _, host = address.rpartition("@")
        return f"{local}@{domain}" if host == made.domain else address

    def moved(table: Mapping[str, _Value]) -> dict[str, _Value]:
        return {there(address): value for address, value in table.items() if there(address) != address}

    places = {box.address: box.position for box in made.mailboxes}
    places |= {route.address: route.position for route in made.routes}
    routes = (
        Route(there(address), "alias", (address,), why=_WHY.using(to=address), position=position)
        for address, position in sorted(places.items())
    )
    return Mailboxes(
        domain=domain,
        as_of=made.as_of,
        routes=tuple(routes),
        refused=tuple(replace(refused, address=there(refused.address)) for refused in made.refused),
        catch_all=made.catch_all,
        senders=moved(made.senders),
        max_redirects=made.max_redirects,
        delimiter=made.delimiter,
        archive_in=moved(made.archive_in),
        archive_out=moved(made.archive_out),
        relays=moved(made.relays),
        archive_position=made.archive_position,
        catch_all_position=made.catch_all_position,
    )
