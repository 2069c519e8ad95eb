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
from tests.servers.base import FULL, DnsServer
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
    path = tmp_path / "mailwright-reports"
    assert {each.name for each in path.iterdir()} == {"review.md", "check.sarif", "check.junit.xml"}
    assert "mxbiz1.qq.com" in (path / "review.md").read_text()
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


def git(folder: Path, *words: str) -> str:
    settings = ["-c", "user.name=a", "-c", "user.email=a@acme.example", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *settings, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository as a CI clones it: shallow, with the pull request alone; origin/main is not there."""
    origin = tmp_path / "origin"
    (origin / "stacks").mkdir(parents=True)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", str(origin))
    for name, domain in (("acme", "acme-trade.com"), ("贝塔 公司", "betta-trade.com")):
        spec(origin, domain).rename(origin / "stacks" / f"{name}.yaml")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "--message", "before")
    git(origin, "switch", "--quiet", "--create", "pull")
    git(origin, "commit", "--quiet", "--allow-empty", "--message", "the request")
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=pull", origin.as_uri(), "clone 目录")
    return tmp_path / "clone 目录"


def review(folder: Path, revision: str) -> tuple[int, str]:
    script = ["sh", str(ROOT / "ci" / "review.sh"), "stacks"]
    done = run(script, folder, BASE_REV=revision, LANG="C.UTF-8", LC_ALL="C.UTF-8")
    return done.returncode, (folder / "mailwright-reports" / "review.md").read_text(encoding="utf-8")


def test_the_version_before_is_taken_out_of_git_also_in_a_shallow_clone(checkout: Path) -> None:
    git(checkout, "mv", "stacks/acme.yaml", "stacks/renamed.yaml")
    (checkout / "stacks" / "贝塔 公司.yaml").unlink()
    code, told = review(checkout, "origin/main")
    assert code == 0 and told.startswith("### betta-trade.com")
    assert "no-mx-left" in told.replace("&#45;", "-") and "stays as it is: acme-trade.com" in told


def test_a_review_that_cannot_compare_does_not_pass(checkout: Path) -> None:
    code, told = review(checkout, "no-such-branch")
    assert code == 1 and "no-such-branch" in told
    script = ["sh", str(ROOT / "ci" / "review.sh"), "stacks"]
    assert run(script, checkout, BASE=str(checkout / "nowhere")).returncode == 1


def test_a_request_that_takes_the_last_domain_says_so(checkout: Path) -> None:
    git(checkout, "rm", "--quiet", "-r", "stacks")
    code, told = review(checkout, "main")
    assert code == 64 and "### acme-trade.com" in told and "### betta-trade.com" in told
    # An empty file is no report, and a CI that reads one fails for another reason.
    assert {path.name for path in (checkout / "mailwright-reports").iterdir()} == {"review.md"}


def test_a_request_that_repairs_broken_specs_is_told_and_passes(checkout: Path) -> None:
    origin = checkout.parent / "origin"
    git(origin, "switch", "--quiet", "main")
    (origin / "stacks" / "acme.yaml").write_text("domain: [")
    git(origin, "commit", "--quiet", "--all", "--message", "broken")
    code, told = review(checkout, "main")
    assert code == 0 and told.count("The version before has errors") == 1


def test_what_kept_drift_from_telling_stands_in_the_issues_text(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\ndomain: qq.com\n")
    done = run(["sh", str(ROOT / "ci" / "drift.sh"), str(bad), "out"], tmp_path)
    assert done.returncode == 1 and "free-mail-domain" in (tmp_path / "out" / "drift.md").read_text()


def test_a_merge_is_deployed_proved_and_refused_where_it_takes_a_domain_away(
    tmp_path: Path, embedded: DnsServer
) -> None:
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    zones = [embedded.new_zone(), embedded.new_zone()]
    for number, zone in enumerate(zones):
        path = spec(stacks, zone.rstrip("."))
        host = f"service: rfc2136, server: 127.0.0.1, port: {embedded.port}, key_name: {FULL.name}"
        path.write_text(path.read_text().replace("service: manual, console: aliyun", host))
        path.rename(stacks / f"{number}.yaml")
    words = [
        "sh",
        str(ROOT / "ci" / "apply.sh"),
        "stacks",
        "out",
        "--nameserver",
        f"127.0.0.1:{embedded.port}",
    ]
    secret = {
        "MAILWRIGHT_TSIG_SECRET": FULL.secret,
        "MAILWRIGHT": f"{CALL}",
        "WAIT": "1m",
        "PATH": os.defpath,
    }
    done = run(words, tmp_path, **secret)
    assert done.returncode == 0 and "✅" in (tmp_path / "out" / "verify.md").read_text(), done.stderr
    (stacks / "1.yaml").unlink()
    refused = run(words, tmp_path, **secret)
    assert refused.returncode == 3 and "no-mx-left" in refused.stderr
    assert embedded.texts(zones[1], "MX")


@pytest.mark.parametrize(("mode", "code"), [("review", 0), ("nonsense", 64)])
def test_the_composite_actions_run_step(checkout: Path, mode: str, code: int) -> None:
    step = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"][-1]
    python = checkout.parent / "mailwright" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    values = {"ACTION": str(ROOT), "MODE": mode, "SPECS": "stacks", "REPORTS": "reports", "BASE": ""}
    values["BASE_REV"] = git(checkout.parent / "origin", "rev-parse", "main")
    assert set(step["env"]) == set(values)
    done = run(["sh", "-e", "-c", step["run"]], checkout, RUNNER_TEMP=str(checkout.parent), **values)
    assert done.returncode == code, done.stdout + done.stderr
    assert mode == "nonsense" or "Mail stays as it is" in (checkout / "reports" / "review.md").read_text()


def test_gitlabs_steps_are_the_tested_scripts(checkout: Path) -> None:
    jobs = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text())
    scripts = {name: job["script"] for name, job in jobs.items() if "script" in job}
    assert set(scripts) == {"review", "apply", "drift"}
    for name, (line,) in scripts.items():
        assert f"/tmp/mailwright/ci/{name}.sh stacks" in line and (ROOT / "ci" / f"{name}.sh").exists()
    line = scripts["review"][0].replace("/tmp/mailwright", f'"{ROOT}"')
    sha = git(checkout.parent / "origin", "rev-parse", "main")
    assert run(["sh", "-e", "-c", line], checkout, CI_MERGE_REQUEST_DIFF_BASE_SHA=sha).returncode == 0
    assert "Mail stays as it is" in (checkout / "mailwright-reports" / "review.md").read_text()


def test_the_pre_commit_hook_takes_specs_and_only_those() -> None:
    hook = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]
    assert re.search(hook["files"], "stacks/example.yaml")
    assert re.search(hook["files"], "stacks/examples/公司 two.yml")
    assert not re.search(hook["files"], "stacks/Pulumi.example.yaml")
    assert not re.search(hook["files"], "stacks/examples/Pulumi.example.yaml")
    done = run([*CALL.split(), *hook["entry"].split()[1:], *hook["args"]], ROOT)
    assert done.returncode == 0 and not hook["pass_filenames"]  # two specs of one domain are seen together
