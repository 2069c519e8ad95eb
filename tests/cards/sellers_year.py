# ruff: noqa: E501
"""A seller's year as one document: what the commands say on its days, in both languages.

``python -m tests.cards.sellers_year`` writes docs/sellers-year.md and docs/sellers-year.zh-CN.md.
"""

from __future__ import annotations

import contextlib
import html
import io
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mailwright.cli import main
from mailwright.model.text import LANGS, Lang, Text
from tests.conftest import ROOT
from tests.why.shapes import postfix

HEAD = """version: 1
domain: acme-trade.com
company: Acme Trade Co., Ltd.
timezone: Asia/Shanghai
mail_host: {service: tencent-exmail}
dns_hosts: [{service: manual, console: aliyun}]
contact: boss@acme-trade.com
"""
OTHERS = "people:\n  boss: {name: 王总}\n  li: {name: 小李}\n"
BOTH, LI = "addresses:\n  sales: {to: [chen, li]}\n", "addresses:\n  sales: {to: li}\n"
SIGNATURE = 'name: 陈晨, title: Sales Manager, phone: "+86 574 8765 4321", send_as: [sales]'
PROGRAMS = ", programs: [foxmail, apple-mail, okki]"
REPLY = "550 5.7.26 The MAIL FROM domain [acme-trade.com] has an SPF record with a hard fail policy (-all) but it fails to pass SPF checks with the ip: [203.0.113.9]. - gsmtp"


@dataclass(frozen=True, slots=True)
class Step:
    """One day: ``chen`` is what the spec says of her, ``addresses`` who gets what; then the commands."""

    day: str
    title: Text
    prose: Text
    chen: str
    addresses: str
    commands: tuple[str, ...]


STEPS = (
    Step(
        "2026-03-02",
        Text("Chen starts", "陈晨入职"),
        Text(
            "One line in the spec, and her card says what she types, which password, and where it is made.",
            "规格中加一行，她的设置卡就写明要填什么、用哪个密码、在哪里生成。",
        ),
        SIGNATURE + ", programs: [foxmail]",
        BOTH,
        ("card acme.yaml chen -o cards", "trace acme.yaml --to sales"),
    ),
    Step(
        "2026-03-09",
        Text("She binds her phone and the CRM", "绑定手机与 CRM"),
        Text(
            "Two more programs: a QR code leads the phone to its profile, and the CRM's fields are on the card.",
            "多两个客户端：手机扫码打开描述文件，CRM 要填的也在卡上。",
        ),
        SIGNATURE + PROGRAMS,
        BOTH,
        ("card acme.yaml chen -o cards --url https://mail.acme-trade.com/cards",),
    ),
    Step(
        "2026-10-02",
        Text("A holiday", "休假"),
        Text(
            "Written before she goes; on the day the agenda says so, and her mail reaches whoever covers for her.",
            "出发前写好；当天日程会提示，她的来信由代班人收到。",
        ),
        SIGNATURE + PROGRAMS + ", away: {from: 2026-10-01, until: 2026-10-08, cover: li}",
        BOTH,
        ("agenda acme.yaml --days 30", "trace acme.yaml --to chen"),
    ),
    Step(
        "2026-11-05",
        Text("A mail to a customer comes back", "发给客户的邮件被退回"),
        Text(
            "She hands the bounce on as it is. The cause is found, and the line of the spec that cures it.",
            "把退信原样交给管理员，即可得知原因以及应改规格的哪一行。",
        ),
        SIGNATURE + PROGRAMS,
        BOTH,
        ("why bounce.eml --spec acme.yaml",),
    ),
    Step(
        "2026-12-31",
        Text("She leaves", "离职"),
        Text(
            "Her customers go on to be heard: her address is handed over, and the agenda says when that ends.",
            "客户的来信不会丢：她的地址已交接，日程会提示交接何时结束。",
        ),
        f"{SIGNATURE}, left: 2026-12-31, handover: {{to: li, until: 2027-06-30}}",
        LI,
        ("agenda acme.yaml --days 200", "trace acme.yaml --to chen", "card acme.yaml chen -o cards"),
    ),
)
_TITLE = Text("A seller's year", "一位业务员的一年")
_ABOUT = Text(
    "*{other}*\n\nMade by `python -m tests.cards.sellers_year`: what the commands say on the days of Chen's year. The "
    "suite compares it.",
    "*{other}*\n\n由 `python -m tests.cards.sellers_year` 生成：陈晨这一年里各条命令的输出，测试会逐字比对。",
)
_OTHER: dict[Lang, str] = {
    "en": "中文：[sellers-year.zh-CN.md](sellers-year.zh-CN.md)",
    "zh": "English: [sellers-year.md](sellers-year.md)",
}
FILES: dict[Lang, Path] = {
    "en": ROOT / "docs" / "sellers-year.md",
    "zh": ROOT / "docs" / "sellers-year.zh-CN.md",
}


def document(lang: Lang) -> str:
    """The whole of it; the commands run in an empty folder."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("bounce.eml").write_text(postfix(REPLY, "gmail-smtp-in.l.google.com"), encoding="utf-8")
        return "\n".join(_lines(lang)) + "\n"


def _lines(lang: Lang) -> Iterator[str]:
    yield f"# {_TITLE(lang)}\n\n{_ABOUT.using(other=_OTHER[lang])(lang)}"
    for step in STEPS:
        people = f"{OTHERS}  chen: {{{step.chen}}}\n"
        Path("acme.yaml").write_text(HEAD + people + step.addresses, encoding="utf-8")
        yield f"\n## {step.day}: {step.title(lang)}\n\n{step.prose(lang)}\n"
        yield f"```yaml\nchen: {{{step.chen}}}\n```"
        for command in step.commands:
            yield f"\n```text\n$ mailwright {command}\n{_output(command, step.day, lang)}\n```"


def _output(command: str, day: str, lang: Lang) -> str:
    """What it says, and the card that it wrote as text."""
    options = [] if command.startswith("why") else ["--as-of", day]
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        main([*command.split(), "--lang", lang, *options])
    page = Path("cards/acme-trade.com/chen.html")
    text = out.getvalue().rstrip()
    if command.startswith("card") and page.exists():
        text += "\n\n" + _text(page.read_text(encoding="utf-8"))
        page.unlink()
    return text


def _text(page: str) -> str:
    """A page as lines of text."""
    body = re.sub(r"<(style|svg|thead|caption)\b.*?</\1>", "", page[page.index("<body>") :], flags=re.S)
    body = re.sub(r"</t[dh]>", "  ", body)
    body = re.sub(r"<h2>", "\n", re.sub(r"<br>\n?|</(?:p|li|dt|dd|h\d|tr)>", "\n", body))
    lines = [" ".join(line.split()) for line in html.unescape(re.sub(r"<[^>]+>", "", body)).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


if __name__ == "__main__":
    for language in LANGS:
        FILES[language].write_text(document(language), encoding="utf-8", newline="\n")
