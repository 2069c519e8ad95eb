"""Properties as Pulumi hands them over, and what every type of resource of ours has among them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.provider.experimental.provider import DiffResponse, PropertyDiff, PropertyDiffKind
from pulumi.runtime.rpc import UNKNOWN

from mailwright.deploy.said import wrong
from mailwright.model.consent import Consent
from mailwright.model.text import Text

#: Plain ones.
Properties = Mapping[str, Any]
#: A property's path, and what to write instead.
Failure = tuple[str, Text]
#: What changes, in words.
Lines = tuple[str, ...]
#: Called just before a write, with a resource's URN and what will be ours.
Intend = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Problem:
    """What speaks against one domain; ``text`` is for people.

    ``rules`` refuse for safety; without any its host cannot be read. ``leaving``: no spec asks for it.
    """

    domain: str
    text: str
    rules: tuple[str, ...] = ()
    leaving: bool = False

    @staticmethod
    def of(body: Mapping[str, Any]) -> Problem:
        """Read what ``plain`` made."""
        return Problem(body["domain"], body["text"], tuple(body["rules"]), bool(body["leaving"]))

    @property
    def plain(self) -> dict[str, Any]:
        """The same as properties."""
        return {
            "domain": self.domain,
            "text": self.text,
            "rules": list(self.rules),
            "leaving": self.leaving,
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """What speaks against a run, and what is worth knowing and stops nothing."""

    problems: tuple[Problem, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def plain(self) -> dict[str, Any]:
        """The same as properties."""
        return {"problems": [problem.plain for problem in self.problems], "notices": list(self.notices)}


#: A resource that the state holds: its URN and its outputs.
Held = tuple[str, Properties]


class Unknown(Exception):
    """A property is not known yet: a preview of something that depends on another resource."""


def plain(properties: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """Properties without their wrapping. Raises Unknown where one is not known yet."""
    return {name: _unwrapped(value) for name, value in properties.items()}


def wrapped(
    properties: Properties,
    like: Mapping[str, PropertyValue],
    derived: Mapping[str, frozenset[str]] | None = None,
) -> dict[str, PropertyValue]:
    """Plain properties as property values, secret where the same property of ``like`` is.

    ``derived``: the properties that are made of another one, and as secret as it is.
    """
    secret = {name for name, value in like.items() if value.contains_secret()}
    secret |= {field for name, fields in (derived or {}).items() if name in secret for field in fields}
    values = {name: _wrapped(value) for name, value in properties.items()}
    return values | {name: values[name].with_secret(True) for name in secret & values.keys()}


def _unwrapped(value: PropertyValue) -> Any:
    inner = value.value
    if type(inner) is str:  # most are; the other checks take their time
        if inner == UNKNOWN:  # which the SDK hands over as the text that it is on the wire
            raise Unknown
        return inner
    if isinstance(inner, Computed):
        raise Unknown
    if isinstance(inner, Mapping):
        return {name: _unwrapped(property_value) for name, property_value in inner.items()}
    if isinstance(inner, tuple | list):
        return [_unwrapped(property_value) for property_value in cast("list[PropertyValue]", inner)]
    if isinstance(inner, float) and inner.is_integer():
        return int(inner)
    return inner


def _wrapped(value: Any) -> PropertyValue:
    if type(value) is str:
        return PropertyValue(value)
    if isinstance(value, Mapping):
        return PropertyValue({name: _wrapped(part) for name, part in value.items()})
    if isinstance(value, tuple | list):
        return PropertyValue([_wrapped(part) for part in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)


# -- one value each ----------------------------------------------------------------------------------


def shown(value: str) -> str:
    """A value as state can hold it: octets that are not UTF-8 as ``\\DDD``, backslashes doubled.

    Properties are UTF-8 on the wire; RFC 1035 §5.1 has the escape that everybody knows.
    """
    return re.sub("[\udc80-\udcff]", lambda m: f"\\{ord(m[0]) - 0xDC00:03d}", value.replace("\\", "\\\\"))


def meant(text: str) -> str:
    """The value that ``shown`` showed."""
    return re.sub(r"\\(\\|\d{3})", lambda m: "\\" if m[1] == "\\" else chr(0xDC00 + int(m[1])), text)


def plain_consent(consent: Consent) -> dict[str, object]:
    """A consent as a property."""
    body: dict[str, object] = {
        "rule": consent.rule,
        "until": consent.until.isoformat() if consent.until else "",
        "why": consent.why,
    }
    limits = {"values": sorted(consent.values), "served": sorted(consent.served)}
    return body | {name: values for name, values in limits.items() if values}


def consent_of(body: Mapping[str, Any]) -> Consent:
    """What ``plain_consent`` made."""
    until = body.get("until")
    return Consent(
        body["rule"],
        dt.date.fromisoformat(until) if until else None,
        body.get("why") or "",
        frozenset(body.get("values") or ()),
        frozenset(body.get("served") or ()),
    )


def days(properties: Mapping[str, Any]) -> Iterator[Failure]:
    """The day, of any resource."""
    if not _is_date(properties["asOf"]):
        yield "asOf", wrong.DATE


def _is_date(text: object) -> bool:
    try:
        dt.date.fromisoformat(str(text))
    except ValueError:
        return False
    return True


# -- differences -------------------------------------------------------------------------------------

Kinds = dict[str, PropertyDiffKind]


def kind(name: str, before: Mapping[str, object], after: Mapping[str, object]) -> PropertyDiffKind:
    """Whether an entry comes, goes or changes."""
    if name in before and name in after:
        return PropertyDiffKind.UPDATE
    return PropertyDiffKind.ADD if name in after else PropertyDiffKind.DELETE


def response(details: Kinds, before: Properties, after: Properties) -> DiffResponse:
    """``details``, and the differences of where a resource is; another domain is another resource."""
    details = dict(details)
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            details[name] = PropertyDiffKind.UPDATE
    replaces = ["domain"] if "domain" in details else []
    if replaces:
        details["domain"] = PropertyDiffKind.UPDATE_REPLACE
    return DiffResponse(
        bool(details),
        replaces,
        diffs=sorted({path.partition("[")[0] for path in details}),
        detailed_diff={path: PropertyDiff(kind, True) for path, kind in details.items()},
    )
