"""Whose an exchanger is: the mail host, or filter, that takes mail there."""

from __future__ import annotations

from collections.abc import Iterable

from mailwright.catalog import index
from mailwright.catalog.filters import filter_at
from mailwright.catalog.loading import service
from mailwright.catalog.service import RECEIVING

#: The holder of an exchanger that the catalog does not know: a server of one's own, or of somebody else.
UNKNOWN = ""


def holders(exchanger: str) -> frozenset[str]:
    """Who takes mail at an exchanger: ``service`` or ``service/site``; several where it may be either.

    Another cluster of the same service (网易 hz, bj) is another holder: a mailbox lives in one of them.
    """
    host = exchanger.rstrip(".").lower()
    ids = index.marks("mx", RECEIVING).named(host)
    if ids:
        return frozenset(marks for id in ids for marks in _at_site(id, host))
    filtering = filter_at(host)
    return frozenset([f"filter {filtering.id}" if filtering else UNKNOWN])


def _at_site(id: str, host: str) -> Iterable[str]:
    """The sites that name this very exchanger; the service where none or all do."""
    known = service(id)
    sites = known.sites if known else ()
    here = [site.id for site in sites if any(mx_host.host == host for mx_host in site.mx)]
    return [f"{id}/{site}" for site in here] if here and len(here) < len(sites) else [id]


def share(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether one of these exchangers may belong to the same mail host as one of the others.

    A service whose site is not seen may be at any. Two that the catalog does not know may be one server, and
    one that it does not know is its neighbour's (mxbiz9.qq.com, mxbiz1.qq.com).
    """
    return any(_same(one, two) for one in some for two in others)


def _same(one: str, two: str) -> bool:
    first, second = holders(one), holders(two)
    if UNKNOWN in first | second and _parent(one) == _parent(two):
        return True
    return any(_one_host(holder, other) for holder in first for other in second)


def _one_host(one: str, two: str) -> bool:
    if one == two:
        return True
    (id, _, site), (other, _, place) = one.partition("/"), two.partition("/")
    return id == other and not (site and place)


def _parent(exchanger: str) -> str:
    return exchanger.rstrip(".").lower().partition(".")[2]
