"""Commands that are run on a real domain, for the keys of their JSON and their exit codes.

``python -m tests.fixed.commands`` writes ``facts/json-outputs.txt`` and ``facts/exit-codes.txt`` anew.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

from mailwright.cli import main
from tests.fixed.facts import Lines, keep
from tests.mail_host.server import MASTER_PASSWORD
from tests.recorded.make import FIRST, MAPS, own_server, served, spec
from tests.recorded.runs import filled, working_in
from tests.recorded.worlds import DAY, ZoneServer, lay_out
from tests.servers.base import BASE_ZONE, FULL, free_port

ZONE, MOVED, OTHER = "acme-trade.com.", "moved.example.", "other.example."


@dataclass
class Tried:
    """What all commands said: paths of JSON keys, and a line for each command and its exit code."""

    server: ZoneServer
    json: Lines = field(default_factory=set)
    codes: Lines = field(default_factory=set)

    def run(self, situation: str, *words: str, form: bool = False) -> None:
        """Run one command; ``form``: it writes JSON where it comes to that, whose keys are noted."""
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(io.StringIO()):
            code = main([*words, *(("--format", "json") if form else ())])
        self.codes.add(f"{words[0]}: {situation}: {code}")
        if form and shown.getvalue().strip():
            name = words[0] + (" --against" if "--against" in words else "")
            self.json |= {f"{name}: {path}" for path in _paths(json.loads(shown.getvalue()), "")}


@contextlib.contextmanager
def tried() -> Iterator[Tried]:
    """A folder with specs, a nameserver with their zones; every command has been run."""
    living = "@ 300 IN MX 10 mail.old.example.\n"
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())).resolve()
        zones = {ZONE: BASE_ZONE, MOVED: BASE_ZONE + living, OTHER: BASE_ZONE}
        server = stack.enter_context(served(zones))
        files = {
            "firm.yaml": own_server("acme-trade.com", FIRST, ways=MAPS),
            "moved.yaml": spec("moved.example", FIRST),
            "plain.yaml": spec("other.example", FIRST),
            "dead.yaml": spec("other.example", FIRST.replace("@PORT@", str(free_port()))),
            "absent.yaml": spec("absent.example", FIRST),
            "wrong.yaml": spec("wrong.example", FIRST).replace("contact:", "kontact:"),
        }
        lay_out(folder, filled(files, {"@PORT@": server.port}))
        (folder / "tables").mkdir()
        lay_out(folder, {f"stacks/{name}": (folder / name).read_text("utf-8") for name in files})
        stack.enter_context(working_in(folder))
        stack.enter_context(_environment())
        everything = Tried(server)
        for part in (_read, _engine, _ask):
            part(everything)
        yield everything


def _spec(name: str) -> str:
    return f"stacks/{name}.yaml"


def _read(attempt: Tried) -> None:
    """Commands that look at specs alone."""
    firm, wrong = _spec("firm"), _spec("wrong")
    attempt.run("clean", "check", _spec("plain"), form=True)
    attempt.run("warnings", "check", firm, form=True)
    attempt.run("warnings, --strict", "check", firm, "--strict", form=True)
    attempt.run("errors", "check", wrong, form=True)
    attempt.run("no such option", "check", "--no-such-option")
    attempt.run("no such spec", "check", "stacks/nowhere.yaml")
    attempt.run("clean", "plan", firm, form=True)
    attempt.run("errors", "plan", wrong, form=True)
    attempt.run("somebody gets it", "trace", firm, "--to", "info", form=True)
    attempt.run("nobody gets it", "trace", firm, "--to", "nobody-at-all", form=True)
    attempt.run("something", "who", "wang", firm, form=True)
    attempt.run("nothing", "who", "nobody-at-all", firm)
    attempt.run("written", "export", firm, "--out", "build")
    attempt.run("without a policy", "mta-sts", firm)
    attempt.run("written", "init", "--domain", "new.example", *_INIT, "-o", "new.yaml")
    attempt.run("there is a file", "init", "--domain", "new.example", *_INIT, "-o", "new.yaml")
    attempt.run("a service", "catalog", "show", "tencent-exmail")
    attempt.run("something changes", "plan", firm, "--against", _spec("plain"), form=True)


_INIT = ("--service", "tencent-exmail", "--dns", "aliyun", "--contact", "wang@new.example")


def _engine(attempt: Tried) -> None:
    """Commands that change the world."""
    firm, moved, dead = _spec("firm"), _spec("moved"), _spec("dead")
    on = ("--engine", "embedded", "--as-of", DAY)
    attempt.run("would change", "preview", firm, *on, form=True)
    attempt.run("refused", "preview", moved, *on, form=True)
    attempt.run("no answer", "preview", dead, *on, form=True)
    attempt.run("kept", "preview", firm, *on, "--out", "plan.json")
    attempt.run("no folder for the plan", "preview", firm, *on, "--out", "nowhere/plan.json")
    attempt.run("refused", "up", moved, *on)
    attempt.run("no answer", "up", dead, *on)
    attempt.run("as reviewed", "up", firm, *on, "--plan", "plan.json")
    attempt.run("no reviewed plan", "up", firm, *on, "--plan", firm)
    attempt.run("nothing to do", "up", firm, *on)
    attempt.run("nothing would change", "preview", firm, *on, form=True)
    attempt.run("read", "refresh", firm, *on)
    attempt.run("refused", "undo", firm, *on)
    attempt.run("refused", "destroy", firm, *on)
    attempt.run("with consent", "up", moved, *on, "--allow", "mx-changed")
    if which("pulumi") is None:
        attempt.run("no command", "move", firm)
    attempt.run(
        "would change", "undo", "--preview", moved, *on, "--allow", "mx-changed,spf-gone,dmarc-weakened"
    )
    attempt.run("with consent", "destroy", moved, *on, "--allow", "no-mx-left,spf-gone,dmarc-weakened")


def _ask(attempt: Tried) -> None:
    """Commands that compare with what is served."""
    firm, at = _spec("firm"), ("--nameserver", f"ns1=127.0.0.1:{attempt.server.port}", "--as-of", DAY)
    for command in ("verify", "drift"):
        attempt.run("as planned", command, firm, *at, form=True)
        attempt.run("refused by the server", command, _spec("absent"), *at, form=True)
    attempt.server.drop(ZONE, "@", "MX")
    for command in ("verify", "drift"):
        attempt.run("differs", command, firm, *at, form=True)
    attempt.run("read", "look", "acme-trade.com", *at[:2], form=True)
    attempt.run("written", "import", "moved.example", *at[:2], "-o", "stacks/imported.yaml")


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("MAILWRIGHT_")]:
        del os.environ[name]
    os.environ |= {"MAILWRIGHT_TSIG_SECRET": FULL.secret, "MAILWRIGHT_SIEVE_PASSWORD": MASTER_PASSWORD}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            below = f"{path}.{name}" if path else str(name)
            yield below
            yield from _paths(each, below)
    if isinstance(value, list):
        for each in value:
            yield from _paths(each, path + "[]")


OUTPUTS: dict[str, Callable[[Tried], Lines]] = {
    "json-outputs": lambda attempt: attempt.json,
    "exit-codes": lambda attempt: attempt.codes,
}

if __name__ == "__main__":
    with tried() as done:
        for kind, lines in OUTPUTS.items():
            keep(kind, lines(done))
