"""Tables that a spec has only where it asks for them: archive, quotas, relays, transports.

A file is made with its first row, so that a spec without any leaves a folder as it is; afterwards it stays
and is only emptied, because main.cf and dovecot.conf name it.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailwright.hosts.mail import postfix
from mailwright.hosts.mail.postfix import ARCHIVE_IN, ARCHIVE_OUT, QUOTAS, RELAYS, TRANSPORTS
from mailwright.model.mailboxes import Mailboxes


def rows(mailboxes: Mailboxes) -> dict[str, dict[str, str]]:
    """Table → key → value; a table without rows is left out. Raises UnsafeValueError.

    archive_in: recipient_bcc_maps. archive_out: sender_bcc_maps. quotas: a Dovecot passwd-file for a userdb.
    relays: sender_dependent_relayhost_maps. transports: transport_maps, its keys are foreign domains.
    """
    quotas = {mailbox.address: quota(mailbox.quota) for mailbox in mailboxes.mailboxes if mailbox.quota}
    tables: Mapping[str, Mapping[str, str]] = {
        ARCHIVE_IN: mailboxes.archive_in,
        ARCHIVE_OUT: mailboxes.archive_out,
        QUOTAS: quotas,
        RELAYS: mailboxes.relays,
        TRANSPORTS: mailboxes.transports,
    }
    for name, table in tables.items():
        for key, value in table.items():
            if not postfix.is_safe(key) or not postfix.is_safe(value, blanks=name == QUOTAS):
                raise postfix.UnsafeValueError(f"not for a table: {key!r} {value!r}")
    return {name: dict(sorted(table.items())) for name, table in tables.items() if table}


def quota(octets: int) -> str:
    """The rest of a passwd-file line, after the name: Dovecot 2.3 reads the first field, 2.4 the second.

    The password is one that nothing matches: with an empty one anybody could log in where somebody took the
    file for a passdb.
    """
    return f"{{CRYPT}}!::::::userdb_quota_rule=*:bytes={octets} userdb_quota_storage_size={octets}B"
