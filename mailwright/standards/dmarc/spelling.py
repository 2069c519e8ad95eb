"""Spellings of a DMARC record that some receivers refuse, or that say nothing (RFC 9989 §4.7)."""

from __future__ import annotations

from collections.abc import Iterator

from mailwright.model.finding import Finding, found
from mailwright.model.readings import BLANKS
from mailwright.model.rules import Severity, rule
from mailwright.standards import tags as taglist
from mailwright.standards.dmarc import rules
from mailwright.standards.dmarc.record import DmarcRecord, failure_options

LINE_END = rule(
    "dmarc-line-end",
    Severity.WARNING,
    en="The DMARC record at {name} contains a line end: the standard allows none, and mox 0.0.17 refuses it.",
    zh="{name} 处的 DMARC 记录中有换行：标准不允许，mox 0.0.17 会拒绝整条记录。",
    hint_en="Write the record on one line, with spaces only.",
    hint_zh="请把记录写成一行，只用空格分隔。",
    reference="RFC 9989 §4.7",
)
CAPITAL = rule(
    "dmarc-tag-capital",
    Severity.WARNING,
    en="{tag}= at {name} is in capitals: the standard takes it, go-msgauth 0.7.0 does not.",
    zh="{name} 处的 {tag}= 用了大写：标准允许，但 go-msgauth 0.7.0 不认。",
    hint_en="Write {small}= in small letters.",
    hint_zh="请写成小写 {small}=。",
    reference="RFC 9989 §4.7",
)
SCHEME = rule(
    "dmarc-report-scheme",
    Severity.WARNING,
    en="{tag} at {name} has “{uri}”: receivers send reports to mailto: only.",
    zh="{name} 的 {tag} 中有“{uri}”：收件方只向 mailto: 地址发送报告。",
    hint_en="Write a mailto: address as well, such as {tag}=mailto:dmarc@example.com.",
    hint_zh="请同时写一个 mailto: 地址，例如 {tag}=mailto:dmarc@example.com。",
    reference="RFC 9990 §3",
)
NO_FAILURE_REPORTS = rule(
    "dmarc-fo-without-ruf",
    Severity.INFO,
    en="fo={value} at {name} says when to send failure reports, and no ruf says where to: it means nothing.",
    zh="{name} 处的 fo={value} 规定何时发送失败报告，却没有 ruf 指明发往何处：不起作用。",
    hint_en="Remove fo, or add ruf=mailto:…",
    hint_zh="请去掉 fo，或加上 ruf=mailto:…。",
    reference="RFC 9989 §4.7",
)


def spelling(text: str, record: DmarcRecord, name: str) -> Iterator[Finding]:
    """What is odd about how the record is written; ``name`` is its owner name, for the messages."""
    parts = text.split(";")
    if not all(part.strip(BLANKS) for part in parts[:-1]):
        yield found(rules.PART_IGNORED, name=name, part=";;")
    if "\r" in text or "\n" in text:
        yield found(LINE_END, name=name)
    for tag, _ in taglist.split(text).tags:
        if tag != tag.lower():
            yield found(CAPITAL, name=name, tag=tag, small=tag.lower())
    if "ruf" not in record.tags and failure_options(record.tags.get("fo", "x")):
        yield found(NO_FAILURE_REPORTS, name=name, value=record.tags["fo"])
