"""What servers answer to a login, and what it means: dated data (``login-replies.yaml``)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import yaml

from mailwright.catalog.loading import FOLDER
from mailwright.model.text import Text

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@functools.cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.load((FOLDER / "login-replies.yaml").read_bytes(), Loader=_LOADER)
    return data


def meaning(reply: str) -> Text | None:
    """Why a login was refused, with ``password`` and ``protocol`` to fill in; None where no document says."""
    plain = " ".join(reply.casefold().split())
    for entry in _data()["forms"]:
        if entry["form"] in plain:
            return Text(**_data()["causes"][entry["cause"]])
    return None
