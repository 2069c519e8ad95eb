"""The tree's expectations: mail tests and claims about who passes DMARC, each fault at its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mailwright.spec import mailbox_rules as said
from mailwright.spec.conditions import MOST, Words, headers, size
from mailwright.spec.mailboxes import Claim, Expect
from mailwright.spec.tree import Branch

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

_MAIL = frozenset(
    {"mail_to", "mail_from", "subject", "body", "header", "size", "attachments", "reaches", "not"}
)
_SENT = frozenset({"mail_from", "via", "dmarc"})
_FORGED = frozenset({"forged_from", "dmarc"})

Targets = Callable[..., tuple[str, ...]]


def expectations(
    builder: Builder, targets: Targets, words: Words
) -> tuple[tuple[Expect, ...], tuple[Claim, ...]]:
    """Mail tests and claims, in the order of the file; ``targets`` reads names inside, ``words`` texts."""
    tests, claims = [], []
    for number, branch in enumerate(builder.branches(builder.root, "expect")):
        path = f"expect[{number}]"
        form = _form(branch)
        if form is None:
            builder.say(said.EXPECTATION_FORM, path)
        elif form is _MAIL:
            tests.append(_test(builder, branch, path, targets, words))
        else:
            claims.append(_claim(builder, branch, path))
    return tuple(tests), tuple(claims)


def _form(branch: Branch) -> frozenset[str] | None:
    """Which of the three forms the keys have, whole and unmixed."""
    keys = set(branch.items)
    if "mail_to" in keys:
        return _MAIL if keys <= _MAIL and keys & {"reaches", "not"} else None
    return next((form for form in (_SENT, _FORGED) if keys == form), None)


def _test(builder: Builder, branch: Branch, path: str, targets: Targets, words: Words) -> Expect:
    large = builder.text(branch, "size")
    return Expect(
        mail_to=_address(builder, branch, "mail_to", path),
        mail_from=builder.address(f"{path}.mail_from", builder.text(branch, "mail_from"))
        or "somebody@example.com",
        subject=builder.text(branch, "subject"),
        body=builder.text(branch, "body"),
        headers=headers(builder, branch, path, words),
        size=(size(builder, f"{path}.size", large, MOST) or 0) if large else 0,
        attachments=builder.text(branch, "attachments") == "true",
        reaches=targets(branch, "reaches", path),
        never=targets(branch, "not", path),
        path=path,
        position=builder.positions.get(path),
    )


def _claim(builder: Builder, branch: Branch, path: str) -> Claim:
    key = "forged_from" if "forged_from" in branch.items else "mail_from"
    return Claim(
        author=_address(builder, branch, key, path),
        via=builder.text(branch, "via") or None,
        dmarc=builder.text(branch, "dmarc"),
        path=path,
        position=builder.positions.get(path),
    )


def _address(builder: Builder, branch: Branch, key: str, path: str) -> str:
    """A whole address of what may be a local part only."""
    text = builder.text(branch, key)
    return builder.address(f"{path}.{key}", text if "@" in text else f"{text}@{builder.domain}")
