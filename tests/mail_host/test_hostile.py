"""Whatever strangers write into tables, they stay their lines; whatever specs say, it stays in ours."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from mailwright.deploy.errors import DeployError, Refused
from mailwright.deploy.mail.applying import (
    MailWork,
    carry_out,
    closing_of,
    lines_between,
    script_lines,
    seen_now,
)
from mailwright.deploy.mail.values import MailInputs, MailState, MailTarget, failures
from mailwright.deploy.mail.world import MailHost
from mailwright.hosts.mail import postfix, tables
from mailwright.model.consent import Consent
from tests.mailboxes.servers import require
from tests.mailboxes.specs import DAY, DOMAIN
from tests.mailboxes.test_hostile import HOSTILE_TEXT

ROWS = {
    f"aliases info@{DOMAIN}": f"wang@{DOMAIN}",
    f"aliases agent@{DOMAIN}": "agent@partner.example",
    f"mailboxes wang@{DOMAIN}": "ok",
    f"refused old@{DOMAIN}": "550 5.2.1 This mailbox is closed",
    f"suspended old@{DOMAIN}": "",
}
LOSSES = ("role-address-emptied", "mailbox-cut-off", "login-opened-again")
PIECES = st.sampled_from(
    [
        *(f"{name}@{DOMAIN}" for name in ("info", "INFO", "wang", "jobs", "agent")),
        *(f"@{DOMAIN}", "x@other.example", "thief@evil.example", "REJECT", "ok", "550 no", "=cmd", "\u202e"),
        *(
            " ",
            "  ",
            "\t",
            "\n",
            "\n ",
            "\r\n",
            "\x0b",
            "\x0c",
            "\x85",
            "\u2028",
            "\x1b[2J",
            "\x00",
            '"',
            ",",
        ),
        *("#", "# >>> mailwright", f"# <<< mailwright {DOMAIN}", ":", "\\", "é", "\udce9"),
        f"# >>> mailwright {DOMAIN}: written from the spec, changed here in vain",
    ]
)
FOREIGN = st.lists(PIECES, max_size=14).map("".join)


@given(FOREIGN, FOREIGN)
@settings(max_examples=250, deadline=None)
def test_lines_of_others_stay_through_a_whole_life(before: str, after: str) -> None:
    assume(not postfix.block(postfix.physical(before), DOMAIN))  # that would be ours
    _whole_life(before, after)


@pytest.mark.parametrize("before", ["", "# by hand\nroot@other.example  x@other.example\n"])
@pytest.mark.parametrize("after", ["", "# later\nabuse@other.example  x@other.example\n"])
def test_plain_lines_of_others_hinder_nothing(before: str, after: str) -> None:
    """Were every change refused, the test of strange lines would see nothing."""
    assert _whole_life(before, after)


def _whole_life(before: str, after: str) -> bool:
    """First up, second up, lines changed by hand, up and destroy; False where it was refused on the way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        host = MailHost(MailTarget(DOMAIN, name))
        inputs = MailInputs(host.target, ROWS, {}, DAY)
        octets = before.encode("utf-8", "surrogateescape")
        (folder / postfix.ALIASES).write_bytes(octets)
        try:
            carry_out(host, MailWork(inputs))
        except Refused:
            assert (folder / postfix.ALIASES).read_bytes() == octets
            return False
        state = MailState(inputs, ROWS)
        assert not _again(host, inputs, state)
        deployed = (folder / postfix.ALIASES).read_bytes()
        assert deployed.startswith(octets)

        (folder / postfix.ALIASES).write_bytes(deployed + after.encode("utf-8", "surrogateescape"))
        maps, scripts = seen_now(state, host.read(()))
        seen = MailState(MailInputs(host.target, maps, scripts, DAY), ROWS)
        assert MailState.of(json.loads(json.dumps(seen.plain()))) == seen
        assert all(line.isprintable() for line in lines_between(ROWS, maps))
        consent = tuple(map(Consent, (*LOSSES, "map-line-in-the-way")))
        try:
            carry_out(host, MailWork(MailInputs(host.target, ROWS, {}, DAY), seen, consent))
        except DeployError as error:  # what stands there cannot be put right: it is said, not hidden
            assert str(error)
            return False
        routing = tables.routing(host.read(()).texts, DOMAIN)
        assert routing.aliases[f"info@{DOMAIN}"] == (f"wang@{DOMAIN}",)
        carry_out(host, _closing(state, consent))
        left = (folder / postfix.ALIASES).read_bytes()
        assert left.startswith(octets)
        assert not [entry for entry in tables.entries(postfix.ALIASES, _text(left), DOMAIN) if entry.ours]
        return True


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def _again(host: MailHost, inputs: MailInputs, state: MailState) -> bool:
    """Whether a second run would change anything."""
    return not carry_out(host, MailWork(inputs, state), preview=True).is_empty


def _closing(state: MailState, consents: tuple[Consent, ...]) -> MailWork:
    inputs = MailInputs(state.inputs.target, state.inputs.maps, {}, DAY)
    return closing_of(MailState(inputs, state.applied_maps), consents, "")


_ODD = set('"\x00\x1b\x1d')
PLAIN = st.lists(
    PIECES.filter(lambda each: each.isascii() and not set(each) & _ODD), min_size=60, max_size=300
)


@given(PLAIN.map("".join))
@settings(max_examples=4, deadline=None, phases=[Phase.generate])  # a process each
def test_tables_are_read_as_postfix_reads_them(text: str) -> None:
    require("postmap")
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "main.cf").write_text("compatibility_level = 3.6\n")
        table = Path(name) / "aliases"
        table.write_text(text, newline="")
        os.utime(table, (0, 0))  # Postfix waits until a file has not changed for a second
        asked = [f"{each}@{DOMAIN}" for each in ("info", "wang", "jobs", "agent")] + [f"@{DOMAIN}"]
        command = ["/usr/sbin/postmap", "-c", name, "-q", "-", f"texthash:{table}"]
        lines = "".join(f"{each}\n" for each in asked).encode()
        done = subprocess.run(command, input=lines, capture_output=True, check=False)
        said = [line.split(b"\t", 1) for line in done.stdout.split(b"\n") if b"\t" in line]
    counts = tables.effective(entry for entry in tables.entries("aliases", text, DOMAIN) if entry.value)
    ours = {key: tables.targets(entry.value) for key, entry in counts.items() if key in asked}
    theirs = {
        key.decode(): tables.targets(value.decode("utf-8", "surrogateescape"))
        for key, value in said
        if key.decode("utf-8", "replace") in asked
    }
    assert ours == theirs


@given(HOSTILE_TEXT)
@settings(max_examples=150, deadline=None)
def test_no_property_breaks_out_of_a_table_or_a_terminal(word: str) -> None:
    target = MailTarget(DOMAIN, "/nowhere")
    for key, value in ((f"{word}@{DOMAIN}", "x@y.example"), (f"info@{DOMAIN}", word)):
        maps = {f"aliases {key}": value}
        inputs = MailInputs(target, maps, {}, DAY)
        if not failures(inputs.plain()):
            text = tables.rewritten("aliases", "", tables.Wanted(DOMAIN, {"aliases": {key: value}}))
            assert text.count("\n") == 3
        assert all(line.isprintable() for line in lines_between({}, maps))
        assert MailInputs.of(inputs.plain()) == inputs
    assert all(line.isprintable() for line in script_lines({}, {f"wang@{DOMAIN}": word, word: "keep;"}))


@pytest.mark.parametrize("word", ["x\0y", "a b", "wang@other.example\n"])
def test_a_mailbox_name_cannot_end_a_login(word: str) -> None:
    said = MailInputs(MailTarget(DOMAIN, None, "mail.example", master_user="m"), {}, {word: ""}, DAY).plain()
    assert failures(said)
