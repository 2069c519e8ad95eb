"""Senders that were recognised, as parts of a spec."""

from __future__ import annotations

from dataclasses import replace

from mailwright.catalog import Service
from mailwright.model.names import absolute, relative
from mailwright.model.records import Observed
from mailwright.model.text import LANGS, Text
from mailwright.operations.importing import evidence
from mailwright.operations.importing.fitting import Use
from mailwright.operations.importing.parts import Key, Part
from mailwright.operations.importing.policies import with_inputs


def _where(use: Use) -> Text:
    """The places of the console that show what no record does, and what asks for a host that they show."""
    input_fields = use.service.wants(use.site.id if use.site else None)
    places = list(
        dict.fromkeys(input_field.where for input_field in input_fields if input_field.name in use.missing)
    )
    if not places:
        return Text("", "")
    texts: dict[str, object] = {lang: "; ".join(place(lang) for place in places) for lang in LANGS}
    return (_ASKED if "return_path" in use.missing else _SHOWN).using(**texts)


_SHOWN = Text(" ({en})", "（{zh}）")
#: No record says that host, and thousands are possible; but whoever knows it can have it asked.
_ASKED = Text(
    " ({en}); no record tells that host. Add --name HOST to the command, and its records are read",
    "（{zh}）；任何记录都看不出该主机名。在命令中加上 --name HOST 即可读取其记录",
)


def sender(use: Use, owner: str, observed: Observed, keys: tuple[Key, ...]) -> Part:
    """A sender as the catalog's service, or as ``custom:`` where only its console knows its records."""
    given = {with_inputs(term, use.inputs) for term in (use.site.spf if use.site else ())}
    here = evidence.includes(observed, owner)
    include = [target for target in use.spf if f"include:{target}" not in given and target in here]
    more: dict[str, object] = {"include": include} if include else {}
    if use.missing or use.service.subdomain_only:
        note = Text(
            "{service}: its own records stay foreign, because only its console knows {keys}{where}",
            "{service}：其自身记录保持不动，因为只有其后台知道 {keys}{where}",
            {"service": use.service.names, "keys": ", ".join(use.missing) or "from", "where": _where(use)},
        )
        include = [target for target in use.spf if target in here]
        if not include and not keys:
            return Part({}, notes=(note,))
        return Part({"custom": use.service.id, **({"include": include} if include else {})}, keys, (note,))
    body: dict[str, object] = {"service": use.service.id}
    if use.site and (use.service.site_required or use.site != use.service.site(None)):
        body["site"] = use.site.id
    return Part(body | dict(use.inputs) | more, keys)


def sender_below(use: Use, owner: str, domain: str, observed: Observed) -> Part:
    """The same for a name below the domain that has records of its own to send with."""
    given = given_names(use, owner)
    keys = tuple(
        (relative(name, domain), type, values[0])
        for name, type, values in evidence.selectors(observed, owner)
        if len(values) == 1
        and (name in use.dkim or has_form(use.service, name, type, owner))
        and name not in given
    )
    if use.service.subdomain_only and not use.missing:
        use = replace(use, service=replace(use.service, subdomain_only=False))
    part = sender(use, owner, observed, keys)
    if not part.keys:
        return part
    first = next(iter(part.keys))
    written = {first: part.keys[first], "from": f"mail@{owner}"} | dict(part.keys)
    return replace(part, keys=written, notes=(*part.notes, _ASSUMED.using(owner=owner)))


_ASSUMED = Text(
    "which address at {owner} it writes as shows in no record: the part before @ is assumed",
    "它在 {owner} 下使用哪个发件地址，记录中看不到：@ 前为假定值",
)


def as_custom(part: Part) -> Part:
    """A sender as one of our own that keeps its includes and keys, whatever else cannot be said of it."""
    if "service" not in part.keys:
        return part
    kept = {key: part.keys[key] for key in ("from", "include") if key in part.keys}
    return replace(part, keys={"custom": part.keys["service"], **kept})


def given_names(use: Use, owner: str) -> frozenset[str]:
    """The names at which the catalog itself gives the service's records."""
    records = use.site.records if use.site and not use.missing else ()
    return frozenset(absolute(record.host, owner) for record in records if "{" not in record.host)


def has_form(service: Service, name: str, type: str, domain: str) -> bool:
    """Whether a key stands where the service's keys stand."""
    return any(f.host and absolute(f.host, domain) == name and f.type == type for f in service.dkim)
