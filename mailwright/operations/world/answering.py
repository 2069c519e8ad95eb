"""Five questions about a domain's mail, answered from its records, planned or living."""
# ruff: noqa: E501 — sentences stay whole

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mailwright.model.families import Family, is_selector, meant
from mailwright.model.finding import Finding
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.records import Observed, PlannedRecord, preference
from mailwright.model.rules import Severity
from mailwright.model.text import Text
from mailwright.plan.judging import verdict
from mailwright.report.page.answers import Answer, State
from mailwright.standards import across, dkim, dmarc, spf

Sets = Mapping[tuple[str, str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A domain's record sets and what is known of them; ``senders`` and ``host`` are names of services."""

    domain: str
    sets: Sets
    host: Text | None = None
    senders: tuple[Text, ...] = ()
    foreign: tuple[tuple[str, str, str], ...] = ()
    findings: tuple[Finding, ...] = field(default_factory=tuple)
    sender_keys: frozenset[str] = frozenset()  # owner names of keys that sign a sender's mail, not the host's
    rivals: tuple[Text, ...] = ()  # mail hosts that share the incoming mail
    cuts: frozenset[str] = frozenset()  # delegated names, served elsewhere
    unreachable: bool = False  # neither exchanger nor address: mail to it bounces (RFC 5321 §5.1)
    proofs: tuple[Text, ...] = ()  # whose verification tokens stand there


def sets_of(records: Observed | Iterable[PlannedRecord]) -> Sets:
    """Values by (name, type), of the living world or of a plan."""
    sets: dict[tuple[str, str], list[str]] = {}
    for record in records:
        values = record.values if isinstance(record, PlannedRecord) else record.plain
        sets.setdefault((record.name, record.type), []).extend(values)
    return sets


def judged(sets: Sets) -> tuple[Finding, ...]:
    """What is wrong with each family at each name."""
    findings: list[Finding] = []
    for (name, type), values in sorted(sets.items()):
        by_family: dict[Family, list[str]] = {}
        for value in values:
            by_family.setdefault(meant(name, type, value), []).append(value)
        for family, members in by_family.items():
            findings += verdict(name, type, family, members)
    return (*findings, *across.served_conflicts(sets))


def answers(seen: Seen) -> tuple[Answer, ...]:
    """The five, always all of them, in this order."""
    return (_forging(seen), _passing(seen), _receiving(seen), _unknown(seen), _unseen(seen))


def _policy(seen: Seen) -> dmarc.DmarcRecord | None:
    return dmarc.only_record(tuple(seen.sets.get((absolute("_dmarc", seen.domain), "TXT"), ())))


def _elsewhere(seen: Seen) -> str:
    """Where a CNAME or a delegation at ``_dmarc`` leads, "" where there is none."""
    name = absolute("_dmarc", seen.domain)
    aliases = [bare(alias) for alias in seen.sets.get((name, "CNAME"), ())]
    below = [bare(cut) for cut in seen.cuts if is_below(name, cut)]
    return next(iter((*aliases, *below)), "")


def _spf(seen: Seen) -> tuple[str, ...]:
    return spf.select(tuple(seen.sets.get((absolute(seen.domain), "TXT"), ())))


def _keys(seen: Seen) -> list[str]:
    end = "._domainkey." + absolute(seen.domain)
    broken = {f.params.get("name") for f in seen.findings if f.severity is Severity.ERROR}
    skipped = broken | {bare(key) for key in seen.sender_keys}
    return [
        name
        for (name, type), values in seen.sets.items()
        if name.endswith(end)
        and is_selector(name)
        and bare(name) not in skipped
        and not (name.startswith("*.") or (type == "TXT" and _revoked(values)))
    ]


def _revoked(values: Sequence[str]) -> bool:
    """An empty ``p=`` says that nothing is signed with this key any more (RFC 6376 §3.6.1)."""
    return all(map(dkim.is_revoked, values))


def _forging(seen: Seen) -> Answer:
    question = Text("Can others write in our name?", "别人能冒用我们的域名发信吗？")
    record = _policy(seen)
    policy = dmarc.lowered(record.policy, record.testing) if record and record.policy else None
    if policy == "reject":
        return Answer(question, State.GOOD, Text(
            "No: receivers are asked to reject mail that only pretends to be yours (DMARC reject).",
            "不能：已要求收件方拒收冒名邮件（DMARC reject）。"))  # fmt: skip
    if policy == "quarantine":
        return Answer(question, State.CARE, Text(
            "Hardly: forged mail is to go to the junk folder (DMARC quarantine); reject is stronger.",
            "较难：冒名邮件会进垃圾箱（DMARC quarantine）；reject 更严格。"))  # fmt: skip
    if policy == "none":
        return Answer(question, State.CARE, Text(
            "Yes: DMARC only watches (p=none). Raise the stage when the reports show that your own mail passes.",
            "能：DMARC 仅观察（p=none）。待报告显示自家邮件均通过后，请提高阶段。"))  # fmt: skip
    if _elsewhere(seen):
        return Answer(question, State.UNKNOWN, Text(
            "Somebody else keeps the DMARC policy: _dmarc leads to {target}. What it says is to be asked there.",
            "DMARC 策略由他处维护：_dmarc 指向 {target}，其内容需向对方查询。", {"target": _elsewhere(seen)}))  # fmt: skip
    return Answer(question, State.BAD, Text(
        "Yes: there is no valid DMARC record, so nobody is told to refuse forged mail.",
        "能：没有有效的 DMARC 记录，收件方不会拒收冒名邮件。"))  # fmt: skip


def _passing(seen: Seen) -> Answer:
    question = Text(
        "Does our mail pass at Gmail and Outlook?", "我们的邮件能通过 Gmail 和 Outlook 的检查吗？"
    )
    spf_texts, keys = _spf(seen), _keys(seen)
    apex = bare(absolute(seen.domain))
    if len(spf_texts) == 1 and re.fullmatch(r"(?i)v=spf1 +-all *", spf_texts[0]):
        return Answer(question, State.GOOD, Text(
            "It sends none: its SPF record allows nobody.", "不发信：SPF 记录不允许任何主机发信。"))  # fmt: skip
    broken = len(spf_texts) != 1 or any(
        f.severity is Severity.ERROR and f.rule.startswith("spf-") and f.params.get("domain") in (None, apex)
        for f in seen.findings
    )
    if broken and not keys:
        return Answer(question, State.BAD, Text(
            "Badly: there is no valid SPF record ({count} found) and no DKIM key was found.",
            "很难：没有有效的 SPF（找到 {count} 条），也未找到 DKIM 密钥。", {"count": len(spf_texts)}))  # fmt: skip
    if broken or not keys:
        what = Text("a valid SPF record", "有效的 SPF 记录") if broken else Text("a DKIM key", "DKIM 密钥")
        return Answer(question, State.CARE, Text(
            "In part: {what} was not found. Without both, mail to Gmail and Outlook may be junked or refused.",
            "部分通过：未找到{what}。二者缺一，发往 Gmail 和 Outlook 的邮件可能进垃圾箱或被拒。", {"what": what}))  # fmt: skip
    if _policy(seen) is None and not _elsewhere(seen):
        return Answer(question, State.CARE, Text(
            "SPF and a DKIM key are there; Gmail and Outlook ask bulk senders for DMARC too, which is missing.",
            "SPF 与 DKIM 都有；但 Gmail 和 Outlook 还要求批量发信者设置 DMARC，目前缺失。"))  # fmt: skip
    return Answer(question, State.GOOD, Text(
        "SPF, a DKIM key and DMARC are published. Whether each mail is signed shows only in a mail itself.",
        "SPF、DKIM 密钥与 DMARC 均已发布。每封邮件是否真正签名，要看邮件本身。"))  # fmt: skip


def _receiving(seen: Seen) -> Answer:
    question = Text("Where does mail come in?", "来信由哪里接收？")
    values = list(seen.sets.get((absolute(seen.domain), "MX"), ()))
    hosts = ", ".join(bare(value.rpartition(" ")[2]) for value in sorted(values, key=preference))
    if not values and seen.unreachable:
        return Answer(question, State.CARE, Text(
            "Nowhere: the domain has neither an MX nor an address. A null MX (0 .) would say so at once.",
            "不收信：该域名既无 MX 也无地址。发布空 MX（0 .）可以明确声明这一点。"))  # fmt: skip
    if not values:
        return Answer(question, State.BAD, Text(
            "There is no MX: mail goes to the address of {domain} itself, or bounces.",
            "没有 MX：来信会投向 {domain} 本身的地址，或被退回。", {"domain": seen.domain}))  # fmt: skip
    if all(value.split()[-1] == "." for value in values):
        return Answer(
            question, State.GOOD, Text("Nowhere: the domain takes no mail.", "不收信：该域名拒收一切邮件。")
        )
    if seen.rivals:
        both = Text(" and ".join(e("en") for e in seen.rivals), "和".join(e("zh") for e in seen.rivals))
        return Answer(question, State.CARE, Text(
            "At {both}: mail arrives at one or the other ({hosts}). Only one of them should be left.",
            "由{both}接收：来信会落到其中之一（{hosts}）。应只保留一个。", {"both": both, "hosts": hosts}))  # fmt: skip
    first = next((bare(mx.rpartition(" ")[2]) for mx in sorted(values, key=preference)), "")
    own = Text("a server with a name of this domain", "本域名下的服务器")
    stranger = Text("a mail host that the catalog does not know", "目录中没有的邮件服务")
    host = seen.host or (own if is_below(first, seen.domain) else stranger)
    state = State.GOOD if seen.host else State.CARE
    return Answer(
        question,
        state,
        Text("At {host}: {hosts}.", "由{host}接收：{hosts}。", {"host": host, "hosts": hosts}),
    )


def _unknown(seen: Seen) -> Answer:
    question = Text("Is anything there that nobody knows?", "有没有来历不明的记录？")
    torn = [
        str(finding.params["name"]) for finding in seen.findings if finding.rule == across.CNAME_BESIDE.id
    ]
    if torn:
        return Answer(question, State.CARE, Text(
            "{names}: a CNAME and other records at one name; which of them counts differs from receiver to receiver.",
            "{names}：同一名称上既有 CNAME 又有其他记录；以哪个为准，各收件方不一。",
            {"names": ", ".join(torn)}))  # fmt: skip
    if not seen.foreign and seen.proofs:
        whose = {proof("en"): proof for proof in seen.proofs}.values()
        to = Text(", ".join(e("en") for e in whose), "、".join(e("zh") for e in whose))
        return Answer(question, State.GOOD, Text(
            "No: every mail record found has its reason; verification tokens prove the domain to {to}.",
            "没有：找到的邮件记录都有来由；另有向 {to} 证明域名归属的验证记录。", {"to": to}))  # fmt: skip
    if not seen.foreign:
        return Answer(
            question,
            State.GOOD,
            Text("No: every mail record found has its reason.", "没有：找到的邮件记录都有来由。"),
        )
    shown = "; ".join(f"{bare(n)} {t} {v[:60]}" for n, t, v in seen.foreign[:5])
    more, number = len(seen.foreign) - 5, len(seen.foreign)
    count = Text(f"{number} record{'s' if number > 1 else ''}", f"{number} 条")
    tail = Text(" and {more} more", "等，另有 {more} 条", {"more": more}) if more > 0 else Text("", "")
    return Answer(question, State.CARE, Text(
        "{count} that no known service explains: {shown}{tail}.",
        "有 {count}记录无法对应到已知服务：{shown}{tail}。",
        {"count": count, "shown": shown, "tail": tail}))  # fmt: skip


def _unseen(seen: Seen) -> Answer:
    question = Text("What cannot be seen from outside?", "哪些从外部看不到？")
    senders = Text(
        ", ".join(e("en") for e in seen.senders) or "none", "、".join(e("zh") for e in seen.senders) or "无"
    )
    return Answer(question, State.UNKNOWN, Text(
        "Mailboxes, aliases and forwards; DKIM selectors nobody named; senders without a record of their own "
        "(seen: {senders}); whether mail is really signed.",
        "邮箱、别名与转发；未知名称的 DKIM 选择器；没有自己记录的发信方（已识别：{senders}）；邮件是否真正签名。",
        {"senders": senders}))  # fmt: skip
