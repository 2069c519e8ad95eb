"""The embedded engine, where there is no ``pulumi``: the project's own program in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailwright.deploy.run.outcome import Outcome
from mailwright.model.variables import temporarily
from mailwright.operations.stack.engine import HEAD
from mailwright.operations.stack.request import Request, Say

if TYPE_CHECKING:
    from mailwright.deploy.embedded.engine import Embedded


@dataclass(frozen=True, slots=True)
class ByEmbedded:
    """One stack, its state in ``file``."""

    request: Request
    name: str
    file: Path

    def preview(self, say: Say) -> Outcome:
        """See ``Engine``."""
        return self._run(say, lambda engine: engine.preview())

    def up(self, say: Say) -> Outcome:
        """See ``Engine``."""
        return self._run(say, lambda engine: engine.up())

    def refresh(self, say: Say) -> Outcome:
        """See ``Engine``."""
        return self._run(say, lambda engine: engine.refresh())

    def destroy(self, say: Say) -> Outcome:
        """See ``Engine``."""
        return self._run(say, lambda engine: engine.destroy())

    def forget(self, _say: Say) -> Outcome:
        """See ``Engine``."""
        return self._engine().forget()

    def state(self) -> Mapping[str, Any]:
        """See ``Engine``."""
        from mailwright.deploy.embedded.statefile import read

        return read(self.file) if self.file.exists() else {}

    def _engine(self) -> Embedded:
        from mailwright.deploy.embedded.engine import Embedded
        from mailwright.deploy.program import main

        return Embedded(Path.cwd(), self.name, self.file, program=main)

    def _run(self, say: Say, work: Callable[[Embedded], Outcome]) -> Outcome:
        shown = self.file.relative_to(Path.cwd())
        say(HEAD.using(engine="embedded", stack=self.name, state=shown)(self.request.lang))
        with temporarily(self.request.variables(self.request.entries or self.request.specs)):
            outcome = work(self._engine())
        for notice in outcome.notices:
            say(notice)
        for change in outcome.changes:
            say(str(change))
            for line in change.lines:
                say("  " + line)
        return outcome
