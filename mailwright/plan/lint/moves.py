"""What has to be true before a stage of a move is written: said at plan time, where the spec can tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from mailwright.catalog import service_name
from mailwright.model.days import later
from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.records import moving
from mailwright.plan.transition import steps
from mailwright.spec.model import MailSpec, Move, Stage
from mailwright.standards import spf

NOT_CONFIRMED = rule(
    "move-not-confirmed",
    Severity.ERROR,
    en="Before the stage {stage} somebody has to confirm: {what}.",
    zh="进入 {stage} 阶段之前，须有人确认：{what}。",
    hint_en="Once it is so, write moving_from: {{confirmed: {{{key}: {today}}}}}. Until then stay at the "
    "stage before.",
    hint_zh="确认后请写 moving_from: {{confirmed: {{{key}: {today}}}}}；在此之前请停留在前一阶段。",
)
CONFIRMED_LATER = rule(
    "move-confirmed-in-future",
    Severity.ERROR,
    en="{key} is confirmed for {day}, which is still to come.",
    zh="{key} 的确认日期 {day} 尚未到来。",
    hint_en="Write the day on which it was seen.",
    hint_zh="请写实际确认的日期。",
)
TOO_EARLY = rule(
    "move-old-keys-needed",
    Severity.ERROR,
    en="The last mail through the old mail host was sent on {day}. It may wait in queues for days, and its "
    "keys and SPF terms have to stay until {least}.",
    zh="最后一封经旧服务发出的邮件是在 {day}，可能仍在排队；其密钥与 SPF 项须保留到 {least}。",
    hint_en="Stay at the stage clients until {least}.",
    hint_zh="请在 {least} 之前停留在 clients 阶段。",
    reference="RFC 6376 §3.1",
)
CONTRACT_ENDS = rule(
    "move-contract-ends",
    Severity.ERROR,
    en="The contract with {service} ends on {until}. The move takes until {done} at best, and mail that "
    "waits elsewhere for days still arrives at the old mail host: the contract has to last until {least}.",
    zh="与 {service} 的合同 {until} 到期。迁移最早 {done} 完成，而在别处排队数日的邮件仍会送到旧服务："
    "合同须至少持续到 {least}。",
    hint_en="Prolong the contract, or stay at the mail host.",
    hint_zh="请延长合同，或暂不迁移。",
    reference="RFC 5321 §4.5.4.1",
)
SELECTOR_TWICE = rule(
    "move-selector-twice",
    Severity.ERROR,
    en="Both mail hosts want a DKIM key at {name}; only one can be there, and mail of the other one "
    "would fail.",
    zh="两家邮件服务都要使用 DKIM 选择器 {name}；只能有一个，另一家的邮件会验证失败。",
    hint_en="Have {service} sign with another selector first.",
    hint_zh="请先让 {service} 改用其他选择器签名。",
    reference="RFC 6376 §3.1",
)
OVER_LIMIT = rule(
    "move-spf-over-limit",
    Severity.ERROR,
    en="SPF of both mail hosts needs {count} look-ups, and more than ten fail every sender.",
    zh="两家邮件服务的 SPF 合计需要 {count} 次查询；超过十次则所有发信方都会失败。",
    hint_en="Remove terms that no sender needs any more. Else write the addresses of {service} "
    "in place of its include for these days: `mailwright migrate SPEC` prints moving_from.addresses.",
    hint_zh="请去掉不再需要的项；否则可在迁移期间用地址代替 {service} 的 include："
    "`mailwright migrate 规格` 会给出 moving_from.addresses。",
    reference="RFC 7208 §4.6.4",
)

LACKS_HOST = rule(
    "move-spf-lacks-host",
    Severity.ERROR,
    en="While the company moves, SPF has to let both mail hosts send; the planned record lacks {terms}.",
    zh="迁移期间 SPF 必须允许两家服务发信；计划中的记录缺少 {terms}。",
    hint_en="Remove the line of as_found that keeps the record as it was, or write these terms into it.",
    hint_zh="请删除 as_found 中保留原记录的那一行，或在其中写入这些项。",
    reference="RFC 7208 §4.7",
)

#: What only a person can see, and before which stage it must be so.
CONFIRMATIONS: dict[str, tuple[Stage, Text]] = {
    "both_hold": (
        Stage.SWITCH,
        Text(
            "both mail hosts hold the domain, and each has every mailbox or passes on what it does not know",
            "两家服务都已添加该域名，且各自拥有全部邮箱，或会转发自己没有的地址",
        ),
    ),
    "addresses": (
        Stage.SWITCH,
        Text(
            "for every address a mail from outside, sent to the new exchangers, was read by its person",
            "每个地址都已从外部直接向新的 MX 试发，并由负责人读到",
        ),
    ),
    "signing": (
        Stage.SWITCH,
        Text(
            "a mail written at the new mail host arrived with a DKIM signature in the domain's own name",
            "从新服务发出的邮件带有本域名的 DKIM 签名",
        ),
    ),
    moving.POLICY: (
        Stage.SWITCH,
        Text(
            "the MTA-STS policy that names the exchangers of both has been served for 24 hours by every "
            "address of mta-sts.DOMAIN, or for the old max_age where it ever failed",
            "列出两家 MX 的 MTA-STS 策略已由 mta-sts 主机的每个地址提供满 24 小时"
            "（曾出错的，须满旧的 max_age）",
        ),
    ),
    "delivered": (
        Stage.CLIENTS,
        Text(
            "the filter delivers to the new mail host: a mail from outside was read there",
            "过滤网关已投递到新服务：从外部发来的邮件已在那里读到",
        ),
    ),
    "copied": (
        Stage.CLIENTS,
        Text("the old mailboxes were copied once more after the switch", "切换之后又复制了一次旧邮箱"),
    ),
    "silent": (
        Stage.WITHDRAW,
        Text(
            "no person, device or CRM sends through the old mail host",
            "再无人员、设备或 CRM 通过旧服务发信",
        ),
    ),
}
#: After the last stage is everywhere, and before the domain goes at the old host: stragglers arrived there.
LAST_COPY = "last_copy"
LAST_COPIED = Text(
    "the old mailboxes were copied a last time in this stage, after everything that had waited arrived there",
    "在本阶段、排队的邮件都已到达之后，最后一次复制了旧邮箱",
)
#: Days until the last stage at the earliest: the TTLs, and a week in which mail waits in queues.
REMAINING = {Stage.PREPARE: 10, Stage.SWITCH: 8, Stage.CLIENTS: 7, Stage.WITHDRAW: 0}
QUEUED = 7  # days that signed mail may still be under way: five of queues, and the way of two hops
AFTERWARDS = 14  # days that the contract lasts beyond the last step


def findings(spec: MailSpec, records: tuple[PlannedRecord, ...], today: dt.date) -> Iterator[Finding]:
    """Of a spec with ``moving_from``; ``records`` are those of its present stage."""
    move = spec.moving_from
    if move is None:
        return
    yield from _unconfirmed(spec, move, today)
    yield from _contract(spec, move, today)
    yield from _selectors(spec, move)
    if move.stage is not Stage.WITHDRAW:
        yield from _over_limit(spec, move, records)
        if missing := lacking(spec, records):
            # At this line, not at that of as_found, where errors are no more than warnings.
            at = spec.at("moving_from")
            yield found(LACKS_HOST, path="moving_from", position=at, terms=" ".join(missing))


def lacking(spec: MailSpec, records: Iterable[PlannedRecord]) -> tuple[str, ...]:
    """Terms of the two hosts that the planned SPF record is without, as a record kept as found may be."""
    move = spec.moving_from
    texts = _spf_texts(spec, records)
    if move is None or not texts:
        return ()
    planned = steps.parsed(texts)
    there = {str(term).lower() for term in planned.terms} if planned else set()
    if planned and planned.redirect:
        there.add(f"include:{planned.redirect}".lower())
    expected = steps.parsed(
        [" ".join(["v=spf1", *moving.old_terms(spec, move), *moving.terms(spec, spec.mail_host)])]
    )
    return tuple(str(term) for term in (expected.terms if expected else ()) if str(term).lower() not in there)


def _spf_texts(spec: MailSpec, records: Iterable[PlannedRecord]) -> list[str]:
    apex = absolute(spec.domain)
    here = (
        record for record in records if (record.name, record.type, record.family) == (apex, "TXT", Family.SPF)
    )
    return [v for record in here for v in record.values]


def asked_for(spec: MailSpec) -> dict[str, tuple[Stage, Text]]:
    """What has to be confirmed in the move of this spec, by key: before which stage, and what it is."""
    without = set() if spec.extra.mta_sts and not spec.gateway else {moving.POLICY}
    without |= set() if spec.gateway else {"delivered"}
    return {key: confirmation for key, confirmation in CONFIRMATIONS.items() if key not in without}


def _unconfirmed(spec: MailSpec, move: Move, today: dt.date) -> Iterator[Finding]:
    for key, (stage, what) in asked_for(spec).items():
        path = f"moving_from.confirmed.{key}"
        day = move.confirmed.get(key)
        if day is not None and day > today:
            yield found(CONFIRMED_LATER, path=path, position=spec.at(path), key=key, day=day.isoformat())
        elif day is None and move.stage.reached(stage):
            shown: dict[str, object] = {"stage": move.stage.value, "what": what, "key": key}
            shown["today"] = today.isoformat()
            yield Finding(NOT_CONFIRMED.id, "moving_from.stage", spec.at("moving_from.stage"), shown)
    silent = move.confirmed.get("silent")
    if silent and move.stage is Stage.WITHDRAW and today < (least := later(silent, QUEUED)):
        path = "moving_from.confirmed.silent"
        days: dict[str, object] = {"day": silent.isoformat(), "least": least.isoformat()}
        yield Finding(TOO_EARLY.id, path, spec.at(path), days)


def _contract(spec: MailSpec, move: Move, today: dt.date) -> Iterator[Finding]:
    """RFC 5321 §4.5.4.1: a sender tries for four to five days, at the host that it has looked up."""
    done = later(today, REMAINING[move.stage])
    least = later(done, AFTERWARDS)
    if move.contract_until < least and move.stage is not Stage.WITHDRAW:
        path = "moving_from.contract_until"
        days = {"until": move.contract_until, "done": done, "least": least}
        shown: dict[str, object] = {name: day.isoformat() for name, day in days.items()}
        yield Finding(
            CONTRACT_ENDS.id, path, spec.at(path), shown | {"service": service_name(move.host.service)}
        )


def _selectors(spec: MailSpec, move: Move) -> Iterator[Finding]:
    new = {named_value.name: named_value.value for named_value in spec.mail_host.dkim}
    new |= {absolute(f"{signing_key.selector}._domainkey", spec.domain): "" for signing_key in spec.signing}
    for number, key in enumerate(move.host.dkim):
        if key.name in new and new[key.name] != key.value:
            path = f"moving_from.dkim[{number}]"
            name = bare(key.name)
            yield found(
                SELECTOR_TWICE,
                path=path,
                position=spec.at(path),
                name=name,
                service=service_name(move.host.service),
            )


def _over_limit(spec: MailSpec, move: Move, records: tuple[PlannedRecord, ...]) -> Iterator[Finding]:
    record = steps.parsed(_spf_texts(spec, records))
    count = steps.cost(record) if record else 0
    if count > spf.MAX_LOOKUPS and not move.addresses:
        at = spec.at("moving_from")
        yield found(
            OVER_LIMIT, path="moving_from", position=at, count=count, service=service_name(move.host.service)
        )
