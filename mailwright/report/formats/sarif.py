"""SARIF 2.1.0 (OASIS), for code scanning: file, line and column of each thing said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import quote

from mailwright import __version__
from mailwright.model.rules import RULES
from mailwright.model.text import Lang
from mailwright.report.escaping import as_json
from mailwright.report.formats.items import Item, Level

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {
    Level.ERROR: "error",
    Level.WARNING: "warning",
    Level.NOTE: "note",
    Level.UNKNOWN: "warning",
}


def render(items: Sequence[Item], lang: Lang) -> str:
    """One run; what passed or cannot be seen from here is no result."""
    shown_items = [item for item in items if item.level in _LEVEL]
    ids = sorted({item.rule for item in shown_items})
    driver = {"name": "Mailwright", "version": __version__, "rules": [_rule(id, lang) for id in ids]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(item, ids.index(item.rule)) for item in shown_items],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return as_json(log)


def _rule(id: str, lang: Lang) -> dict[str, object]:
    body: dict[str, object] = {"id": id}
    if id in RULES:
        body["shortDescription"] = {"text": RULES[id].message(lang)}
        body["help"] = {"text": RULES[id].hint(lang) or id}
    return body


def _result(item: Item, index: int) -> dict[str, object]:
    about = f"{item.subject}: " if item.subject else ""
    body: dict[str, object] = {
        "ruleId": item.rule,
        "ruleIndex": index,
        "level": _LEVEL[item.level],
        "message": {"text": " ".join(filter(None, (about + item.message, item.hint)))},
        "partialFingerprints": {"mailwright/v1": item.fingerprint},
    }
    if item.position:
        region = {"startLine": item.position.line, "startColumn": item.position.column}
        place = {"artifactLocation": {"uri": _uri(item.position.file)}, "region": region}
        body["locations"] = [{"physicalLocation": place}]
    return body


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
