"""Amazon Route 53: one batch, with each old set as the condition of the new one.

Written against the API reference (docs.aws.amazon.com/Route53/latest/APIReference: ChangeResourceRecordSets,
ListResourceRecordSets, ListHostedZonesByName) and the developer guide's "Supported DNS record types" and
"DNS domain name format", as known on 2026-11-30: a batch is transactional; a DELETE must name the set exactly
as it is, and a CREATE fails where one is, so both in one batch are a compare-and-swap. Escapes are octal.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns import presentation
from mailwright.hosts.dns.api import Unclear
from mailwright.hosts.dns.base import Denied, HostError, Moved, Unreachable
from mailwright.hosts.dns.entries import Entry, Listing, SetWrite
from mailwright.hosts.dns.http import PATIENCE, TIMEOUT, Throttled, require_private
from mailwright.hosts.dns.shapes import Batch
from mailwright.model import txt
from mailwright.model.hiding import without
from mailwright.model.names import absolute, bare
from mailwright.model.records import TEXTS, ObservedValue
from mailwright.model.text import Text

WHERE = "Route 53"
COMMAND = "pip install 'mailwright[route53]'"
NO_LIBRARY = Text("route53 needs boto3: {command}", "route53 需要 boto3：{command}")

#: What makes one of several sets of a name answer, and the word for people.
_POLICIES = {
    "Weight": "weighted",
    "Region": "latency",
    "GeoLocation": "geolocation",
    "GeoProximityLocation": "geoproximity",
    "CidrRoutingConfig": "IP-based",
    "Failover": "failover",
    "MultiValueAnswer": "multivalue",
    "SetIdentifier": "set identifier",
    "HealthCheckId": "health check",
    "TrafficPolicyInstanceId": "traffic policy",
}
_WRONG_CREDENTIAL = (
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "ExpiredTokenException",
    "UnrecognizedClientException",
    "MissingAuthenticationToken",
    "IncompleteSignature",
    "InvalidSignatureException",
)
_NO_RIGHT = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_THROTTLED = ("Throttling", "ThrottlingException", "PriorRequestNotComplete", "RequestLimitExceeded")
_NOT_AS_READ = re.compile(
    r"(?i)not found|do(?:es)? not match|already exists|expected exactly one of"  # the last is moto's
)
_T = TypeVar("_T")


class Account:
    """One credential's client; boto3's own chain where none is given. Made once, used from threads.

    Args:
        base_url: another address than Amazon's; https, or this machine.
        credential: access key id, secret access key and perhaps a session token, by variable.

    Raises:
        HostError: boto3 is missing, or the address would be reached unencrypted.
    """

    def __init__(self, base_url: str, credential: Mapping[str, str]) -> None:
        try:
            import boto3
            from botocore.config import Config
        except ImportError:
            raise HostError(NO_LIBRARY, command=COMMAND) from None
        for name in ("boto3", "botocore", "urllib3"):  # they log headers and bodies
            logging.getLogger(name).setLevel(logging.CRITICAL)
        if base_url:
            require_private(base_url)
        # botocore would repeat a write whose answer was lost; we look instead.
        config = Config(
            retries={"total_max_attempts": 1},
            connect_timeout=TIMEOUT,
            read_timeout=TIMEOUT,
            max_pool_connections=32,
        )
        self.client: Any = boto3.session.Session().client(
            "route53",
            region_name="us-east-1",
            endpoint_url=base_url or None,
            aws_access_key_id=credential.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=credential.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=credential.get("AWS_SESSION_TOKEN"),
            config=config,
        )
        self.zones: dict[str, str] = {}
        #: What no message may hold, though Amazon quoted it.
        self.hidden = tuple(filter(None, map(credential.get, ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"))))

    def __repr__(self) -> str:
        return "Account()"


class Route53Api:
    """One hosted zone; keeps ``ZoneApi``. ``zone_id`` where several have the name."""

    where = WHERE

    def __init__(self, zone: str, account: Account, zone_id: str = "") -> None:
        self.zone = zone
        self._account = account
        self._zone_id = zone_id

    async def listing(self, only: tuple[str, str] | None = None) -> Listing:  # noqa: ARG002
        """Every record set, page by page."""
        return await asyncio.to_thread(self._listing)

    async def send(self, call: Batch) -> None:
        """Every old set out, every new one in: all of it, or nothing."""
        changes = [part for write in call.writes for part in _changes(write)]
        await asyncio.to_thread(self._send, changes)

    # -- inside ------------------------------------------------------------------------------------

    def _listing(self) -> Listing:
        entries: list[Entry] = []
        start: dict[str, str] = {}
        id, list_sets = self._id(), self._account.client.list_resource_record_sets
        while True:
            page = self._read(functools.partial(list_sets, HostedZoneId=id, **start))
            for record_set in page["ResourceRecordSets"]:
                entries += _entries(record_set)
            if not page.get("IsTruncated"):
                return Listing(self.zone, tuple(entries))
            names = {
                "StartRecordName": "NextRecordName",
                "StartRecordType": "NextRecordType",
                "StartRecordIdentifier": "NextRecordIdentifier",
            }
            start = {ours: page[theirs] for ours, theirs in names.items() if page.get(theirs)}

    def _id(self) -> str:
        """The hosted zone's id: looked up once a run. Private zones answer nobody outside."""
        key = self._zone_id or self.zone
        if key not in self._account.zones:
            self._account.zones[key] = self._checked() if self._zone_id else self._found()
        return self._account.zones[key]

    def _checked(self) -> str:
        zone = self._read(lambda: self._account.client.get_hosted_zone(Id=self._zone_id))["HostedZone"]
        name = presentation.owner(zone["Name"])
        if name != self.zone:
            names = {"id": self._zone_id, "found": bare(name), "zone": bare(self.zone)}
            raise HostError(said.OTHER_ZONE, where=WHERE, **names)
        return str(zone["Id"])

    def _found(self) -> str:
        client = self._account.client
        page = self._read(lambda: client.list_hosted_zones_by_name(DNSName=self.zone, MaxItems="100"))
        public = [
            hosted_zone["Id"].rpartition("/")[2]
            for hosted_zone in page["HostedZones"]
            if presentation.owner(hosted_zone["Name"]) == self.zone
            and not hosted_zone["Config"].get("PrivateZone")
        ]
        if not public:
            raise HostError(said.NO_ZONE, where=WHERE, zone=bare(self.zone))
        if len(public) > 1:
            raise HostError(said.SEVERAL_ZONES, where=WHERE, zone=bare(self.zone), ids=", ".join(public))
        return str(public[0])

    def _send(self, changes: Sequence[Mapping[str, Any]]) -> None:
        id = self._id()
        client = self._account.client
        self._patiently(
            lambda: client.change_resource_record_sets(HostedZoneId=id, ChangeBatch={"Changes": changes}),
            writes=True,
        )

    def _read(self, ask: Callable[[], _T]) -> _T:
        return self._patiently(ask, writes=False)

    def _patiently(self, ask: Callable[[], _T], *, writes: bool) -> _T:
        """Asked again where the host says that it did not look at the call: it has too many."""
        left, pause = PATIENCE, 0.4
        while True:
            try:
                return self._once(ask, writes=writes)
            except Throttled:
                left -= pause
                if left < 0:
                    raise
                time.sleep(pause)
                pause *= 2

    def _once(self, ask: Callable[[], _T], *, writes: bool) -> _T:
        from botocore import exceptions

        try:
            return ask()
        except exceptions.ClientError as error:
            raise self._refusal(error.response, writes=writes) from None
        except exceptions.NoCredentialsError:
            raise HostError(said.NOT_SET, variable="AWS_ACCESS_KEY_ID") from None
        except (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError) as error:
            raise Unreachable(said.NOT_REACHED, where=WHERE, reason=type(error).__name__) from None
        except exceptions.BotoCoreError as error:
            kind = Unclear if writes and isinstance(error, exceptions.HTTPClientError) else Unreachable
            raise kind(said.NO_ANSWER, where=WHERE, reason=type(error).__name__) from None

    def _refusal(self, response: Mapping[str, Any], *, writes: bool) -> HostError:
        """Amazon's words are shown where they name a right or a record, not where they quote a signature."""
        code = str(response.get("Error", {}).get("Code", ""))
        status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        message = " ".join(str(response.get("Error", {}).get("Message", "")).split())
        words = without(message, *self._account.hidden)[:300]
        if code in _WRONG_CREDENTIAL:
            return Denied(said.WRONG_CREDENTIAL, where=WHERE, words=code)
        if code in _NO_RIGHT:
            return Denied(said.NO_RIGHT, where=WHERE, words=words)
        if code == "NoSuchHostedZone":
            return HostError(said.NO_ZONE, where=WHERE, zone=bare(self.zone))
        if code in _THROTTLED:
            return Throttled(said.THROTTLED, where=WHERE, status=status)
        if writes and code in ("InvalidChangeBatch", "InvalidInput") and _NOT_AS_READ.search(words):
            return Moved(said.CHANGED_MEANWHILE, sets=words)
        if status >= 500:
            kind = Unclear if writes else Unreachable
            return kind(said.FAILED, where=WHERE, status=status, words=code)
        return HostError(said.REFUSED, where=WHERE, status=status, words=f"{code} {words}")


def _entries(record_set: Mapping[str, Any]) -> list[Entry]:
    name, type = presentation.owner(record_set["Name"]), str(record_set["Type"])
    policy = next((word for key, word in _POLICIES.items() if key in record_set), "")
    alias = record_set.get("AliasTarget")
    if alias:
        target = absolute(str(alias["DNSName"]))
        odd = said.POINTER.using(value=target)
        return [Entry(name, type, 60, ObservedValue(target), raw=record_set, served=False, odd=odd)]
    entries = []
    for record in record_set.get("ResourceRecords", ()):
        text = str(record["Value"])
        value = read_txt(text) if type in TEXTS else presentation.read(name, type, text)
        routed = said.POLICY.using(value=text[:60], word=policy) if policy else None
        entries.append(Entry(name, type, int(record_set["TTL"]), value, raw=record, odd=routed))
    if not entries:
        unknown = said.UNKNOWN_FORM.using(value=f"{bare(name)} {type}")
        entries.append(Entry(name, type, 60, ObservedValue(""), raw=record_set, served=False, odd=unknown))
    return entries


def _changes(write: SetWrite) -> list[dict[str, Any]]:
    batch = []
    if write.before:
        batch.append({"Action": "DELETE", "ResourceRecordSet": _set(write.before, write.before[0].ttl)})
    if write.after:
        batch.append({"Action": "CREATE", "ResourceRecordSet": _set(write.after, write.change.ttl)})
    return batch


def _set(entries: Sequence[Entry], ttl: int) -> dict[str, Any]:
    first = entries[0]
    records = [{"Value": entry.raw.get("Value") or _written(entry)} for entry in entries]
    return {"Name": first.name, "Type": first.type, "TTL": ttl, "ResourceRecords": records}


def _written(entry: Entry) -> str:
    if entry.type not in TEXTS:
        return presentation.written(entry.name, entry.type, entry.value)
    strings = entry.value.strings if entry.value.strings is not None else txt.split(entry.value.value)
    return " ".join('"' + "".join(map(_escaped, string)) + '"' for string in strings)


def _escaped(octet: int) -> str:
    if octet == 0x22:
        return '\\"'
    return chr(octet) if 0x20 <= octet < 0x7F and octet != 0x5C else f"\\{octet:03o}"


_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\([0-7]{3}|.)", re.DOTALL)


def read_txt(text: str) -> ObservedValue:
    """TXT data as Route 53 writes it: quoted strings, other octets as ``\\`` and three octal digits."""
    quoted = _STRING.findall(text)
    if not quoted or _STRING.sub("", text).strip():
        quoted = [text]
    strings = tuple(_octets(part) for part in quoted)
    return ObservedValue(txt.join(strings), strings)


def _octets(text: str) -> bytes:
    octets, at = bytearray(), 0
    for match in _ESCAPE.finditer(text):
        octets += txt.to_octets(text[at : match.start()])
        escape = match.group(1)
        octal = len(escape) == 3 and int(escape, 8) < 256
        octets += bytes([int(escape, 8)]) if octal else txt.to_octets(escape)
        at = match.end()
    return bytes(octets + txt.to_octets(text[at:]))
