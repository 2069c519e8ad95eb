"""Whether a domain's DMARC policy may get stricter: what reports show, held against thresholds that are said.

Mail that passes is not touched by a policy. What fails is a sender that the spec has (it would lose mail), a
forward (some receivers know it, some do not), or somebody else, which is what the policy is for, unless it
is a sender that nobody wrote down. That last question only a person answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mailwright.model.text import Text
from mailwright.operations.dmarc.ladder import Step, below_keys, higher, keys_for, lower, step_of
from mailwright.operations.dmarc.naming import Named, Names, names_of
from mailwright.operations.dmarc.store import Coverage, Seen, Store
from mailwright.operations.world.conditions import Condition, state_of
from mailwright.spec.model import MailSpec

#: Words of receivers for mail that came by way of somebody else (RFC 9990 §3.1.1.6, RFC 7489 appendix C).
FORWARDING = frozenset({"forwarded", "trusted_forwarder", "mailing_list"})
SILENT = 90  # days after which a declared sender that nobody saw is asked about
SETTLED = 14  # days after a move or a rotation, until which nothing gets stricter
LOOKED = "dmarc-sources"  # the attestation that somebody looked at sources which no spec has


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From what on reports suffice: days with mail, messages, receivers; and how much of a declared sender's
    mail may fail (a share of it, 0.01 is one in a hundred)."""

    days: int = 14
    messages: int = 100
    receivers: int = 2
    failing: float = 0.01
    unknown: float = 0.02
    window: int = 30  # days that are looked at


@dataclass(frozen=True, slots=True)
class Source:
    """One who sends in the domain's name, over all that was asked for. Counts are messages.

    ``forwarded`` and ``lost`` are what fails: by way of somebody else, or straight. ``enforced`` was put
    aside or refused already. ``subdomains``: of what is lost, the part with a From below the domain.
    """

    who: Named
    messages: int
    passed: int
    forwarded: int
    lost: int
    enforced: int
    subdomains: int
    addresses: tuple[str, ...]
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Advice:
    """What reports say of one domain, and what step they allow.

    ``keys`` are those of ``dmarc:`` that change; ``target`` is None at the end of the domain's own steps,
    where only those of subdomains may be left.
    """

    domain: str
    day: dt.date
    first: dt.date
    now: Step
    target: Step | None
    back: bool
    coverage: Coverage
    sources: tuple[Source, ...]
    silent: tuple[Named, ...]
    conditions: tuple[Condition, ...]
    keys: Mapping[str, str]
    failures: int
    tls: tuple[tuple[str, int, int, str], ...]

    @property
    def state(self) -> str:
        """``back``, ``due``, ``open``, ``waiting``, ``unknown`` (nothing was reported) or ``end``."""
        if self.back:
            return "back"
        if not self.keys:
            return "end"
        if not self.coverage.messages:
            return "unknown"
        return state_of(self.conditions)


@dataclass(frozen=True, slots=True)
class Pause:
    """Why nothing gets stricter: until when (None: as long as it lasts), and from when days count."""

    text: Text
    until: dt.date | None
    counted_from: dt.date | None


def advise(
    spec: MailSpec,
    store: Store,
    day: dt.date,
    least: Thresholds,
    pauses: Sequence[Pause],
    *,
    back: bool = False,
) -> Advice:
    """Weigh what is reported of a spec's domain. ``back``: the step before, whatever is reported."""
    first = day - dt.timedelta(days=least.window - 1)
    counted = [pause.counted_from for pause in pauses if pause.counted_from]
    first = max([first, *counted])
    rows, earlier = store.seen(spec.domain, first, day, day - dt.timedelta(days=SILENT - 1))
    names = names_of(spec)
    names.learn(rows)
    sources = tuple(_sources(rows, names, spec.domain))
    now = step_of(spec.dmarc)
    coverage = store.coverage(spec.domain, first, day, f"p={now.policy}")
    losing = [source for source in sources if source.who.declared and source.enforced]
    hurts = [source for source in losing if source.enforced > least.failing * source.messages]
    below = sum(source.subdomains for source in sources if source.who.declared)
    goes_back = lower(now) is not None and (back or bool(hurts))
    target = lower(now) if goes_back else higher(now)
    keys = keys_for(spec.dmarc, target, hold_subdomains=below > 0) if target else below_keys(spec.dmarc)
    if keys and spec.dmarc.since:
        keys = {**keys, "since": day.isoformat()}
    return Advice(
        spec.domain,
        day,
        first,
        now,
        target,
        goes_back,
        coverage,
        sources,
        _silent([*rows, *earlier], day, names),
        (*_settled(pauses, day), *_conditions(coverage, sources, least, _looked(spec, day))),
        keys,
        store.failures(spec.domain, first, day),
        tuple(store.tls(spec.domain, first, day)),
    )


def _sources(rows: Iterable[Seen], names: Names, domain: str) -> list[Source]:
    grouped: dict[str, tuple[Named, list[Seen]]] = {}
    for row in rows:
        who = names.of(row)
        grouped.setdefault(who.id, (who, []))[1].append(row)
    sources = [_source(who, seen, domain, names.passing) for who, seen in grouped.values()]
    return sorted(sources, key=lambda source: (-source.lost, -source.messages, source.who.id))


def _source(who: Named, rows: Sequence[Seen], domain: str, passing: Collection[tuple[str, str]]) -> Source:
    failing = [row for row in rows if not row.passes]
    straight = [row for row in failing if not _is_forwarded(row, who, passing)]
    by_address: dict[str, int] = {}
    for row in rows:
        by_address[row.source] = by_address.get(row.source, 0) + row.count
    return Source(
        who,
        sum(row.count for row in rows),
        sum(row.count for row in rows if row.passes),
        sum(row.count for row in failing) - sum(row.count for row in straight),
        sum(row.count for row in straight),
        sum(row.count for row in straight if row.disposition in ("quarantine", "reject")),
        sum(row.count for row in straight if row.domain != domain),
        tuple(sorted(by_address, key=lambda address: (-by_address[address], address))[:5]),
        min(row.first for row in rows),
        max(row.last for row in rows),
    )


def _is_forwarded(row: Seen, who: Named, passing: Collection[tuple[str, str]]) -> bool:
    """A receiver says so, or a signature broke on the way that passes elsewhere.

    What comes straight from a sender of the spec breaks on no way: there the key is wrong.
    """
    if FORWARDING & set(row.reasons):
        return True
    broken = {(s.domain, s.selector) for s in row.signatures if s.result not in ("pass", "")}
    return not who.declared and bool(broken & set(passing))


def _silent(rows: Sequence[Seen], day: dt.date, names: Names) -> tuple[Named, ...]:
    """Declared senders that no receiver saw in 90 days: a question, never a change."""
    oldest = min((row.first for row in rows), default=None)
    if oldest is None or (day - oldest).days < SILENT // 2:
        return ()
    names.learn(rows)
    seen = {names.of(row).id for row in rows}
    if "own-spf" in seen:  # it may be any of those that SPF lets in
        return ()
    return tuple(who for id, who in names.declared.items() if id not in seen)


_ENOUGH = {
    "days": Text(
        "reports of {count} days show today's policy (at least {least})",
        "有 {count} 天的报告显示当前策略（至少 {least} 天）",
    ),
    "messages": Text(
        "{count} messages in the domain's own name (at least {least})",
        "以本域名发出的邮件 {count} 封（至少 {least} 封）",
    ),
    "receivers": Text(
        "{count} receivers report (at least {least})", "有 {count} 家收件方提交报告（至少 {least} 家）"
    ),
}
_SENDER = Text(
    "{sender}: {lost} of {messages} messages would be lost (at most {share} %)",
    "{sender}：{messages} 封中有 {lost} 封会丢失（最多 {share} %）",
)
_UNKNOWN = Text(
    "{lost} messages ({share} %) come from {count} sources that the spec does not have. Somebody looks at "
    "them: write a sender of yours under senders:; if there is none, attest: [{{what: dmarc-sources, …}}]",
    "有 {lost} 封（{share} %）来自规格中没有的 {count} 个来源。请逐一核对：自己的发信方写入 senders:；"
    "若都不是，请写 attest: [{{what: dmarc-sources, …}}]",
)


def _settled(pauses: Iterable[Pause], day: dt.date) -> Iterable[Condition]:
    for pause in pauses:
        over = pause.until is not None and pause.until <= day
        yield Condition("settled", "done" if over else "waiting", pause.text)


def _looked(spec: MailSpec, day: dt.date) -> bool:
    """Whether somebody says to have looked at the sources that the spec does not have."""
    seen = [one for one in spec.attest if one.what == LOOKED]
    return any(one.on <= day <= one.on + dt.timedelta(days=one.days) for one in seen)


def _conditions(
    coverage: Coverage, sources: Sequence[Source], least: Thresholds, looked: bool
) -> Iterable[Condition]:
    seen = {"days": coverage.days, "messages": coverage.messages, "receivers": len(coverage.receivers)}
    for key, text in _ENOUGH.items():
        least_value: int = getattr(least, key)
        state = "done" if seen[key] >= least_value else "waiting"
        yield Condition(key, state, text.using(count=seen[key], least=least_value))
    for source in sources:
        if source.who.declared and (source.lost or source.passed):
            share = f"{least.failing * 100:g}"
            text = _SENDER.using(
                sender=source.who.label, lost=source.lost, messages=source.messages, share=share
            )
            fine = source.lost <= least.failing * source.messages
            yield Condition(f"sender {source.who.id}", "done" if fine else "open", text)
    others = [source for source in sources if not source.who.declared and source.lost]
    lost, every = sum(source.lost for source in others), sum(source.messages for source in sources)
    if lost > least.unknown * every:
        share = f"{100 * lost / every:.0f}"
        yield Condition(
            "unknown", "done" if looked else "open", _UNKNOWN.using(lost=lost, share=share, count=len(others))
        )
