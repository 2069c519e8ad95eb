"""Fixtures that every room's tests share; server fixtures live in tests/servers/."""

from __future__ import annotations

import signal
from pathlib import Path

import hypothesis

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"

# A shell's background job is born deaf to Ctrl-C, and so would be every command that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No test asserts a time, and a busy machine takes longer than Hypothesis's own deadline for an example.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")
