"""Whatever stands in a spec, it stays inside its string, its line, its script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.hosts.mail import postfix, sieve
from mailwright.model.finding import has_errors
from mailwright.model.mailboxes import Condition, Label, Mailbox, Mailboxes, Reply, Route, Rule
from mailwright.model.mailboxes import Test as Words
from mailwright.spec import parse
from tests.mailboxes.servers import Oracle, require, work
from tests.mailboxes.specs import DAY, DOMAIN, HEAD

__all__ = ["work"]

HOSTILE = [
    'a" ; redirect "evil@evil.example',
    'x"]; redirect "evil@evil.example"; #',
    "*/ redirect /*",
    "back\\",
    'back\\" ; discard; "',
    "${labels}${hex:24}",
    'line\r\nredirect "evil@evil.example";',
    "text:\r\n.\r\n",
    "\u202egnp.exe",
    "=cmd|' /C calc'!A0",
    "{8}\r\nredirect",
    "nul\x00byte",
]
HOSTILE_TEXT = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.lists(
        st.sampled_from(['"', "\\", "${", "}", ";", "redirect", "\r\n", ".", "/*", "*/", "#"]), min_size=1
    ).map("".join),
)

FIELDS = ("subject", "from", "to", "body", "header")


def company(word: str) -> Mailboxes:
    """One mailbox whose every text is hostile."""
    wang, info = f"wang@{DOMAIN}", f"info@{DOMAIN}"
    tests = tuple(Words(field, (word,), "X-A" * (field == "header")) for field in FIELDS)
    labels = (Label("plain", "folder"), Label(word, "tag", copied=True))
    rule = Rule("rules[0]", Condition(tests, any=True), copy_to=(f"li@{DOMAIN}",), labels=labels)
    reply = Reply(wang, word, word, path="auto_replies[0]")
    return Mailboxes(
        DOMAIN,
        DAY,
        mailboxes=(
            Mailbox(f"li@{DOMAIN}", "person", word),
            Mailbox(wang, "person", word, rules=(rule,), replies=(reply,)),
        ),
        routes=(Route(info, "alias", (wang,), wang, rules=(rule,)),),
    )


def code(script: str) -> str:
    """A script without its strings, as RFC 5228 §8.1 reads them."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', script, flags=re.DOTALL)


@given(HOSTILE_TEXT)
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_out_of_a_script(word: str) -> None:
    plain = code(sieve.script(company("word"), f"wang@{DOMAIN}") or "")
    assert code(sieve.script(company(word), f"wang@{DOMAIN}") or "").split() == plain.split()
    assert plain.count("redirect") == 2 and "evil" not in plain


@pytest.mark.parametrize("word", [each for each in HOSTILE if each.isprintable()])
def test_the_interpreter_takes_hostile_text_as_text(word: str, work: Path) -> None:
    require("postmap", "sieve-test")
    oracle = Oracle(work, company(word))
    subject = word.encode()
    mail = b"From: a@b.example\r\nTo: wang@acme-trade.com\r\nSubject: x" + subject + b"y\r\n\r\nhi\r\n"
    outcome = oracle.run(f"wang@{DOMAIN}", "a@b.example", mail)
    assert {redirect.partition("+")[0] for redirect in outcome.redirects} == {"li"}
    clean = mail.replace(b"x" + subject + b"y", b"hello")
    assert oracle.run(f"wang@{DOMAIN}", "a@b.example", clean).redirects == frozenset()


@given(HOSTILE_TEXT)
@settings(max_examples=200, deadline=None)
def test_no_value_breaks_out_of_a_table(word: str) -> None:
    route = Route(f"info@{DOMAIN}", "forward", (f"{word}@evil.example",))
    try:
        maps = postfix.maps(Mailboxes(DOMAIN, DAY, routes=(route,)))
    except postfix.UnsafeValueError:
        return
    text = postfix.text(postfix.ALIASES, maps.rows(postfix.ALIASES))
    assert text.count("\n") == 1 and text.startswith(f"info@{DOMAIN}  ")


@given(HOSTILE_TEXT)
@settings(max_examples=200, deadline=None)
def test_the_spec_lets_nothing_hidden_through(word: str) -> None:
    quoted = "'" + word.replace("'", "''").replace("\r\n", "\n\n") + "'"
    text = f"people:\n  wang: {{name: {quoted}}}\n"
    text += f"rules: [{{for: wang, otherwise: true, then: {{tag: {quoted}}}}}]\n"
    result = parse((HEAD + text).encode("utf-8", "replace"), "acme.yaml")
    if result.spec is not None:
        label = result.spec.mailboxes.rules[0].labels[0].name
        assert label.isprintable() or not re.search(r"[\x00-\x1f\u2028-\u202e]", label)
    else:
        assert has_errors(result.findings)


FOREIGN = st.text(alphabet=st.characters(codec="ascii"), max_size=80)


@given(FOREIGN, FOREIGN)
@settings(max_examples=300, deadline=None)
def test_foreign_lines_survive_put_change_and_take_away(before: str, after: str) -> None:
    rows = ((f"info@{DOMAIN}", f"wang@{DOMAIN}"),)
    first = postfix.merged(before, DOMAIN, postfix.ALIASES, rows)
    whole = first + after
    second = postfix.merged(whole, DOMAIN, postfix.ALIASES, (*rows, (f"x@{DOMAIN}", f"wang@{DOMAIN}")))
    assert postfix.merged(second, DOMAIN, postfix.ALIASES, rows) == whole
    assert postfix.merged(whole, DOMAIN, postfix.ALIASES, rows) == whole
    gone = postfix.merged(whole, DOMAIN, postfix.ALIASES, ())
    assert gone in (before + after, before + "\n" + after)
    assert postfix.ours(whole, DOMAIN) == postfix.text(postfix.ALIASES, rows)
