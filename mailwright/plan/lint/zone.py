"""Faults that only show when all planned records stand side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare, relative
from mailwright.model.position import Position
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.wildcards import ancestors
from mailwright.plan.judging import NULL_MX_BESIDE, placed, verdict
from mailwright.plan.lint import many_mx
from mailwright.plan.transition.wildcards import mail_domains
from mailwright.spec.model import MailSpec

LABEL, NAME = 63, 253  # octets, RFC 1035 §2.3.4 (253 in text form)

CNAME_BESIDE = rule(
    "cname-beside-data",
    Severity.ERROR,
    en="{name} would have a CNAME and other records ({types}); a CNAME excludes all other records.",
    zh="{name} 会同时有 CNAME 和其他记录（{types}）；CNAME 不能与其他记录并存。",
    hint_en="Keep one of the two lines.",
    hint_zh="请只保留其中一行。",
    reference="RFC 1034 §3.6.2",
)
NAME_TOO_LONG = rule(
    "name-too-long",
    Severity.ERROR,
    en="{name} is too long for DNS: a label has at most 63 characters, a name 253.",
    zh="{name} 对 DNS 来说太长：每段最多 63 个字符，全名最多 253 个。",
    hint_en="Shorten the part that is yours to choose (the selector, or the parked name).",
    hint_zh="请缩短可自行选择的部分（选择器或停放域名）。",
    reference="RFC 1035 §2.3.4",
)
TWO_KEYS = rule(
    "two-keys-at-selector",
    Severity.ERROR,
    en="{name} would have two DKIM keys; receivers take either, and half of the mail fails.",
    zh="{name} 会有两个 DKIM 密钥；收件方任取其一，约一半邮件会验证失败。",
    hint_en="Give the second key a selector of its own.",
    hint_zh="请为第二个密钥使用另一个选择器。",
    reference="RFC 6376 §3.6.2.2",
)
TWO_ALIASES = rule(
    "two-cnames-at-name",
    Severity.ERROR,
    en="{name} would have two CNAMEs ({values}); a name has one, and servers refuse the second.",
    zh="{name} 会有两条 CNAME（{values}）；一个名称只能有一条，服务器会拒绝第二条。",
    hint_en="Keep one of the two lines.",
    hint_zh="请只保留其中一行。",
    reference="RFC 2181 §10.1",
)
MX_IS_ALIAS = rule(
    "mx-target-is-cname",
    Severity.ERROR,
    en="The mail exchanger {name} would be a CNAME; senders may refuse to deliver there.",
    zh="MX 主机 {name} 会是一条 CNAME；发信方可能拒绝投递。",
    hint_en="Give {name} an A or AAAA record, or name the CNAME's target in mx:.",
    hint_zh="请为 {name} 设置 A 或 AAAA 记录，或在 mx: 中直接写 CNAME 的目标。",
    reference="RFC 2181 §10.3",
)
MX_TWICE = rule(
    "mx-host-twice",
    Severity.WARNING,
    en="{host} is named twice among the exchangers of {name}.",
    zh="{name} 的 MX 中 {host} 出现了两次。",
    hint_en="Keep the line with the lower number.",
    hint_zh="请只保留数字较小的那一行。",
    reference="RFC 5321 §5.1",
)
NO_MX = rule(
    "no-mx-planned",
    Severity.ERROR,
    en="{name} would have no mail exchanger: mail to it would go to its web server or bounce.",
    zh="{name} 没有 MX：来信会投向网站服务器或被退回。",
    hint_en='Write mail_host: {{mx: ["10 mail.{name}"]}}.',
    hint_zh='请写 mail_host: {{mx: ["10 mail.{name}"]}}。',
    reference="RFC 5321 §5.1",
)

NOT_COVERED = rule(
    "wildcard-does-not-cover",
    Severity.WARNING,
    en="Mail is sent as addresses of {name}, and mail to them does not arrive by {wildcard} (MX {mx}): "
    "a name that exists is not covered by a wildcard.",
    zh="有邮件以 {name} 的地址发出，但发往这些地址的邮件不会按 {wildcard}（MX {mx}）送达："
    "通配符不覆盖已存在的名称。",
    hint_en="Write the exchangers at the name too: as_found: [{lines}].",
    hint_zh="请在该名称上也写明 MX：as_found: [{lines}]。",
    reference="RFC 4592 §3.3.1",
)


def findings(
    records: Iterable[PlannedRecord], receiving: Iterable[PlannedRecord], spec: MailSpec
) -> list[Finding]:
    """All of them, in no order; ``receiving`` are the records by which mail comes in."""
    by_name: dict[str, list[PlannedRecord]] = defaultdict(list)
    records = tuple(records)
    for record in records:
        by_name[record.name].append(record)
    listed_findings = [
        finding for name, here in by_name.items() for finding in (*_at_name(name, here), *_single(name, here))
    ]
    aliases = {
        name for name, here in by_name.items() if any(zone_record.type == "CNAME" for zone_record in here)
    }
    listed_findings += [exchanger for here in by_name.values() for exchanger in _exchangers(here, aliases)]
    listed_findings += many_mx.findings(records)
    listed_findings += _uncovered(records, spec.domain)
    # A verification MX receives nothing: only the mail host's own count.
    if not any(
        zone_record.type == "MX" and zone_record.name == spec.domain + "." for zone_record in receiving
    ):
        listed_findings.append(
            found(NO_MX, path="mail_host", position=spec.at("mail_host"), name=spec.domain)
        )
    return listed_findings


def _uncovered(records: Sequence[PlannedRecord], domain: str) -> Iterator[Finding]:
    """RFC 4592 §3.3.1: senders below a planned wildcard that takes mail, and have no exchanger themselves."""
    wild = {record.name: record for record in records if record.type == "MX" and record.name.startswith("*.")}
    own = {record.name for record in records if record.type in ("MX", "CNAME")}
    for name in sorted(mail_domains(records) - own) if wild else ():
        above = (f"*.{ancestor.partition('.')[2]}" for ancestor in ancestors(name, absolute(domain)))
        over = next((wild[parent] for parent in above if parent in wild), None)
        if over is None or "0 ." in over.values or name.startswith(("*", "_")):
            continue
        owner, values = relative(name, domain), ", ".join(f"'{value}'" for value in over.values)
        line = f"{{name: '{owner}', type: MX, values: [{values}]}}"
        wildcard, mx = bare(over.name), ", ".join(over.values)
        yield found(
            NOT_COVERED, position=over.position, name=bare(name), wildcard=wildcard, mx=mx, lines=line
        )


def _at_name(name: str, here: list[PlannedRecord]) -> Iterator[Finding]:
    shown, position = bare(name), here[-1].position
    types = {record.type for record in here}
    if "CNAME" in types and len(types) > 1:
        yield found(CNAME_BESIDE, position=position, name=shown, types=", ".join(sorted(types - {"CNAME"})))
    for item in {shown: position, **_targets(here)}.items():
        if len(item[0]) > NAME or any(len(label) > LABEL for label in item[0].split(".")):
            yield found(NAME_TOO_LONG, position=item[1], name=item[0])
    targets = sorted({value for record in here if record.type == "CNAME" for value in record.values})
    if len(targets) > 1:
        yield found(TWO_ALIASES, position=position, name=shown, values=", ".join(map(bare, targets)))
    keys = {
        v for record in here if record.family is Family.DKIM and record.type == "TXT" for v in record.values
    }
    if len(keys) > 1:
        yield found(TWO_KEYS, position=position, name=shown)
    exchangers = {value for record in here if record.type == "MX" for value in record.values}
    if "0 ." in exchangers and len(exchangers) > 1:
        yield found(NULL_MX_BESIDE, position=position, name=shown)


#: Families of which receivers take one record: two are none (RFC 7208 §4.5, RFC 9989 §4.10, RFC 8461 §3.1).
_ONE = (Family.SPF, Family.DMARC, Family.MTA_STS, Family.TLS_RPT)


def _single(name: str, here: list[PlannedRecord]) -> Iterator[Finding]:
    """The last guard: whatever asked for a second policy record, it is found where all stand together."""
    for family in _ONE:
        texts = (one for one in here if (one.type, one.family) == ("TXT", family))
        values = tuple({v: None for record in texts for v in record.values})
        if len(values) > 1:
            yield from placed(verdict(name, "TXT", family, values), "", here[-1].position)


def _targets(here: list[PlannedRecord]) -> dict[str, Position | None]:
    """The names that records point to: a label of 63 octets may be outgrown there too."""
    return {
        bare(value.rpartition(" ")[2]): record.position
        for record in here
        if record.type in ("CNAME", "MX")
        for value in record.values
    }


def _exchangers(here: list[PlannedRecord], aliases: set[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for record in here:
        for host in (value.rpartition(" ")[2].lower() for value in record.values if record.type == "MX"):
            if host in aliases:
                yield found(MX_IS_ALIAS, position=record.position, name=bare(host))
            if host in seen:
                yield found(MX_TWICE, position=record.position, host=bare(host), name=bare(record.name))
            seen.add(host)
