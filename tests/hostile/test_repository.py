"""Nothing of the repository that is looked at may run, and nothing outside it may be written."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.hostile import repository
from tests.hostile.repository import Runner
from tests.verify.test_ci import git

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    mark = tmp_path / "mark"
    folder = repository.seed(tmp_path / "work", mark)
    return Runner(folder, tmp_path / "own", repository.project(tmp_path / "mailwright"), mark)


def test_the_repository_is_hostile(runner: Runner) -> None:
    """Without the safe path its code runs, so the tests below can fail."""
    runner.sh("python -m mailwright check stacks", PYTHONPATH=str(runner.project))
    assert "mailwright" in runner.ran


def shown(runner: Runner, mode: str, said: str) -> str:
    """What a job tells: its report; to apply ends with what has to be entered by hand first."""
    if mode == "apply":
        return said
    return (runner.repository / "mailwright-reports" / f"{mode}.md").read_text()


@pytest.mark.parametrize("mode", ["review", "drift", "apply"])
def test_the_steps_of_the_action_run_nothing_of_the_repository(runner: Runner, mode: str) -> None:
    given = {
        "${{ github.action_path }}": str(runner.project),
        "${{ inputs.mode }}": mode,
        "${{ inputs.specs }}": "stacks",
        "${{ inputs.reports }}": "mailwright-reports",
        "${{ inputs.base }}": "",
        "${{ github.event.pull_request.base.sha }}": "",
    }
    outcomes = []
    for step in repository.action_steps():
        if "run" in step:
            env = {key: given[value] for key, value in step["env"].items()}
            outcomes.append(runner.sh(step["run"], WAIT="1s", **env))
    assert runner.ran == ""
    said = "\n".join(outcome.stdout + outcome.stderr for outcome in outcomes)
    assert outcomes[0].returncode == 0, said
    assert "acme-trade.example" in shown(runner, mode, said), said


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
@pytest.mark.parametrize("job", ["review", "drift", "apply"])
def test_the_jobs_of_gitlab_run_nothing_of_the_repository(runner: Runner, job: str) -> None:
    done = runner.sh(repository.gitlab_job(job, runner.project), CI_MERGE_REQUEST_DIFF_BASE_SHA="", WAIT="1s")
    assert runner.ran == "", done.stdout + done.stderr
    assert "acme-trade.example" in shown(runner, job, done.stdout), done.stdout + done.stderr


@pytest.mark.parametrize("command", ["check stacks", "plan stacks", "demo --help", "up stacks"])
@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_the_command_of_make_runs_nothing_of_the_folder_it_is_called_in(runner: Runner, command: str) -> None:
    process = runner.sh(f"make -s -C '{runner.project}' .venv/bin/mailwright")
    done = runner.sh(f"'{runner.project}/.venv/bin/mailwright' {command}", PYTHONPATH=":.")
    by_hand = 2 if command.startswith("up ") else 0
    assert (process.returncode, done.returncode, runner.ran) == (0, by_hand, ""), process.stderr + done.stderr


def test_the_hook_of_pre_commit_is_an_installed_command(runner: Runner, tmp_path: Path) -> None:
    """pre-commit installs the package and calls its console script in the repository."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["language"] == "python"
    program, *arguments = hook["entry"].split()
    module, function = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"][
        program
    ].split(":")
    script = tmp_path / "installed" / program
    script.parent.mkdir()
    # What pip writes for a console script, at the place where the environment has it.
    script.write_text(
        f"#!{sys.executable}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n"
    )
    script.chmod(0o755)
    words = " ".join((f"'{script}'", *arguments, *hook["args"]))
    process = runner.sh(words, PYTHONPATH=str(runner.project))
    assert (process.returncode, runner.ran) == (0, ""), process.stdout + process.stderr


@pytest.mark.parametrize("form", ["folder", "file"])
def test_reports_are_not_written_through_links_of_the_repository(runner: Runner, form: str) -> None:
    victim = runner.own / "victim"
    victim.mkdir(parents=True)
    (victim / "review.md").write_text("untouched")
    reports = runner.repository / "mailwright-reports"
    if form == "folder":
        reports.symlink_to(victim)
    else:
        reports.mkdir()
        (reports / "review.md").symlink_to(victim / "review.md")
    call = "python -P -m mailwright"
    script = f"sh '{ROOT}/ci/review.sh' stacks"
    done = runner.sh(script, PYTHONPATH=str(runner.project), MAILWRIGHT=call)
    assert (victim / "review.md").read_text() == "untouched"
    assert done.returncode == (1 if form == "folder" else 0), done.stdout + done.stderr
    assert list(victim.iterdir()) == [victim / "review.md"]


def test_of_a_request_only_spec_files_are_taken(runner: Runner) -> None:
    """Engine commands run the base branch's code; ``ci/take.sh`` gives them the request's specs alone."""
    stacks = runner.repository / "stacks"
    (stacks / "keys").mkdir()
    (stacks / "keys" / "s1.pub").write_text("key")
    (stacks / "贝塔 公司.yaml").write_text("version: 1\n")
    (stacks / "environ.yaml").symlink_to("/proc/self/environ")
    (stacks / "Pulumi.yaml").write_text("runtime: python\n")
    (stacks / "__main__.py").write_text("")
    (stacks / "new\n::error::line.yaml").write_text("")
    git(runner.repository, "init", "--quiet")
    git(runner.repository, "add", "--all")
    git(runner.repository, "commit", "--quiet", "--message", "request")
    target = runner.own / "request"
    target.parent.mkdir()
    done = runner.sh(f"sh '{ROOT}/ci/take.sh' HEAD stacks '{target}'")
    assert done.returncode == 0, done.stderr
    taken = {str(path.relative_to(target)) for path in target.rglob("*") if not path.is_dir()}
    assert taken == {"stacks/acme.yaml", "stacks/keys/s1.pub", "stacks/贝塔 公司.yaml"}
    assert "stacks/environ.yaml" in done.stderr and "\n::" not in done.stderr
    assert runner.sh(f"sh '{ROOT}/ci/take.sh' HEAD ../stacks '{target}2'").returncode == 1


def test_what_others_publish_is_taken_at_a_commit() -> None:
    """A tag can be moved to other code, which then runs with the job's rights."""
    files = [ROOT / "action.yml", *(ROOT / ".github").rglob("*.yml"), *(ROOT / "ci").glob("*.yml")]
    files += (ROOT / "docs").glob("ci*.md")
    used = [(file, match) for file in files for match in re.findall(r"uses: *(\S+)", file.read_text("utf-8"))]
    assert len(used) > 8
    loose = [each for each in used if not re.search(r"@([0-9a-f]{40}|COMMIT)$", each[1])]
    assert not loose
