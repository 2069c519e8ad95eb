"""Sieve scripts (RFC 5228) from planned mailboxes: rules of a mailbox and of the addresses it answers for.

A script first finds out by which address a mail came (the sub-address, see ``details``), lets the rules of
that address decide, passes mail on, and then runs the mailbox's own rules. Mail leaves a mailbox only after a
``redirect``; whatever goes wrong, Sieve's implicit keep leaves it in the inbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote as percent

from mailwright.hosts.mail.details import (
    MARK,
    arriving_labels,
    reaching,
)
from mailwright.model.mailboxes import (
    SPAM_HEADERS,
    Condition,
    Label,
    Mailbox,
    Mailboxes,
    Reply,
    Route,
    Rule,
    Test,
    Window,
    parted,
)

NAME = "mailwright"  # of our script on the server
#: How a script of ours begins.
WRITTEN = "# Written by mailwright"
_HEAD = WRITTEN + " from the spec of {domain}; what is changed here is overwritten."
_EXTENSIONS = {
    "redirect :copy": "copy",
    "fileinto": "fileinto",
    "fileinto :copy": "copy",
    ":create": "mailbox",
    "addflag": "imap4flags",
    "body :text": "body",
    "envelope :": "envelope",
    "duplicate ": "duplicate",
    " :detail": "subaddress",
    "vacation ": "vacation",
    "notify ": "enotify",
    "header :mime": "mime",
    "currentdate": "date",
    ':value "': "relational",
    'set "': "variables",
    "include :personal": "include",
}


def quoted(text: str) -> str:
    """A Sieve string; quotes, backslashes and variables in it mean themselves (RFC 5228 §2.4.2)."""
    safe = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    safe = safe.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\r\n")
    return '"' + safe.replace("${", "${dollar}{") + '"'


def script(mailboxes: Mailboxes, address: str, *, then: str | None = None) -> str | None:
    """The script of a mailbox, None where it needs none. ``then``: somebody else's script to run after it."""
    box = mailboxes.mailbox(address)
    if box is None:
        return None
    body = list(_Script(mailboxes, box).lines())
    if not body:
        return None
    head = [_HEAD.format(domain=mailboxes.domain), f"require {_list(_required(body))};", ""]
    return including("\r\n".join([*head, *body]) + "\r\n", then)


def including(text: str, then: str | None) -> str:
    """A script of ours that runs somebody else's at its end (RFC 6609 §3.2); None: as it is.

    Two auto-replies in one run undo the whole run, and the other script may get one at any time: where ours
    has answered, it is not run.
    """
    if then is None:
        return text
    head, _, *body = text.split("\r\n")  # the second line is the only one that is a require
    require = f"require {_list(sorted({*required(text), 'include'}))};"
    line = f"include :personal :optional {quoted(then)};"
    if "vacation" in required(text):
        line = f"if {_is('answered', '')} {{ {line} }}"
    return "\r\n".join([head, require, *body, line]) + "\r\n"


def required(text: str) -> tuple[str, ...]:
    """The extensions that a script of ours asks for."""
    line = next((line for line in text.splitlines() if line.startswith("require")), "")
    return tuple(word for word in line.split('"')[1::2])


def _required(body: Iterable[str]) -> list[str]:
    words = {name for line in body for sign, name in _EXTENSIONS.items() if sign in _code(line)}
    return sorted(words)


def _code(line: str) -> str:
    """A line without what stands in its strings."""
    parts = line.replace("\\\\", "").replace('\\"', "").split('"')
    return '"'.join(part if number % 2 == 0 else "" for number, part in enumerate(parts))


def _list(words: Iterable[str]) -> str:
    strings = [quoted(word) for word in words]
    return strings[0] if len(strings) == 1 else "[" + ", ".join(strings) + "]"


def _all(tests: list[str], word: str = "allof") -> str:
    return tests[0] if len(tests) == 1 else f"{word}({', '.join(tests)})"


def _is(name: str, *values: str) -> str:
    return f'string :is "${{{name}}}" {_list(values)}'


def _condition(condition: Condition | None) -> list[str]:
    if condition is None:
        return []
    tests = [_test(test) for test in condition.tests]
    clauses = [_all(tests, "anyof" if condition.any else "allof")] if tests else []
    if condition.not_replies:
        clauses.insert(0, 'not anyof(exists "in-reply-to", exists "references")')
    if condition.not_spam:
        clauses.insert(0, f"not header :matches {_list(SPAM_HEADERS)} {_list(_MARKED)}")
    return clauses


#: A value that begins on the next line keeps the blanks before it.
_MARKED = ("Yes*", " Yes*", "  Yes*")


#: RFC 5703 §4: a part says that it is an attachment, or is of a type that no mail program shows as text or
#: picture. Pictures within the text, as in signatures, are none.
_ATTACHED = (
    'anyof(header :mime :anychild :type :is "Content-Disposition" "attachment", '
    'header :mime :anychild :type :is "Content-Type" ["application", "audio", "video"])'
)


def _test(test: Test) -> str:
    if test.field == "has_header":
        return _all([f"exists {quoted(contain)}" for contain in test.contains], "anyof")
    if test.field == "attachments":
        return _ATTACHED if test.present else f"not {_ATTACHED}"
    words = _list(test.contains) if test.contains else ""
    return {
        "header": f"header :contains {quoted(test.name)} {words}",
        "larger_than": f"size :over {test.size}",
        "smaller_than": f"size :under {test.size}",
        "subject": f'header :contains "subject" {words}',
        "from": f'address :contains "from" {words}',
        "to": f'address :contains ["to", "cc"] {words}',
        "body": f"body :text :contains {words}",
    }[test.field]


def _window(window: Window) -> list[str]:
    tests = []
    for day, minutes, relation in (
        (window.start, window.start_offset, "ge"),
        (window.until, window.until_offset, "le"),
    ):
        if day:
            zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
            tests.append(f'currentdate :zone "{zone}" :value "{relation}" "date" "{day.isoformat()}"')
    return tests


@dataclass(frozen=True, slots=True)
class _Send:
    """Somebody who may get the mail: its variable is ``s`` and the number.

    ``plus`` is the variable with the labels that travel along, '' where none may.
    """

    number: int
    target: str
    rules_of: str  # the address whose rules decide
    plus: str
    inside: bool
    may_stay: bool  # the mailbox may keep the mail too

    @property
    def chosen(self) -> str:
        """The test that holds where the rules chose it."""
        return _is(f"s{self.number}", "1")

    @property
    def address(self) -> str:
        """The target with its labels, as a Sieve string."""
        if not self.plus:
            return quoted(self.target)
        local, _, host = self.target.rpartition("@")
        return f'"{local}${{{self.plus}}}@{host}"'


class _Script:
    """The lines of one script: rules decide, the mail is passed on, and what stays is filed.

    A server skips a ``redirect`` that it takes for a duplicate (same Message-ID within hours) or for a
    loop, and calls that a success. So nothing here takes mail away but a ``redirect`` without ``:copy``:
    where it is skipped the implicit keep stands, and the owner has the mail.

    Variables: ``labels`` given so far, ``leave`` where the mail does not stay, ``stays`` where the owner
    keeps it all the same, ``sN`` where send N goes out; within the rules of one address ``to`` the chosen
    unit, ``cN`` who gets copies, ``done``.
    """

    def __init__(self, mailboxes: Mailboxes, box: Mailbox) -> None:
        self.mailboxes = mailboxes
        self.box = box
        self.routes = [route for route in mailboxes.routes if route.router == box.address]
        own = {label for rule in box.rules for label in rule.labels}
        routed = {label for route in self.routes for rule in route.rules for label in rule.labels}
        come = set(arriving_labels(mailboxes, box.address))
        self.labels = sorted(own | routed | come, key=lambda label: (label.kind, label.name))
        self.come = sorted(come, key=lambda label: (label.kind, label.name))
        self.sends: list[_Send] = []
        self.leaves = False

    def lines(self) -> Iterator[str]:
        """Everything after ``require``."""
        deciding = [*self._arrival(), *self._routes(), *self._own()]
        work = [*deciding, *self._passing_on(), *self._filing()]
        if work:
            yield 'set "dollar" "$";'
            yield 'set "labels" "";'
            yield 'set "answered" "";'
            yield from work

    def _arrival(self) -> Iterator[str]:
        """Labels that an earlier rule gave the mail."""
        for label in self.come:
            globs = _list([f"{MARK}.*{label.code}*", f"*{self.mailboxes.delimiter[0]}{MARK}.*{label.code}*"])
            yield f'if envelope :detail :matches "to" {globs} {{ {_label(label)} }}'

    def _routes(self) -> Iterator[str]:
        """The longest address first: where ``-`` begins a sub-address, info-cn is also info with cn.

        A sub-address of info-cn there is none: Postfix parts info-cn-fair at the first delimiter.
        """
        word = "if"
        for route in sorted(
            self.routes, key=lambda mailbox_route: (-len(mailbox_route.address), mailbox_route.address)
        ):
            local = route.address.partition("@")[0]
            signs = "" if parted(route.address, self.mailboxes.delimiter)[1] else self.mailboxes.delimiter
            details = [local, *(f"{local}{sign}*" for sign in signs)]
            yield ""
            yield f"# {route.address}"
            yield f'{word} envelope :detail :matches "to" {_list(details)} {{'
            word = "elsif"
            inner = [*self._replies(route.replies, (route.address,))]
            inner += self._dispatch(route.address, route.rules, route.to) if route.dispatches else ()
            yield from (f"  {line}" for line in inner)
            yield "}"

    def _own(self) -> Iterator[str]:
        """The mailbox's own rules, for what the rules of an address left here."""
        box = self.box
        if not box.rules:
            return
        yield ""
        yield f"# {box.address}"
        rules = self._dispatch(box.address, box.rules, (box.address,))
        if not self.leaves:
            yield from rules
            return
        yield f"if not {_is('leave', '1')} {{"
        yield from (f"  {line}" for line in rules)
        yield "}"

    def _filing(self) -> Iterator[str]:
        """What happens to mail that stays here."""
        box = self.box
        for label in self.labels:
            if label.kind == "tag" and not label.copied:
                yield f'if string :contains "${{labels}}" ".{label.code}" {{ addflag {quoted(label.name)}; }}'
        for label in self.labels:
            if label.kind == "folder" or label.copied:
                how = "fileinto :copy :create" if label.copied else "fileinto :create"
                yield f'if string :contains "${{labels}}" ".{label.code}" {{ {how} {quoted(label.name)}; }}'
        if box.cover:
            window = _all(_window(box.cover.window))
            yield f"if {window} {{ redirect :copy {quoted(box.cover.to)}; }}"
        yield from self._replies(box.replies, reaching(self.mailboxes, box.address))

    def _replies(self, replies: Iterable[Reply], addresses: tuple[str, ...]) -> Iterator[str]:
        """A server sends one answer a mail: the first that holds today."""
        for reply in replies:
            test = _all([_is("answered", ""), *_window(reply.window)])
            subject = f" :subject {quoted(reply.subject)}" if reply.subject else ""
            sender = f" :from {quoted(reply.sender)} :handle {quoted(reply.path)}"
            yield f"if {test} {{"
            yield '  set "answered" "1";'
            spelled = _list(self.mailboxes.spelled(addresses))
            yield f"  vacation :days {reply.days}{subject}{sender} :addresses {spelled}"
            yield f"    {quoted(reply.text)};"
            yield "}"

    def _dispatch(self, address: str, rules: tuple[Rule, ...], default: tuple[str, ...]) -> Iterator[str]:
        """The rules of one address, and who gets the mail by them."""
        copies = list(dict.fromkeys(recipient for rule in rules for recipient in rule.copy_to))
        units = {"default": default} | {
            f"r{n}": listed_rule.assign_to for n, listed_rule in enumerate(rules) if listed_rule.assign_to
        }
        for name in ("done", *(f"c{n}" for n in range(len(copies)))):
            yield f'set "{name}" "";'
        yield 'set "to" "default";'
        for number, rule in enumerate(rules):
            yield f"# {rule.path}"
            yield f"if {_all([_is('done', ''), *_condition(rule.when)])} {{"
            yield from (f"  {line}" for line in self._rule(rule, number, copies))
            yield "}"
        yield from self._chosen(address, units, copies)
        yield from self._leaving(units, copies)

    def _rule(self, rule: Rule, number: int, copies: list[str]) -> Iterator[str]:
        for address in rule.copy_to:
            yield f'set "c{copies.index(address)}" "1";'
        for label in rule.labels:
            yield _label(label)
        for address in rule.notify:
            message = f"{NAME}: {rule.path}, {self.box.address}"
            yield f"notify :message {quoted(message)} {quoted('mailto:' + percent(address, safe='@'))};"
        if rule.assign_to:
            yield f'set "to" "r{number}";'
        if rule.ends:
            yield 'set "done" "1";'

    def _chosen(self, address: str, units: Mapping[str, tuple[str, ...]], copies: list[str]) -> Iterator[str]:
        """Notes each target that the rules chose; the labels so far travel along."""
        mine = self.box.address
        targets = dict.fromkeys((*copies, *(target for unit in units.values() for target in unit)))
        others = [other_target for other_target in targets if other_target != mine]
        plus, sign = f"plus{len(self.sends)}", self.mailboxes.delimiter[0]
        carrying = [other for other in others if self.mailboxes.stays_inside(other)]
        if carrying:
            yield f'if not {_is("labels", "")} {{ set "{plus}" "{sign}{MARK}${{labels}}"; }}'
        for target in others:
            among = [name for name, unit in units.items() if target in unit]
            tests = [_is("to", *among)] if among else []
            if target in copies:
                tests.append(_is(f"c{copies.index(target)}", "1"))
            send = _Send(
                len(self.sends),
                target,
                address,
                plus if target in carrying else "",
                inside=target in carrying,
                may_stay=target in copies or any(mine in (*copies, *units[name]) for name in among),
            )
            self.sends.append(send)
            yield f'if {_all(tests, "anyof")} {{ set "s{send.number}" "1"; }}'

    def _leaving(self, units: Mapping[str, tuple[str, ...]], copies: list[str]) -> Iterator[str]:
        """The mail leaves where the mailbox is not among those who get it."""
        mine = self.box.address
        elsewhere = [name for name, unit in units.items() if unit and mine not in unit]
        if not elsewhere:
            return
        self.leaves = True
        tests = [_is("to", *elsewhere)]
        if mine in copies:
            tests.append(f"not {_is(f'c{copies.index(mine)}', '1')}")
        yield f'if {_all(tests)} {{ set "leave" "1"; }}'

    def _passing_on(self) -> Iterator[str]:
        """One way out of the mailbox, and one for copies."""
        if self.leaves:
            yield ""
            yield f"if {_is('leave', '1')} {{"
            for send in self.sends:
                yield f"  if {send.chosen} {{"
                yield from (f"    {line}" for line in self._last(send))
                yield "  }"
            # Not `keep`: a site's script after ours may drop a kept duplicate (mailcow's does).
            yield f'  if {_is("stays", "1")} {{ fileinto "INBOX"; }}'
            yield "  stop;"
            yield "}"
        for send in (candidate for candidate in self.sends if candidate.may_stay):
            yield f"if {send.chosen} {{ redirect :copy {send.address}; }}"

    def _last(self, send: _Send) -> Iterator[str]:
        """Passes on mail that does not stay.

        Seen before with this Message-ID, it would be skipped: then the owner keeps it. A bounce (no
        reverse-path) that somebody outside refuses would come back to nobody: the owner keeps that too.
        """
        handle = quoted(f"{NAME} {send.rules_of} {send.target}")
        yield f'if duplicate :handle {handle} {{ set "stays" "1"; }}'
        if not send.inside:
            yield 'if envelope :is "from" "" { set "stays" "1"; }'
        yield f"redirect {send.address};"


def _label(label: Label) -> str:
    return f'set "labels" "${{labels}}.{label.code}";'


def scripts(mailboxes: Mailboxes) -> dict[str, str]:
    """The script of every mailbox that needs one, by address."""
    pairs = ((mailbox.address, script(mailboxes, mailbox.address)) for mailbox in mailboxes.mailboxes)
    return {address: text for address, text in pairs if text is not None}


def routed(mailboxes: Mailboxes, address: str) -> tuple[Route, ...]:
    """The routes whose rules or replies run in a mailbox."""
    return tuple(route for route in mailboxes.routes if route.router == address)
