"""``mail_host.api``: the mail host's own API, by which it is looked at and, on request, written to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailwright.model.position import Position
from mailwright.model.rules import Severity, rule
from mailwright.spec.tree import Branch

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

NO_API = rule(
    "mail-host-without-api",
    Severity.ERROR,
    en="api: Mailwright uses no API of {service}; it can use that of {known}.",
    zh="api: Mailwright 不使用 {service} 的 API；可使用的有 {known}。",
    hint_en="Remove api:. `mailwright export` writes the checklist for {service}.",
    hint_zh="请去掉 api:。`mailwright export` 会写出 {service} 的操作清单。",
)
#: The services whose API we use.
SERVICES = ("google-workspace",)


@dataclass(frozen=True, slots=True)
class HostApi:
    """How a mail host's API is used; never a credential.

    ``admin`` is in whose name the directory is asked, ``writes`` whether `up` changes anything
    there, ``base_url`` another address than the service's own.
    """

    admin: str
    writes: bool = False
    base_url: str = ""
    position: Position | None = None


def api(build: Builder, host: Branch, service: str, at: str) -> HostApi | None:
    """What a spec says of it; None where a person works through the checklist."""
    node = host.items.get("api")
    if not isinstance(node, Branch):
        return None
    if service not in SERVICES:
        if service:
            build.say(NO_API, f"{at}.api", service=service, known=", ".join(SERVICES))
        return None
    return HostApi(
        build.address(f"{at}.api.admin", build.text(node, "admin")).lower(),
        build.text(node, "experimental") == "true",
        build.text(node, "base_url"),
        build.positions.get(f"{at}.api"),
    )
