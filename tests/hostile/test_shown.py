"""What others wrote is shown as data: to terminals, to the logs of CI, to robots, in refusals."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.cli import main
from mailwright.model.hiding import without
from mailwright.report.escaping import chat, inert, shown
from tests.hostile.repository import SPEC

ODD = "\\n::error::gone\\n##[error]gone ##vso[task.setvariable variable=a]b\\e[2J\\0\\u202Egnp"
COMMAND = re.compile(r"^\s*::|##\[|##vso\[", re.MULTILINE)
CARRIED_OUT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("form", ["table", "json", "markdown", "sarif", "junit", "github"])
@pytest.mark.parametrize("runner", ["GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI"])
def test_a_spec_speaks_neither_to_a_terminal_nor_to_the_runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], form: str, runner: str
) -> None:
    for name in ("GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(runner, "true")
    path = tmp_path / "a\n::stop-commands::x\n\x1b[2J.yaml"
    path.write_text(
        SPEC
        + f'"{ODD}": 1\n'
        + f'senders: [{{custom: "{ODD}", ip4: ["{ODD}"]}}]\n'
        + "::error::x\n  ::stop-commands::token\n# ##[error]x\n# ::notice::x\n"
    )
    assert main(["check", str(path), "--format", form, "--lang", "en"]) == 1
    output = capfd.readouterr()
    assert not CARRIED_OUT.search(output.out + output.err)
    lines = output.out.splitlines()
    if form == "github":
        assert all(line.startswith("::error file=") or line.startswith("::warning file=") for line in lines)
    else:
        assert not COMMAND.search(output.out + output.err)
    if form == "json":
        assert any("\x1b" in load["file"] for load in json.loads(output.out)), "data stays data"


def test_without_a_runner_a_hash_stays_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI", "CI", "FORGEJO_ACTIONS", "GITEA_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "acme.yaml"
    path.write_text(SPEC + "colour: '##[a]'  # ##[b]\n")
    assert main(["check", str(path)]) == 1
    assert "##[b]" in capfd.readouterr().out


@given(st.text())
def test_nothing_that_is_carried_out_is_left(text: str) -> None:
    made = "".join(map(inert, shown(text).splitlines(keepends=True)))
    assert not CARRIED_OUT.search(made)
    assert not any(line.lstrip().startswith("::") for line in made.splitlines())
    assert "##[" not in made and "##vso[" not in made


@given(st.text())
def test_json_that_was_shown_is_the_same_json(text: str) -> None:
    written = json.dumps({"a": text}, ensure_ascii=False)
    assert json.loads(shown(written)) == {"a": text}


_PASSWORD = st.text(min_size=4, alphabet=st.characters(min_codepoint=33, max_codepoint=126))


@given(_PASSWORD, st.binary(max_size=8))
def test_no_form_of_a_password_is_left(password: str, around: bytes) -> None:
    sent = base64.b64encode(around + password.encode() + around).decode()
    url = base64.urlsafe_b64encode(around + password.encode()).decode()
    for said in (password, sent, url, password.encode().hex(), f"NO what is {sent}?"):
        left = without(said, password)
        assert password not in left and sent not in left


def test_a_robot_is_told_nothing_to_act_on() -> None:
    text = '<at user_id="all">all</at> <!channel> <@U1>'
    for service in ("feishu", "dingtalk", "wecom", "slack"):
        made = chat(service, text)
        assert "<at" not in made and "<!" not in made and "<@" not in made
    assert chat("feishu", "a <b> & c") == "a <b> & c"
