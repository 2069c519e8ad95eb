"""What is wrong with an MTA-STS record or policy (RFC 8461)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.standards import beginnings
from mailwright.standards.mta_sts.policy import (
    MtaStsError,
    Policy,
    matches,
    parse_policy,
    parse_record,
    policy_id,
    repeats_id,
)

_TWICE = Text("it contains id twice", "id 出现了两次")
WEEK, DAY = 604800, 86400  # seconds

RECORD = rule(
    "mta-sts-record-invalid",
    Severity.ERROR,
    en="The MTA-STS record at {name} is not valid: {reason}. Senders ignore the policy.",
    zh="{name} 处的 MTA-STS 记录无效：{reason}。发信方会忽略该策略。",
    hint_en="Write exactly one TXT: v=STSv1; id=20261123; with a new id for each change of the policy.",
    hint_zh="只写一条 TXT：v=STSv1; id=20261123; 每次修改策略都要换新的 id。",
    reference="RFC 8461 §3.1",
)
STALE = rule(
    "mta-sts-id-stale",
    Severity.WARNING,
    en="The id at {name} is {id}, the policy's own is {wanted}: senders may go on with an older policy.",
    zh="{name} 处的 id 是 {id}，而当前策略应为 {wanted}：发信方可能继续使用旧策略。",
    hint_en="Publish the policy first, then id={wanted}.",
    hint_zh="请先发布策略文件，再写 id={wanted}。",
    reference="RFC 8461 §3.1, §5.1",
)
POLICY = rule(
    "mta-sts-policy-invalid",
    Severity.ERROR,
    en="The MTA-STS policy of {domain} is not valid: {reason}. Senders ignore it.",
    zh="{domain} 的 MTA-STS 策略无效：{reason}。发信方会忽略它。",
    hint_en="Write version: STSv1, mode, one mx: line for each exchanger, and max_age.",
    hint_zh="请依次写 version: STSv1、mode、每台 MX 主机一行 mx:，以及 max_age。",
    reference="RFC 8461 §3.2",
)
BLOCKED = rule(
    "mta-sts-mx-not-covered",
    Severity.ERROR,
    en="The MTA-STS policy of {domain} (mode {mode}) does not name the exchanger {mx}: senders will not "
    "deliver there.",
    zh="{domain} 的 MTA-STS 策略（mode {mode}）没有列出 MX 主机 {mx}：发信方不会投递到那里。",
    hint_en="Add “mx: {mx}” to the policy and change the id, before {mx} becomes an exchanger.",
    hint_zh="请在 {mx} 成为 MX 之前，先在策略中加入“mx: {mx}”并更换 id。",
    reference="RFC 8461 §4.1",
)
UNUSED = rule(
    "mta-sts-mx-unused",
    Severity.WARNING,
    en="The MTA-STS policy of {domain} names {mx}, which is not one of its exchangers.",
    zh="{domain} 的 MTA-STS 策略列出了 {mx}，但它并不是 MX 主机。",
    hint_en="Remove the line once nobody delivers there any more.",
    hint_zh="确定不再向那里投递后，请删除该行。",
    reference="RFC 8461 §3.2",
)
SHORT = rule(
    "mta-sts-max-age-short",
    Severity.WARNING,
    en="max_age of {domain} is {age} seconds: whoever blocks the policy for that long turns it off.",
    zh="{domain} 的 max_age 只有 {age} 秒：策略被拦截这么久就会失效。",
    hint_en="Write 604800 (a week) or more once mode is enforce; a day will do while testing.",
    hint_zh="mode 为 enforce 时请写 604800（一周）以上；testing 阶段一天即可。",
    reference="RFC 8461 §3.2, §10.2",
)


def lint_record(
    values: Sequence[str], name: str = "_mta-sts", policy: Policy | None = None, *, written: bool = False
) -> tuple[Finding, ...]:
    """The TXT values at ``_mta-sts``: exactly one is a record; its ``id`` is compared with the policy's.

    ``written``: they are ours to write, and what readers merely bear is an error.
    """
    sure, some = beginnings.sure(Family.MTA_STS, values), beginnings.unsure(Family.MTA_STS, values)
    nearly = [finding for text in some for finding in _record([text], name, None)]
    if not sure and some:
        return tuple(nearly)
    others = beginnings.unread(Family.MTA_STS, values, name) if sure else ()
    twice = [_TWICE for text in sure if written and repeats_id(text)]
    repeated = [found(RECORD, name=name, reason=reason) for reason in twice]
    return (*_record(sure or list(values[:1]), name, policy), *repeated, *nearly, *others)


def _record(records: Sequence[str], name: str, policy: Policy | None) -> tuple[Finding, ...]:
    """RFC 8461 §3.1: exactly one, with an ``id`` that is the policy's."""
    if len(records) != 1:
        reason = MtaStsError(
            "there are {count} of them" if records else "there is none",
            "共有 {count} 条" if records else "一条也没有",
            count=len(records),
        )
        return (found(RECORD, name=name, reason=reason.reason),)
    try:
        written = parse_record(records[0])
    except MtaStsError as error:
        return (found(RECORD, name=name, reason=error.reason),)
    if policy is not None and written != policy_id(policy):
        return (found(STALE, name=name, id=written, wanted=policy_id(policy)),)
    return ()


def lint_policy(text: str, domain: str, exchangers: Iterable[str] = ()) -> tuple[Finding, ...]:
    """A policy file, and whether it names each of the domain's exchangers, and no other."""
    try:
        policy = parse_policy(text)
    except MtaStsError as error:
        return (found(POLICY, domain=domain, reason=error.reason),)
    return (*_age(policy, domain), *cover(policy, domain, exchangers))


def cover(policy: Policy, domain: str, exchangers: Iterable[str]) -> tuple[Finding, ...]:
    """RFC 8461 §4.1: each exchanger is named; where senders only test, that is a warning."""
    hosts = [exchanger.rstrip(".").lower() for exchanger in exchangers]
    if policy.mode == "none" or not hosts:
        return ()
    severity = None if policy.mode == "enforce" else Severity.WARNING
    missing = [
        found(BLOCKED, severity=severity, domain=domain, mode=policy.mode, mx=host)
        for host in hosts
        if not policy.covers(host)
    ]
    idle = [
        found(UNUSED, domain=domain, mx=pattern)
        for pattern in policy.mx
        if not any(matches(pattern, host) for host in hosts)
    ]
    return (*missing, *idle)


def _age(policy: Policy, domain: str) -> tuple[Finding, ...]:
    least = {"enforce": WEEK, "testing": DAY, "none": 0}[policy.mode]
    return (found(SHORT, domain=domain, age=policy.max_age),) if policy.max_age < least else ()
