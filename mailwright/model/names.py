"""Owner names as Mailwright keeps them: absolute A-labels, lower case, with the final dot."""

from __future__ import annotations


def absolute(name: str, domain: str = "") -> str:
    """``name`` with its final dot; relative names are taken below ``domain``, "@" is the domain."""
    name = name.strip().lower()
    base = domain.strip().lower().rstrip(".")
    if name in ("@", ""):
        return base + "."
    if name.endswith("."):
        return name
    return f"{name}.{base}." if base else name + "."


def bare(name: str) -> str:
    """The name without its final dot, as people write it."""
    return name.rstrip(".") or "."


def relative(name: str, domain: str) -> str:
    """The name as DNS consoles want it: "@" for the domain, else the part before it."""
    name, base = name.rstrip(".").lower(), domain.rstrip(".").lower()
    if name == base:
        return "@"
    return name[: -len(base) - 1] if name.endswith("." + base) else name + "."


def is_below(name: str, domain: str) -> bool:
    """Whether ``name`` is ``domain`` or a name below it."""
    name, base = name.rstrip(".").lower(), domain.rstrip(".").lower()
    return name == base or name.endswith("." + base)


def key(name: str, type: str) -> str:
    """The key of a record set in maps and resource inputs: ``NAME TYPE``."""
    return f"{name} {type}"
