"""Verify several domains in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mailwright.model.checks import Verdict
from mailwright.model.plan import Plan
from mailwright.verify.dns import verify
from mailwright.verify.servers import Server, found


def verify_all(
    plans: Sequence[Plan], servers: Sequence[Server] = (), resolvers: Sequence[Server] = ()
) -> list[Verdict]:
    """A verdict for each plan, from the servers given or else each domain's own.

    Raises ServersError where a domain's servers cannot be found.
    """
    return asyncio.run(_all(plans, servers, resolvers))


async def _all(
    plans: Sequence[Plan], servers: Sequence[Server], resolvers: Sequence[Server]
) -> list[Verdict]:
    async def one(plan: Plan) -> Verdict:
        asked = tuple(servers) or await found(plan.domain)
        return await verify(plan, (*asked, *resolvers))

    return list(await asyncio.gather(*map(one, plans)))
