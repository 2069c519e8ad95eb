"""Postfix tables from planned mailboxes (virtual(5), access(5)): text that `postmap` and `texthash:` read.

Only lines between our two markers are ours; everything else in a file stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailwright.hosts.mail.details import expansion
from mailwright.model.mailboxes import Mailboxes

#: File names, as the documentation names them in main.cf and dovecot.conf.
ALIASES, MAILBOXES, REFUSED, SENDERS, SUSPENDED = "aliases", "mailboxes", "refused", "senders", "suspended"
NAMES = (ALIASES, MAILBOXES, REFUSED, SENDERS, SUSPENDED)
#: Tables that are there only where a spec asks for them, see ``further``.
ARCHIVE_IN, ARCHIVE_OUT, QUOTAS = "archive_in", "archive_out", "quotas"
RELAYS, TRANSPORTS = "relays", "transports"
OPTIONAL = (ARCHIVE_IN, ARCHIVE_OUT, QUOTAS, RELAYS, TRANSPORTS)
#: In Dovecot's passwd-file form.
PASSWD = (SUSPENDED, QUOTAS)
#: In which they are written: an address of another mail host has its way there before it is taken, a mailbox
#: exists before an alias names it, and closing comes last.
ORDER = (TRANSPORTS, MAILBOXES, ALIASES, SENDERS, ARCHIVE_IN, ARCHIVE_OUT, QUOTAS, RELAYS, REFUSED, SUSPENDED)

#: C's isspace, as Postfix strips lines; Unicode has more, and to Postfix they are letters.
BLANKS = " \t\v\f\r\n"

Rows = tuple[tuple[str, str], ...]


class UnsafeValueError(ValueError):
    """A value that could break out of its line; the spec room lets none through."""


@dataclass(frozen=True, slots=True)
class Maps:
    """The tables of one domain by file name, sorted by key.

    aliases: virtual_alias_maps. mailboxes: virtual_mailbox_maps. refused: check_recipient_access.
    senders: smtpd_sender_login_maps. suspended: a Dovecot ``deny`` passwd-file of people who may not log in.
    """

    tables: Mapping[str, Rows]

    def rows(self, name: str) -> Rows:
        """The rows of a table."""
        return self.tables.get(name, ())


def maps(mailboxes: Mailboxes) -> Maps:
    """All tables. Raises UnsafeValueError for a value with white space or a control character."""
    aliases = {route.address: ", ".join(expansion(route, mailboxes.delimiter)) for route in mailboxes.routes}
    closed = closed_address(mailboxes)
    aliases |= {refused.address: closed for refused in mailboxes.refused}
    if mailboxes.catch_all:
        # A catch-all takes mail of real mailboxes too, unless each has a line of its own (virtual(5)).
        aliases |= {mailbox.address: mailbox.address for mailbox in mailboxes.mailboxes}
        aliases |= {address: address for address in mailboxes.hops}
        if mailboxes.refused:
            aliases[closed] = closed
        aliases["@" + mailboxes.domain] = ", ".join(mailboxes.catch_all)
    tables = {
        ALIASES: aliases,
        # What lives at another mail host is known here too; the table of transports leads it there.
        MAILBOXES: {mailbox.address: "ok" for mailbox in mailboxes.mailboxes}
        | dict.fromkeys(mailboxes.hops, "ok"),
        REFUSED: {refused.address: "550 5.2.1 This mailbox is closed" for refused in mailboxes.refused},
        SENDERS: {address: ", ".join(who) for address, who in mailboxes.senders.items()},
        SUSPENDED: {suspended.address: "" for suspended in mailboxes.suspended},
    }
    for table in tables.values():
        for key, value in table.items():
            _check(key)
            for part in value.split(", "):
                _check(part, blanks=table is tables[REFUSED])
    return Maps({name: tuple(sorted(table.items())) for name, table in tables.items()})


def closed_address(mailboxes: Mailboxes) -> str:
    """Where the aliases send mail to closed addresses: nobody has it, so delivery fails and the sender hears.

    The table ``refused`` is asked by smtpd alone, and after whoever main.cf permits first: what the server
    itself sends would go to the catch-all, or into the mailbox that nobody opens any more.
    """
    name = "closed.mailbox"
    while mailboxes.mailbox(f"{name}@{mailboxes.domain}") or mailboxes.route(f"{name}@{mailboxes.domain}"):
        name += ".x"
    return f"{name}@{mailboxes.domain}"


def is_safe(value: str, *, blanks: bool = False) -> bool:
    """Whether a value stays within its line and its column."""
    return value.isascii() and value.isprintable() and value[:1] != "#" and (blanks or " " not in value)


def _check(value: str, *, blanks: bool = False) -> None:
    if not is_safe(value, blanks=blanks):
        raise UnsafeValueError(f"not for a table: {value!r}")


def _start(domain: str) -> str:
    return f"# >>> mailwright {domain}: written from the spec, changed here in vain"


def _end(domain: str) -> str:
    return f"# <<< mailwright {domain}"


def text(name: str, lines: Iterable[tuple[str, str]]) -> str:
    """The lines of a table; some have Dovecot's passwd-file form (``name:``)."""
    separator = ":" if name in PASSWD else "  "
    return "".join(f"{key}{separator}{value}\n" for key, value in lines)


def merged(existing: str, domain: str, name: str, table_rows: Rows) -> str:
    """A file with our block replaced, or put at its end; with no rows the block goes. Foreign lines stay."""
    before, _, after = _cut(existing, domain)
    if not table_rows:
        return before + after
    if before and not before.endswith("\n"):
        before += "\n"
    return f"{before}{_start(domain)}\n{text(name, table_rows)}{_end(domain)}\n{after}"


def ours(existing: str, domain: str) -> str:
    """What stands between our markers; '' where there are none."""
    return _cut(existing, domain)[1]


def rows(lines: str) -> Rows:
    """The rows of a table's text; comments are left out."""
    pairs = (line.strip(BLANKS).replace("\t", " ").partition(" ") for line in physical(lines))
    return tuple((key, value.strip(BLANKS)) for key, _, value in pairs if key and not key.startswith("#"))


def foreign(existing: str, domain: str) -> tuple[tuple[str, str], ...]:
    """Rows outside our block that are about the domain: somebody else's."""
    before, _, after = _cut(existing, domain)
    return tuple(row for row in rows(before + after) if row[0].lower().endswith("@" + domain))


def _cut(existing: str, domain: str) -> tuple[str, str, str]:
    """(before, between, after) our markers."""
    lines = physical(existing)
    inside = block(lines, domain)
    if not inside:
        return existing, "", ""
    first, last = inside[0], inside[-1]
    return "".join(lines[:first]), "".join(lines[first + 1 : last]), "".join(lines[last + 1 :])


def physical(text: str) -> list[str]:
    """Lines with their ends, as servers see them: only a line feed ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def block(lines: list[str], domain: str) -> range:
    """The numbers of our lines, markers included; empty where there are none.

    A start without an end is no block, and the last start before an end counts: nothing is guessed, so that
    no line of somebody else lies in it.
    """
    start, end = _start(domain), _end(domain)
    first: int | None = None
    for number, line in enumerate(lines):
        if line.strip(BLANKS) == start:
            first = number
        elif line.strip(BLANKS) == end and first is not None:
            return range(first, number + 1)
    return range(0)


def domains(lines: list[str]) -> tuple[str, ...]:
    """The domains that any block of ours names."""
    matches = (re.fullmatch(r"# <<< mailwright (\S+)", line.strip(BLANKS)) for line in lines)
    return tuple(dict.fromkeys(match[1] for match in matches if match))
