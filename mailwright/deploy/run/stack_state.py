"""What the engine's state holds of this program's own stack.

Pulumi gives a program no look at its state but one: type and outputs of a stack's resources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

#: The function of the engine that answers.
FUNCTION = "pulumi:pulumi:readStackResourceOutputs"


def resources() -> Mapping[str, Mapping[str, Any]]:
    """Type and outputs of every resource by its URN; empty on a new stack."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    answer = pulumi.runtime.invoke(FUNCTION, {"stackName": stack}).value or {}
    return answer.get("outputs") or {}
