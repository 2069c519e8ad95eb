"""Fixtures that every room's tests share; server fixtures live in tests/servers/."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
