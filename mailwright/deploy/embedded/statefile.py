"""The embedded engine's memory: a Pulumi deployment (version 3) in one file, without secrets.

A write is a new file beside the old one, flushed to the disk and renamed over it: whoever is
killed at any moment leaves the old state or the new one, never half of either.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import getpass
import hashlib
import json
import os
import socket
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mailwright import __version__
from mailwright.deploy.dns.values import State
from mailwright.deploy.errors import DeployError
from mailwright.deploy.tokens import DNS_RECORDS, MAILBOXES
from mailwright.model import disk

VERSION = 3
_HOLDER = 1000  # characters of a lock file that are read
STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_TYPE = "pulumi:providers:mailwright"

Entry = dict[str, Any]


class StateFile:
    """The resources of one stack, by URN, in the order they were made.

    Methods may be called from several threads. ``save`` returns when everything that was put
    before the call is on the disk; calls that come together share one write.
    """

    def __init__(self, path: Path, project: str, stack: str) -> None:
        self.path = path
        self.project = project
        self.stack = stack
        self.resources: dict[str, Entry] = {}
        self._lines: dict[str, tuple[Entry, str]] = {}
        self._changing = threading.Lock()
        self._writing = threading.Lock()
        self._version = 0
        self._saved = 0

    # -- names -------------------------------------------------------------------------------------

    def urn(self, parent: str, type: str, name: str) -> str:
        """The URN Pulumi gives to this resource; the stack is no part of a qualified type."""
        path = parent.split("::")[2] if parent else ""
        qualified = f"{path}${type}" if path and path != STACK_TYPE else type
        return f"urn:pulumi:{self.stack}::{self.project}::{qualified}::{name}"

    @property
    def stack_urn(self) -> str:
        """The URN of the stack itself."""
        return self.urn("", STACK_TYPE, f"{self.project}-{self.stack}")

    # -- content -----------------------------------------------------------------------------------

    def of_type(self, *types: str) -> dict[str, Entry]:
        """Copies of the entries of these types."""
        with self._changing:
            return {
                urn: dict(resource) for urn, resource in self.resources.items() if resource["type"] in types
            }

    def get(self, urn: str) -> Entry | None:
        """A copy of one entry, None where there is none."""
        with self._changing:
            entry = self.resources.get(urn)
            return dict(entry) if entry is not None else None

    def put(self, urn: str, entry: Entry) -> None:
        """Add or replace one entry, in memory."""
        with self._changing:
            self.resources[urn] = {"urn": urn, **entry}
            self._version += 1

    def drop(self, urn: str) -> None:
        """Remove one entry, in memory."""
        with self._changing:
            self.resources.pop(urn, None)
            self._version += 1

    def provider(self) -> str:
        """The reference of our provider in this state, made where it is missing."""
        urn = self.urn("", PROVIDER_TYPE, "default")
        with self._changing:
            if urn not in self.resources:
                entry = {
                    "urn": urn,
                    "custom": True,
                    "id": str(uuid.uuid4()),
                    "type": PROVIDER_TYPE,
                    "inputs": {},
                    "outputs": {},
                }
                self.resources = {**self._head(), urn: entry, **self.resources}
                self._version += 1
            return f"{urn}::{self.resources[urn]['id']}"

    def _head(self) -> dict[str, Entry]:
        """The stack's entry, which comes first."""
        stack = self.resources.pop(self.stack_urn, None)
        return {self.stack_urn: stack} if stack else {}

    # -- disk --------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the file where there is one. Raises DeployError where it is no such state."""
        if not self.path.exists():
            return
        entries = read(self.path).get("resources") or []
        with self._changing:
            self.resources = {entry["urn"]: entry for entry in entries}

    def save(self) -> None:
        """Bring the memory's content to the disk, durably."""
        with self._changing:
            target_version = self._version
        with self._writing:
            if self._saved >= target_version or self._says_nothing:
                return
            with self._changing:
                version, text = self._version, self._text()
            disk.replace(self.path, text)
            self._saved = version

    @property
    def _says_nothing(self) -> bool:
        """A first run in which nothing came about leaves no state: it would only hold the stack's name.

        What a component remembers is something, though no resource stands for it: mail at a host that
        people work by hand.
        """
        if self.path.exists():
            return False
        with self._changing:
            return not any(entry.get("outputs") for entry in self.resources.values())

    def _text(self) -> str:
        now = dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")
        version = f"mailwright-{__version__}"
        magic = hashlib.sha256(version.encode()).hexdigest()  # as `pulumi stack import` wants it
        manifest = json.dumps({"time": now, "magic": magic, "version": version})
        resources = ",\n".join(self._line(urn, entry) for urn, entry in self.resources.items())
        return (
            f'{{"version": {VERSION}, "deployment": {{"manifest": {manifest}, "resources": [\n'
            f"{resources}\n]}}}}\n"
        )

    def _line(self, urn: str, entry: Entry) -> str:
        """One entry as one line, made once: a large stack is written often, and most of it is as before."""
        kept = self._lines.get(urn)
        if kept is None or kept[0] is not entry:
            kept = self._lines[urn] = (entry, json.dumps(entry, ensure_ascii=True))
        return kept[1]

    @contextlib.contextmanager
    def locked(self, doing: str) -> Iterator[None]:
        """Hold the stack alone. Raises DeployError that says who holds it; a dead holder holds nothing."""
        disk.own_folder(self.path.parent)
        with disk.open_lock(self.path.with_suffix(".lock")) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = lock.read(_HOLDER).strip() or "another run"
                raise DeployError(f"the stack {self.stack} is in use by {holder}") from None
            since = dt.datetime.now().astimezone().isoformat(timespec="seconds")
            lock.truncate(0)
            with contextlib.suppress(OSError):  # a full disk: the lock holds without a name
                holder = f"{_who()} (process {os.getpid()}, `{doing}`, since {since})\n"
                os.write(lock.fileno(), holder.encode())
            yield


def read(path: Path) -> dict[str, Any]:
    """The deployment in a state file. Raises DeployError where it is no such state."""
    try:
        body = json.loads(disk.read_text(path))
        deployment: dict[str, Any] = body["deployment"]
        version = body["version"]
        _refuse_strange(deployment.get("resources") or [])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DeployError(f"{path} is no state of a stack ({error}); nothing was done") from None
    if version != VERSION:
        raise DeployError(f"{path} has version {version}, this engine reads version {VERSION}")
    return deployment


def _refuse_strange(resources: Sequence[Mapping[str, Any]]) -> None:
    """Raises what is raised by what is no state of ours."""
    for resource in resources:
        if not all(isinstance(resource[key], str) for key in ("urn", "type")):
            raise ValueError("a resource without a name or a type")
        if not all(isinstance(resource.get(key, {}), Mapping) for key in ("inputs", "outputs")):
            raise ValueError(f"{resource['urn']} has no properties")
        if resource["type"] in (DNS_RECORDS, MAILBOXES):
            _ = resource["id"], resource["inputs"], resource["outputs"]
        if resource["type"] == DNS_RECORDS:
            State.of(resource["outputs"])


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
