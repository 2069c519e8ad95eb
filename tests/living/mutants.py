"""Mutants of what makes tables and scripts: each one slip, and a company whose mail it loses or misplaces.

A mutant is a change of the source of one module; the others are loaded anew beside it, so that they use it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from types import ModuleType

from mailwright.model.mailboxes import Mailboxes
from tests.living.company import day
from tests.living.variants import COURIER, DOCS, Variant, delimited
from tests.living.world import Files

_PACKAGE = "mailwright.hosts.mail"
#: In the order in which they use each other.
_MODULES = ("details", "postfix", "sieve")
_STAFF = "people: {wang: {}, li: {}, chen: {}}\n"
_RULE = (
    "addresses: {info: {to: wang}}\nrules:\n  - {for: info, when: {subject_contains: [quote]}, then: {%s}}\n"
)
ASSIGN = _STAFF + _RULE % "assign_to: li"
OUTSIDE = _STAFF + _RULE % "assign_to: agent@partner.example"
COPY = _STAFF + _RULE % "copy_to: chen"
LABELS = _STAFF + _RULE % "assign_to: li, folder: Offers"
NESTED = _STAFF + _RULE % "assign_to: li, folder: Offers/Steel"
SECOND = (
    _STAFF
    + "addresses: {info: {to: wang}}\nrules:\n"
    + "  - {for: info, when: {body_contains: [second]}, then: {assign_to: [li, chen]}}\n"
    + "  - {for: info, when: {subject_contains: [quote]}, then: {assign_to: li}}\n"
)
OWNER_TOO = _STAFF + _RULE % "assign_to: [wang, li]"
PERSONAL = (
    _STAFF
    + "addresses: {info: {to: wang}}\nrules:\n"
    + "  - {for: info, when: {subject_contains: [quote]}, then: {assign_to: li}}\n"
    + "  - {for: wang, when: {from: [buyer]}, then: {copy_to: chen}}\n"
)
ORDER = (
    _STAFF
    + "addresses: {info: {to: wang}}\nrules:\n"
    + "  - {for: info, when: {subject_contains: [quote]}, then: {assign_to: li}}\n"
    + "  - {for: info, otherwise: true, then: {assign_to: chen}}\n"
)
TWO_TESTS = (
    _STAFF
    + "addresses: {info: {to: wang}}\nrules:\n"
    + "  - {for: info, when: {subject_contains: [quote], from: [nobody]}, then: {assign_to: li}}\n"
)
LEFT = f"""\
people: {{wang: {{}}, li: {{}}, chen: {{}}, old: {{left: {day(-9)}, closed: {day(-8)}}}}}
catch_all: {{to: chen}}
"""
HANDED_OVER = f"""\
people: {{wang: {{}}, li: {{}}, zhao: {{left: {day(-9)}, handover: {{to: li, until: {day(9)}}}}}}}
"""
AWAY_LATER = f"people: {{wang: {{away: {{from: {day(3)}, until: {day(5)}, cover: li}}}}, li: {{}}}}\n"
AWAY = f"people: {{wang: {{away: {{from: {day(-1)}, until: {day(1)}, cover: li}}}}, li: {{}}}}\n"
VACATION = 'require "vacation"; vacation "mine";\n'
GROUP = (
    "people: {wang: {}, li: {}, chen: {}}\naddresses: {sales: {to: [wang, li], owner: wang}}\n"
    "auto_replies:\n  - {for: sales, text: Thank you}\n"
)
DASHED = (
    _STAFF
    + "addresses: {info: {to: wang}, info-cn: {to: wang}}\nrules:\n"
    + "  - {for: info, otherwise: true, then: {assign_to: li}}\n"
    + "  - {for: info-cn, otherwise: true, then: {assign_to: chen}}\n"
)


@dataclass(frozen=True)
class Mutant:
    """One slip. ``old`` stands in the source of ``module`` just once and becomes ``new``.

    ``text`` is a spec that it matters to; ``own`` is a script that wang has written.
    """

    name: str
    module: str
    old: str
    new: str
    text: str
    variant: Variant = DOCS
    own: str = ""


_DASH = delimited("-")
_SEEN = """yield f'if duplicate :handle {handle} {{ set "stays" "1"; }}'"""
_OUT = 'yield f"redirect {send.address};"'
MUTANTS = (
    # mail is passed on
    Mutant(
        "copy and discard", "sieve", _SEEN, 'yield f"redirect :copy {send.address}; discard;"; return', ASSIGN
    ),
    Mutant("not asked whether it was seen", "sieve", _SEEN, "pass", SECOND),
    Mutant(
        "what was seen is discarded",
        "sieve",
        _SEEN,
        _SEEN.replace('set "stays" "1";', "discard; stop;"),
        ASSIGN,
    ),
    Mutant("redirect becomes discard", "sieve", _OUT, 'yield "discard;"', ASSIGN),
    Mutant("redirect becomes a copy", "sieve", _OUT, 'yield f"redirect :copy {send.address};"', ASSIGN),
    Mutant("redirect becomes nothing", "sieve", _OUT, "pass", ASSIGN),
    Mutant("what stays is not kept", "sieve", 'fileinto "INBOX"; }}', "discard; }}", ASSIGN),
    Mutant("a bounce is not kept", "sieve", """'if envelope :is "from" "" {""", """'if false {""", OUTSIDE),
    Mutant("no stop where it left", "sieve", 'yield "  stop;"', 'yield "  keep;"', ASSIGN),
    Mutant(
        "a copy takes it away",
        "sieve",
        'f"if {send.chosen} {{ redirect :copy',
        'f"if {send.chosen} {{ redirect',
        COPY,
    ),
    Mutant("the owner is forgotten", "sieve", "if unit and mine not in unit]", "if unit]", OWNER_TOO),
    # rules decide
    Mutant("later rules go on", "sieve", """'set "done" "1";'""", "'# goes on'", ORDER),
    Mutant(
        "any condition is enough",
        "sieve",
        '_all(tests, "anyof" if condition.any else "allof")',
        '_all(tests, "anyof")',
        TWO_TESTS,
    ),
    Mutant(
        "a condition turned round",
        "sieve",
        "f'header :contains \"subject\" {words}'",
        "f'not header :contains \"subject\" {words}'",
        ASSIGN,
    ),
    Mutant(
        "copies are forgotten", "sieve", """f'set "c{copies.index(address)}" "1";'""", "'# no copy'", COPY
    ),
    Mutant(
        "own rules see what left", "sieve", """f"if not {_is('leave', '1')} {{\"""", '"if true {"', PERSONAL
    ),
    Mutant(
        "only the bare address has rules", "sieve", """*(f"{local}{sign}*" for sign in signs)""", "", ORDER
    ),
    Mutant(
        "the shortest address first",
        "sieve",
        "(-len(mailbox_route.address)",
        "(len(mailbox_route.address)",
        DASHED,
        _DASH,
    ),
    # labels
    Mutant("labels are lost on the way", "sieve", """"{sign}{MARK}${{labels}}";""", '"";', LABELS),
    Mutant("labels are not read", "sieve", "{globs} {{ {_label(label)} }}", "{globs} {{ keep; }}", LABELS),
    Mutant(
        "labels go to nobody",
        "sieve",
        "carrying = [other for other in others if self.mailboxes.stays_inside(other)]",
        "carrying: list[str] = []",
        LABELS,
    ),
    Mutant(
        "a slash in a folder",
        "sieve",
        "{how} {quoted(label.name)}",
        "{how} {quoted(label.name.replace(chr(46), chr(47)))}",
        NESTED,
        COURIER,
    ),
    # away, own scripts
    Mutant("a cover without its days", "sieve", "_all(_window(box.cover.window))", '"true"', AWAY_LATER),
    Mutant(
        "a cover takes it away",
        "sieve",
        "{{ redirect :copy {quoted(box.cover",
        "{{ redirect {quoted(box.cover",
        AWAY,
    ),
    Mutant(
        "two replies in one run", "sieve", 'if "vacation" in required(text):', "if False:", AWAY, own=VACATION
    ),
    Mutant("the own script comes first", "sieve", "*body, line]", "line, *body]", ASSIGN, own="stop;\n"),
    # tables
    Mutant(
        "a plus whatever is said",
        "details",
        "{local}{delimiter[0]}{detail}",
        "{local}+{detail}",
        ASSIGN,
        _DASH,
    ),
    Mutant("rules run nowhere", "details", "return (detailed,)", "return route.to", ASSIGN),
    Mutant(
        "a group is its owner alone",
        "details",
        "return tuple(detailed",
        "return (detailed,) or (detailed",
        GROUP,
    ),
    Mutant(
        "no alias for who left",
        "postfix",
        "aliases |= {refused.address: closed for refused in mailboxes.refused}",
        "pass",
        LEFT,
    ),
    Mutant("closed leads to the catch-all", "postfix", "aliases[closed] = closed", "pass", LEFT),
    Mutant(
        "a catch-all takes all",
        "postfix",
        "aliases |= {mailbox.address: mailbox.address for mailbox in mailboxes.mailboxes}",
        "pass",
        LEFT,
    ),
    Mutant(
        "no mailboxes", "postfix", '"ok" for mailbox in mailboxes.mailboxes', '"ok" for mailbox in ()', ASSIGN
    ),
    Mutant("no routes", "postfix", "for route in mailboxes.routes}", "for route in ()}", HANDED_OVER),
)


@contextmanager
def _replaced(modules: dict[str, ModuleType]) -> Iterator[None]:
    """Imports of these names give these modules."""
    before = {name: sys.modules[name] for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        sys.modules.update(before)


def files(plan: Mailboxes, own: dict[str, str], mutant: Mutant | None) -> Files:
    """What the generator would make of a plan with this slip in it; without one as it is."""
    loaded: dict[str, ModuleType] = {}
    for name in _MODULES:
        spec = util.find_spec(f"{_PACKAGE}.{name}")
        assert spec is not None and spec.origin is not None
        source = Path(spec.origin).read_text("utf-8")
        if mutant is not None and mutant.module == name:
            assert source.count(mutant.old) == 1, f"{mutant.name}: not once in {name}"
            source = source.replace(mutant.old, mutant.new)
        module = util.module_from_spec(spec)
        with _replaced(
            {spec.name: module, **{f"{_PACKAGE}.{key}": module_type for key, module_type in loaded.items()}}
        ):
            exec(compile(source, spec.origin, "exec"), module.__dict__)
        loaded[name] = module
    sieve, postfix = loaded["sieve"], loaded["postfix"]
    scripts = {
        address: sieve.including(text, "own" if address in own else None)
        for address, text in sieve.scripts(plan).items()
    }
    return Files(plan.domain, postfix.maps(plan).tables, scripts, own)
