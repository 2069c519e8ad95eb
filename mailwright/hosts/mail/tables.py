"""Tables as Postfix and Dovecot read them: entries, whose they are, and what is rewritten for a plan.

Ownership is by key: an address that a plan names is the plan's in every table. A line by hand that says the
same stays where it is; one that says something else stands in the way until somebody consents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mailwright.hosts.mail import acl, postfix
from mailwright.model.mailboxes import DELIMITER
from mailwright.model.routing import Routing

#: Table name → address → value.
Tables = Mapping[str, Mapping[str, str]]
#: (table, address)
Place = tuple[str, str]

ALIASES = postfix.ALIASES
#: Postfix' tables, and who reads shared mailboxes.
NAMES = (*postfix.NAMES, *postfix.OPTIONAL, acl.ACL, acl.SHARED)
#: access(5): results that refuse a recipient.
_REFUSES = re.compile(r"(?i)\s*(reject|defer|[45]\d\d\b)")
_BLANKS = postfix.BLANKS
_BLANK = re.compile(f"[{_BLANKS}]")
_SEPARATORS = re.compile(f"[{_BLANKS},]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a table. ``lines`` are the physical ones it spans, counted from 0.

    ``odd``: it has characters that servers read in different ways, or leave the line out for. ``others``:
    it is another spec's.
    """

    table: str
    key: str
    value: str
    lines: tuple[int, ...]
    ours: bool
    odd: bool = False
    others: bool = False

    @property
    def place(self) -> Place:
        """Table and address."""
        return self.table, self.key


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one domain wants of the tables; no rows at all: that ours go.

    ``owned`` are places that an earlier apply left as ours; ``take_over``: lines by hand give way too.
    ``closing``: ours go and everything else stays, as on a destroy.
    """

    domain: str
    rows: Tables = field(default_factory=dict)
    owned: frozenset[Place] = frozenset()
    take_over: bool = False
    closing: bool = False

    @property
    def claimed(self) -> frozenset[str]:
        """The addresses of the plan; with any of them the catch-all, which could swallow their mail."""
        named = {key for rows in self.rows.values() for key in rows}
        return frozenset(named | {"@" + self.domain} if named else ())

    def value(self, place: Place) -> str | None:
        """What is to stand at a place."""
        return self.rows.get(place[0], {}).get(place[1])


def entries(name: str, text: str, domain: str) -> tuple[Entry, ...]:
    """All entries, in order; a line that begins with white space continues the one before (postmap(1))."""
    if name == acl.SHARED:
        return tuple(
            Entry(name, key, value, (2 * number, 2 * number + 1), _is_ours(key, domain))
            for number, (key, value) in enumerate(acl.shared_entries(text))
            if key
        )
    lines = postfix.physical(text)
    block = postfix.block(lines, domain)
    others = {
        number for other_domain in postfix.domains(lines) for number in postfix.block(lines, other_domain)
    }
    logical: list[tuple[str, list[int]]] = []
    for number, line in enumerate(lines):
        content = line.strip(_BLANKS)
        if not content or content.startswith("#"):
            continue
        if line[0] in _BLANKS and logical and name not in postfix.PASSWD:
            whole, numbers = logical[-1]
            logical[-1] = (whole + line.rstrip("\n"), [*numbers, number])
        else:
            logical.append((line.rstrip("\n"), [number]))
    table_entries = []
    for whole, numbers in logical:
        key, value = _split(name, whole.strip(_BLANKS))
        if key and (name in postfix.PASSWD or whole[0] not in _BLANKS):
            odd = (
                not whole.replace("\t", " ").rstrip("\r").isprintable() or not whole.isascii() or '"' in whole
            )
            ours = numbers[0] in block
            other = not ours and numbers[0] in others
            table_entries.append(Entry(name, key, value, tuple(numbers), ours, odd, other))
    return tuple(table_entries)


def _is_ours(key: str, domain: str) -> bool:
    """The list of what is shared has no comments: ours are the entries of the domain's mailboxes."""
    return key.startswith(acl.SHARED_KEYS) and key.endswith("@" + domain)


def _split(name: str, line: str) -> tuple[str, str]:
    if name in postfix.PASSWD:
        key, _, value = line.partition(":")
        return key.lower(), value
    if name == acl.ACL:
        *words, rights = re.split(r"[ \t]+", line)
        return " ".join(words), rights
    key, *rest = _BLANK.split(line, maxsplit=1)
    return key.lower(), "".join(rest).strip(_BLANKS)


def effective(table_entries: Iterable[Entry]) -> dict[str, Entry]:
    """By address the entry that counts: the first one."""
    by_key: dict[str, Entry] = {}
    for entry in table_entries:
        by_key.setdefault(entry.key, entry)
    return by_key


def says(entry: Entry, target_value: str | None) -> bool:
    """Whether a line by hand surely says what the plan says, in its own words."""
    return target_value is not None and not entry.odd and _same(entry.table, entry.value, target_value)


def _same(table: str, value: str, target_value: str) -> bool:
    if table == postfix.MAILBOXES and not value:
        return False  # a line without a value is left out
    if table in (postfix.MAILBOXES, postfix.SUSPENDED):
        return True  # that it is there is all that counts
    if table in (postfix.QUOTAS, postfix.RELAYS, postfix.TRANSPORTS):
        return " ".join(value.split()).lower() == target_value.lower()
    if table == postfix.REFUSED:
        return bool(_REFUSES.match(value)) == bool(_REFUSES.match(target_value))
    return targets(value) == targets(target_value)


def targets(value: str) -> list[str]:
    """The targets of an alias, lower case and sorted."""
    return sorted(part.lower() for part in _SEPARATORS.split(value) if part)


def in_the_way(table_entries: Iterable[Entry], domain_tables: Wanted) -> Iterator[Entry]:
    """Lines by hand at claimed addresses that say something else, and that nobody gave to us."""
    for entry in table_entries:
        given = entry.place in domain_tables.owned and not _is_anothers(entry)
        if entry.ours or entry.key not in domain_tables.claimed or given:
            continue
        if not says(entry, domain_tables.value(entry.place)):
            yield entry


def _is_anothers(entry: Entry) -> bool:
    """Whether a line is another spec's, though it may be about the same: only transports have such keys."""
    return entry.others and entry.table == postfix.TRANSPORTS


def rewritten(name: str, text: str, domain_tables: Wanted) -> str:
    """The table's text with what is wanted. Foreign lines stay, byte for byte."""
    if name == acl.SHARED:
        return _shared(text, domain_tables)
    table_entries = entries(name, text, domain_tables.domain)
    lines = postfix.physical(text)
    block = postfix.block(lines, domain_tables.domain)
    rows = dict(domain_tables.rows.get(name, {}))
    gone: set[int] = set()
    counts, inside = effective(table_entries), {entry.key for entry in table_entries if entry.ours}
    for table_entry in table_entries:
        if table_entry.ours:
            # What lies outside is a line by hand that continues one of ours.
            gone |= {number for number in table_entry.lines if number not in block}
        elif _is_anothers(table_entry):
            continue  # the other spec may take it out again: ours is written beside it
        elif _stays(table_entry, domain_tables, rows):
            if counts[table_entry.key] is table_entry and table_entry.key not in inside:
                rows.pop(table_entry.key, None)
        elif _goes(table_entry, domain_tables):
            gone |= set(table_entry.lines)
    kept = "".join(line for number, line in enumerate(lines) if number not in gone)
    return postfix.merged(kept, domain_tables.domain, name, tuple(sorted(rows.items())))


def _shared(text: str, domain_tables: Wanted) -> str:
    """The list of what is shared; what others put there stays, also half an entry at its end."""
    rows = domain_tables.rows.get(acl.SHARED, {})
    pairs = [entry for entry in acl.shared_entries(text) if entry[0]]
    if {key: value for key, value in pairs if _is_ours(key, domain_tables.domain)} == dict(rows):
        return text
    others = [pair for pair in pairs if not _is_ours(pair[0], domain_tables.domain)]
    lines = text.split("\n")
    rest = lines[-1] if len(lines) % 2 else ""
    return acl.shared_text([*others, *sorted(rows.items())]) + rest


def _stays(entry: Entry, domain_tables: Wanted, rows: Mapping[str, str]) -> bool:
    return domain_tables.closing or says(entry, rows.get(entry.key))


def _goes(entry: Entry, domain_tables: Wanted) -> bool:
    """Lines at a place that is ours, and with consent every other one in the way."""
    return entry.place in domain_tables.owned or (
        domain_tables.take_over and entry.key in domain_tables.claimed
    )


def about(name: str, text: str, domain: str) -> tuple[Entry, ...]:
    """Entries about a domain's addresses; of transports, which are about foreign domains, all."""
    table_entries = entries(name, text, domain)
    return tuple(
        entry for entry in table_entries if name == postfix.TRANSPORTS or entry.key.endswith("@" + domain)
    )


def routing(texts: Mapping[str, str | None], domain: str, delimiter: str = DELIMITER) -> Routing:
    """What these tables make Postfix do with the domain's mail."""
    by_table = {name: effective(about(name, texts.get(name) or "", domain)) for name in postfix.NAMES}
    return Routing(
        domain,
        aliases={key: _expansion(entry) for key, entry in by_table[postfix.ALIASES].items() if entry.value},
        mailboxes=frozenset(key for key, entry in by_table[postfix.MAILBOXES].items() if entry.value),
        refused=frozenset(
            key for key, entry in by_table[postfix.REFUSED].items() if _REFUSES.match(entry.value)
        ),
        suspended=frozenset(by_table[postfix.SUSPENDED]),
        others=_others(texts.get(ALIASES) or "", domain),
        delimiter=delimiter,
        archived=_archived(texts, domain),
        elsewhere=frozenset(_elsewhere(texts.get(postfix.TRANSPORTS) or "", domain)),
    )


def _elsewhere(text: str, domain: str) -> Iterator[str]:
    """Addresses of the domain with a transport of their own: another mail host has the mailbox."""
    for key, entry in effective(about(postfix.TRANSPORTS, text, domain)).items():
        if entry.value and key.endswith("@" + domain):
            yield key


def _archived(texts: Mapping[str, str | None], domain: str) -> dict[tuple[str, str], str]:
    names = (postfix.ARCHIVE_IN, postfix.ARCHIVE_OUT)
    return {
        (name, key): entry.value
        for name in names
        for key, entry in effective(about(name, texts.get(name) or "", domain)).items()
        if entry.value
    }


def _expansion(entry: Entry) -> tuple[str, ...]:
    return tuple(part.lower() for part in _SEPARATORS.split(entry.value) if part)


def _others(text: str, domain: str) -> dict[str, tuple[str, ...]]:
    """Aliases by hand of other domains that have a target in this one.

    What a spec says of another domain is that spec's to judge: it may change in the same run.
    """
    lines = postfix.physical(text)
    numbers = {number for other in postfix.domains(lines) for number in postfix.block(lines, other)}
    by_key = effective(entries(ALIASES, text, domain))
    return {
        key: _expansion(entry)
        for key, entry in by_key.items()
        if not key.endswith("@" + domain)
        and numbers.isdisjoint(entry.lines)
        and any(to.endswith("@" + domain) for to in _expansion(entry))
    }


def live(texts: Mapping[str, str | None], domain: str, applied: Tables) -> dict[str, dict[str, str]]:
    """Our rows as they count now, and whatever else was put at our addresses or between our markers.

    A place where nothing stands is left out. What says the same in other words is shown as applied.
    """
    claimed = Wanted(domain, applied).claimed
    by_table: dict[str, dict[str, str]] = {}
    for name in NAMES:
        rows = applied.get(name, {})
        for key, entry in effective(about(name, texts.get(name) or "", domain)).items():
            if not entry.ours and key not in claimed:
                continue
            target_value = rows.get(key)
            adopted = target_value is not None and not entry.ours and says(entry, target_value)
            by_table.setdefault(name, {})[key] = (
                target_value if adopted and target_value is not None else entry.value
            )
    return by_table


def foreign(texts: Mapping[str, str | None], domain: str, planned: Tables) -> tuple[Entry, ...]:
    """Lines by hand about the domain that say something the plan does not."""
    return tuple(
        entry
        for name in NAMES
        for entry in about(name, texts.get(name) or "", domain)
        if not entry.ours and not says(entry, planned.get(name, {}).get(entry.key))
        if name != postfix.TRANSPORTS or entry.key in planned.get(name, {})
    )
