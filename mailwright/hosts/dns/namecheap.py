"""Namecheap: the whole zone read, the whole zone written.

Written against namecheap.com/support/api/methods/domains-dns (getHosts, setHosts, as known on 2026-11-30):
what a ``setHosts`` does not name is deleted, and without ``EmailType=MX`` every MX is. It takes name, type,
address, preference and TTL of a host; what else ``getHosts`` tells cannot be sent back, so a zone that has it
is not written. What was there is saved before each write, in the form that writes it again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns import fields
from mailwright.hosts.dns.accounts import HttpAccounts
from mailwright.hosts.dns.api import ApiHost
from mailwright.hosts.dns.base import Denied, DnsClient, HostError
from mailwright.hosts.dns.entries import Entry, Listing
from mailwright.hosts.dns.http import Answer, Http, Request
from mailwright.hosts.dns.service import Target
from mailwright.hosts.dns.shapes import AllAtOnce, WholeZone
from mailwright.model.names import absolute, bare, relative
from mailwright.model.records import ObservedValue
from mailwright.model.text import Text

#: Where what a zone held before a write is kept, below the folder of the run.
SAVED = Path(".mailwright") / "zones"
#: What can be sent back of a host, and what else getHosts tells, with the only value that loses nothing.
_SENT = ("Name", "Type", "Address", "MXPref", "TTL")
_HARMLESS = {"AssociatedAppTitle": "", "FriendlyName": "", "IsActive": "true", "IsDDNSEnabled": "false"}
_TYPES = ("A", "AAAA", "ALIAS", "CNAME", "MX", "MXE", "NS", "TXT", "URL", "URL301", "FRAME")
_WRONG_CREDENTIAL = ("1010102", "1011102", "1011150")
_NO_ZONE = ("2019166", "2016166", "2030166")
_BUSY = ("500000",)

MAIL_ELSEWHERE = Text(
    "Namecheap handles its mail by itself (mail settings {kind}); choose Custom MX in its console first",
    "Namecheap 自行处理其邮件（邮件设置为 {kind}）；请先在控制台选择 Custom MX",
)
EMPTY = Text(
    "{where} tells no record of {zone}; a zone that is empty or not told is not written",
    "{where} 未返回 {zone} 的任何记录；空的或未返回内容的区域不会被写入",
)
NOT_SENT_BACK = Text(
    "the whole zone {zone} would be written, and this would be lost, so nothing is: {what}",
    "将写入整个区域 {zone}，而以下内容会丢失，因此未写入：{what}",
)
RESTORE = Text(
    "what was there before is in {path}; it is written again by: {command}",
    "原来的内容保存在 {path}；写回的命令：{command}",
)
_COMMAND = (
    "curl -d @{path} -d ApiUser=$NAMECHEAP_API_USER -d UserName=$NAMECHEAP_API_USER "
    "-d ApiKey=$NAMECHEAP_API_KEY -d ClientIp={ip} {address}"
)


class NamecheapAccounts(HttpAccounts):
    """Every account of a run."""

    calls, seconds = 50, 60.0

    def signer(self, host: str, *credential: str) -> Callable[[Request], Mapping[str, str]]:  # noqa: ARG002
        """The credential goes with the form, see ``NamecheapApi``."""
        return lambda _request: {"Content-Type": "application/x-www-form-urlencoded"}

    def host(self, target: Target, http: Http, credential: tuple[str, ...]) -> DnsClient:
        """One domain."""
        user, key = credential
        account = {
            "ApiUser": user,
            "UserName": user,
            "ApiKey": key,
            "ClientIp": str(target.options["client_ip"]),
        }
        api = NamecheapApi(target.zone, http, account)
        limits = target.service.stores.limits
        return ApiHost(target.zone, api, AllAtOnce(), limits=limits, undoing=api.undoing)

    def busy(self, answer: Answer) -> bool:
        """Too many calls, which is told with status 200."""
        return answer.status == 200 and _error(answer)[0] in _BUSY


class NamecheapApi:
    """One domain; keeps ``ZoneApi``."""

    def __init__(self, zone: str, http: Http, account: Mapping[str, str]) -> None:
        self.zone = zone
        self.where = http.where
        self._http = http
        self._account = account
        label, _, rest = bare(zone).partition(".")
        self._domain = {"SLD": label, "TLD": rest}
        self._saved: Path | None = None

    async def listing(self, only: tuple[str, str] | None = None) -> Listing:  # noqa: ARG002
        """Every host; an error where Namecheap does not serve the zone."""
        body = await self._call("getHosts", {}, writes=False)
        result = body.find(".//{*}DomainDNSGetHostsResult")
        if result is None:
            raise HostError(said.UNREADABLE, where=self.where, status=200)
        if result.get("IsUsingOurDNS", "").lower() != "true":
            words = "IsUsingOurDNS"
            raise HostError(said.NOT_SERVED_HERE, where=self.where, zone=bare(self.zone), words=words)
        kind = result.get("EmailType", "")
        entries = [
            self._entry(dict(element.attrib))
            for element in result
            if element.tag.rpartition("}")[2] == "host"
        ]
        if kind != "MX":
            odd = MAIL_ELSEWHERE.using(kind=kind or "–")
            entries.append(Entry(self.zone, "MX", 1800, ObservedValue(""), "mail", served=False, odd=odd))
        return Listing(self.zone, tuple(entries), {"EmailType": kind, **_rest(result.attrib)})

    async def send(self, call: WholeZone) -> None:
        """Everything, once what is there is on the disk."""
        self._require_whole(call.before)
        self._save(_form(self.zone, call.before))
        await self._call("setHosts", _form(self.zone, call.after), writes=True)

    def undoing(self) -> Text | None:
        """How to bring back what this run's write replaced."""
        if self._saved is None:
            return None
        ip, address = self._account["ClientIp"], self._http.address
        return RESTORE.using(
            path=self._saved, command=_COMMAND.format(path=self._saved, ip=ip, address=address)
        )

    # -- inside ------------------------------------------------------------------------------------

    def _require_whole(self, listing: Listing) -> None:
        hosts = [entry for entry in listing.entries if entry.raw]
        if not hosts:
            raise HostError(EMPTY, where=self.where, zone=bare(self.zone))
        lost = [f"{name}={value}" for name, value in listing.raw.items() if name != "EmailType"]
        for host in hosts:
            if host.type not in _TYPES:
                lost.append(f"{bare(host.name)} {host.type}")
            lost += [
                f"{bare(host.name)} {host.type}: {name}={value}"
                for name, value in host.raw.items()
                if name not in (*_SENT, "HostId") and value.lower() != _HARMLESS.get(name, "\0")
            ]
        if lost:
            raise HostError(NOT_SENT_BACK, zone=bare(self.zone), what=", ".join(sorted(lost)[:5]))

    def _save(self, form: Mapping[str, str]) -> None:
        whole = {"Command": "namecheap.domains.dns.setHosts", **self._domain, **form}
        at = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        SAVED.mkdir(parents=True, exist_ok=True)
        path = SAVED / f"{bare(self.zone)}-{at}.form"
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(urlencode(whole))
            file.flush()
            os.fsync(file.fileno())
        self._saved = path.absolute()

    def _entry(self, host: Mapping[str, str]) -> Entry:
        name, type = absolute(host.get("Name", ""), self.zone), host.get("Type", "")
        with contextlib.suppress(KeyError, ValueError):
            preference = int(host["MXPref"]) if type == "MX" else None
            value, odd = fields.told(name, type, host["Address"], preference)
            active = host.get("IsActive", "true").lower() == "true"
            return Entry(name, type, int(host["TTL"]), value, host.get("HostId", ""), host, active, odd)
        raise HostError(said.UNREADABLE, where=self.where, status=200)

    async def _call(self, command: str, form: Mapping[str, str], *, writes: bool) -> Any:
        named = {"Command": f"namecheap.domains.dns.{command}", **self._domain}
        body = urlencode({**self._account, **named, **form}).encode()
        answer = await self._http.ask(Request("POST", "", body=body, writes=writes))
        number, words = _error(answer)
        if number in _WRONG_CREDENTIAL:
            raise Denied(said.WRONG_CREDENTIAL, where=self.where, words=self._http.words(f"{number} {words}"))
        if number in _NO_ZONE:
            raise HostError(said.NO_ZONE, where=self.where, zone=bare(self.zone))
        if number or answer.status != 200:
            raise self._http.refused(answer.status, f"{number} {words}")
        try:
            root = ElementTree.fromstring(answer.body)
        except ElementTree.ParseError:
            raise self._http.unreadable(answer, writes=writes) from None
        result = root.find(".//{*}DomainDNSSetHostsResult")
        if writes and (result is None or result.get("IsSuccess", "").lower() != "true"):
            raise self._http.unreadable(answer, writes=True)
        return root


def _rest(attributes: Mapping[str, str]) -> dict[str, str]:
    """What getHosts tells of the zone and nobody here knows."""
    return {k: v for k, v in attributes.items() if k not in ("Domain", "EmailType", "IsUsingOurDNS")}


def _form(zone: str, listing: Listing) -> dict[str, str]:
    form = {"EmailType": str(listing.raw["EmailType"])}
    hosts = [entry for entry in listing.entries if entry.raw or entry.served]
    for number, host_entry in enumerate(hosts, 1):
        if host_entry.raw:
            host = dict(host_entry.raw) | {"TTL": str(host_entry.ttl)}
        else:
            written_fields = fields.written(host_entry.name, host_entry.type, host_entry.value)
            text = f"{written_fields.text}." if host_entry.type in ("MX", "CNAME") else written_fields.text
            preference = 10 if written_fields.preference is None else written_fields.preference
            host = {"Name": relative(host_entry.name, zone), "Type": host_entry.type, "Address": text}
            host |= {"MXPref": str(preference), "TTL": str(host_entry.ttl)}
        names = {
            "Name": "HostName",
            "Type": "RecordType",
            "Address": "Address",
            "MXPref": "MXPref",
            "TTL": "TTL",
        }
        form |= {f"{theirs}{number}": str(host[ours]) for ours, theirs in names.items() if ours in host}
    return form


def _error(answer: Answer) -> tuple[str, str]:
    """The number and words of an answer's first error, '' for none."""
    try:
        body = ElementTree.fromstring(answer.body)
    except ElementTree.ParseError:
        return "", ""
    error = body.find(".//{*}Errors/{*}Error")
    return ("", "") if error is None else (error.get("Number", "?"), " ".join((error.text or "").split()))
