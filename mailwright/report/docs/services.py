"""The services of the catalog: lines for a terminal, and the page of all of them in the docs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

from mailwright.catalog import RECEIVING, SENDING, Service, Site, load_services
from mailwright.model.text import LANGS, Lang, Text

KINDS = {
    "mail_host": Text("mail host", "邮件服务"),
    "forwarding_host": Text("forwarding only", "仅转发"),
    "sender": Text("sender", "发信服务"),
    "signature_relay": Text("signature relay", "签名中继"),
    "crm": Text("CRM", "CRM"),
}
_CONFIDENCE = {
    "D": Text("documented", "官方文档"),
    "R": Text("several sources", "多个来源"),
    "W": Text("one source", "单一来源"),
}
_LIMITS = {
    "aliases_per_mailbox": Text("at most {most} aliases per mailbox", "每个邮箱最多 {most} 个别名"),
    "targets_per_address": Text("at most {most} targets per address", "每个地址最多 {most} 个收件目标"),
    "rules": Text("at most {most} rules", "最多 {most} 条规则"),
    "destination_addresses": Text("at most {most} destination addresses", "最多 {most} 个目标地址"),
    "message_mib": Text("messages of at most {most} MiB", "邮件大小最多 {most} MiB"),
}
_INPUT = Text("asks for {name}: {label}. {where}", "需要 {name}：{label}。{where}")
_OPTIONAL = Text("may be given, {name}: {label}. {where}", "可选 {name}：{label}。{where}")
_SEEN = Text("{how}, {day}: {sources}", "{how}，{day}：{sources}")
_COST = Text(
    "{name} costs {lookups} look-ups, {voids} of them void",
    "{name} 需 {lookups} 次查询，其中空查询 {voids} 次",
)
_UNMEASURED = Text(
    "{name}: not measured; `mailwright check --online` counts it",
    "{name}：尚未测量，可用 `mailwright check --online` 统计",
)
_ENDS = Text("ends on {date}. {advice}", "{date} 停止服务。{advice}")
_UNKNOWN = Text("?", "?")


def search(words: str) -> tuple[Service, ...]:
    """The services whose id, name, domain of marks or region holds all the words, in either language."""
    parts = [part.casefold() for part in words.split()]
    return tuple(
        service for service in load_services().values() if all(word in _text_of(service) for word in parts)
    )


def _text_of(service: Service) -> str:
    marks = " ".join(mark for kind in service.recognise.values() for mark in kind)
    labels = " ".join(site.label(lang) for site in service.sites for lang in LANGS)
    kind = " ".join(KINDS[service.kind](lang) for lang in LANGS)
    names = " ".join(service.names(lang) for lang in LANGS)
    return f"{service.id} {names} {service.region} {kind} {labels} {marks}".casefold()


def row(service: Service, lang: Lang) -> list[str]:
    """Id, kind, region, name."""
    return [service.id, KINDS[service.kind](lang), service.region or "–", service.names(lang)]


def described(service: Service, lang: Lang) -> str:
    """What is asked for, what is written, and on what evidence."""
    lines = [f"{service.id}: {service.names(lang)} ({KINDS[service.kind](lang)})"]
    lines += [f"  {service.note(lang)}"] if service.note else []
    if service.end_of_life:
        end = service.end_of_life
        lines.append("  " + _ENDS.using(date=end.date.isoformat(), advice=end.advice)(lang))
    lines += [f"  _dmarc: {service.dmarc.text(lang)}"] if service.dmarc else []
    for number, site in enumerate(service.sites):
        lines += _of_site(service, site, f"sites[{number}]", lang)
    for input_field in service.all_inputs:
        text = _INPUT if input_field.required else _OPTIONAL
        lines.append(
            "  " + text.using(name=input_field.name, label=input_field.label, where=input_field.where)(lang)
        )
    lines += [
        f"  DKIM {dkim_form.type} {dkim_form.host or ''}".rstrip() + f": {dkim_form.where(lang)}"
        for dkim_form in service.dkim
    ]
    lines += [f"  {line}" for line in _client(service.client, lang)]
    lines += ["  " + _LIMITS[name].using(most=most)(lang) for name, most in service.limits.items()]
    lines += ["  SPF " + line for line in _costs(service, lang)]
    lines += [f"  [{key}] {source}" for key, source in service.sources.items()]
    return "\n".join(dict.fromkeys(lines))


def _of_site(service: Service, site: Site, path: str, lang: Lang) -> Iterator[str]:
    yield f"  site {site.id}: {site.label(lang)} {site.how_to_tell(lang)}"
    seen = _evidence(service, f"{path}.mx", lang)
    yield from (f"    MX {mx_host.priority} {mx_host.host}{seen}" for mx_host in site.mx)
    for number, term in enumerate(site.spf):
        yield f"    SPF {term}{_evidence(service, f'{path}.spf[{number}]', lang)}"
    fixed = len(site.records) - sum(key.startswith(f"{path}.records[") for key in service.evidence)
    for number, record in enumerate(site.records):
        seen = _evidence(service, f"{path}.records[{number - fixed}]", lang) if number >= fixed else ""
        yield f"    {record.type} {record.host} → {record.value}{seen}"


def _evidence(service: Service, path: str, lang: Lang) -> str:
    known = service.evidence.get(path)
    if known is None:
        return ""
    how = _SEEN.using(how=_CONFIDENCE[known.confidence], day=known.checked, sources=", ".join(known.sources))
    return f"  ({how(lang)})"


def _costs(service: Service, lang: Lang) -> Iterator[str]:
    for name, spf_cost in service.spf_costs.items():
        if spf_cost.lookups is None:
            yield _UNMEASURED.using(name=name)(lang)
        else:
            voids = _UNKNOWN if spf_cost.voids is None else spf_cost.voids
            text = _COST.using(name=name, lookups=spf_cost.lookups, voids=voids)(lang)
            day: dt.date | str = spf_cost.evidence.checked if spf_cost.evidence else ""
            yield f"{text} ({day})"


def _client(client: Mapping[str, object], lang: Lang) -> Iterator[str]:
    """How a mail program reaches the mailboxes, and what its password is called."""
    for protocol, settings in client.items():
        if protocol in ("password", "note") and isinstance(settings, Mapping):
            yield str(settings[lang])
        elif protocol in ("password_at", "switch_on") and isinstance(settings, Mapping):
            yield str(settings["path"][lang])
        elif protocol == "overseas" and isinstance(settings, Mapping):
            yield from (f"{_ABROAD(lang)} {line}" for line in _client(settings, lang))
        elif isinstance(settings, Mapping):
            auth = f", {settings['auth']}" if "auth" in settings else ""
            yield f"{protocol.upper()} {settings['host']}:{settings['port']} ({settings['tls']}{auth})"


_ABROAD = Text("abroad:", "海外：")

# ── the page ──

_PAGES: dict[str, Lang] = {"services.md": "en", "services.zh-CN.md": "zh"}
_TITLE = Text("# Services", "# 服务目录")
_OTHER = Text("*中文：[services.zh-CN.md](services.zh-CN.md)*", "*English: [services.md](services.md)*")
_HEAD = Text(
    "Made from `mailwright/catalog/services/` (`python -m mailwright.report.docs.services`). "
    "`mailwright catalog show ID` says what is asked for, what is written, and on what evidence; "
    "`mailwright catalog search 网易` finds one.",
    "由 `mailwright/catalog/services/` 生成（`python -m mailwright.report.docs.services`）。"
    "`mailwright catalog show ID` 列出需要填写什么、写入什么以及依据；"
    "`mailwright catalog search 网易` 可查找。",
)
_PARTS = {
    RECEIVING: Text("## Where mail arrives", "## 收信服务"),
    SENDING: Text("## What sends", "## 发信服务"),
}
_COLUMNS = Text(
    "| id | name | | sites | you give | SPF look-ups |", "| 标识 | 名称 | | 站点 | 需填写 | SPF 查询次数 |"
)


def markdown(lang: Lang) -> str:
    """The whole page."""
    parts = [_TITLE(lang), _OTHER(lang), _HEAD(lang)]
    for kinds, title in _PARTS.items():
        rows = [_row(service, lang) for service in load_services().values() if service.kind in kinds]
        parts += [title(lang), "\n".join([_COLUMNS(lang), "| --- | --- | --- | --- | --- | --- |", *rows])]
    return "\n\n".join(parts) + "\n"


def _row(service: Service, lang: Lang) -> str:
    kind = f"{KINDS[service.kind](lang)} {service.region}".strip()
    sites = ", ".join(site.id for site in service.sites if len(service.sites) > 1)
    asked = dict.fromkeys(input_field.name for input_field in service.all_inputs if input_field.required)
    cells = (f"`{service.id}`", service.names(lang), kind, sites, ", ".join(asked), _numbers(service))
    return "| " + " | ".join(cells) + " |"


def _numbers(service: Service) -> str:
    """What the includes that it writes cost; a question mark for one that nobody has measured."""
    written = dict.fromkeys(
        term.removeprefix("include:")
        for site in service.sites
        for term in site.spf
        if term.startswith("include:") and "{" not in term
    )
    costs = (service.spf_costs[name].lookups for name in written if name in service.spf_costs)
    return ", ".join(dict.fromkeys("?" if cost is None else str(cost) for cost in costs))


def write(docs: Path) -> None:
    """Write both pages below ``docs``."""
    for name, lang in _PAGES.items():
        (docs / name).write_text(markdown(lang), encoding="utf-8")


if __name__ == "__main__":
    write(Path("docs"))
