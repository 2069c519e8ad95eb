"""States of an earlier day are taken as they are: nothing to change, every URN, id and input as it was.

A state that is read differently is a resource that is deleted and made again, and with it goes the mail.
``make.py`` says how the records were made.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mailwright.cli import main
from mailwright.deploy.targets import deployments
from mailwright.spec import parse
from tests.cloudflare.engine import Engine
from tests.mail_host.server import dovecot
from tests.recorded.make import CASES, CLOUDFLARE, CONSOLE, FIRST, SECOND, served, spec
from tests.recorded.runs import by_the_program, places, state_file, working_in
from tests.recorded.worlds import (
    STATES,
    account_of,
    filled,
    lay_out,
    plain_account,
    plain_stack,
    put_scripts,
    recorded,
    scripts_on,
    stack_of,
    texts_below,
)
from tests.servers.base import BASE_ZONE

ON_ENGINE, ON_CLOUDFLARE = recorded("engine"), recorded("cloudflare")


@dataclass
class World:
    """A record set up again: its project, and what everything was before the run."""

    folder: Path
    body: dict[str, Any]
    zones: list[Any]
    tables: Path
    server: Any

    def everything(self) -> dict[str, Any]:
        """The world and the state's resources, as text where order counts."""
        state = json.loads(state_file(self.folder).read_text("utf-8"))
        return {
            "zones": [{zone: host.dump(zone) for zone in host.zones} for host in self.zones],
            "tables": texts_below(self.tables) if self.tables.exists() else {},
            "scripts": scripts_on(self.server) if self.server else {},
            "resources": [json.dumps(_settled(each)) for each in state["deployment"]["resources"]],
        }


def _settled(resource: dict[str, Any]) -> dict[str, Any]:
    """A resource as it is compared: without what a MailDomain remembers since then of what takes mail.

    And without what a stack says of itself since then: outputs that were added.
    """
    body: dict[str, Any] = _without_consents(resource)
    if body["type"] == "pulumi:pulumi:Stack":
        added = ("records", "retiring", "due")
        outputs = {name: value for name, value in body.get("outputs", {}).items() if name not in added}
        return {**body, "outputs": outputs}
    if body["type"] == "mailwright:index:MailDomain":
        outputs = {name: value for name, value in body.get("outputs", {}).items() if name != "mail"}
        return {**{name: value for name, value in body.items() if name != "modified"}, "outputs": outputs}
    return body


def _without_consents(body: Any) -> Any:
    """A resource without the consents that earlier versions kept; everything else of it stays as it is."""
    if isinstance(body, dict):
        return {name: _without_consents(each) for name, each in body.items() if name != "allow"}
    return body


#: Its hidden file was read when it was made: see below.
FLAT = "folder-flat"


@pytest.fixture(params=sorted(set(ON_ENGINE) - {FLAT}))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with set_up(request.param, tmp_path) as everything:
        yield everything


@contextmanager
def set_up(name: str, tmp_path: Path) -> Iterator[World]:
    raw = ON_ENGINE[name]
    with ExitStack() as stack:
        server = stack.enter_context(dovecot()) if raw["scripts"] else None
        hosts = [
            stack.enter_context(served({zone: "\n".join(lines) + "\n" for zone, lines in zones.items()}))
            for zones in raw["zones"]
        ]
        body = filled(raw, places(tmp_path, hosts, server))
        tables = server.tables if server else tmp_path / "tables"
        lay_out(tmp_path, body["files"])
        if body["tables"]:
            lay_out(tables, body["tables"])
        if server:
            put_scripts(server, body["scripts"])
        state = json.dumps(body["state"])
        lay_out(tmp_path, {f".mailwright/state/{body['stack']}.json": state})
        stack.enter_context(working_in(tmp_path))
        yield World(tmp_path, body, hosts, tables, server)


def test_a_recorded_state_is_taken_as_it_is(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        if "service: manual" in json.dumps(world.body["files"]):
            host = world.zones[0] if world.zones else stack.enter_context(served(_as_planned(world)))
            monkeypatch.setenv("MAILWRIGHT_NAMESERVERS", f"127.0.0.1:{host.port}")
            _look_for_the_first_time(world)
        before = world.everything()
        nothing_to_change(world, capsys)
        assert world.everything() == before


def _look_for_the_first_time(world: World) -> None:
    """A state of when nobody looked at what is entered by hand: there is a resource more, and no other."""
    before = world.everything()
    body = world.body
    assert not by_the_program(world.folder, body["words"], body["day"], stack=body["stack"]).problems
    after = world.everything()
    old, new = (_resources(each) for each in (before, after))
    assert {urn for urn in new if urn not in old and "pulumi:providers" not in urn} == {
        urn for urn in new if urn.endswith("@manual")
    }
    assert {urn: new[urn] for urn in old} == old
    assert {**after, "resources": 0} == {**before, "resources": 0}


def _resources(everything: dict[str, Any]) -> dict[str, Any]:
    """By URN; the stack's own outputs say what waits."""
    bodies = map(json.loads, everything["resources"])
    return {body["urn"]: body for body in bodies if body["type"] != "pulumi:pulumi:Stack"}


def _as_planned(world: World) -> dict[str, str]:
    """The zone of each spec with all that is planned."""
    zones = {}
    for name in world.body["words"]:
        read = parse((world.folder / name).read_bytes(), name).spec
        assert read is not None
        lines = [
            f"{record.name} 300 IN {record.type} "
            f"{chr(34) + value + chr(34) if record.type == 'TXT' else value}"
            for record in deployments(read)[0].plan.records
            for value in record.values
        ]
        zones[f"{read.domain}."] = BASE_ZONE + "\n".join(lines) + "\n"
    return zones


def nothing_to_change(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither for our commands nor for the program, which reads the same words from its configuration."""
    body = world.body
    options = ["--engine", "embedded", "--as-of", body["day"], "--lang", "en"]
    options += ["--stack", body["stack"]] if body["ask"] == "program" else []
    for command in ("preview", "refresh", "up"):
        assert main([command, *body["words"], *options]) == 0, capsys.readouterr().err
        assert "Nothing to change." in capsys.readouterr().out
    outcome = by_the_program(world.folder, body["words"], body["day"], stack=body["stack"])
    assert not outcome.problems and not outcome.changes and not outcome.notices


DOWN = "no-mx-left,spf-gone,dmarc-weakened,selector-gone"


def test_a_domain_whose_spec_is_no_longer_read_is_refused_by_its_files_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A state of when ``pulumi up`` took hidden files, too, out of a folder; no consent deletes it."""
    with set_up(FLAT, tmp_path) as world:
        before, day = world.everything(), world.body["day"]
        outcome = by_the_program(tmp_path, ["stacks"], day, allow=DOWN)
        assert outcome.refused and "[spec-not-read] hidden-folder.example" in outcome.problems[0]
        assert "stacks/.hidden.yaml" in outcome.problems[0] and "flat-folder" not in outcome.problems[0]
        words = ["--stack", "flat", "--engine", "embedded", "--as-of", day, "--allow", "no-mx-left"]
        for lang in ("en", "zh"):
            assert main(["up", "stacks", *words, "--lang", lang]) == 3
            assert "stacks/.hidden.yaml" in capsys.readouterr().err
        assert world.everything() == before
        hidden = tmp_path / "stacks" / ".hidden.yaml"
        hidden.rename(tmp_path / "stacks" / "shown.yaml")
        nothing_to_change(world, capsys)
        assert world.everything() == before
        (tmp_path / "stacks" / "shown.yaml").unlink()
        outcome = by_the_program(tmp_path, ["stacks"], day)
        assert "[no-mx-left]" in outcome.problems[0], "without its file the gate asks"


def test_a_domain_that_joins_is_announced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with set_up("folder-recursive", tmp_path) as world:
        day, path = world.body["day"], tmp_path / "stacks" / "below" / "new.yml"
        text = (tmp_path / "stacks" / "flat.yaml").read_text("utf-8")
        path.write_text(text.replace("flat-folder.example", "hidden-folder.example"), "utf-8")
        options = ["--engine", "embedded", "--as-of", day, "--lang", "en"]
        assert main(["preview", "stacks", *options]) == 2
        assert "hidden-folder.example joins the stack (stacks/below/new.yml)" in capsys.readouterr().out
        outcome = by_the_program(tmp_path, ["stacks"], day, stack="stacks")
        assert not outcome.problems and len(outcome.notices) == 1
        assert not by_the_program(tmp_path, ["stacks"], day, stack="stacks").notices


@pytest.mark.parametrize("name", sorted(ON_CLOUDFLARE))
def test_a_recorded_stack_on_cloudflare_is_taken_as_it_is(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = ON_CLOUDFLARE[name]
    path = tmp_path / "acme.yaml"
    path.write_text(body["spec"], "utf-8")
    engine = Engine(account_of(copy.deepcopy(body["account"])), monkeypatch)
    engine.state = stack_of(copy.deepcopy(body["state"]))
    outcome = engine.up(path, day=body["day"])
    assert not outcome.problems
    assert {did for did, _ in outcome.steps} == {"same"}
    kept = [each for each in plain_stack(engine) if not each["urn"].endswith("@manual")]
    assert kept == body["state"], "what is entered by hand is one resource more"
    assert plain_account(engine.account) == body["account"]


def test_every_kind_is_recorded_and_every_record_has_its_runs() -> None:
    assert {path.stem for path in STATES.glob("*.json")} == {*CASES, *CLOUDFLARE}


_CLOUD = "{service: cloudflare}"


@pytest.mark.parametrize(
    ("hosts", "names"),
    [
        ((FIRST,), ["firm.example"]),
        ((FIRST, SECOND), ["firm.example", "firm.example@127.0.0.1:2"]),
        ((SECOND, FIRST), ["firm.example", "firm.example@127.0.0.1:1"]),
        ((CONSOLE,), ["firm.example@manual"]),
        ((CONSOLE, FIRST), ["firm.example@manual", "firm.example"]),
        ((FIRST, CONSOLE), ["firm.example", "firm.example@manual"]),
        ((FIRST, CONSOLE, SECOND), ["firm.example", "firm.example@manual", "firm.example@127.0.0.1:2"]),
        ((_CLOUD, FIRST), ["firm.example", "firm.example@127.0.0.1:1"]),
        ((FIRST, _CLOUD), ["firm.example", "firm.example@second"]),
        ((_CLOUD.replace("}", ", zone_id: '7'}"), FIRST), ["firm.example", "firm.example@127.0.0.1:1"]),
        ((FIRST, _CLOUD.replace("}", ", zone_id: '7'}")), ["firm.example", "firm.example@7"]),
    ],
)
def test_resources_of_several_hosts_keep_their_names(hosts: tuple[str, ...], names: list[str]) -> None:
    text = filled(spec("firm.example", *hosts), {"@PORT@": 1, "@PORT2@": 2})
    read = parse(text.encode(), "firm.yaml").spec
    assert read is not None
    assert [deployment.name for deployment in deployments(read)] == names
