"""A service's file as a value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mailwright.catalog.service import (
    GIVEN,
    DkimForm,
    DmarcHabit,
    EndOfLife,
    Evidence,
    Input,
    MxHost,
    Service,
    ServiceRecord,
    Site,
    SpfCost,
)
from mailwright.model.text import Text

_SIGNS = Text("it signs with this key", "用此密钥签名")
_BOUNCES = Text("its bounces come back by it", "退信由此返回")
_GUESS = Text(
    "{where}. Seen so far: {guess}; it is not confirmed, so look it up",
    "{where}。目前见过的值：{guess}，未经证实，请以后台为准",
)


def read(id: str, data: Mapping[str, Any]) -> Service:
    """The service of one file whose content is as the schema says."""
    fixed = tuple(_fixed(data))
    return Service(
        id=id,
        kind=data["kind"],
        names=_text(data["names"]),
        sites=tuple(_site(site, fixed) for site in data.get("sites", ())),
        site_required=bool(data.get("site_required", False)),
        inputs=tuple(map(_input, data.get("inputs", ()))),
        dkim=tuple(
            DkimForm(form["type"], form.get("host"), _text(form["where"]))
            for form in data.get("dkim", ())
            if "target" not in form
        ),
        client=data.get("client", {}),
        attest={what: Text(**place["path"]) for what, place in data.get("attest", {}).items()},
        limits={name: int(limit["most"]) for name, limit in data.get("limits", {}).items()},
        exchangers=str(data.get("exchangers", "")),
        subdomain_only=bool(data.get("subdomain_only", False)),
        no_records=bool(data.get("no_records", False)),
        note=_text(data["note"]) if "note" in data else None,
        recognise={kind: tuple(marks) for kind, marks in data.get("recognise", {}).items()},
        region=str(data.get("region", "")),
        spf_costs=dict(costs(data)),
        behaviour=data.get("behaviour", {}),
        capabilities=data.get("capabilities", {}),
        end_of_life=_end(data.get("end_of_life")),
        dmarc=_habit(data.get("dmarc")),
        evidence=dict(evidence(data)),
        sources=data.get("sources", {}),
    )


def costs(data: Mapping[str, Any]) -> Iterator[tuple[str, SpfCost]]:
    """What each include of a file costs; "unknown" is None."""
    for name, cost in data.get("spf_costs", {}).items():
        lookups, voids = (_number(cost.get(key, "unknown")) for key in ("lookups", "void"))
        checked = _day(cost["checked"]) if "checked" in cost else None
        yield str(name).lower(), SpfCost(lookups, voids, checked, _evidence(cost) if "c" in cost else None)


def places(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(owner name, type) of the records of a file, sorted; names with what only a console knows are left out.

    Names are relative and may hold what ``template_values`` gives.
    """
    keys = [key for key in data.get("dkim", ()) if key.get("host")]
    open_yet = [key for key in keys if "target" not in key]  # it may be pasted in either form
    pairs = {(str(form["host"]), type) for form in open_yet for type in ("TXT", "CNAME")}
    sites = (record for site in data.get("sites", ()) for record in site.get("records", ()))
    for site_record in (*sites, *data.get("return_path", ()), *(key for key in keys if "target" in key)):
        pairs |= {(str(site_record["host"]), type) for type in (site_record["type"], "CNAME")}
    return tuple(sorted(pair for pair in pairs if set(re.findall(r"\{(\w+)\}", pair[0])) <= GIVEN))


def evidence(node: Any, path: str = "") -> Iterator[tuple[str, Evidence]]:
    """Every value of a file that carries evidence, by its path (``sites[0].mx``)."""
    if isinstance(node, Mapping):
        if "checked" in node and "c" in node:
            yield path, _evidence(node)
        for key, child in node.items():
            yield from evidence(child, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from evidence(child, f"{path}[{number}]")


def _evidence(data: Mapping[str, Any]) -> Evidence:
    named = data["source"]
    return Evidence(data["c"], _day(data["checked"]), (named,) if isinstance(named, str) else tuple(named))


def _day(value: object) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _number(value: object) -> int | None:
    return None if value == "unknown" else int(str(value))


def _fixed(data: Mapping[str, Any]) -> Iterator[ServiceRecord]:
    """Keys whose alias is known and return paths: the same records at every site."""
    for dkim_record in data.get("dkim", ()):
        if "target" in dkim_record:
            yield ServiceRecord(
                dkim_record["type"],
                dkim_record["host"],
                dkim_record["target"],
                _SIGNS,
                bool(dkim_record.get("optional")),
            )
    for dkim_record in data.get("return_path", ()):
        yield ServiceRecord(
            dkim_record["type"],
            dkim_record["host"],
            dkim_record["value"],
            _BOUNCES,
            bool(dkim_record.get("optional")),
        )


def _site(data: Mapping[str, Any], fixed: Iterable[ServiceRecord]) -> Site:
    return Site(
        id=data["id"],
        label=_text(data["label"]),
        how_to_tell=_text(data["how_to_tell"]),
        mx=tuple(
            MxHost(record["priority"], record["host"]) for record in data.get("mx", {}).get("records", ())
        ),
        spf=tuple(mechanism["term"] for mechanism in data.get("spf", ())),
        records=(
            *fixed,
            *(
                ServiceRecord(
                    record["type"],
                    record["host"],
                    record["value"],
                    _text(record["why"]),
                    bool(record.get("optional")),
                )
                for record in data.get("records", ())
            ),
        ),
        inputs=tuple(map(_input, data.get("inputs", ()))),
        client=data.get("client"),
    )


def _input(data: Mapping[str, Any]) -> Input:
    required, pattern, guess = (
        bool(data.get("required", True)),
        data.get("pattern", ""),
        data.get("guess", ""),
    )
    where = _text(data["where"])
    if guess:
        where = _GUESS.using(where=where, guess=guess)
    return Input(
        data["name"],
        required,
        _text(data["label"]),
        where,
        str(pattern),
        str(guess),
        bool(data.get("per_domain", False)),
    )


def _end(data: Mapping[str, Any] | None) -> EndOfLife | None:
    return EndOfLife(_day(data["date"]), _text(data["advice"])) if data else None


def _habit(data: Mapping[str, Any] | None) -> DmarcHabit | None:
    return DmarcHabit(_text(data["text"]), bool(data.get("loud", False))) if data else None


def _text(data: Mapping[str, str]) -> Text:
    return Text(data["en"], data["zh"])
