"""The lean lock is the default one without the package that makes Pulumi ask for another plugin."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from mailwright.deploy import kinds
from mailwright.deploy.errors import DeployError
from mailwright.hosts.dns.services import SERVICES

ROOT = Path(__file__).parent.parent.parent
_PINNED = re.compile(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)(.*?)(?=^[a-z]|\Z)", re.M | re.S)


def _lock(name: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Version and hashes of each package of a lock."""
    text = (ROOT / name).read_text("utf-8")
    hashes = re.compile(r"--hash=(\S+)")
    return {name: (version, tuple(hashes.findall(body))) for name, version, body in _PINNED.findall(text)}


def test_the_lean_lock_is_the_default_one_without_other_plugins() -> None:
    whole, lean = _lock("requirements.txt"), _lock("requirements-lean.txt")
    assert whole.keys() - lean.keys() == {"pulumi-cloudflare"}
    assert lean == {name: pin for name, pin in whole.items() if name in lean}
    assert all(hashes for _, hashes in lean.values())


def test_the_lean_lock_has_all_that_the_wheel_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {re.split(r"[\[<>=]", line)[0].lower() for line in project["dependencies"]}
    assert named <= _lock("requirements-lean.txt").keys()
    assert {line.partition(">")[0] for line in project["optional-dependencies"]["cloudflare"]} == {
        "pulumi-cloudflare"
    }


def test_a_spec_for_cloudflare_without_its_package_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    for name in [name for name in sys.modules if name.startswith("mailwright.deploy.cloudflare")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pulumi_cloudflare", None)
    monkeypatch.setenv("MAILWRIGHT_LANG", "en")
    with pytest.raises(DeployError, match=r"mailwright\[cloudflare\]"):
        kinds.Kinds().of(SERVICES["cloudflare"])
