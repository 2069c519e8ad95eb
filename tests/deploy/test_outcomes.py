"""An outcome is a value: no text is read for it, whatever the language and whoever the engine is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.model.text import Text
from mailwright.operations.stack.opening import needed
from mailwright.operations.stack.request import Request
from mailwright.operations.stack.stacks import open_stack
from mailwright.plan.transition import gate
from tests.cli.test_commands import mailwright
from tests.deploy.checkout import Checkout
from tests.deploy.worlds import DOWN, Project
from tests.servers.base import FULL
from tests.servers.fixtures import started

HEADS = ("Refused: this change could lose mail.", "已拒绝：这次变更可能会丢失邮件")
BY_HAND = "{service: manual, console: aliyun}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path, started("embedded"), monkeypatch)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_refusal_is_one_in_whatever_words_it_is_told(
    project: Project, lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    zone = project.server.new_zone("@ 300 MX 10 mail.old.example.\n")
    words = (str(project.write(zone)), "--engine", "embedded", "--lang", lang)
    monkeypatch.setattr(
        "mailwright.deploy.errors.refusal_lines", lambda *_, **__: ["something quite different"]
    )
    for command in ("preview", "up"):
        assert main([command, *words]) == 3
        assert "something quite different" in capsys.readouterr().err
    project.up(project.folder / "stacks" / f"{zone.rstrip('.')}.yaml", allow="mx-changed")
    assert main(["destroy", *words, "--stack", "t"]) == 3


def test_an_error_that_sounds_like_a_refusal_is_none(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAILWRIGHT_TSIG_SECRET")
    monkeypatch.setattr("mailwright.hosts.dns.services.rfc2136._NO_SECRET", Text(*HEADS))
    assert main(["up", str(project.write(project.server.new_zone())), "--engine", "embedded"]) == 1


def test_what_a_command_is_told_of_a_change_has_no_sheet_in_it(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A domain that is entered by hand stands beside one at a server, in either order."""
    for first in (True, False):
        zone = project.server.new_zone()
        spec = project.write(zone)
        text = spec.read_text()
        host = text.partition("dns_hosts: [")[2].partition("]")[0]
        spec.write_text(text.replace(host, f"{BY_HAND}, {host}" if first else f"{host}, {BY_HAND}"))
        where = ("--nameserver", f"127.0.0.1:{project.server.port}", "--as-of", "2026-11-23")
        ways = ("--engine", "embedded", *where, "--lang", "en")
        assert main(["up", str(spec), *ways]) == 2
        assert "entered by hand" in capsys.readouterr().out
        assert main(["up", str(spec), *ways]) == 0, "one server is both"

        def engine(spec: Path = spec, where: tuple[str, ...] = where) -> dict[str, object]:
            secret = {"MAILWRIGHT_TSIG_SECRET": FULL.secret, "PATH": "/nowhere"}
            done = mailwright("drift", str(spec), *where, "--format", "json", cwd=tmp_path, **secret)
            (check,) = [
                one for one in json.loads(done.stdout)["checks"] if one["rule"] == "engine-would-change"
            ]
            return dict(check)

        assert engine()["status"] == "pass" and engine()["found"] == []
        project.server.put(zone, "@ 300 MX 1 mx.typo.example.\n")
        check = engine()
        assert check["status"] == "fail" and "by hand" not in json.dumps(check)
        assert {line.partition(":")[0] for line in check["found"]} == {f"{zone} MX"}  # type: ignore[attr-defined]


def test_a_stack_is_settled_when_it_is_opened(project: Project) -> None:
    spec = project.write(project.server.new_zone())
    project.up(spec)
    other = spec.with_name("other.yaml")
    spec.rename(other)
    stack = open_stack(Request("preview", (other,), "embedded"))
    assert stack.name == "t" and stack.file == project.state, "where its domain is"
    assert open_stack(Request("preview", (other,), stack="mine")).file is None


def test_what_a_state_protects_needs_the_consents_of_its_types() -> None:
    routing = "cloudflare:index/emailRoutingRule:EmailRoutingRule"
    assert needed(["cloudflare:index/dnsRecord:DnsRecord"]) == set(DOWN.split(","))
    assert needed([routing]) == {*DOWN.split(","), "role-address-emptied"}


def _reworded(folder: Path) -> None:
    """Another head for refusals, in both languages, in the copy of the project."""
    path = folder / "mailwright" / Path(gate.__file__).relative_to(Path(gate.__file__).parents[2])
    text = path.read_text("utf-8")
    for head in HEADS:
        assert head in text
        text = text.replace(head, "Something quite different.")
    path.write_text(text, "utf-8")


_pulumi = [
    pytest.mark.pulumi,
    pytest.mark.knot,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("pulumi"), reason="the pulumi command is not on the PATH"),
]


@pytest.mark.parametrize("lang", [pytest.param(lang, marks=_pulumi) for lang in ("en", "zh")])
def test_a_refusal_comes_through_pulumis_engine_as_a_value(
    ready: Checkout, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = ready.server.new_zone("@ 300 MX 10 mail.old.example.\n")
    project = Project(ready.folder, ready.server, monkeypatch)
    spec = project.write(zone).rename(ready.folder / "stacks" / "t.yaml")
    _reworded(ready.folder)
    words = ("stacks/t.yaml", "--engine", "pulumi", "--lang", lang)
    refused = ready.mailwright("preview", *words)
    assert refused.returncode == 3 and "Something quite different." in refused.stderr, refused.stderr
    assert ready.mailwright("up", *words, "--allow", "mx-changed").returncode == 0
    assert ready.mailwright("destroy", *words).returncode == 3, "by the plugin, when it deletes"
    assert ready.pulumi("state", "protect", "--all", "--yes", "--stack", "t").returncode == 0
    consents = [word for rule in DOWN.split(",") for word in ("--allow", rule)]
    protected = ready.mailwright("destroy", *words, *consents)
    assert protected.returncode == 3 and "--allow no-mx-left" in protected.stderr, "by the engine itself"
    assert ready.pulumi("state", "unprotect", "--all", "--yes", "--stack", "t").returncode == 0
    shutil.move(spec, spec.with_name(".t.yaml"))
    Project(ready.folder, ready.server, monkeypatch).write(ready.server.new_zone()).rename(spec)
    kept = ready.pulumi("up", "--yes", "--skip-preview", "--stack", "t", MAILWRIGHT_ALLOW=DOWN)
    assert kept.returncode != 0 and "stacks/.t.yaml" in kept.stdout, "the plain program, whatever the consent"
    assert ready.server.texts(zone, "MX")
