"""A spec for each service and site of the catalog, filled with values of the form that is asked for."""

from __future__ import annotations

import re
from typing import Any

import yaml

from mailwright.catalog import RECEIVING, DkimForm, Input, Service, Site
from tests.conftest import ROOT

DOMAIN = "acme-trade.com"
RSA = yaml.safe_load((ROOT / "docs" / "rules-examples.yaml").read_text(encoding="utf-8"))["keys"]["RSA2048"]
_VALUES = ("10", "eu-west-1", "www11", "mx2f80", "abc1", "j", "spf.console.example")


def instance(mark: str, number: int = 1) -> str:
    """A name that shows a mark."""
    if mark.startswith("."):
        return f"x{number}{mark}"
    return mark.replace("**", f"a{number}.b").replace("*", str(number))


def value(service: Service, asked: Input, number: int) -> str:
    """What a user might paste: the guess, an exchanger of the service's own, or anything of that form."""
    pattern = asked.pattern or r"[a-z0-9.-]+\.[a-z]+"
    kind = {"spf_include": "spf", "return_path_target": "dkim"}.get(asked.name, "")
    own = [instance(mark) for mark in service.recognise.get(kind, ())]
    exchangers = [f"{10 * number} {name}" for name in _own_exchangers(service, number)]
    for each in filter(None, (asked.guess, *own, *_VALUES, *exchangers, f"10 mx{number}.console.example")):
        if re.fullmatch(pattern, each):
            return each
    raise AssertionError(f"{service.id}: nothing fits {asked.name} {asked.pattern}")


def _own_exchangers(service: Service, number: int) -> list[str]:
    """Names of the service's own, another one first for each number while there are some."""
    marks = service.recognise.get("mx", ())
    names = [mark for mark in marks if "*" not in mark and not mark.startswith(".")]
    names += [instance(mark, 70 + number) for mark in marks if mark not in names]
    first = min(number, len(names)) - 1
    return names[first:] + names[: max(first, 0)]


def inputs(service: Service, site: Site | None, *, every: bool = False) -> dict[str, str]:
    """A value for each input that has to be given; ``every``: for those too that may be left out."""
    return {
        input_field.name: value(service, input_field, number)
        for number, input_field in enumerate(service.wants(site.id if site else None), 1)
        if input_field.required or every
    }


def use(service: Service, site: Site | None, *, every: bool = False) -> dict[str, Any]:
    """The block of the spec: as mail host, or as sender that writes as the domain."""
    made: dict[str, Any] = {"service": service.id, **inputs(service, site, every=every)}
    if site and (service.site_required or site != service.site(None)):
        made["site"] = site.id
    keys = [_key(service, form) for form in service.dkim if form.host]
    if keys and service.kind not in RECEIVING:
        made["dkim"] = keys
    if service.subdomain_only:
        made["from"] = f"a@news.{DOMAIN}"
    return made


def _key(service: Service, form: DkimForm) -> dict[str, str]:
    """A key as the console shows it."""
    targets = [instance(mark) for mark in service.recognise.get("dkim", ())] or ["key.console.example"]
    shown = targets[0] if form.type == "CNAME" else f"v=DKIM1; k=rsa; p={RSA}"
    return {"name": str(form.host), "type": form.type, "value": shown}


def spec(service: Service, site: Site | None, *, every: bool = False) -> dict[str, Any]:
    """A whole spec with this service and nothing else of note."""
    body: dict[str, Any] = {
        "version": "1",
        "domain": DOMAIN,
        "timezone": "Asia/Shanghai",
        "dns_hosts": [{"service": "manual"}],
        "contact": f"wang@{DOMAIN}",
    }
    if service.kind in RECEIVING:
        exchanger = f"mail.{DOMAIN}" if service.exchangers == "own" else "mx1.mailhouse.example"
        own = {"mx": [f"10 {exchanger}"]} if service.exchangers else {}
        terms = {"spf": {"include": ["spf.mailhouse.example"]}} if service.exchangers == "written" else {}
        return {**body, "mail_host": {**use(service, site, every=every), **own}, **terms}
    return {**body, "mail_host": {"service": "yandex-360"}, "senders": [use(service, site, every=every)]}
