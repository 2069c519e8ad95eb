"""What one verifier in use refuses although RFC 6376 allows it: read in the source of the version named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.standards.dkim.key import KeyRecord

REFUSED_BY_ONE = rule(
    "dkim-refused-by-one",
    Severity.WARNING,
    en="{verifier} does not read the key record at {name}: {reason}. Mail signed with it fails there.",
    zh="{verifier} 无法读取 {name} 处的密钥记录：{reason}。用它签名的邮件在那里验证失败。",
    hint_en="Write the value without it: v=DKIM1; k=rsa; p=…",
    hint_zh="请去掉该内容再写入：v=DKIM1; k=rsa; p=…",
    reference="RFC 6376 §3.2, §3.6.1",
)


@dataclass(frozen=True, slots=True)
class _Quirk:
    """What a verifier refuses: ``shows`` looks at the text and at the record in it."""

    verifier: str
    reason: Text
    shows: Callable[[str, KeyRecord], bool]


_QUIRKS = (
    _Quirk(
        "mox 0.0.17",
        Text("spaces follow the last semicolon", "最后一个分号之后有空格"),
        lambda text, _record: re.search(r";[ \t\r\n]+\Z", text) is not None,
    ),
    _Quirk(
        "mox 0.0.17",
        Text("it contains a line end", "其中有换行"),
        lambda text, _record: re.search(r"\r(?!\n[ \t])|(?<!\r)\n|\r\n(?![ \t])", text) is not None,
    ),
    _Quirk(
        "go-msgauth 0.7.0",
        Text("p= contains a tab", "p= 的内容中有制表符"),
        lambda _text, record: "\t" in record.tags.get("p", ""),
    ),
    _Quirk(
        "dkimpy 1.1.8",
        Text("s= names several services", "s= 列出了多个服务"),
        lambda _text, record: len(record.listed("s")) > 1,
    ),
)


def refused_by_one(text: str, record: KeyRecord, name: str) -> Iterator[Finding]:
    """A finding for each verifier that refuses what the others read; ``name`` is for the message."""
    for quirk in _QUIRKS:
        if quirk.shows(text, record):
            yield found(REFUSED_BY_ONE, name=name, verifier=quirk.verifier, reason=quirk.reason)
