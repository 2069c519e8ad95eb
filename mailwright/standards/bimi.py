"""BIMI (draft-ietf-bimi-guidelines): the record read, built and linted. On request only. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.readings import surely
from mailwright.model.rules import Severity, rule
from mailwright.standards import tags as taglist
from mailwright.standards.dmarc import DmarcRecord
from mailwright.standards.faults import Fault

INVALID = rule(
    "bimi-record-invalid",
    Severity.ERROR,
    en="The BIMI record at {name} is not valid: {reason}. No logo is shown.",
    zh="{name} 处的 BIMI 记录无效：{reason}。不会显示徽标。",
    hint_en="Write v=BIMI1; l=https://…/logo.svg; a=https://…/certificate.pem",
    hint_zh="请写 v=BIMI1; l=https://…/logo.svg; a=https://…/certificate.pem",
    reference="draft-ietf-bimi-guidelines §4.2",
)
POLICY = rule(
    "bimi-without-enforcement",
    Severity.WARNING,
    en="The logo at {name} is not shown: the DMARC policy of {domain} is {policy}.",
    zh="{name} 处的徽标不会显示：{domain} 的 DMARC 策略为 {policy}。",
    hint_en="Bring DMARC to quarantine or reject, for subdomains too, before the logo.",
    hint_zh="请先把 DMARC（含子域名）收紧到 quarantine 或 reject，再发布徽标。",
    reference="draft-ietf-bimi-guidelines §7.1",
)
NO_EVIDENCE = rule(
    "bimi-without-certificate",
    Severity.INFO,
    en="The BIMI record at {name} names no certificate (a=): Gmail and Apple show no logo without one.",
    zh="{name} 处的 BIMI 记录没有证书（a=）：Gmail 和 Apple 没有证书不显示徽标。",
    hint_en="Add a=https://…/certificate.pem with a VMC or CMC.",
    hint_zh="请用 a=https://…/certificate.pem 加上 VMC 或 CMC 证书。",
    reference="draft-ietf-bimi-guidelines §4.2",
)


class BimiError(Fault):
    """The text is no BIMI record."""


@dataclass(frozen=True, slots=True)
class BimiRecord:
    """A logo (``l``) and its certificate (``a``) by address; both empty says that there is no logo."""

    logo: str = ""
    certificate: str = ""

    def __post_init__(self) -> None:
        for tag, value in (("l", self.logo), ("a", self.certificate)):
            if value and not _is_https(value):
                raise BimiError("{tag}= is not an https: address", "{tag}= 不是 https: 网址", tag=tag)
        if self.certificate and not self.logo:
            raise BimiError("a= is there without l=", "有 a= 而没有 l=")
        if self.logo and not urlsplit(self.logo).path.lower().endswith((".svg", ".svgz")):
            raise BimiError("l= is not an SVG file", "l= 不是 SVG 文件")

    def __str__(self) -> str:
        """The record's text."""
        return f"v=BIMI1; l={self.logo}; a={self.certificate}"


def parse(text: str) -> BimiRecord:
    """Read a record; unknown tags mean nothing. Raises BimiError."""
    if not surely(Family.BIMI, text):
        raise BimiError("it does not start with v=BIMI1", "没有以 v=BIMI1 开头")
    read = taglist.split(text)
    if read.faults:
        raise BimiError("not a tag: {part}", "不是“标签=值”：{part}", part=read.faults[0])
    tags: dict[str, str] = {}
    for name, value in read.tags:  # a tag list as RFC 6376 §3.2 has it
        if name in tags:
            raise BimiError("the tag {tag}= appears twice", "标签 {tag}= 出现了两次", tag=name)
        tags[name] = value
    if "l" not in tags:
        raise BimiError("l= is missing", "缺少 l=")
    return BimiRecord(tags["l"], tags.get("a", ""))


def owner_name(domain: str, selector: str = "default") -> str:
    """Where the record stands."""
    return f"{selector}._bimi.{domain.rstrip('.').lower()}."


def lint(text: str, domain: str, dmarc: DmarcRecord | None = None, name: str = "") -> tuple[Finding, ...]:
    """A record, and whether the domain's DMARC record lets the logo be shown."""
    shown = name or owner_name(domain).rstrip(".")
    try:
        record = parse(text)
    except BimiError as error:
        return (found(INVALID, name=shown, reason=error.reason),)
    if not record.logo:
        return ()
    findings = [] if record.certificate else [found(NO_EVIDENCE, name=shown)]
    if dmarc is not None and min(dmarc.strength()[:2]) < 1:
        weakest = "none" if dmarc.policy else "absent"
        findings.append(found(POLICY, name=shown, domain=domain, policy=weakest))
    return tuple(findings)


def _is_https(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme.lower() == "https" and bool(parts.hostname) and not re.search(r"[\s;,]", text)
    except ValueError:
        return False
