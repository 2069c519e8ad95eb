"""What mail hosts can do with mailboxes, as the table of docs/mail-hosts.md."""

from __future__ import annotations

from pathlib import Path

from mailwright.catalog import service
from mailwright.catalog.capability import Capability, capabilities, features
from mailwright.model.text import Lang, Text
from mailwright.report.docs import behaviours
from mailwright.report.formats.markdown import table

_PAGES: dict[str, Lang] = {"mail-hosts.md": "en", "mail-hosts.zh-CN.md": "zh"}
_TITLE = Text("# What mail hosts can do", "# 各邮件服务的能力")
_OTHER = Text(
    "*中文：[mail-hosts.zh-CN.md](mail-hosts.zh-CN.md)*", "*English: [mail-hosts.md](mail-hosts.md)*"
)
_HEAD = Text(
    "Made from the capabilities in `mailwright/catalog/services/`. Mail hosts that are not in the table: "
    "nothing is confirmed, look in the console first. All services: [services.md](services.md).",
    "由 `mailwright/catalog/services/` 中的 capabilities 生成。表中没有的邮件服务：均未确认，请先查看其后台。"
    "全部服务见 [services.zh-CN.md](services.zh-CN.md)。",
)
_LEGEND = Text(
    "**✓** Mailwright sets it up · **API** the host has one: at Google Workspace Mailwright writes there "
    "where `mail_host` says `api:` with `experimental: true` "
    "([google-workspace.md](google-workspace.md)), else it is a step of the checklist · "
    "**console** a step of the checklist · "
    "**–** impossible there, an error of `check` · **?** not confirmed · **(name)** with that input of "
    "`mail_host`",
    "**✓** 由 Mailwright 设置 · **API** 该服务有接口：Google Workspace 在 `mail_host` 中写了 "
    "`api:` 和 `experimental: true` 时由 Mailwright 写入"
    "（[google-workspace.zh-CN.md](google-workspace.zh-CN.md)），其余按清单操作 · "
    "**后台** 按清单在后台操作 · **–** 该服务做不到，`check` 会报错 · **?** 未确认 · "
    "**（名称）** 需在 `mail_host` 中填写该项",
)
_SIGNS = {
    "apply": Text("✓", "✓"),
    "api": Text("API", "API"),
    "checklist": Text("console", "后台"),
    "no": Text("–", "–"),
    "unknown": Text("?", "?"),
}


def _sign(host: Capability, feature: str, lang: Lang) -> str:
    lowered = host.lowered.get(feature)
    if lowered:
        return Text("({name})", "（{name}）", {"name": lowered})(lang)
    return _SIGNS[host.answer(feature)](lang)


def markdown(lang: Lang) -> str:
    """The whole page."""
    words = features()
    rows = [["", *(word(lang) for word in words.values())]]
    for host in capabilities():
        known = service(host.host)
        name = known.names(lang) if known else host.host
        rows.append([name, *(_sign(host, feature, lang) for feature in words)])
    parts = (_TITLE(lang), _OTHER(lang), _HEAD(lang), table(rows), _LEGEND(lang), behaviours.section(lang))
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Writes the page in both languages."""
    docs = Path(__file__).parents[3] / "docs"
    for name, lang in _PAGES.items():
        (docs / name).write_text(markdown(lang), encoding="utf-8")


if __name__ == "__main__":
    main()
