"""Drift at a mail host behind an API: objects that differ, and what no spec names and may be a fraud.

What the API cannot show is *not checkable*, and never "none".
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mailwright.deploy.errors import DeployError
from mailwright.deploy.given import settings
from mailwright.hosts.dns.base import HostError
from mailwright.hosts.mail.google.account import service_account
from mailwright.hosts.mail.google.api import Google
from mailwright.hosts.mail.google.desired import Desired, desired
from mailwright.hosts.mail.google.rows import filter_of, parts, rows, wish
from mailwright.hosts.mail.google.standing import Standing, read
from mailwright.model.checks import Check, Status
from mailwright.model.names import bare
from mailwright.model.plan import Plan
from mailwright.model.position import Position
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.operations.world.mail_drift import OUTSIDE, UNREAD, check, positions
from mailwright.spec.host_api import HostApi
from mailwright.spec.model import MailSpec

HOST = "Google Workspace"
SAME = rule(
    "mail-objects-as-planned",
    Severity.INFO,
    en="{lines} objects at {host} are as planned.",
    zh="{host} 上的 {lines} 个对象与规格一致。",
    hint_en="Nothing to do.",
    hint_zh="无需处理。",
)
DIFFERS = rule(
    "mail-object-differs",
    Severity.ERROR,
    en="{host} has for {name}: {found}; planned: {expected}.",
    zh="{host} 中 {name} 为 {found}；规格要求 {expected}。",
    hint_en="Ask who changed it, and correct it as the checklist says; if it is intended, write it into the "
    "spec. With api: {{experimental: true}} `mailwright up` corrects it.",
    hint_zh="请查清是谁改的，并按清单恢复；如果确实要改，请写进规格。"
    "写了 api: {{experimental: true}} 时，`mailwright up` 会恢复。",
)
UNKNOWN = rule(
    "mail-object-unknown",
    Severity.WARNING,
    en="{host} has {name}, which no spec names: {found}.",
    zh="{host} 中有规格未声明的 {name}：{found}。",
    hint_en="Write it into the spec, or remove it where nobody needs it.",
    hint_zh="请写进规格，不需要则删除。",
)
HIDES = rule(
    "mail-hidden-unknown",
    Severity.ERROR,
    en="A rule of {name} hides mail from its owner, and no spec names it: {found}.",
    zh="{name} 中有一条规则会让使用人看不到邮件，规格中没有声明：{found}。",
    hint_en="Ask the owner at once: whoever redirects payments hides the answers like this. Remove it, or "
    "write it into rules:.",
    hint_zh="请立即向本人核实：货款诈骗常用这种规则隐藏往来邮件。请删除它，或写进 rules:。",
)
DELEGATE = rule(
    "mailbox-read-by-unknown",
    Severity.ERROR,
    en="{found} may read and answer the mail of {name}, and no spec names it.",
    zh="{found} 可以阅读并代为回复 {name} 的邮件，规格中没有声明。",
    hint_en="Ask the owner at once; end the delegation, or write a shared address into addresses:.",
    hint_zh="请立即向本人核实；请取消委托，或在 addresses: 中写成共用地址。",
)
WAY_IN = rule(
    "mailbox-way-in",
    Severity.WARNING,
    en="{name} can be reached by {found} besides its password.",
    zh="除密码外，还可通过 {found} 进入 {name}。",
    hint_en="Ask the owner whether each is known; a password that is changed ends none of them.",
    hint_zh="请逐一向本人确认；修改密码不会使它们失效。",
)
NOT_SHOWN = rule(
    "mail-host-not-shown",
    Severity.INFO,
    en="{host} does not show by its API: {found} ({name}).",
    zh="{host} 的 API 不显示：{found}（{name}）。",
    hint_en="Look in the Admin console: Apps > Google Workspace > Gmail, under Default routing, Routing and "
    "Compliance.",
    hint_zh="请在管理控制台查看：应用 > Google Workspace > Gmail 下的默认路由、路由与合规设置。",
)
_ROUTING = Text(
    "default routing, routing and content rules of the whole account",
    "整个账号的默认路由、路由与内容合规规则",
)
_SETTINGS = Text("rules and forwards of this mailbox ({reason})", "该邮箱的规则与转发（{reason}）")
_ACCESS = Text(
    "app passwords and granted applications: the scope admin.directory.user.security is not granted",
    "应用专用密码与已授权应用：未授予 admin.directory.user.security 权限范围",
)
_PASSWORD = Text("the app password {name}", "应用专用密码 {name}")
_APPLICATION = Text("the application {name}", "应用 {name}")
_RECOVERY = Text("the recovery address {name}", "辅助邮箱 {name}")
#: Kinds that are told in another way, or are part of another object.
_APART = frozenset({"locked", "forwarding"})
_HIDING = frozenset({"TRASH", "SPAM"})
_SHOWING = frozenset({"INBOX", "UNREAD"})


def hosted_drift(pairs: Sequence[tuple[MailSpec, Plan]]) -> dict[str, tuple[Check, ...]]:
    """The checks of each domain whose spec names an API of its mail host. Reads only."""
    return {
        plan.domain: tuple(_domain(host.api, replace(plan, mailboxes=view)))
        for spec, plan in pairs
        if plan.domain == spec.domain and plan.mailboxes is not None
        for host, view in zip(spec.mail_hosts, plan.mailboxes.at_hosts, strict=True)
        if host.api is not None
    }


def _domain(api: HostApi, plan: Plan) -> Iterator[Check]:
    assert plan.mailboxes is not None
    planned = desired(plan.mailboxes)
    try:
        secret = settings.Settings.of_process().secret(settings.GOOGLE)
    except DeployError as error:
        yield check(UNREAD, Status.UNKNOWN, plan.domain, "", host=HOST, found=str(error))
        return
    try:
        google = Google(service_account(secret or ""), api.admin, api.base_url)
    except HostError as error:
        status = Status.UNKNOWN if secret else Status.NOT_CHECKABLE
        yield check(UNREAD, status, plan.domain, "", host=HOST, found=error.text)
        return
    try:
        standing = asyncio.run(_read(google, bare(plan.domain), planned))
    except HostError as error:
        yield check(UNREAD, Status.UNKNOWN, plan.domain, "", host=HOST, found=error.text)
        return
    yield from compare(planned, standing, plan)


async def _read(google: Google, domain: str, planned: Desired) -> Standing:
    """Every mailbox: whoever redirects mail does it where nobody looks."""
    try:
        return await read(google, domain, replace(wish(planned.rows), boxes=None, access=None))
    finally:
        google.close()


def compare(planned: Desired, standing: Standing, plan: Plan) -> Iterator[Check]:
    """What was read against what is planned."""
    there, places = rows(standing, planned.rows), positions(plan)
    differing = [*_differing(planned, there, places, standing)]
    yield from differing
    yield from _strangers(planned, there, bare(plan.domain))
    yield from _ways_in(standing, bare(plan.domain))
    yield from _not_shown(planned, standing, plan)
    if not differing:
        yield check(SAME, Status.PASS, plan.domain, "", host=HOST, lines=len(planned.rows))


def _differing(
    planned: Desired, there: Mapping[str, str], places: Mapping[str, Position], standing: Standing
) -> Iterator[Check]:
    for key, value in sorted(planned.rows.items()):
        kind, address, _ = parts(key)
        if there.get(key) == value or _is_unseen(kind, address, standing):
            continue
        yield check(
            DIFFERS,
            Status.FAIL,
            key.partition(" ")[2],
            kind,
            expected=value,
            found=there.get(key),
            host=HOST,
            position=places.get(address),
        )


def _is_unseen(kind: str, address: str, standing: Standing) -> bool:
    """Whether nobody can say how an object stands."""
    if kind == "locked":
        return standing.access is None
    return address in standing.closed and kind not in ("user", "alias", "group", "member")


def _strangers(planned: Desired, there: Mapping[str, str], domain: str) -> Iterator[Check]:
    for key, value in sorted(there.items()):
        kind, address, more = parts(key)
        if key in planned.rows or kind in _APART:
            continue
        target = _target(kind, more, value)
        if target and not target.endswith("@" + domain):
            yield check(OUTSIDE, Status.FAIL, address, kind, found=target, host=HOST)
        elif kind == "filter" and _hides(value):
            yield check(HIDES, Status.FAIL, address, kind, found=value, host=HOST)
        elif kind == "delegate":
            yield check(DELEGATE, Status.FAIL, address, kind, found=more, host=HOST)
        else:
            yield check(UNKNOWN, Status.WARN, key, kind, found=value or "–", host=HOST)
    used = {_target(parts(key)[0], "", value) for key, value in there.items()}
    for key in sorted(there):
        kind, address, target = parts(key)
        outside = kind == "forwarding" and not target.endswith("@" + domain)
        if outside and key not in planned.rows and target not in used:  # prepared, not yet in use
            yield check(OUTSIDE, Status.WARN, address, kind, found=target, host=HOST)


def _target(kind: str, more: str, value: str) -> str:
    """Where mail goes by an object, '' where it stays."""
    if kind == "filter":
        return filter_of(value).forward
    if kind == "forward":
        return value.split(maxsplit=1)[0]
    return more if kind in ("member", "send-as") else ""


def _hides(value: str) -> bool:
    filter = filter_of(value)
    return bool(_HIDING & set(filter.add) or _SHOWING & set(filter.remove))


def _ways_in(standing: Standing, domain: str) -> Iterator[Check]:
    for address, access in sorted((standing.access or {}).items()):
        ways = [_PASSWORD.using(name=name) for name in access.passwords]
        ways += [_APPLICATION.using(name=name) for name in access.applications]
        recovery = standing.users[address].recovery
        if recovery and not recovery.endswith("@" + domain):
            ways.append(_RECOVERY.using(name=recovery))
        for way in ways:
            yield check(WAY_IN, Status.WARN, address, "user", found=way, host=HOST)


def _not_shown(planned: Desired, standing: Standing, plan: Plan) -> Iterator[Check]:
    domain = bare(plan.domain)
    for text in (_ROUTING, *planned.by_hand):
        yield check(NOT_SHOWN, Status.NOT_CHECKABLE, domain, "", found=text, host=HOST)
    for address, reason in sorted(standing.closed.items()):
        what = _SETTINGS.using(reason=reason)
        yield check(NOT_SHOWN, Status.NOT_CHECKABLE, address, "", found=what, host=HOST)
    if standing.access is None:
        yield check(NOT_SHOWN, Status.NOT_CHECKABLE, domain, "", found=_ACCESS, host=HOST)
