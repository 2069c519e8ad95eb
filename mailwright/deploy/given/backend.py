"""Where Pulumi keeps its stacks, as its own command decides that; free of Pulumi.

Its order: ``PULUMI_BACKEND_URL``, ``backend:`` in ``Pulumi.yaml``, ``pulumi login``; an access token alone
means Pulumi's own service.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

URL = "PULUMI_BACKEND_URL"
_SERVICE = "https://api.pulumi.com"
_FILE = "file://"


def chosen(project: Path) -> str:
    """The backend's address that the user chose for a project; '' where there is none."""
    return explicit(project) or _login()


def explicit(project: Path) -> str:
    """The address that was given for this very project, by the environment or in ``Pulumi.yaml``; or ''."""
    return os.environ.get(URL) or _declared(project / "Pulumi.yaml")


def own(project: Path) -> Path:
    """The folder that our commands keep a project's stacks in where no backend is chosen."""
    return project / ".mailwright" / "pulumi"


def outside(project: Path) -> bool:
    """Whether the address that was given for this project leads out of that folder."""
    url = explicit(project)
    return bool(url) and folder(url, project) != own(project).resolve()


def folder(url: str, project: Path) -> Path | None:
    """The folder of a backend of files; None of any other."""
    if not url.startswith(_FILE):
        return None
    path = Path(unquote(url.removeprefix(_FILE).partition("?")[0])).expanduser()
    return (project / path).resolve()


def state_files(root: Path) -> list[Path]:
    """The stacks in a folder of Pulumi's: ``PROJECT/STACK.json``, earlier ``STACK.json``, or zipped."""
    stacks = root / ".pulumi" / "stacks"
    return sorted(path for end in ("*.json", "*.json.gz") for path in stacks.rglob(end))


def _declared(file: Path) -> str:
    try:
        body = yaml.safe_load(file.read_text(encoding="utf-8"))
        return str(body["backend"]["url"] or "")
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return ""  # what is wrong with that file, the command says


def logins() -> list[str]:
    """Every address that the command was ever logged in to on this machine."""
    accounts = _credentials().get("accounts")
    return sorted(map(str, accounts)) if isinstance(accounts, dict) else []


def _login() -> str:
    """What the last ``pulumi login`` chose."""
    return str(_credentials().get("current") or "") or (
        _SERVICE if os.environ.get("PULUMI_ACCESS_TOKEN") else ""
    )


def _credentials() -> Mapping[str, Any]:
    home = os.environ.get("PULUMI_CREDENTIALS_PATH") or os.environ.get("PULUMI_HOME") or "~/.pulumi"
    try:
        body = json.loads((Path(home).expanduser() / "credentials.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        body = None
    return body if isinstance(body, dict) else {}
