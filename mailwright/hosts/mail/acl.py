"""Who reads a shared mailbox on Dovecot: an ACL file and the list of what is shared with whom (RFC 4314).

Mailboxes appear below ``shared/ADDRESS/`` with each member; the namespace in dovecot.conf has that prefix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailwright.hosts.mail import postfix
from mailwright.model.mailboxes import Mailboxes

ACL, SHARED = "acl", "shared"
#: See, read, flag, mark as seen, delete, file and expunge; not rename, nor give rights to others.
RIGHTS = "lrwstie"
SHARED_KEYS = "shared/shared-boxes/user/"


def rights(made: Mailboxes, existing: str = "") -> str:
    """Dovecot's global ACL file; in ``existing`` what is not ours stays. Raises UnsafeValueError."""
    return postfix.merged(existing, made.domain, ACL, tuple(sorted(rights_rows(made).items())))


def rights_rows(made: Mailboxes) -> dict[str, str]:
    """The lines of the ACL file: pattern and member, and the rights. Raises UnsafeValueError."""
    return {
        f"{pattern} user={member}": RIGHTS
        for mailbox, member in _pairs(made)
        for pattern in (f"shared/{mailbox}", f"shared/{mailbox}/*")
    }


def shared_rows(made: Mailboxes) -> dict[str, str]:
    """The entries of ``acl_shared_dict``. Raises UnsafeValueError."""
    return {f"{SHARED_KEYS}{member}/{mailbox}": "1" for mailbox, member in _pairs(made)}


def shared_entries(text: str) -> tuple[tuple[str, str], ...]:
    """Key and value of each entry of ``acl_shared_dict``: a line each."""
    lines = text.split("\n")
    return tuple(zip(lines[::2], lines[1::2], strict=False))


def shared_text(entries: Iterable[tuple[str, str]]) -> str:
    """The file of these entries."""
    return "".join(f"{key}\n{value}\n" for key, value in entries)


def shared(made: Mailboxes) -> str:
    """Dovecot's ``acl_shared_dict``, a key or a value a line: members see the mailbox in their list."""
    return shared_text(shared_rows(made).items())


def _pairs(made: Mailboxes) -> Iterator[tuple[str, str]]:
    for each in made.mailboxes:
        for member in each.members if each.kind == "shared" else ():
            for value in (each.address, member):
                if not postfix.is_safe(value) or any(sign in value for sign in "*%/"):
                    raise postfix.UnsafeValueError(f"not for an ACL: {value!r}")
            yield each.address, member
