"""Who reads a shared mailbox on Dovecot: an ACL file and the list of what is shared with whom (RFC 4314).

Mailboxes appear below ``shared/ADDRESS/`` with each member; the namespace in dovecot.conf has that prefix.
"""

from __future__ import annotations

from collections.abc import Iterator

from mailwright.hosts.mail import postfix
from mailwright.model.mailboxes import Mailboxes

ACL, SHARED = "acl", "shared"
#: See, read, flag, mark as seen, delete, file and expunge; not rename, nor give rights to others.
RIGHTS = "lrwstie"


def rights(made: Mailboxes, existing: str = "") -> str:
    """Dovecot's global ACL file; in ``existing`` what is not ours stays. Raises UnsafeValueError."""
    rows = []
    for mailbox, member in _pairs(made):
        for pattern in (f"shared/{mailbox}", f"shared/{mailbox}/*"):
            rows.append((f"{pattern} user={member}", RIGHTS))
    return postfix.merged(existing, made.domain, ACL, tuple(rows))


def shared(made: Mailboxes) -> str:
    """Dovecot's ``acl_shared_dict``, a key or a value a line: members see the mailbox in their list."""
    return "".join(f"shared/shared-boxes/user/{member}/{mailbox}\n1\n" for mailbox, member in _pairs(made))


def _pairs(made: Mailboxes) -> Iterator[tuple[str, str]]:
    for each in made.mailboxes:
        for member in each.members if each.kind == "shared" else ():
            for value in (each.address, member):
                if not postfix.is_safe(value) or any(sign in value for sign in "*%/"):
                    raise postfix.UnsafeValueError(f"not for an ACL: {value!r}")
            yield each.address, member
