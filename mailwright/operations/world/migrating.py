"""``migrate``: how far a move between two mail hosts is, and what has to be true before its next stage.

What is done is read from the world; since when, from what earlier runs of the command saw, because DNS does
not say it. Without that the wait begins anew, which loses time and no mail.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mailwright.catalog import service_name
from mailwright.model import disk
from mailwright.model.checks import Check, Overall, Status, Verdict, overall
from mailwright.model.days import later
from mailwright.model.names import absolute
from mailwright.model.plan import Plan
from mailwright.model.text import Lang, Text
from mailwright.operations.world.conditions import Condition, state_of
from mailwright.operations.world.standing_in import addresses_now
from mailwright.operations.world.verification import verify_all
from mailwright.plan.lint.moves import (
    AFTERWARDS,
    LAST_COPIED,
    LAST_COPY,
    OVER_LIMIT,
    QUEUED,
    REMAINING,
    asked_for,
)
from mailwright.plan.records import moving
from mailwright.resolving.server import Server
from mailwright.spec.model import MailSpec, Move, Stage
from mailwright.standards.spf.flattening import NotAddresses

#: Errors of a plan that this command answers.
ANSWERED = frozenset({OVER_LIMIT.id, "spf-lookups-over-limit"})
#: Where nobody has seen how long resolvers may keep what stood before the move.
LONGEST_TTL = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a move is. ``following`` is None once the block may go; ``addresses`` are to be written."""

    domain: str
    stage: Stage
    following: Stage | None
    day: dt.date
    conditions: tuple[Condition, ...]
    addresses: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """``due``: the next stage may be written; else ``unknown``, ``open`` or ``waiting``."""
        return state_of(self.conditions)

    def to_json(self, lang: Lang) -> dict[str, object]:
        """The documented JSON form."""
        return {
            "domain": self.domain,
            "stage": self.stage.value,
            "next": self.following.value if self.following else None,
            "state": self.state,
            "guide": GUIDE[self.stage][0](lang),
            "going_back": GUIDE[self.stage][1](lang),
            "conditions": [condition.to_json(lang) for condition in self.conditions],
            "addresses": list(self.addresses),
        }


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier runs saw: since when all of a stage is served, and the longest TTL ever (s)."""

    stage: str = ""
    since: dt.datetime | None = None
    longest: int = 0

    @staticmethod
    def read(path: Path) -> Memory:
        """The memory at a place; an empty one where there is none, or none that can be read."""
        try:
            body = json.loads(disk.read_text(path))
            since = dt.datetime.fromisoformat(body["since"]) if body["since"] else None
            return Memory(str(body["stage"]), since, int(body["longest"]))
        except (OSError, ValueError, KeyError, TypeError):
            return Memory()

    def keep(self, path: Path) -> None:
        """Remember it durably. Raises OSError."""
        since = self.since.isoformat(timespec="seconds") if self.since else None
        disk.own_folder(path.parent)
        disk.replace(path, json.dumps({"stage": self.stage, "since": since, "longest": self.longest}))

    def after(self, thing: str, served: bool, ttl: int, now: dt.datetime) -> Memory:
        """The memory once this run has seen what it sees.

        A stage that has just been written is served since now. What is not served any more begins anew.
        """
        longest = max(self.longest, ttl)
        return replace(self.of(thing, served, now), longest=longest)

    def of(self, thing: str, served: bool, now: dt.datetime) -> Memory:
        """The memory of one thing, a stage or a selector: since when it is served without a break."""
        since = (self.since if self.stage == thing else None) or now
        return Memory(thing, since if served else None, self.longest)


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom to ask: ``servers`` none means the domain's own, ``resolvers`` none this machine's."""

    servers: Sequence[Server] = ()
    resolvers: Sequence[Server] = ()


def progress(spec: MailSpec, plan: Plan, now: dt.datetime, whom: Whom, folder: Path) -> Progress:
    """Look at the world and say how far a move is. Raises OSError where nothing can be remembered."""
    move = spec.moving_from
    assert move is not None, "the command says so where nobody moves"
    (verdict,) = verify_all([plan], whom.servers)
    path = folder / f"{spec.domain}.json"
    served = overall(verdict.checks) is Overall.OK
    memory = Memory.read(path).after(_written(spec, move), served, _longest(spec, verdict), now)
    memory.keep(path)
    order = list(Stage)
    later = order[order.index(move.stage) + 1 :]
    following = later[0] if later else None
    addresses, stands = _addresses(spec, move, plan, whom.resolvers)
    conditions = [
        everywhere(verdict),
        *stands,
        _waited(move.stage, memory, now),
        *_confirmed(spec, move, following),
        *_last_copy(move, memory, plan.as_of),
        _contract(move, plan.as_of),
    ]
    return Progress(spec.domain, move.stage, following, plan.as_of, tuple(conditions), addresses)


def _written(spec: MailSpec, move: Move) -> str:
    """What is waited for: the stage, and in the first one the id of MTA-STS, which follows its file."""
    announced = move.stage is Stage.PREPARE and {moving.POLICY} <= {*asked_for(spec)} & {*move.confirmed}
    return f"{move.stage.value} {moving.POLICY}" if announced else move.stage.value


def _longest(spec: MailSpec, verdict: Verdict) -> int:
    """The longest TTL with which the domain's own MX and TXT are served now (s)."""
    apex = absolute(spec.domain)
    return max((check.ttl or 0 for check in verdict.checks if check.name == apex), default=0)


#: What the stage is for and what people do in it; what going back from it costs.
GUIDE = {
    Stage.PREPARE: (
        Text(
            "Add the domain at the new mail host, make every mailbox, group and alias there, and have it "
            "sign. Nobody sends from it yet, and mail still comes in at the old one.",
            "在新服务添加域名，建好全部邮箱、群组与别名，并启用 DKIM 签名。"
            "此时还不用它发信，来信仍到旧服务。",
        ),
        Text(
            "Going back: remove moving_from and write the old mail host as mail_host again; nothing has "
            "changed for anybody.",
            "撤回：删除 moving_from，并把旧服务写回 mail_host；对任何人都没有影响。",
        ),
    ),
    Stage.SWITCH: (
        Text(
            "Mail comes in at the new mail host. Switch off the rules, forwards and auto-replies of the old "
            "one, read both for a day, and copy the old mailboxes daily from now on.",
            "来信到新服务。请停用旧服务上的规则、转发和自动回复，一天内两边都查看，并从现在起每天复制旧邮箱。",
        ),
        Text(
            "Going back: stage: prepare; what arrived at the new one has to be copied back.",
            "撤回：改回 stage: prepare；已到新服务的邮件须复制回去。",
        ),
    ),
    Stage.CLIENTS: (
        Text(
            "Mail programs find the new mail host. Set up each person, each device and the CRM again; "
            "whatever still sends through the old one goes on passing.",
            "邮件客户端会找到新服务。每个人、每台设备和 CRM 都须重新设置；"
            "仍通过旧服务发出的邮件照常通过验证。",
        ),
        Text(
            "Going back: stage: switch; whoever is set up already has to be set up once more.",
            "撤回：改回 stage: switch；已重新设置的客户端须再次设置。",
        ),
    ),
    Stage.WITHDRAW: (
        Text(
            "The old mail host may no longer send. Copy its mailboxes a last time. Once everything below is "
            "done, remove the domain there, end the contract, and remove moving_from.",
            "旧服务不再有权发信。请最后复制一次旧邮箱；下列各项都完成后，在旧服务删除域名、终止合同，"
            "并删除 moving_from。",
        ),
        Text(
            "Going back: stage: clients brings SPF and keys back; once the domain is removed there, nothing "
            "does.",
            "撤回：改回 stage: clients 可恢复 SPF 与密钥；旧服务删除域名后就无法撤回。",
        ),
    ),
}
_SERVED = Text(
    "everything of this stage is served by every nameserver", "本阶段的全部记录已在所有 DNS 服务器生效"
)
_DIFFERS = Text(
    "run `mailwright up`: {count} checks differ from this stage ({first})",
    "请运行 `mailwright up`：有 {count} 项与本阶段不符（{first}）",
)
_UNTOLD = Text("could not be told: {first}", "无法得知：{first}")


def everywhere(verdict: Verdict) -> Condition:
    """Whether every nameserver that was asked serves all of the plan."""
    wrong = [check for check in verdict.checks if check.status is Status.FAIL]
    untold = [check for check in verdict.checks if check.status is Status.UNKNOWN]
    if wrong:
        text = _DIFFERS.using(count=len(wrong), first=_named(wrong[0]))
        return Condition("served", "open", text)
    if untold or not verdict.checks:
        first = untold[0].text if untold else Text("–", "–")
        return Condition("served", "unknown", _UNTOLD.using(first=first))
    return Condition("served", "done", _SERVED)


def _named(check: Check) -> str:
    return f"{check.name} {check.type}"


_WAITS = {
    Stage.PREPARE: Text(
        "no resolver has the old TTL, or the SPF record without the new mail host, any more",
        "各解析器缓存中已没有旧的 TTL 和不含新服务的 SPF",
    ),
    Stage.SWITCH: Text("every resolver knows the new exchangers", "各解析器都已得到新的 MX"),
    Stage.CLIENTS: Text(
        "mail that waited for the old exchangers has arrived or gone back (five days)",
        "原先排队等待旧 MX 的邮件都已送达或退回（五天）",
    ),
    Stage.WITHDRAW: Text("what the old host had is no longer in any cache", "旧服务的记录已不在任何缓存中"),
}


def _waited(stage: Stage, memory: Memory, now: dt.datetime) -> Condition:
    """Caches forget by TTL (RFC 2181 §8); senders try for up to five days (RFC 5321 §4.5.4.1)."""
    text = _WAITS[stage]
    if memory.since is None:
        return Condition("waited", "open", text)
    long = memory.longest if memory.longest > moving.MOVING_TTL else LONGEST_TTL
    wait = {
        Stage.PREPARE: dt.timedelta(seconds=long),
        Stage.SWITCH: dt.timedelta(seconds=max(moving.MOVING_TTL, 3600)),
        Stage.CLIENTS: dt.timedelta(days=QUEUED),
        Stage.WITHDRAW: dt.timedelta(days=QUEUED + 1),
    }[stage]
    until = memory.since + wait
    return Condition("waited", "done" if now >= until else "waiting", text, until)


def _confirmed(spec: MailSpec, move: Move, following: Stage | None) -> list[Condition]:
    conditions = []
    for key, (stage, what) in asked_for(spec).items():
        if following is not None and following.reached(stage):
            conditions.append(Condition(key, "done" if key in move.confirmed else "open", what))
    return conditions


def _last_copy(move: Move, memory: Memory, today: dt.date) -> list[Condition]:
    """A copy that was made before the last stage may lack what arrived by an MX that somebody remembered."""
    if move.stage is not Stage.WITHDRAW:
        return []
    day = move.confirmed.get(LAST_COPY)
    late = day is not None and memory.since is not None and memory.since.date() <= day <= today
    return [Condition(LAST_COPY, "done" if late else "open", LAST_COPIED)]


_CONTRACT = Text("the contract with {service} lasts until {until}", "与 {service} 的合同持续到 {until}")


def _contract(move: Move, today: dt.date) -> Condition:
    least = later(today, REMAINING[move.stage] + AFTERWARDS)
    text = _CONTRACT.using(service=service_name(move.host.service), until=move.contract_until.isoformat())
    lasts = move.contract_until >= least or move.stage is Stage.WITHDRAW
    return Condition("contract", "done" if lasts else "open", text)


_WRITE = Text(
    "SPF of both needs more than ten look-ups: write the addresses below into moving_from",
    "两家的 SPF 合计超过十次查询：请把下列地址写入 moving_from",
)
_STAND = Text("the addresses of {seen} are still those of its include", "{seen} 的地址与其 include 仍然一致")
_MOVED = Text(
    "the include has other addresses than those of {seen}: write the ones below",
    "其 include 的地址已与 {seen} 的不同：请改写为下列地址",
)
_NOT_WRITABLE = Text(
    "SPF of both needs more than ten look-ups, and the include cannot be written as addresses: {reason}",
    "两家的 SPF 合计超过十次查询，而其 include 无法写成地址：{reason}",
)


def _addresses(
    spec: MailSpec, move: Move, made: Plan, resolvers: Sequence[Server]
) -> tuple[tuple[str, ...], list[Condition]]:
    """Where the old include stands as addresses, or has to: what they are today."""
    if move.stage is Stage.WITHDRAW or not (move.addresses or _too_many(made)):
        return (), []
    addresses = addresses_now(spec, move, resolvers)
    if isinstance(addresses, NotAddresses):
        state = "unknown" if move.addresses else "open"
        return (), [Condition("addresses_of_include", state, _NOT_WRITABLE.using(reason=addresses.text))]
    if not move.addresses:
        return addresses, [Condition("addresses_of_include", "open", _WRITE)]
    seen = move.seen.isoformat() if move.seen else "–"
    if set(addresses) != set(move.addresses):
        return addresses, [Condition("addresses_of_include", "open", _MOVED.using(seen=seen))]
    return (), [Condition("addresses_of_include", "done", _STAND.using(seen=seen))]


def _too_many(plan: Plan) -> bool:
    return any(finding.rule == OVER_LIMIT.id for finding in plan.findings)
