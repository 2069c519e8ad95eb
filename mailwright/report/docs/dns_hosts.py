"""``docs/dns-hosts.md``: what each DNS host can do, as its own module declares it.

``python -m mailwright.report.docs.dns_hosts`` writes the pages of both languages, and the part of the spec's
schema that is made from the same declarations.
"""

from __future__ import annotations

from pathlib import Path

from mailwright.hosts.dns.service import MOST_TTL, DnsService, Shape, Way
from mailwright.hosts.dns.services import SERVICES
from mailwright.model.text import LANGS, Lang, Text
from mailwright.report.formats.markdown import table
from mailwright.spec.dns_hosts import SCHEMA, written

NAMES: dict[Lang, str] = {"en": "dns-hosts.md", "zh": "dns-hosts.zh-CN.md"}
_TITLE = Text("DNS hosts", "DNS 服务商")
_OTHER = Text("[中文](dns-hosts.zh-CN.md)", "[English](dns-hosts.md)")
_HEAD = Text(
    "What `dns_hosts: [{{service: …}}]` can name. This page is made from the code.",
    "`dns_hosts: [{{service: …}}]` 可用的取值。本页由代码生成。",
)
_MARK = Text(
    "*Experimental* is a host that was written from its vendor's documents and that nobody has tried there: "
    "it is offered, not supported, and the first `preview` and `up` say so.",
    "*实验性*指按官方文档编写、尚无人在官方服务上验证的服务商：可以使用，但不算正式支持，"
    "首次 `preview` 和 `up` 会有提示。",
)
_COLUMNS = (
    Text("service", "service"),
    Text("for", "适用于"),
    Text("way", "写入方式"),
    Text("options", "选项"),
    Text("secrets (environment)", "密钥（环境变量）"),
    Text("records", "记录类型"),
    Text("least TTL", "最小 TTL"),
    Text("a change is written", "变更的写入方式"),
    Text("at once", "一次完成"),
    Text("a second writer is noticed", "能否发现他人同时写入"),
    Text("least rights", "最小权限"),
    Text("tried against", "已在何处验证"),
)
_WAYS = {
    Way.SHEET: Text(
        "Mailwright reads, a person enters what the sheet says", "Mailwright 读取现有记录，由人按变更单录入"
    ),
    Way.PROVIDER: Text("Mailwright, with either engine", "Mailwright（两种引擎均可）"),
    Way.PLUGIN: Text(
        "Pulumi's own provider; needs the pulumi command", "Pulumi 自带的提供程序；需要 pulumi 命令"
    ),
}
_ATOMIC = {True: Text("yes", "是"), False: Text("no", "否"), None: Text("–", "–")}
_SHAPES = {
    Shape.BY_HAND: Text("by hand", "手工"),
    Shape.CONDITIONAL: Text("where every set is as it was read", "仅当各记录集与读取时一致"),
    Shape.CONDITIONAL_SETS: Text(
        "set by set, each where it is as it was read", "按记录集逐个写入，仅当该记录集与读取时一致"
    ),
    Shape.SETS: Text("set by set, all in one call", "按记录集，一次调用全部写入"),
    Shape.SET_WISE: Text("set by set, one a call", "按记录集，每次调用一个"),
    Shape.VALUE_WISE: Text("record by record", "逐条记录"),
    Shape.WHOLE_ZONE: Text("the whole zone", "整个区域"),
}
_GUARDED = {True: Text("yes", "能"), False: Text("until the write", "写入前能")}
_EXPERIMENTAL = Text("**experimental**: {tried}", "**实验性**：{tried}")
_SECONDS = Text("{seconds} s", "{seconds} 秒")
_UP_TO = Text("{seconds} s, at most {most} s", "{seconds} 秒，最大 {most} 秒")
_NONE = Text("–", "–")
_MORE = Text(
    "How to set each one up: [by hand](dns-hosts/by-hand.md), "
    "[BIND, Knot, PowerDNS](dns-hosts/bind-knot-powerdns.md), "
    "[Cloudflare](dns-hosts/cloudflare.md), [hosts with an API](dns-hosts/apis.md).",
    "各自的设置方法：[手工录入](dns-hosts/by-hand.zh-CN.md)、"
    "[BIND、Knot、PowerDNS](dns-hosts/bind-knot-powerdns.zh-CN.md)、"
    "[Cloudflare](dns-hosts/cloudflare.zh-CN.md)、[有 API 的服务商](dns-hosts/apis.zh-CN.md)。",
)


def page(lang: Lang) -> str:
    """The page in one language."""
    rows = [
        [text(lang) for text in _COLUMNS],
        *(_row(dns_service, lang) for dns_service in SERVICES.values()),
    ]
    return (
        "\n\n".join((f"# {_TITLE(lang)}", _OTHER(lang), _HEAD(lang), table(rows), _MARK(lang), _MORE(lang)))
        + "\n"
    )


def _row(service: DnsService, lang: Lang) -> list[str]:
    least, most = service.stores.least_ttl, service.stores.most_ttl
    ttl = _SECONDS.using(seconds=least) if least else _NONE
    ttl = _UP_TO.using(seconds=least, most=most) if most < MOST_TTL else ttl
    return [
        f"`{service.name}`",
        service.about(lang),
        _WAYS[service.way](lang),
        _codes(["zone", *(option.name for option in service.options)], lang),
        _codes([secret.variable for secret in service.secrets], lang),
        ", ".join(service.stores.types),
        ttl(lang),
        _SHAPES[service.stores.shape](lang),
        _ATOMIC[service.stores.atomic](lang),
        (_NONE if service.way is Way.SHEET else _GUARDED[service.stores.shape.guarded])(lang),
        (service.rights or _NONE)(lang),
        (_EXPERIMENTAL.using(tried=service.tried) if service.experimental else service.tried)(lang),
    ]


def _codes(names: list[str], lang: Lang) -> str:
    return ", ".join(f"`{name}`" for name in names) or _NONE(lang)


def main() -> None:
    """Write the pages and the schema."""
    root = Path(__file__).parents[3]
    for lang in LANGS:
        (root / "docs" / NAMES[lang]).write_text(page(lang), encoding="utf-8")
    for path in (SCHEMA, root / "schemas" / SCHEMA.name):
        path.write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    main()
