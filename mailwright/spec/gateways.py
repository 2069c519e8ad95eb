"""``gateway``: the filter that takes a company's mail before its mail host does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mailwright.catalog.filters import OTHER, filters
from mailwright.spec import rules
from mailwright.spec.model import Gateway, NamedValue
from mailwright.spec.shape import advice
from mailwright.spec.tree import Branch

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

PATH = "gateway"
_Networks = Callable[[Branch, str, str], tuple[str, ...]]
_Keys = Callable[[Branch, str, str], tuple[NamedValue, ...]]


def gateway(
    builder: Builder, mx: Callable[[str, str], str], networks: _Networks, keys: _Keys
) -> Gateway | None:
    """The part of a spec; ``mx`` reads an exchanger, ``networks`` addresses, ``keys`` pasted records."""
    branch = builder.branch(PATH)
    if not branch.items:
        return None
    service = builder.text(branch, "service")
    if service != OTHER and service not in filters():
        listed = [*filters(), OTHER]
        builder.say(rules.UNKNOWN_SERVICE, f"{PATH}.service", value=service, advice=advice(service, listed))
    exchangers = enumerate(builder.texts(branch, "mx"))
    return Gateway(
        service=service,
        mx=tuple(value for number, text in exchangers if (value := mx(f"{PATH}.mx[{number}]", text))),
        sends=builder.text(branch, "sends") or "nothing",
        include=builder.texts(branch, "include"),
        ip4=networks(branch, "ip4", PATH),
        ip6=networks(branch, "ip6", PATH),
        dkim=keys(branch, "dkim", f"{PATH}.dkim"),
        position=builder.positions.get(PATH),
    )
