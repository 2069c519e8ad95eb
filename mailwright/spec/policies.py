"""``dmarc`` and ``spf``: what the company itself says of mail in its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mailwright.spec.model import Dmarc, SpfPolicy
from mailwright.spec.moving import day
from mailwright.spec.tree import Branch

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

#: The addresses and ranges of a branch's key, a path before it.
Networks = Callable[[Branch, str, str], tuple[str, ...]]


def dmarc(builder: Builder) -> Dmarc:
    """The DMARC policy."""
    branch = builder.branch("dmarc")

    def addresses(key: str) -> tuple[str, ...]:
        targets = (
            builder.address(f"dmarc.{key}[{n}]", written_address)
            for n, written_address in enumerate(builder.texts(branch, key))
        )
        return tuple(target for target in targets if target)

    def word(key: str) -> str | None:
        return builder.text(branch, key) or None

    return Dmarc(
        stage=word("stage") or "watch",
        rua=addresses("rua"),
        ruf=addresses("ruf"),
        adkim=word("adkim"),
        aspf=word("aspf"),
        sp=word("sp"),
        np=word("np"),
        t=word("t"),
        since=day(builder, branch, "since", "dmarc"),
        position=builder.positions.get("dmarc"),
    )


def spf(builder: Builder, networks: Networks) -> SpfPolicy:
    """The company's own SPF terms."""
    branch = builder.branch("spf")
    return SpfPolicy(
        all=builder.text(branch, "all") or None,
        ip4=networks(branch, "ip4", "spf"),
        ip6=networks(branch, "ip6", "spf"),
        include=builder.texts(branch, "include"),
        position=builder.positions.get("spf"),
    )
