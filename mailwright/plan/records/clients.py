"""Client set-up of a plan: SRV records (RFC 6186, RFC 8314), autoconfig, autodiscover. On request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailwright.catalog import service_name
from mailwright.model.families import Family
from mailwright.model.finding import Finding
from mailwright.model.names import absolute, bare
from mailwright.model.position import Position
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.records.settings import settings
from mailwright.spec.model import MailSpec
from mailwright.standards import autoconfig, client_setup

TWICE = rule(
    "client-setup-twice",
    Severity.ERROR,
    en="{service} has its own record at {name}; mail programs would take either.",
    zh="{service} 在 {name} 已有自己的记录；邮件客户端会任取其一。",
    hint_en="Remove {key} from clients.",
    hint_zh="请从 clients 中去掉 {key}。",
    reference="RFC 6186 §4",
)
CLEAR_TEXT = rule(
    "client-setup-clear-text",
    Severity.WARNING,
    en="clients offers {key}, which starts without encryption, and not {better}.",
    zh="clients 只提供以明文开始的 {key}，没有 {better}。",
    hint_en="Write {better}: {host} as well; mail programs then take that first.",
    hint_zh="请同时写 {better}: {host}，邮件客户端会优先使用。",
    reference="RFC 8314 §4",
)
TO_SERVE = rule(
    "autoconfig-to-serve",
    Severity.INFO,
    en="Mail programs ask for the settings of {domain} at {url}: the file has to be served there.",
    zh="邮件客户端会到 {url} 获取 {domain} 的设置：须在那里提供该文件。",
    hint_en="`mailwright autoconfig SPEC --out FOLDER` writes it for any static host.",
    hint_zh="用 `mailwright autoconfig SPEC --out 文件夹` 生成该文件，可放在任意静态站点。",
    reference="draft-ietf-mailmaint-autoconfig §4.1",
)
NO_SERVERS = rule(
    "autoconfig-without-servers",
    Severity.WARNING,
    en="autoconfig is asked for, and no servers for mail programs are known for {service}.",
    zh="要求了 autoconfig，但不知道 {service} 供邮件客户端使用的服务器。",
    hint_en="Write the servers as well: clients: {{imaps: …, submissions: …, autoconfig: …}}.",
    hint_zh="请同时写出服务器：clients: {{imaps: …, submissions: …, autoconfig: …}}。",
    reference="draft-ietf-mailmaint-autoconfig §4.1",
)

_SRV_WHY = Text("lets mail programs find {what}", "邮件客户端由此找到 {what}")
_DENIED_WHY = Text(
    "says that {what} is not offered, so that no password crosses in clear text",
    "声明不提供 {what}，以免密码明文传输",
)


def clients(
    spec: MailSpec, planned: Iterable[PlannedRecord], ttl: int
) -> tuple[list[PlannedRecord], list[Finding]]:
    """The records that ``clients:`` asks for; ``planned`` are those of the mail host itself."""
    if spec.extra.clients is None:
        return [], []
    theirs = {client_record.name: client_record for client_record in planned}
    records, findings = [], [*_clear(spec), *_autoconfig(spec)]
    for key, record in _records(spec, ttl):
        # Neither beside the host's own record nor beside an alias at Outlook's host name.
        rivals = [record.name]
        if key == "autodiscover":
            rivals.append(absolute("autodiscover", spec.domain))
        taken = next((name for name in rivals if name in theirs), None)
        if taken:
            path = f"clients.{key}"
            params: dict[str, object] = {
                "service": spec.mail_host.service,
                "name": bare(taken),
                "key": key,
            }
            findings.append(Finding(TWICE.id, path, spec.at(path), params))
        else:
            records.append(record)
    return records, findings


def _records(spec: MailSpec, ttl: int) -> Iterator[tuple[str, PlannedRecord]]:
    written = spec.extra.clients
    assert written is not None
    for name, srv in client_setup.records(spec.domain, written.hosts).items():
        key = name.partition(".")[0].removeprefix("_")
        why = (_SRV_WHY if srv.offered else _DENIED_WHY).using(what=key)
        at = _at(spec, key if srv.offered else key + "s")
        yield key, PlannedRecord(name, "SRV", ttl, (str(srv),), Family.SERVICE, why, at)
    if written.autoconfig:
        name = client_setup.autoconfig_name(spec.domain)
        why = _SRV_WHY.using(what="autoconfig")
        target, at = (absolute(written.autoconfig),), _at(spec, "autoconfig")
        if target[0] != name:  # served by the host of that very name: its address is set elsewhere
            yield "autoconfig", PlannedRecord(name, "CNAME", ttl, target, Family.ALIAS, why, at)
    if written.autodiscover:
        name, srv = client_setup.autodiscover(spec.domain, written.autodiscover)
        why, at = _SRV_WHY.using(what="autodiscover"), _at(spec, "autodiscover")
        yield "autodiscover", PlannedRecord(name, "SRV", ttl, (str(srv),), Family.SERVICE, why, at)


def _clear(spec: MailSpec) -> Iterator[Finding]:
    hosts = spec.extra.clients.hosts if spec.extra.clients else {}
    for key in client_setup.CLEAR_TEXT:
        if key in hosts and f"{key}s" not in hosts:
            path = f"clients.{key}"
            params: dict[str, object] = {"key": key, "better": f"{key}s", "host": hosts[key]}
            yield Finding(CLEAR_TEXT.id, path, spec.at(path), params)


def _autoconfig(spec: MailSpec) -> Iterator[Finding]:
    """A record for the settings file is half of it: somebody has to serve the file."""
    if spec.extra.clients is None or not spec.extra.clients.autoconfig:
        return
    path = "clients.autoconfig"
    if settings(spec) is None:
        yield Finding(NO_SERVERS.id, path, spec.at(path), {"service": service_name(spec.mail_host.service)})
    else:
        url = autoconfig.urls(spec.domain)[0]
        yield Finding(TO_SERVE.id, path, spec.at(path), {"domain": spec.domain_unicode, "url": url})


def _at(spec: MailSpec, key: str) -> Position:
    return spec.at(f"clients.{key}")
