"""Sieve scripts (RFC 5228) from planned mailboxes: rules of a mailbox and of the addresses it answers for.

A script first finds out by which address a mail came (the sub-address, see ``details``), lets the rules of
that address decide, passes mail on, and then runs the mailbox's own rules. Mail leaves a mailbox only after a
``redirect``; whatever goes wrong, Sieve's implicit keep leaves it in the inbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote as percent

from mailwright.hosts.mail.details import (
    DELIMITER,
    MARK,
    arriving_labels,
    dispatches,
    may_carry,
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
)

NAME = "mailwright"  # of our script on the server
#: Only ever after a redirect: a second redirect to the same target counts as one, and with it
#: the first one's :copy would stand, so that leaving the mailbox has to be said by itself.
_LEAVE = "discard; stop;"
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
    "envelope :detail": "envelope",
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


def script(made: Mailboxes, address: str, *, then: str | None = None) -> str | None:
    """The script of a mailbox, None where it needs none. ``then``: somebody else's script to run after it."""
    box = made.mailbox(address)
    if box is None:
        return None
    body = list(_Script(made, box).lines())
    if not body:
        return None
    head = [_HEAD.format(domain=made.domain), f"require {_list(_required(body))};", ""]
    return including("\r\n".join([*head, *body]) + "\r\n", then)


def including(text: str, then: str | None) -> str:
    """A script of ours that runs somebody else's at its end (RFC 6609 §3.2); None: as it is."""
    if then is None:
        return text
    head, _, *body = text.split("\r\n")  # the second line is the only one that is a require
    require = f"require {_list(sorted({*required(text), 'include'}))};"
    return "\r\n".join([head, require, *body, f"include :personal :optional {quoted(then)};"]) + "\r\n"


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
    made = [quoted(each) for each in words]
    return made[0] if len(made) == 1 else "[" + ", ".join(made) + "]"


def _all(tests: list[str], word: str = "allof") -> str:
    return tests[0] if len(tests) == 1 else f"{word}({', '.join(tests)})"


def _is(name: str, *values: str) -> str:
    return f'string :is "${{{name}}}" {_list(values)}'


def _condition(condition: Condition | None) -> list[str]:
    if condition is None:
        return []
    tests = [_test(each) for each in condition.tests]
    made = [_all(tests, "anyof" if condition.any else "allof")] if tests else []
    if condition.not_replies:
        made.insert(0, 'not anyof(exists "in-reply-to", exists "references")')
    if condition.not_spam:
        made.insert(0, f"not header :matches {_list(SPAM_HEADERS)} {_list(_MARKED)}")
    return made


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
        return _all([f"exists {quoted(each)}" for each in test.contains], "anyof")
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
    made = []
    for day, minutes, relation in (
        (window.start, window.start_offset, "ge"),
        (window.until, window.until_offset, "le"),
    ):
        if day:
            zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
            made.append(f'currentdate :zone "{zone}" :value "{relation}" "date" "{day.isoformat()}"')
    return made


class _Script:
    """The lines of one script. Variables: ``to`` the chosen targets, ``c0``… who gets copies, ``done``."""

    def __init__(self, made: Mailboxes, box: Mailbox) -> None:
        self.made = made
        self.box = box
        self.routes = [each for each in made.routes if each.router == box.address]
        own = {label for rule in box.rules for label in rule.labels}
        routed = {label for each in self.routes for rule in each.rules for label in rule.labels}
        come = set(arriving_labels(made, box.address))
        self.labels = sorted(own | routed | come, key=lambda each: (each.kind, each.name))
        self.come = sorted(come, key=lambda each: (each.kind, each.name))

    def lines(self) -> Iterator[str]:
        """Everything after ``require``."""
        work = [line for part in (self._arrival(), self._routes(), self._own()) for line in part]
        if work:
            yield 'set "dollar" "$";'
            yield 'set "labels" "";'
            yield 'set "answered" "";'
            yield from work

    def _arrival(self) -> Iterator[str]:
        """Labels that an earlier rule gave the mail."""
        for label in self.come:
            globs = _list([f"{MARK}.*{label.code}*", f"*{DELIMITER}{MARK}.*{label.code}*"])
            yield f'if envelope :detail :matches "to" {globs} {{ {_label(label)} }}'

    def _routes(self) -> Iterator[str]:
        for route in self.routes:
            local = route.address.partition("@")[0]
            yield ""
            yield f"# {route.address}"
            yield f'if envelope :detail :matches "to" {_list([local, f"{local}{DELIMITER}*"])} {{'
            inner = [*self._replies(route.replies, (route.address,))]
            inner += self._dispatch(route.rules, route.to) if dispatches(route) else ()
            yield from (f"  {line}" for line in inner)
            yield "}"

    def _own(self) -> Iterator[str]:
        box = self.box
        if box.rules:
            yield ""
            yield f"# {box.address}"
            yield from self._dispatch(box.rules, (box.address,))
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
        yield from self._replies(box.replies, reaching(self.made, box.address))

    def _replies(self, replies: Iterable[Reply], addresses: tuple[str, ...]) -> Iterator[str]:
        """A server sends one answer a mail: the first that holds today."""
        for each in replies:
            test = _all([_is("answered", ""), *_window(each.window)])
            subject = f" :subject {quoted(each.subject)}" if each.subject else ""
            sender = f" :from {quoted(each.sender)} :handle {quoted(each.path)}"
            yield f"if {test} {{"
            yield '  set "answered" "1";'
            yield f"  vacation :days {each.days}{subject}{sender} :addresses {_list(addresses)}"
            yield f"    {quoted(each.text)};"
            yield "}"

    def _dispatch(self, rules: tuple[Rule, ...], default: tuple[str, ...]) -> Iterator[str]:
        """The rules of one address, then the redirects they ask for."""
        copies = list(dict.fromkeys(each for rule in rules for each in rule.copy_to))
        units = {"default": default} | {
            f"r{n}": each.assign_to for n, each in enumerate(rules) if each.assign_to
        }
        for name in ("done", "plus", *(f"c{n}" for n in range(len(copies)))):
            yield f'set "{name}" "";'
        yield 'set "to" "default";'
        for number, rule in enumerate(rules):
            yield f"# {rule.path}"
            yield f"if {_all([_is('done', ''), *_condition(rule.when)])} {{"
            yield from (f"  {line}" for line in self._rule(rule, number, copies))
            yield "}"
        if any(
            may_carry(self.made, each) for each in (*copies, *(t for unit in units.values() for t in unit))
        ):
            yield f'if not {_is("labels", "")} {{ set "plus" "{DELIMITER}{MARK}${{labels}}"; }}'
        yield from self._copies(copies, units)
        for name, unit in units.items():
            yield from self._unit(name, unit, copies)

    def _rule(self, rule: Rule, number: int, copies: list[str]) -> Iterator[str]:
        for each in rule.copy_to:
            yield f'set "c{copies.index(each)}" "1";'
        for label in rule.labels:
            yield _label(label)
        for each in rule.notify:
            said = f"{NAME}: {rule.path}, {self.box.address}"
            yield f"notify :message {quoted(said)} {quoted('mailto:' + percent(each, safe='@'))};"
        if rule.assign_to:
            yield f'set "to" "r{number}";'
        if rule.ends:
            yield 'set "done" "1";'

    def _copies(self, copies: list[str], units: dict[str, tuple[str, ...]]) -> Iterator[str]:
        for number, target in enumerate(copies):
            if target == self.box.address:
                continue
            among = [name for name, unit in units.items() if target in unit]
            tests = [_is(f"c{number}", "1"), *([f"not {_is('to', *among)}"] if among else [])]
            yield f"if {_all(tests)} {{ {self._redirect(target)} }}"

    def _unit(self, name: str, unit: tuple[str, ...], copies: list[str]) -> Iterator[str]:
        """Passes the mail on to these; it leaves the mailbox where the mailbox is not among who gets it."""
        mine = self.box.address
        others = [each for each in unit if each != mine]
        if not others:
            return
        yield f"if {_is('to', name)} {{"
        for each in others:
            yield f"  {self._redirect(each)}"
        if mine in copies and mine not in unit:
            yield f"  if not {_is(f'c{copies.index(mine)}', '1')} {{ {_LEAVE} }}"
        elif mine not in unit:
            yield f"  {_LEAVE}"
        yield "}"

    def _redirect(self, target: str) -> str:
        if not may_carry(self.made, target):
            return f"redirect :copy {quoted(target)};"
        local, _, host = target.rpartition("@")
        return f'redirect :copy "{local}${{plus}}@{host}";'


def _label(label: Label) -> str:
    return f'set "labels" "${{labels}}.{label.code}";'


def scripts(made: Mailboxes) -> dict[str, str]:
    """The script of every mailbox that needs one, by address."""
    found = ((each.address, script(made, each.address)) for each in made.mailboxes)
    return {address: text for address, text in found if text is not None}


def routed(made: Mailboxes, address: str) -> tuple[Route, ...]:
    """The routes whose rules or replies run in a mailbox."""
    return tuple(each for each in made.routes if each.router == address)
