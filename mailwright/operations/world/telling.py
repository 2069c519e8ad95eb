"""The agenda's message of the day: each event is told once, on its day or on the first run after it."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Sequence

from mailwright.model.text import Lang
from mailwright.operations.world.notifying import Memory, NotifyError, tell
from mailwright.plan.agenda import Event
from mailwright.report.formats import agenda as formats


def news(events: Sequence[Event], today: dt.date, memory: str) -> tuple[Event, ...]:
    """What has its day and was not told; ``told`` is what ``kept`` gave the last time."""
    known = set(_known(memory))
    return tuple(
        event for event in events if event.status(today) in ("due", "now") and _key(event) not in known
    )


def kept(events: Sequence[Event], today: dt.date) -> str:
    """What to remember after telling: all that has its day now. What is gone is forgotten."""
    return json.dumps([_key(event) for event in events if event.status(today) in ("due", "now")])


def tell_day(
    events: Sequence[Event], today: dt.date, services: Sequence[str], memory: Memory, lang: Lang
) -> tuple[list[str], list[str]]:
    """Tell each service what is news to it. Returns what to print, and what failed.

    What failed is tried again by the next run.
    """
    printed: list[str] = []
    failed: list[str] = []
    for service in dict.fromkeys(services):
        fresh = news(events, today, memory.told.get(service, ""))
        text = formats.message(fresh, today, lang)
        try:
            if text and service == "text":
                printed.append(text)
            elif text:
                tell(service, text, os.environ, lang)
            memory.keep(service, kept(events, today))
        except NotifyError as error:
            failed.append(str(error))
        except OSError as error:
            failed.append(f"{service}: {error.strerror or type(error).__name__}")
    return printed, failed


def _key(event: Event) -> str:
    return f"{event.uid} {event.day}"


def _known(memory: str) -> list[str]:
    try:
        listed = json.loads(memory) if memory else []
    except ValueError:
        return []
    return [str(key) for key in listed] if isinstance(listed, list) else []
