"""What the engine's state holds of this program's own stack.

Pulumi gives a program no look at its state but one: type and outputs of a stack's resources. A backend of
files may answer with an error while the engine is just writing the file, so that it is asked again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pulumi

#: The function of the engine that answers.
FUNCTION = "pulumi:pulumi:readStackResourceOutputs"
_ATTEMPTS = 5
_PAUSE = 0.2  # seconds


def resources() -> Mapping[str, Mapping[str, Any]]:
    """Type and outputs of every resource by its URN; empty on a new stack."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    answer = _asked(stack)
    return answer.get("outputs") or {}


def _asked(stack: str) -> Mapping[str, Any]:
    """The engine's answer. An error that stays is raised: it must never read as an empty state."""
    for attempt in range(_ATTEMPTS):
        try:
            return pulumi.runtime.invoke(FUNCTION, {"stackName": stack}).value or {}
        except Exception:  # the SDK raises no class of its own
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(_PAUSE)
    raise AssertionError
