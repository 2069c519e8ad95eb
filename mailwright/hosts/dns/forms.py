"""What one vendor's API looks like, as data: its pages, and the fields of a record or a set.

Most APIs of JSON differ in nothing else, so such a host is a declaration and no client. Nothing here knows
the network: declarations are read with every spec.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """Where an answer has its items, and how the next page is asked for.

    ``items``: the keys that lead to the list; empty where the answer is the list. ``size``: the parameter
    and its value. ``number`` counts pages from 1, ``offset`` items from 0; they go on until there are
    ``total`` items, or an empty page where no total is given: a host may give less than it was asked for.
    ``cursor`` takes what the answer has at ``following``; ``linked``: what the parameter is in the address of
    the next page, which the answer has there or in the header ``Link`` (RFC 8288). Without any of them there
    is one page.
    """

    items: Keys = ()
    size: tuple[str, int] | None = None
    number: str = ""
    offset: str = ""
    cursor: str = ""
    following: Keys = ()
    linked: bool = False
    total: Keys = ()


@dataclass(frozen=True, slots=True)
class Lookup:
    """How the id of a zone is asked for: a listing with these parameters, in which its name is compared.

    ``{zone}`` in ``query`` is the zone's name without its final dot. ``served``: the field and its values in
    a zone that is answered for; any where it is empty. ``only``: fields and their values in zones of the
    right kind.
    """

    path: str
    pages: Pages
    query: Mapping[str, str]
    name: str = "name"
    id: str = "id"
    served: tuple[str, Keys] = ("", ())
    only: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordForm:
    """A host that keeps single records: how one is read and sent.

    ``{zone}`` in paths is the zone's name, ``{id}`` the record's, ``{option}`` an option of the spec.
    ``name`` to ``preference`` are the vendor's words for the fields. ``apex``: the zone's own name as a
    relative one. ``dotted``: host names are sent with their final dot. ``known``: further fields that
    change nothing about what is served; any other that holds something keeps its set from being touched.
    """

    listing: str
    one: str
    pages: Pages
    id: str = "id"
    name: str = "name"
    type: str = "type"
    value: str = "content"
    ttl: str = "ttl"
    preference: str = "priority"
    apex: str = "@"
    dotted: bool = False
    update: str = "PUT"
    known: Keys = ()


@dataclass(frozen=True, slots=True)
class SetTexts:
    """One set as it shall be, in the vendor's own texts.

    ``name``: relative to the zone, its own name as the form writes it; ``whole``: with the zone's and the
    final dot. ``ttl`` in seconds; ``ttl_only``: nothing else changes. ``values``: those that stay as they are
    stored; none where the set goes. ``before``: what the host told of the set, None where there is none.
    """

    name: str
    whole: str
    type: str
    ttl: int
    ttl_only: bool
    values: tuple[str, ...]
    before: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: ``{zone}`` and the names of ``parts`` in its path are filled in."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] | None = None
    parts: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SetForm:
    """A host that keeps sets: how they are read, and what is sent to write one or several.

    ``name`` to ``values`` are the vendor's words for the fields of a set; values are in master-file form,
    ``inside`` an object at this key of it. ``zone_ttl``: what the zone's own TTL is called, for sets without.
    ``query``: parameters of every listing. ``read`` makes such fields of what the host tells, where it has
    them elsewhere. ``lookup``: where zones have ids.

    ``line``: the field and value of a set that everybody gets. ``served``: the field and its values in a set
    that is answered; ``going``: its values in one that is being removed; any other set is switched off.
    ``known``: further fields that change nothing about what is served, ``idle``: those that change nothing
    with these values; any other that holds something keeps the set from being touched.

    ``writes``: the request for the sets of one call. ``batch``: all sets of a change are one call, which is
    done whole or not at all. ``ttl_apart``: values and TTL of a set are a call each.
    """

    listing: str
    pages: Pages
    writes: Callable[[tuple[SetTexts, ...]], Sent]
    name: str = "name"
    type: str = "type"
    ttl: str = "ttl"
    values: str = "records"
    inside: str = ""
    zone_ttl: str = ""
    apex: str = "@"
    query: Mapping[str, str] | None = None
    read: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    lookup: Lookup | None = None
    line: tuple[str, str] = ("", "")
    served: tuple[str, Keys] = ("", ())
    going: Keys = ()
    known: Keys = ()
    idle: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    batch: bool = False
    ttl_apart: bool = False
