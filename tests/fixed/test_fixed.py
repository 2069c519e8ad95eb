"""What is fixed whatever is renamed: the lines of ``facts/``, resources' properties, saved plans."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mailwright import __version__
from mailwright.deploy.dns.values import State
from mailwright.deploy.mail.applying import MailChange
from mailwright.deploy.mail.values import MailState, MailTarget
from mailwright.deploy.reviewed import Reviewed, subject
from mailwright.hosts.dns.service import Target
from mailwright.hosts.dns.services import rfc2136, target_from_id
from mailwright.hosts.mail.dovecot import ScriptChange
from mailwright.hosts.mail.folder import FileChange
from mailwright.model.changes import ChangeSet, SetChange
from mailwright.model.families import Family
from mailwright.model.records import ObservedSet, ObservedValue
from tests.fixed.commands import OUTPUTS, Tried, tried
from tests.fixed.facts import KINDS, difference, kept

HERE = Path(__file__).parent
PROPERTIES = json.loads((HERE / "properties.json").read_text("utf-8"))
DAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_fixed(kind: str) -> None:
    assert not (told := difference(kind, KINDS[kind]())), told + f"\npython -m tests.fixed.facts {kind}"


@pytest.fixture(scope="module")
def said() -> Tried:
    with tried() as done:
        return done


@pytest.mark.parametrize("kind", OUTPUTS)
def test_what_commands_say(kind: str, said: Tried) -> None:
    assert not (told := difference(kind, OUTPUTS[kind](said))), told + "\npython -m tests.fixed.commands"


def test_what_others_import_stands_alone() -> None:
    """Each module first in its process, so that none needs another one imported before."""
    lines = sorted(kept("imports"))
    modules = sorted({line.split()[1] for line in lines})
    for module in modules:
        words = [line for line in lines if line.split()[1] == module]
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(words)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_the_properties_of_resources() -> None:
    dns, mail = (PROPERTIES[token] for token in sorted(PROPERTIES))
    consents = dns.pop("allow"), mail.pop("allow")
    assert all(consents), "what earlier versions kept is passed over"
    assert State.of({**dns, "allow": consents[0]}).plain() == dns
    assert MailState.of({**mail, "allow": consents[1]}).plain() == mail


@pytest.mark.parametrize(
    ("id", "target"),
    [
        (
            "firm.example@zone.example@192.0.2.1:53",
            rfc2136.SERVICE.target("zone.example", "firm.example", {"server": "192.0.2.1"}),
        ),
        (
            "firm.example@firm.example@[2001:db8::1]:5353?key=k&algorithm=hmac-sha512&read=transfer",
            rfc2136.SERVICE.target(
                "firm.example",
                "firm.example",
                {
                    "server": "2001:db8::1",
                    "port": "5353",
                    "key_name": "k",
                    "algorithm": "hmac-sha512",
                    "read_by": "transfer",
                },
            ),
        ),
        (
            "firm.example?folder=/etc/tables&server=imap.example&port=4191&user=master&ca=/etc/ca.pem",
            MailTarget("firm.example", "/etc/tables", "imap.example", 4191, "master", "/etc/ca.pem"),
        ),
    ],
)
def test_ids_say_where_a_resource_is(id: str, target: Target | MailTarget) -> None:
    assert target.id == id
    assert (MailTarget.from_id if isinstance(target, MailTarget) else target_from_id)(id) == target


def test_saved_plans_keep_their_form(tmp_path: Path) -> None:
    text = (HERE / "plan.json").read_text("utf-8").replace("0.1.0", __version__)
    path = tmp_path / "plan.json"
    path.write_text(text, "utf-8")
    Reviewed.read(path).write(path)
    assert path.read_text("utf-8") == text


def test_a_review_binds_to_the_same_digest() -> None:
    """Otherwise what was reviewed yesterday cannot be applied today."""
    before = ObservedSet(
        "firm.example.",
        "TXT",
        300,
        (ObservedValue("v=spf1 -all", (b"v=spf1 ", b"-all")), ObservedValue("MS=1")),
    )
    after = (ObservedValue("v=spf1 mx -all"), ObservedValue("MS=1"))
    change = SetChange(
        "firm.example.", "TXT", before, after, 600, after[:1], before.values[:1], (Family.SPF,)
    )
    changes = ChangeSet("firm.example", "firm.example@192.0.2.1:53", DAY, (change,))
    assert subject(changes) == "firm.example firm.example@192.0.2.1:53"
    assert changes.digest("1") == "2f742bf1555718286fdb67fd27a8f29a655a22e9371ae4e96b6d137c11699ccc"
    mail = MailChange(
        "firm.example",
        "/etc/tables",
        DAY,
        (FileChange(Path("/etc/tables/aliases"), "", "info@firm.example  wang@firm.example\n"),),
        (ScriptChange("wang@firm.example", None, "keep;\n", None),),
    )
    assert mail.digest("1") == "adc994da8f2124b88eefbcebf1774a7102c952396c91536254d69a1c81ef0160"
