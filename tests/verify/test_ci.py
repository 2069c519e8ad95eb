"""The steps of CI, run here as they stand in the files, without the services."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.servers.base import DnsServer
from tests.verify.test_verify import lines, plan_of, spec

CALL = f"{sys.executable} -m mailwright"


def run(words: list[str], cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
    env |= {"PYTHONPATH": str(ROOT), "MAILWRIGHT": CALL, **more}
    return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_a_clean_pull_request_passes_and_a_faulty_one_is_annotated(tmp_path: Path) -> None:
    script = str(ROOT / "ci" / "review.sh")
    clean = run(["sh", script, str(ROOT / "stacks" / "example.yaml")], tmp_path)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    made = tmp_path / "mailwright-reports"
    assert {each.name for each in made.iterdir()} == {"review.md", "check.sarif", "check.junit.xml"}
    assert "mxbiz1.qq.com" in (made / "review.md").read_text()
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\ndomain: qq.com\n")
    summary = tmp_path / "summary.md"
    done = run(["sh", script, str(bad)], tmp_path, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 1 and f"::error file={bad},line=2" in done.stdout
    assert "free-mail-domain" in summary.read_text().replace("&#45;", "-")


def test_the_review_begins_with_what_changes_for_mail(tmp_path: Path) -> None:
    new = tmp_path / "example.yaml"
    old = (ROOT / "stacks" / "example.yaml").read_text()
    new.write_text(old.replace("sales: {to: [wang, li], owner: wang}", "sales: {to: wang}"))
    done = run(
        ["sh", str(ROOT / "ci" / "review.sh"), str(new)], tmp_path, BASE=str(ROOT / "stacks" / "example.yaml")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = (tmp_path / "mailwright-reports" / "review.md").read_text()
    assert "now it reaches wang" in told and told.index("Mail flow") < told.index("who may send")


def test_the_drift_step_ends_with_the_status_of_drift(tmp_path: Path, embedded: DnsServer) -> None:
    zone = embedded.new_zone()
    path = spec(tmp_path, zone.rstrip("."))
    words = [
        "sh",
        str(ROOT / "ci" / "drift.sh"),
        str(path),
        "out",
        "--nameserver",
        f"127.0.0.1:{embedded.port}",
    ]
    missing = run(words, tmp_path)
    assert missing.returncode == 2 and "❌" in (tmp_path / "out" / "drift.md").read_text()
    embedded.put(zone, lines(plan_of(path)))
    assert run(words, tmp_path).returncode == 0


@pytest.mark.parametrize(("mode", "code"), [("review", 0), ("nonsense", 64)])
def test_the_composite_actions_run_step(tmp_path: Path, mode: str, code: int) -> None:
    step = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"][-1]
    python = tmp_path / "mailwright" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    specs = str(ROOT / "stacks")
    values = {"ACTION": str(ROOT), "MODE": mode, "SPECS": specs, "BASE": specs, "REPORTS": "reports"}
    assert set(step["env"]) == set(values)
    done = run(["sh", "-e", "-c", step["run"]], tmp_path, RUNNER_TEMP=str(tmp_path), **values)
    assert done.returncode == code, done.stdout + done.stderr


def test_gitlabs_steps_are_the_tested_scripts() -> None:
    jobs = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text())
    scripts = [words.split()[1] for job in jobs.values() for words in job["script"]]
    assert scripts == ["ci/review.sh", "ci/drift.sh"] and all((ROOT / each).exists() for each in scripts)


def test_the_pre_commit_hook_takes_specs_and_only_those() -> None:
    hook = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]
    assert re.search(hook["files"], "stacks/example.yaml")
    assert not re.search(hook["files"], "stacks/Pulumi.example.yaml")
    done = run([*CALL.split(), *hook["entry"].split()[1:], "stacks/example.yaml"], ROOT)
    assert done.returncode == 0
