"""Links, devices and FIFOs in the folders that are read and written; what is shown of a file."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailwright.cli import main
from tests.hostile.repository import SPEC

KEY = """\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""
SIGNING = "signing: [{{selector: s1, public_key_file: {file}}}]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "repo" / "stacks").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repo")
    for name in ("MAILWRIGHT_KEYS", "MAILWRIGHT_SPEC_ROOTS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "repo"


def run(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main([*words, "--lang", "en"])
    output = capfd.readouterr()
    return code, output.out + output.err


@pytest.mark.parametrize("way", ["file", "folder", "folder that is a link"])
def test_a_link_to_what_is_no_spec_shows_nothing_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], way: str
) -> None:
    secret = folder.parent / "elsewhere" / "secret.yaml"
    secret.parent.mkdir()
    secret.write_text("version: 1\ndomain: geheim\ntoken: geheim\n")
    link = folder / "stacks" / "e.yaml"
    link.symlink_to(secret)
    named = {"file": str(link), "folder": "stacks", "folder that is a link": "other"}[way]
    (folder / "other").symlink_to(secret.parent)
    code, told = run(capfd, "check", named)
    assert code == 1 and "file-unreadable" in told and "leads out of" in told
    assert "geheim" not in told


@pytest.mark.parametrize(
    "target", ["/proc/self/environ", ".git/config", "/dev/zero", "fifo", "e.yaml", "stacks"]
)
def test_a_spec_that_leads_elsewhere_is_one_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], target: str
) -> None:
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", "geheim")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("[http]\n\textraheader = AUTHORIZATION: basic geheim\n")
    os.mkfifo(folder / "stacks" / "fifo")
    link = folder / "stacks" / "e.yaml"
    link.symlink_to(target if target[0] in "/fe" else folder / target)
    for words in (("check", "."), ("check", "stacks/e.yaml"), ("plan", "stacks"), ("up", "stacks")):
        code, told = run(capfd, *words)
        assert code == (64 if "no spec at stacks/e.yaml, and" in told else 1), told
        assert "geheim" not in told and "fault of Mailwright" not in told
        assert "file-unreadable" in told or "no spec at stacks/e.yaml" in told


def test_a_folder_as_kubernetes_mounts_a_config_map_is_read(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = folder / "stacks" / "..2026_12_01_08_00_00.123"
    data.mkdir()
    (data / "acme.yaml").write_text(SPEC + SIGNING.format(file="s1.pub"))
    (data / "s1.pub").write_text(KEY)
    (folder / "stacks" / "..data").symlink_to(data.name)
    for name in ("acme.yaml", "s1.pub"):
        (folder / "stacks" / name).symlink_to(f"..data/{name}")
    for named in ("stacks", "stacks/acme.yaml"):
        code, told = run(capfd, "plan", named)
        assert code == 0 and "s1._domainkey" in told, told


@pytest.mark.parametrize("device", ["/dev/zero", "fifo", "/proc/self/environ", "large", "missing", '"a\\0b"'])
def test_a_key_is_a_regular_file_of_a_bounded_size(
    folder: Path, capfd: pytest.CaptureFixture[str], device: str
) -> None:
    os.mkfifo(folder / "stacks" / "fifo")
    (folder / "stacks" / "large").write_text(KEY + "\n" * 100_000)
    (folder / "stacks" / "acme.yaml").write_text(SPEC + SIGNING.format(file=device))
    code, told = run(capfd, "check", "stacks")
    assert code == 1 and told.count("[key-file]") == 1, told


def test_a_key_elsewhere_needs_the_flag(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "keys").mkdir()
    (folder / "keys" / "s1.pub").write_text(KEY)
    (folder / "stacks" / "acme.yaml").write_text(SPEC + SIGNING.format(file="../keys/s1.pub"))
    code, told = run(capfd, "check", "stacks")
    assert code == 1 and "--keys FOLDER" in told
    assert run(capfd, "check", "stacks", "--keys", "keys")[0] == 0
    assert run(capfd, "check", "stacks")[0] == 1, "the flag is for its run alone"
    assert run(capfd, "up", "stacks", "--keys", "keys")[0] == 2, "entered by hand"
    (folder / "stacks" / "keys").mkdir()
    (folder / "stacks" / "eu").mkdir()
    (folder / "keys" / "s1.pub").rename(folder / "stacks" / "keys" / "s1.pub")
    (folder / "stacks" / "acme.yaml").rename(folder / "stacks" / "eu" / "acme.yaml")
    assert run(capfd, "check", "stacks")[0] == 0, "a folder's own keys need none"


def test_lines_are_shown_cut_and_of_specs_alone(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spec = folder / "stacks" / "acme.yaml"
    spec.write_text(SPEC + f"dmarc: {{stage: {'x' * 5000}, unknwon: 1}}\n")
    told = run(capfd, "check", "stacks")[1]
    shown = [line for line in told.splitlines() if line.startswith("    ")]
    assert shown and max(map(len, shown)) < 200 and "unknwon" in shown[-1]
    (folder / "config.yaml").write_text("remote: geheim\nbranch: geheim2\n")
    code, told = run(capfd, "check", "config.yaml")
    assert code == 1 and "geheim" not in told


@pytest.fixture(params=[0o000, 0o022, 0o777])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_states_are_for_their_owner_alone_and_out_of_git(
    folder: Path, umask: int, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "stacks" / "acme.yaml").write_text(SPEC)
    (folder / "stacks" / "acme.yaml").chmod(0o644)
    (folder / ".mailwright").mkdir(mode=0o755)
    (folder / ".mailwright").chmod(0o755)  # as an older version made it
    assert run(capfd, "up", "stacks")[0] == 2, "entered by hand"
    own = folder / ".mailwright"
    rights = {str(path.relative_to(own)): stat.S_IMODE(path.stat().st_mode) for path in own.rglob("*")}
    assert rights == {
        ".gitignore": 0o600,
        "state": 0o700,
        "state/stacks.json": 0o600,
        "state/stacks.lock": 0o600,
    }
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert (own / ".gitignore").read_text() == "*\n"


def test_keys_are_out_of_git_also_in_a_folder_that_is_there(
    folder: Path, umask: int, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "keys").mkdir()
    (folder / "keys").chmod(0o755)
    code, told = run(capfd, "dkim", "new", "acme-trade.example", "--selector", "s1", "--out", "keys")
    assert code == 0, told
    assert "*.key" in (folder / "keys" / ".gitignore").read_text()
    (key,) = (folder / "keys").glob("*.key")
    assert stat.S_IMODE(key.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("name", ["stacks.lock", "stacks.json"])
def test_links_in_the_folder_of_states_are_no_way_to_other_files(
    folder: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "stacks" / "acme.yaml").write_text(SPEC)
    victim = folder.parent / "victim"
    victim.write_text("untouched")
    state = folder / ".mailwright" / "state"
    state.mkdir(parents=True)
    (state / name).symlink_to(victim)
    code, told = run(capfd, "up", "stacks")
    assert victim.read_text() == "untouched"
    assert code == 1 and name in told and "fault of Mailwright" not in told
    (state / name).unlink()
    (state / name).symlink_to("/dev/zero")
    assert run(capfd, "up", "stacks")[0] == 1


def test_a_folder_of_states_that_is_a_link_is_not_written_to(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "stacks" / "acme.yaml").write_text(SPEC)
    victim = folder.parent / "victim"
    victim.mkdir(mode=0o755)
    (folder / ".mailwright").mkdir()
    (folder / ".mailwright" / "state").symlink_to(victim)
    code, told = run(capfd, "up", "stacks")
    assert code == 1 and re.search("state.*link", told), told
    assert not list(victim.iterdir()) and stat.S_IMODE(victim.stat().st_mode) == 0o755


@pytest.mark.parametrize(
    "words",
    [
        ("trace", "stacks/a.yaml", "--to", "info", "--message", "/dev/zero"),
        ("dkim", "match", "/dev/zero", "v=DKIM1; p="),
        ("import", "shop.test", "--zone-file", "/dev/zero"),
        ("why", "/dev/zero"),
    ],
    ids=lambda words: words[0],
)
def test_a_device_named_by_hand_is_read_to_a_bound(
    folder: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    (folder / "stacks" / "a.yaml").write_text(SPEC, encoding="utf-8")
    code, output = run(capfd, *words)
    assert code in (1, 64) and "fault of Mailwright" not in output


def test_a_pipe_named_by_hand_is_read(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "stacks" / "a.yaml").write_text(SPEC + "people: {wang: {}}\n", encoding="utf-8")
    reading, writing = os.pipe()
    os.write(writing, b"From: a@b.example\r\nSubject: hi\r\n\r\nhi\r\n")
    os.close(writing)
    code, output = run(capfd, "trace", "stacks/a.yaml", "--to", "wang", "--message", f"/dev/fd/{reading}")
    os.close(reading)
    assert code == 0 and "→ wang@acme-trade.example" in output, output
