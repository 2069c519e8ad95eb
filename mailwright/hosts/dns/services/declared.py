"""Declarations of hosts that need no client of their own: what is the same in each of them, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mailwright.hosts.dns.forms import RecordForm, SetForm
from mailwright.hosts.dns.service import (
    Connections,
    DnsService,
    Option,
    Secret,
    Stores,
    Way,
    place_by,
)
from mailwright.model.text import Text

Signer = Callable[..., Callable[[Any], Mapping[str, str]]]
_ADDRESS = Text("API address", "API 地址")
_ZONE_ID = Option("zone_id", Text("id of the zone", "区域 ID"), "Z1D633PJN98FT9")
_TRIED = Text("a simulated API, not {vendor}", "API 替身，未在 {vendor} 上验证")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a host says beside its form.

    ``signer``: by address and credential, the headers of a request. ``pace``: so many calls in so many
    seconds, for everything that uses one credential. ``locked``: answers that say that the host did not look
    at the call and wants it again later, beside 429.
    """

    secrets: tuple[Secret, ...]
    signer: Signer
    stores: Stores
    rights: Text
    options: tuple[Option, ...] = ()
    pace: tuple[int, float] = (20, 1.0)
    locked: tuple[int, ...] = ()


def header(name: str, pattern: str = "{}") -> Signer:
    """A credential that one header carries as it is."""
    return lambda _host, *credential: lambda _request: {name: pattern.format(*credential)}


BEARER = header("Authorization", "Bearer {}")


def by_records(name: str, vendor: Text, address: str, form: RecordForm, api: Declared) -> DnsService:
    """A host whose single records have this form."""

    def connect() -> Connections:
        from mailwright.hosts.dns.records import RecordAccounts

        return RecordAccounts(api.secrets, address, form, api.signer, pace=api.pace, locked=api.locked)

    return by_api(name, vendor, address, connect, api)


def by_sets(name: str, vendor: Text, address: str, form: SetForm, api: Declared) -> DnsService:
    """A host whose sets have this form."""

    def connect() -> Connections:
        from mailwright.hosts.dns.sets import SetAccounts

        return SetAccounts(api.secrets, address, form, api.signer, pace=api.pace, locked=api.locked)

    ids = (_ZONE_ID,) if form.lookup else ()
    return by_api(name, vendor, address, connect, replace(api, options=(*api.options, *ids)))


def by_api(
    name: str,
    vendor: Text,
    address: str,
    connect: Callable[[], Connections],
    api: Declared,
) -> DnsService:
    """A host behind an API that nobody has tried at its vendor yet."""
    options = (*api.options, Option("base_url", _ADDRESS, address))
    return DnsService(
        name=name,
        about=vendor,
        way=Way.PROVIDER,
        stores=api.stores,
        tried=_TRIED.using(vendor=vendor),
        options=options,
        secrets=api.secrets,
        where=place_by(name, *(option.name for option in options)),
        open=connect,
        rights=api.rights,
        asked_as=f"{name}-api",
        experimental=True,
    )
