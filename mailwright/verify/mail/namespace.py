"""How a server names folders, read by IMAP (RFC 2342) and held against what the spec's scripts write."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator

from mailwright.model.checks import Check, Status
from mailwright.spec.own_server import Folders
from mailwright.verify.mail import rules
from mailwright.verify.mail.servers import Port

#: The first personal namespace: its prefix and its separator.
_PERSONAL = re.compile(rb'\(\("(?P<prefix>(?:\\.|[^"\\])*)" "(?P<separator>\\?.)"')


def personal(box: imaplib.IMAP4) -> Folders | None:
    """Prefix and separator of the mailbox's own folders; None where the server does not tell."""
    if "NAMESPACE" not in box.capabilities:
        return None
    answer = box.namespace()[1]
    match = _PERSONAL.match(answer[0]) if answer and isinstance(answer[0], bytes) else None
    if match is None:
        return None
    prefix, separator = (re.sub(rb"\\(.)", rb"\1", match[name]) for name in ("prefix", "separator"))
    return Folders(separator.decode("ascii", "replace"), prefix.decode("ascii", "replace"))


def compared(box: imaplib.IMAP4, planned: Folders | None, used: bool, port: Port) -> Iterator[Check]:
    """What the server says, where the spec says something else.

    Args:
        box: a connection that is logged in.
        planned: ``mail_host.folders``; None is Dovecot as the documentation sets it up.
        used: whether any planned script files mail into folders: then a difference loses them.
        port: where it was asked.
    """
    folders = personal(box)
    expected = planned or Folders()
    if folders is None or folders == expected:
        return
    rule = rules.FOLDER_NAMES
    shown = [
        f"separator {namespace.separator}, prefix {namespace.prefix or '–'}"
        for namespace in (expected, folders)
    ]
    text = rule.message.using(
        separator=folders.separator, prefix=folders.prefix or "–", expected=expected.separator
    )
    status = Status.FAIL if used else Status.WARN
    yield Check(rule.id, status, port.host, "IMAP", (shown[0],), (shown[1],), str(port), text)
