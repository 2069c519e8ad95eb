"""What a first apply found, on the disk before it writes: a run that is killed then does not lose it.

One small file a resource, beside the state, gone as soon as the state has it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

from mailwright.model import disk


class Journal:
    """The notes of one stack. Methods may be called from several threads, each about its own resource.

    Args:
        state: the stack's state file.
    """

    def __init__(self, state: Path) -> None:
        self.folder = state.with_suffix(".found")

    def note(self, urn: str, intended: dict[str, Any]) -> None:
        """Keep what was found; the first note stands, because later ones see what we wrote."""
        path = self._path(urn)
        if not intended.get("found") or path.exists():
            return
        disk.own_folder(self.folder)
        entry = {"urn": urn, "found": intended["found"], "claimed": sorted(intended.get("records") or {})}
        disk.replace(path, json.dumps(entry))

    def completed(self, urn: str, outputs: dict[str, Any]) -> dict[str, Any]:
        """Outputs of a create, with what an earlier run that was killed had found of the same sets."""
        try:
            entry = json.loads(disk.read_text(self._path(urn)))
            claimed, records = set(entry["claimed"]), dict(entry["found"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return outputs
        later = {pair: body for pair, body in (outputs.get("found") or {}).items() if pair not in claimed}
        return {**outputs, "found": {**later, **records}}

    def drop(self, urn: str) -> None:
        """The state has it now."""
        with contextlib.suppress(OSError):
            self._path(urn).unlink()
            self.folder.rmdir()

    def _path(self, urn: str) -> Path:
        return self.folder / f"{hashlib.sha256(urn.encode()).hexdigest()[:32]}.json"
