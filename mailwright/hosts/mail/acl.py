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


def rights(mailboxes: Mailboxes, existing: str = "") -> str:
    """Dovecot's global ACL file; in ``existing`` what is not ours stays. Raises UnsafeValueError."""
    return postfix.merged(existing, mailboxes.domain, ACL, tuple(sorted(rights_rows(mailboxes).items())))


def rights_rows(mailboxes: Mailboxes) -> dict[str, str]:
    """The lines of the ACL file: pattern and member, and the rights. Raises UnsafeValueError."""
    return {
        f"{pattern} user={member}": RIGHTS
        for mailbox, member in _pairs(mailboxes)
        for pattern in (f"shared/{mailbox}", f"shared/{mailbox}/*")
    }


def shared_rows(mailboxes: Mailboxes) -> dict[str, str]:
    """The entries of ``acl_shared_dict``. Raises UnsafeValueError."""
    return {f"{SHARED_KEYS}{member}/{mailbox}": "1" for mailbox, member in _pairs(mailboxes)}


def shared_entries(text: str) -> tuple[tuple[str, str], ...]:
    """Key and value of each entry of ``acl_shared_dict``: a line each."""
    lines = text.split("\n")
    return tuple(zip(lines[::2], lines[1::2], strict=False))


def shared_text(entries: Iterable[tuple[str, str]]) -> str:
    """The file of these entries."""
    return "".join(f"{key}\n{value}\n" for key, value in entries)


def shared(mailboxes: Mailboxes) -> str:
    """Dovecot's ``acl_shared_dict``, a key or a value a line: members see the mailbox in their list."""
    return shared_text(shared_rows(mailboxes).items())


def _pairs(mailboxes: Mailboxes) -> Iterator[tuple[str, str]]:
    for mailbox in mailboxes.mailboxes:
        for member in mailbox.members if mailbox.kind == "shared" else ():
            for value in (mailbox.address, member):
                if not postfix.is_safe(value) or any(sign in value for sign in "*%/"):
                    raise postfix.UnsafeValueError(f"not for an ACL: {value!r}")
            yield mailbox.address, member
