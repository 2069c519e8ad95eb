"""Many domains against one spec: ``verify DOMAINS.txt --expect SPEC``.

The spec is read once for each domain of the list, with that domain put where its own stands as a whole: the
``domain:``, addresses below it (``wang@acme.com``), names below it (``news.acme.com``). Everything else is
expected as written, so what differs from domain to domain (a DKIM key, a token) does not belong into
such a spec. Its parked domains, people and consents are its own company's and are left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mailwright.model.finding import Finding, found, has_errors
from mailwright.model.plan import Plan
from mailwright.model.position import Position
from mailwright.model.rules import Severity, rule
from mailwright.operations.planning import Planned
from mailwright.plan.plan import plan
from mailwright.spec import load, parse
from mailwright.spec.mailboxes import MailboxSpec
from mailwright.spec.model import MailSpec
from mailwright.spec.names import BadNameError, domain

NOT_LISTED = rule(
    "listed-name-broken",
    Severity.ERROR,
    en="{text} is not a domain: {reason}.",
    zh="{text} 不是域名：{reason}。",
    hint_en="Write one domain per line, such as example.com; a line with # is a comment.",
    hint_zh="每行写一个域名，例如 example.com；# 开头的行是注释。",
)
NO_LIST = rule(
    "list-unreadable",
    Severity.ERROR,
    en="The list {file} cannot be read: {reason}.",
    zh="无法读取列表 {file}：{reason}。",
    hint_en="Name a text file in UTF-8 with one domain per line, or - for standard input.",
    hint_zh="请给出每行一个域名的 UTF-8 文本文件，或用 - 表示标准输入。",
)
EMPTY = rule(
    "list-empty",
    Severity.ERROR,
    en="There is no domain in {file}: nothing would be checked.",
    zh="{file} 中没有任何域名：不会检查任何内容。",
    hint_en="Write one domain per line, such as example.com.",
    hint_zh="每行写一个域名，例如 example.com。",
)


def expected(pattern: Path, lists: Sequence[tuple[str, bytes]], as_of: dt.date | None) -> Planned:
    """A plan for every domain of the lists (name and content each), as ``pattern`` asks for it.

    A list with a line that is no domain, or a domain that the spec cannot be for, gives findings.
    """
    read = load(pattern)
    if read.spec is None:
        return Planned((), read.findings, {read.file: read.source})
    listed_findings: list[Finding] = []
    names = dict.fromkeys(name for file, data in lists for name in _names(file, data, listed_findings))
    if not names and not listed_findings:
        listed_findings = [found(EMPTY, position=Position(file, 1, 1), file=file) for file, _ in lists]
    day = as_of or read.spec.today(dt.datetime.now(dt.UTC))
    pairs: list[tuple[MailSpec, Plan]] = []
    for name in names:
        spec, findings = _of(read.spec, read.source, name)
        listed_findings += (finding for finding in findings if has_errors([finding]))
        if spec is not None:
            pairs.append((spec, plan(spec, day)))
    return Planned(tuple(pairs), tuple(dict.fromkeys(listed_findings)), {read.file: read.source})


def _names(file: str, data: bytes, findings: list[Finding]) -> Iterator[str]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.append(found(NO_LIST, position=Position(file, 1, 1), file=file, reason=error.reason))
        return
    for number, line in enumerate(text.splitlines(), 1):
        written = line.partition("#")[0].strip()
        if not written:
            continue
        try:
            yield domain(written)
        except BadNameError as error:
            place = Position(file, number, 1)
            findings.append(found(NOT_LISTED, position=place, text=written, reason=error.reason))


def _of(spec: MailSpec, source: str, name: str) -> tuple[MailSpec | None, tuple[Finding, ...]]:
    """The spec with another domain in place of its own."""
    own = "|".join(re.escape(fromkey) for fromkey in dict.fromkeys((spec.domain, spec.domain_unicode)))
    # A whole name: not the end of a longer label, nor the beginning of a longer name.
    text = re.sub(rf"(?i)(?<![\w-])(?:{own})(?![\w-]|\.\w)", lambda _: name, source)
    spec_result = parse(text.encode("utf-8"), spec.file)
    if spec_result.spec is None:
        return None, spec_result.findings
    return replace(spec_result.spec, parked=(), allow=(), mailboxes=MailboxSpec()), spec_result.findings
