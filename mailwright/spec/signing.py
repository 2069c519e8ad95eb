"""``signing``: a company's own DKIM keys, and how far one has taken the place of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailwright.spec import names, rules
from mailwright.spec.key_file import public_key
from mailwright.spec.model import SigningKey
from mailwright.spec.moving import day, inner
from mailwright.spec.tree import Branch

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder


def signing(builder: Builder, branch: Branch, path: str) -> SigningKey:
    """An own key; the file is the public half."""
    file = builder.text(branch, "public_key_file") or None
    key = builder.text(branch, "public_key")
    if file:
        key = public_key(builder, f"{path}.public_key_file", file)
    elif not key:
        builder.say(rules.MISSING, path, key="public_key_file", example="keys/s1.pub")
    selector = builder.named_value(
        f"{path}.selector", names.owner, builder.text(branch, "selector"), rules.BAD_DOMAIN
    )
    seen = inner(branch, "seen")
    days = {name: day(builder, seen, name, f"{path}.seen") for name in seen.items}
    return SigningKey(
        selector,
        key,
        file,
        builder.positions.get(path),
        made=day(builder, branch, "made", path),
        replaces=builder.text(branch, "replaces").lower() or None,
        seen={name: on for name, on in days.items() if on},
        revoked=day(builder, branch, "revoked", path),
        compromised=day(builder, branch, "compromised", path),
    )
