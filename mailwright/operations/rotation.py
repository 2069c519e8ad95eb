"""``dkim rotate``: how far a key has taken the place of another, and what has to be true before it goes on.

What is published is read from the world; since when, from what earlier runs saw. Who signs with the new key
is seen in a test mail, which is verified against the key of the spec, in DMARC reports, or by a person: the
spec has it under ``seen:``, with the day, and nothing goes before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute
from mailwright.model.plan import Plan
from mailwright.model.text import Lang, Text
from mailwright.operations.dmarc.naming import names_of
from mailwright.operations.dmarc.store import Store
from mailwright.operations.world.conditions import Condition, state_of
from mailwright.operations.world.migrating import Memory, Whom
from mailwright.operations.world.verification import verify_all
from mailwright.plan.records import rotating
from mailwright.spec.model import MailSpec, SigningKey
from mailwright.standards import dkim

#: RFC 2308 §5: who asked before the key was there may remember that for a day at most.
NEGATIVE = dt.timedelta(days=1)
_LOOKED_AT = 30  # days of reports


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far one key is in taking another's place. ``lines`` are to be written into the spec."""

    domain: str
    old: str
    new: tuple[str, ...]
    step: str  # publish, switch, wait, revoke, remove
    conditions: tuple[Condition, ...]
    lines: tuple[str, ...]

    @property
    def state(self) -> str:
        """``due``: the next step may be taken; else ``unknown``, ``open`` or ``waiting``."""
        return state_of(self.conditions)

    def to_json(self, lang: Lang) -> dict[str, object]:
        """The documented JSON form."""
        return {
            "domain": self.domain,
            "old": self.old,
            "new": list(self.new),
            "step": self.step,
            "state": self.state,
            "conditions": [condition.to_json(lang) for condition in self.conditions],
            "write": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who was seen to sign with which key, by signer and selector (first day); each key's last."""

    first: Mapping[tuple[str, str], dt.date]
    last: Mapping[str, dt.date]


_PUBLISHED = Text("{selector} is served by every nameserver", "所有 DNS 服务器都已提供 {selector}")
_MISSING = Text(
    "run `mailwright up`: {selector} is not served by every nameserver",
    "请运行 `mailwright up`：并非所有 DNS 服务器都提供 {selector}",
)
_UNTOLD = Text("cannot be determined: {first}", "无法得知：{first}")
_WAITED = Text(
    "no resolver remembers any more that {selector} was not there", "各解析器缓存中已没有“{selector} 不存在”"
)
_SEEN = Text("{signer} was seen to sign with {selector}", "已确认 {signer} 用 {selector} 签名")
_TO_WRITE = Text(
    "{signer} was seen to sign with {selector}: write the day into the spec (below)",
    "已看到 {signer} 用 {selector} 签名：请把日期写入规格（见下）",
)
_TO_SEE = Text(
    "{signer} signs with {selector}: have a test mail of it saved as a file, and pass --mail {signer}=FILE",
    "{signer} 用 {selector} 签名：请把它发出的测试邮件存为文件，并加 --mail {signer}=文件",
)
_QUEUES = Text("mail signed with {old} has arrived or gone back", "用 {old} 签名的邮件都已送达或退回")
_STILL = Text("{old} was still seen on {day}: somebody signs with it", "{day} 仍看到 {old}：还有人用它签名")
_KEPT = Text("{old} has been revoked for 30 days", "{old} 吊销已满 30 天")


def rotations(
    spec: MailSpec, plan: Plan, now: dt.datetime, *, whom: Whom, folder: Path, evidence: Evidence
) -> list[Rotation]:
    """Every rotation of a spec that is under way. Raises OSError where nothing can be remembered."""
    old_keys = [key for key in spec.signing if rotating.successors(spec, key)]
    if not old_keys:
        return []
    (verdict,) = verify_all([plan], whom.servers)
    rotations = []
    for old in old_keys:
        new = rotating.successors(spec, old)
        conditions: list[Condition] = []
        for key in new:
            conditions += _published(spec, key, verdict.checks, now, folder)
        step, more, lines = _next(spec, old, plan.as_of, evidence)
        rotations.append(
            Rotation(
                spec.domain,
                old.selector,
                tuple(key.selector for key in new),
                step if all(condition.state == "done" for condition in conditions) else "publish",
                (*conditions, *more),
                lines,
            )
        )
    return rotations


def ready(some: Sequence[Rotation]) -> frozenset[str]:
    """Selectors that are published long enough to sign with."""
    return frozenset(name for rotation in some if rotation.step != "publish" for name in rotation.new)


def _published(
    spec: MailSpec, key: SigningKey, checks: Sequence[Check], now: dt.datetime, folder: Path
) -> list[Condition]:
    name = absolute(f"{key.selector}._domainkey", spec.domain)
    mine = [check for check in checks if check.name == name]
    wrong = any(check.status is Status.FAIL for check in mine)
    untold = [check for check in checks if check.status is Status.UNKNOWN and check.name in (name, "")]
    served = bool(mine) and not wrong and not untold
    path = folder / f"{spec.domain}-{key.selector}.json"
    memory = Memory.read(path).of(key.selector, served, now)
    memory.keep(path)
    if untold and not wrong:
        first = untold[0].text
        return [Condition(f"published {key.selector}", "unknown", _UNTOLD.using(first=first))]
    text = (_PUBLISHED if served else _MISSING).using(selector=key.selector)
    published = Condition(f"published {key.selector}", "done" if served else "open", text)
    until = memory.since + NEGATIVE if memory.since else None
    state = "open" if until is None else "done" if now >= until else "waiting"
    waited = Condition(f"waited {key.selector}", state, _WAITED.using(selector=key.selector), until)
    return [published, waited]


def _next(
    spec: MailSpec, old: SigningKey, today: dt.date, evidence: Evidence
) -> tuple[str, list[Condition], tuple[str, ...]]:
    """The step after publishing, what it needs, and what to write."""
    if old.ends and old.ends <= today:
        until = spec.midnight(old.ends + dt.timedelta(days=rotating.KEPT))
        state = "done" if today >= until.date() else "waiting"
        kept = Condition("kept", state, _KEPT.using(old=old.selector), until)
        return "remove", [kept], ()
    conditions, lines = [], []
    for signer in rotating.signers(spec):
        condition, line = _signer(spec, old, signer, evidence)
        conditions.append(condition)
        lines += [line] if line else []
    least = rotating.earliest(spec, old)
    if least is None:
        return "switch", conditions, tuple(lines)
    last = evidence.last.get(old.selector)
    shown = {name: day for key in rotating.successors(spec, old) for name, day in key.seen.items()}
    if last and last > max(shown.values()):
        text = _STILL.using(old=old.selector, day=last.isoformat())
        return "switch", [*conditions, Condition("old key unused", "open", text)], tuple(lines)
    state = "done" if today >= least else "waiting"
    conditions.append(Condition("queues", state, _QUEUES.using(old=old.selector), spec.midnight(least)))
    if state == "waiting":
        return "wait", conditions, ()
    return "revoke", conditions, (f"signing: {{selector: {old.selector}, revoked: {today.isoformat()}}}",)


def _signer(spec: MailSpec, old: SigningKey, signer: str, evidence: Evidence) -> tuple[Condition, str]:
    keys = rotating.successors(spec, old)
    new = keys[0].selector
    if any(signer in key.seen for key in keys):
        return Condition(f"seen {signer}", "done", _SEEN.using(signer=signer, selector=new)), ""
    days = [
        evidence.first[(signer, key.selector)] for key in keys if (signer, key.selector) in evidence.first
    ]
    if days:
        line = f"signing: {{selector: {new}, seen: {{{signer}: {min(days).isoformat()}}}}}"
        return Condition(f"seen {signer}", "open", _TO_WRITE.using(signer=signer, selector=new)), line
    return Condition(f"seen {signer}", "open", _TO_SEE.using(signer=signer, selector=new)), ""


def of_mails(
    spec: MailSpec, mails: Sequence[tuple[str, bytes]], today: dt.date
) -> dict[tuple[str, str], dt.date]:
    """Who signs with which key, of test mails by signer: what verifies with the spec's own key."""
    import dkim as library

    records = {
        f"{key.selector}._domainkey.{spec.domain}.": dkim.record_for(key.public_key).encode()
        for key in spec.signing
    }
    days: dict[tuple[str, str], dt.date] = {}
    for signer, octets in mails:
        try:
            message = library.DKIM(octets)
            count = sum(name.lower() == b"dkim-signature" for name, _ in message.headers)
        except library.DKIMException:
            continue
        for index in range(min(count, 20)):
            try:
                valid = message.verify(
                    idx=index, dnsfunc=lambda name, **_: records.get(name.decode().lower())
                )
            except (library.DKIMException, ValueError, KeyError):
                continue
            if valid and message.domain.decode().lower() == spec.domain:
                days[(signer, message.selector.decode().lower())] = today
    return days


def of_reports(spec: MailSpec, store: Store, today: dt.date) -> Evidence:
    """Who signs with which key, of DMARC reports: a signature that passes, from the networks of a signer."""
    names = names_of(spec)
    first: dict[tuple[str, str], dt.date] = {}
    last: dict[str, dt.date] = {}
    rows, _ = store.seen(spec.domain, today - dt.timedelta(days=_LOOKED_AT), today)
    for row in rows:
        owner = names.by_network(row)
        signer = rotating.MAIL_HOST if owner == spec.mail_host.service else owner
        for key in row.signatures:
            if key.result == "pass" and key.domain == spec.domain:
                last[key.selector] = max(row.last, last.get(key.selector, row.last))
                pair = (signer, key.selector)
                first[pair] = min(row.first, first.get(pair, row.first))
    return Evidence(first, last)
