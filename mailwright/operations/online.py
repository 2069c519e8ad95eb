"""The living half of ``check --online``: resolvers asked, each question once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mailwright.model.plan import Plan
from mailwright.plan.living import Living, living
from mailwright.verify.lookups import judged
from mailwright.verify.servers import Server, ServersError, given, system_resolvers


class NoResolver(Exception):
    """This machine has no resolver, and none was named."""


def look(plans: Sequence[Plan], resolvers: Sequence[str] = ()) -> Living:
    """Judge the plans by live look-ups.

    ``resolvers`` are ADDRESS or ADDRESS:PORT; none means this machine's. Raises ValueError for what is no
    address, NoResolver where the machine has none.
    """
    asked: tuple[Server, ...] = tuple(given(each, authoritative=False) for each in resolvers)
    try:
        asked = asked or system_resolvers()
    except ServersError as error:
        raise NoResolver(str(error)) from None
    (made,) = asyncio.run(judged([lambda lookup: living(plans, lookup)], asked))
    return made
