"""The real ``pulumi`` command with a file backend of the test's own, against Knot."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.deploy.checkout import MARKS, ROOT, Checkout, company
from tests.deploy.worlds import DOWN, FOREIGN, FOREIGN_TXT, SPEC, TENCENT
from tests.hosts import memory
from tests.hosts.worlds import InMemory
from tests.servers.base import FULL

REFUSED = 1
CHANGED = 7  # preview --expect-no-changes with changes
#: Of verify and drift.
CHECKED_DIFFERS = 2

pytestmark = MARKS


def test_a_bare_clone(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    project, zone = company(checkout, monkeypatch)
    assert checkout.pulumi("stack", "init", "t").returncode == 0
    checkout.up()
    assert (checkout.folder / ".venv").is_dir()
    assert checkout.server.texts(zone, "MX") == TENCENT
    assert project.everything(zone)[f"{zone} TXT"] > FOREIGN_TXT
    assert checkout.unchanged() == 0


def test_up_drift_repair_destroy(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    project, zone = company(ready, monkeypatch)
    before = project.everything(zone)
    assert ready.pulumi("stack", "init", "t").returncode == 0
    ready.up()
    deployed = project.everything(zone)
    assert ready.unchanged() == 0

    ready.server.drop(zone, "@", "MX", "5 mxbiz1.qq.com.")
    ready.server.put(zone, "@ 300 MX 1 mx.typo.example.\n")
    assert ready.unchanged() == CHANGED
    preview = ready.pulumi("preview", "--diff")
    assert '- [0]: "1 mx.typo.example."' in preview.stdout and '+ [1]: "5 mxbiz1.qq.com."' in preview.stdout
    plain = ready.pulumi("preview").stdout
    assert f"- {zone} MX 1 mx.typo.example." in plain and f"+ {zone} MX 5 mxbiz1.qq.com." in plain, plain
    assert _what_drift_says(ready) == (CHECKED_DIFFERS, "fail")
    ready.up()
    assert project.everything(zone) == deployed
    assert ready.unchanged() == 0
    assert _what_drift_says(ready) == (0, "pass")

    refused = ready.pulumi("destroy", "--yes")
    assert refused.returncode == REFUSED
    assert "[no-mx-left]" in refused.stdout
    spec = ready.folder / "stacks" / "t.yaml"
    text = spec.read_text("utf-8")
    spec.write_text(text.replace("tencent-exmail", "google-workspace"), "utf-8")
    moved = ready.pulumi("up", "--yes", "--skip-preview")
    assert moved.returncode == REFUSED and moved.stdout.count("[mx-changed]") == 1, moved.stdout
    assert "unhandled" not in moved.stdout, "one error, and the reason"
    spec.write_text(text, "utf-8")
    assert "Traceback" not in refused.stdout + refused.stderr
    assert project.everything(zone) == deployed
    assert ready.pulumi("destroy", "--yes", MAILWRIGHT_ALLOW=DOWN).returncode == 0
    assert project.everything(zone) == before


def _what_drift_says(ready: Checkout) -> tuple[int, str]:
    """Its exit code, and what the engine's own preview gave."""
    where = ("--nameserver", f"127.0.0.1:{ready.server.port}", "--as-of", "2026-11-23")
    done = ready.mailwright("drift", "stacks/t.yaml", *where, "--format", "json")
    told = [each for each in json.loads(done.stdout)["checks"] if each["rule"] == "engine-would-change"]
    return done.returncode, told[0]["status"] if told else "not asked"


def test_a_first_up_over_a_living_domain(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    project, zone = company(ready, monkeypatch)
    ready.server.put(zone, "@ 300 MX 10 mxold.qq.com.\n")
    before = project.everything(zone)
    assert ready.pulumi("stack", "init", "t").returncode == 0
    refused = ready.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode == REFUSED
    assert "[mx-changed]" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr
    assert project.everything(zone) == before
    ready.up(MAILWRIGHT_ALLOW="mx-changed")
    assert ready.server.texts(zone, "MX") == TENCENT | {"10 mxold.qq.com."}
    assert ready.unchanged() == 0
    where = ("stacks/t.yaml", "--nameserver", f"127.0.0.1:{ready.server.port}", "--as-of")
    for word in ("verify", "drift"):  # what stays on purpose is known from the backend alone
        kept = ready.mailwright(word, *where, "2026-11-23")
        assert kept.returncode == 0 and "mxold.qq.com. stays until" in kept.stdout, kept.stdout
        assert ready.mailwright(word, *where, "2026-11-26").returncode == CHECKED_DIFFERS
    ready.up(MAILWRIGHT_AS_OF="2026-11-26")
    assert ready.server.texts(zone, "MX") == TENCENT
    assert ready.mailwright("drift", *where, "2026-11-26").returncode == 0


@pytest.mark.parametrize("refresh", ["true", "false"])
def test_a_renamed_resource(ready: Checkout, monkeypatch: pytest.MonkeyPatch, refresh: str) -> None:
    project, zone = company(ready, monkeypatch)
    assert ready.pulumi("stack", "init", "t").returncode == 0
    ready.up()
    deployed = project.everything(zone)
    program = ready.folder / "__main__.py"
    program.write_text(
        "import mailwright.deploy.kinds as kinds\n"
        "made = kinds.DnsRecords\n"
        "kinds.DnsRecords = lambda name, *rest: made('another-name', *rest)\n" + program.read_text()
    )
    refused = ready.pulumi("up", "--yes", "--skip-preview", f"--refresh={refresh}")
    assert refused.returncode == REFUSED
    assert "[resource-renamed]" in refused.stdout
    assert project.everything(zone) == deployed


def test_the_secret_is_configuration_and_encrypted(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    _, zone = company(ready, monkeypatch)
    del ready.environment["MAILWRIGHT_TSIG_SECRET"]
    assert ready.pulumi("stack", "init", "t").returncode == 0
    refused = ready.pulumi("up", "--yes")
    assert "MAILWRIGHT_TSIG_SECRET" in refused.stdout
    assert ready.pulumi("config", "set", "--secret", "mailwright:tsigSecret", FULL.secret).returncode == 0
    ready.up()
    assert ready.server.texts(zone, "MX") == TENCENT
    exported = ready.pulumi("stack", "export").stdout
    assert "DnsRecords" in exported
    assert FULL.secret not in exported
    assert FULL.secret not in (ready.folder / "stacks" / "Pulumi.t.yaml").read_text()


def test_an_imported_resource_is_read_from_its_id(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    _, zone = company(ready, monkeypatch)
    ready.server.put(zone, "@ 300 MX 10 mail.old.example.\n")
    assert ready.pulumi("stack", "init", "t").returncode == 0
    domain = zone.rstrip(".")
    id = f"{domain}@{domain}@127.0.0.1:{ready.server.port}?key={FULL.name}"
    listed = {"resources": [{"type": "mailwright:index:DnsRecords", "name": domain, "id": id}]}
    (ready.folder / "import.json").write_text(json.dumps(listed))
    ended = ready.pulumi(
        "import", "--file", "import.json", "--generate-code=false", "--protect=false", "--yes"
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    exported = json.loads(ready.pulumi("stack", "export").stdout)["deployment"]["resources"]
    (found,) = [each for each in exported if each["type"] == "mailwright:index:DnsRecords"]
    assert found["inputs"]["records"][f"{zone} MX"]["values"] == ["10 mail.old.example."]


def test_our_own_commands_drive_the_same_engine(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    project, zone = company(ready, monkeypatch)
    spec = "stacks/t.yaml"
    assert ready.mailwright("preview", spec, "--engine", "pulumi").returncode == 2
    ended = ready.mailwright("up", spec, "--engine", "pulumi")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ready.mailwright("preview", spec, "--engine", "pulumi").returncode == 0
    deployed = project.everything(zone)
    ready.server.drop(zone, "@", "MX", "5 mxbiz1.qq.com.")
    assert ready.mailwright("preview", spec, "--engine", "pulumi").returncode == 2
    assert ready.mailwright("up", spec, "--engine", "pulumi").returncode == 0
    assert project.everything(zone) == deployed
    refused = ready.mailwright("destroy", spec, "--engine", "pulumi")
    assert refused.returncode == 3
    assert "Traceback" not in refused.stderr
    allow = [word for rule in DOWN.split(",") for word in ("--allow", rule)]
    assert ready.mailwright("destroy", spec, "--engine", "pulumi", *allow).returncode == 0
    assert ready.server.texts(zone, "MX") == set()


def test_adopting_looks_like_adopting(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there as planned is taken over: no ``create``, exit code 0; one record less is a change."""
    _, zone = company(ready, monkeypatch)
    words = ("preview", "stacks/t.yaml", "--engine", "pulumi")
    planned = ready.mailwright("plan", "stacks/t.yaml", "--format", "json")
    records = json.loads(planned.stdout)["records"]
    lines = [
        f"{record['name']} {record['ttl']} {record['type']} "
        + (f'"{value}"' if record["type"] == "TXT" else value)
        for record in records
        for value in record["values"]
    ]
    ready.server.put(zone, "\n".join(line for line in lines if "_dmarc" not in line) + "\n")
    ended = ready.mailwright(*words)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert f"= {zone} MX 5 mxbiz1.qq.com. (taken over as it is)" in ended.stdout
    assert f"+ _dmarc.{zone} TXT" in ended.stdout
    ready.server.put(zone, "\n".join(lines) + "\n")
    ended = ready.mailwright(*words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "create" not in ended.stdout and "Nothing would be written" in ended.stdout
    assert ready.mailwright("up", *words[1:]).returncode == 0
    assert ready.mailwright(*words).returncode == 0


def test_undo_and_destroy_as_before(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    project, zone = company(ready, monkeypatch)
    ready.server.put(zone, '@ 300 MX 1 smtp.google.com.\n@ 300 TXT "v=spf1 include:_spf.google.com ~all"\n')
    before = project.everything(zone)
    ways = ("stacks/t.yaml", "--engine", "pulumi", "--allow", "mx-changed", "--allow", "spf-sender-dropped")
    consent = ("--allow", "dmarc-weakened")
    assert ready.mailwright("up", *ways, "--as-of", "2026-11-23").returncode == 0
    assert ready.mailwright("up", *ways, "--as-of", "2026-11-26").returncode == 0
    assert project.everything(zone)[f"{zone} MX"] == TENCENT
    assert ready.mailwright("undo", *ways, *consent, "--preview").returncode == 2
    ended = ready.mailwright("undo", *ways, *consent, "--as-of", "2026-11-27")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert project.everything(zone)[f"{zone} MX"] == {"1 smtp.google.com."}, "between hosts at once"
    ended = ready.mailwright("destroy", *ways, *consent, "--as-before", "--as-of", "2026-11-30")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert project.everything(zone) == before
    assert "mailwright:index:DnsRecords" not in ready.pulumi("stack", "export").stdout


def test_moving_from_the_embedded_engine_changes_no_record(
    ready: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, zone = company(ready, monkeypatch)
    spec = "stacks/t.yaml"
    ended = ready.mailwright("up", spec, "--engine", "embedded")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    deployed = project.everything(zone)
    serial = ready.server.query(zone, "SOA").answer
    ended = ready.mailwright("move", spec)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert project.everything(zone) == deployed
    assert ready.server.query(zone, "SOA").answer == serial
    assert not project.state.exists()
    assert ready.mailwright("preview", spec).returncode == 0
    assert ready.mailwright("preview", spec, "--engine", "pulumi").returncode == 0


def test_what_was_reviewed_is_what_is_applied(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    _, zone = company(ready, monkeypatch)
    ways = ("stacks/t.yaml", "--engine", "pulumi")
    assert ready.mailwright("preview", *ways, "--out", "plan.json").returncode == 2
    other = '_dmarc 300 TXT "v=DMARC1; p=none; rua=mailto:else@where.example"\n'
    ready.server.put(zone, other)
    ended = ready.mailwright("up", *ways, "--plan", "plan.json")
    assert ended.returncode == 1
    assert "not what was reviewed" in ended.stdout + ended.stderr
    assert ready.server.texts(zone, "MX") == set()
    ready.server.drop(zone, "_dmarc", "TXT")
    ended = ready.mailwright("up", *ways, "--plan", "plan.json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ready.server.texts(zone, "MX") == TENCENT


#: Makes a host of the tests known to the program and to the plugin, which are processes of their own.
REGISTERED = """\
import sys
sys.path.append({root!r})
from mailwright.hosts.dns.services import SERVICES
from tests.hosts import memory
SERVICES[memory.SERVICE.name] = memory.SERVICE
"""


def test_a_host_that_stopped_in_the_middle_is_gone_on_with(ready: Checkout, tmp_path: Path) -> None:
    world, path = InMemory(), str(tmp_path / "store")
    zone = world.new_zone(FOREIGN + "@ 300 MX 10 mxold.qq.com.\n")
    spec = SPEC.format(domain=zone.rstrip("."), service="tencent-exmail", port=1, key="k", more="")
    host = re.sub(r"\{service: rfc2136.*?\}", f"{{service: memory, store: {path}}}", spec)
    (ready.folder / "stacks" / "t.yaml").write_text(host, "utf-8")
    for name in ("__main__.py", "plugin/__main__.py"):
        program = ready.folder / name
        head, line, tail = program.read_text("utf-8").partition("from mailwright.deploy")
        program.write_text(head + REGISTERED.format(root=str(ROOT)) + line + tail, "utf-8")
    ready.environment |= {"MEMORY_TOKEN": world.store.token, "MAILWRIGHT_ALLOW": "mx-changed"}
    assert ready.pulumi("stack", "init", "t").returncode == 0

    world.store.calls = 2
    memory.save(path, world.store)
    stopped = ready.pulumi("up", "--yes", "--skip-preview")
    assert stopped.returncode != 0 and "Written so far" in stopped.stdout, stopped.stdout + stopped.stderr
    assert world.store.token not in stopped.stdout + stopped.stderr
    (entry,) = ready.resources()
    assert set(entry["outputs"]["applied"]) != set(entry["inputs"]["records"])
    world.store = memory.STORES[world.name] = memory.load(path)
    assert world.store.made == 2

    world.store.calls = None
    memory.save(path, world.store)
    ready.up()
    assert ready.unchanged() == 0
    world.store = memory.STORES[world.name] = memory.load(path)
    assert world.texts(zone, "MX") == TENCENT | {"10 mxold.qq.com."}
    (entry,) = ready.resources()
    assert entry["outputs"]["found"][f"{zone} MX"]["values"] == ["10 mxold.qq.com."]
