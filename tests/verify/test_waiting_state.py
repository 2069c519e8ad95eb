"""What is remembered of a wait, and when it is not believed."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from mailwright.verify.waiting import LONGEST, Waiting

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def test_a_state_that_would_wait_longer_than_anything_propagates_is_begun_anew(tmp_path: Path) -> None:
    length = dt.timedelta(minutes=30)
    begun = Waiting.begin(tmp_path, "k", length, NOW)
    assert Waiting.begin(tmp_path, "k", length, NOW + dt.timedelta(minutes=5)).deadline == begun.deadline
    started = NOW - dt.timedelta(hours=1)
    body = {"started": started.isoformat(), "deadline": (started + 2 * LONGEST).isoformat()}
    (tmp_path / "k.json").write_text(json.dumps(body))
    again = Waiting.begin(tmp_path, "k", length, NOW)
    assert not again.resumed and again.deadline == NOW + length
