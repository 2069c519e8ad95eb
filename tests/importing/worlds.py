"""The zones of this folder, written by hand from public facts: what each is, and its records for a name."""

from __future__ import annotations

from pathlib import Path

ZONES = Path(__file__).parent / "zones"
NAMES = sorted(path.stem for path in ZONES.glob("*.zone"))


def expected(name: str) -> dict[str, str]:
    """What the first line says must be recognised: host, site, senders, foreign."""
    first = (ZONES / f"{name}.zone").read_text().splitlines()[0]
    return dict(part.split("=", 1) for part in first.lstrip("; ").split())


def records(name: str, domain: str) -> str:
    """Zone file lines ``NAME TTL TYPE RDATA`` for a domain."""
    text = (ZONES / f"{name}.zone").read_text()
    text = text.replace("DOMAIN", domain).replace("DASHED", domain.replace(".", "-"))
    return "\n".join(line for line in text.splitlines() if not line.startswith(";"))
