"""Drift of mailboxes on a mail host of one's own: lines and scripts that differ, and those no spec knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mailwright.deploy.errors import DeployError
from mailwright.deploy.given import environment, settings
from mailwright.deploy.mail.applying import script_seen
from mailwright.deploy.mail.program import mail_deployment
from mailwright.deploy.mail.values import MailInputs, split
from mailwright.deploy.mail.world import MailHost, World
from mailwright.hosts.mail import dovecot, postfix, sieve, tables
from mailwright.hosts.mail.dovecot import Seen
from mailwright.hosts.mail.own_scripts import traits
from mailwright.hosts.mail.strangers import is_inside, targets
from mailwright.model.checks import Check, Status
from mailwright.model.plan import Plan
from mailwright.model.position import Position
from mailwright.model.rules import Rule, Severity, rule
from mailwright.model.text import Text, visible
from mailwright.plan.transition.gate_rules import OWN_SCRIPT_CONFLICTS
from mailwright.spec.model import MailSpec

SAME = rule(
    "mailboxes-as-planned",
    Severity.INFO,
    en="{lines} lines and {scripts} mailboxes at {host} are as planned.",
    zh="{host} 上的 {lines} 行和 {scripts} 个邮箱与规格一致。",
    hint_en="Nothing to do.",
    hint_zh="无需处理。",
)
LINE = rule(
    "mailbox-line-differs",
    Severity.ERROR,
    en="The table {table} has {found} for {name}; planned: {expected}.",
    zh="表 {table} 中 {name} 为 {found}；规格要求 {expected}。",
    hint_en="`mailwright up` corrects it; if the change is intended, write it into the spec.",
    hint_zh="运行 `mailwright up` 恢复；如果确实要改，请写进规格。",
)
SCRIPT = rule(
    "mailbox-script-differs",
    Severity.ERROR,
    en="The script of {name} is not the planned one, or does not run.",
    zh="{name} 的脚本与规格不同，或没有启用。",
    hint_en="`mailwright preview` shows the lines, `mailwright up` corrects it.",
    hint_zh="`mailwright preview` 可查看差异，`mailwright up` 恢复。",
)
CLOSED = rule(
    "mailbox-not-there",
    Severity.ERROR,
    en="The server denies access to the mailbox {name}: {found}.",
    zh="服务器不允许打开 {name}：{found}。",
    hint_en="Create the mailbox on the server, or remove the person from the spec: mail to it bounces.",
    hint_zh="请在服务器上建立该邮箱，或从规格中去掉此人：发给它的邮件会被退回。",
)
FOREIGN_LINE = rule(
    "mailbox-line-unknown",
    Severity.WARNING,
    en="The table {table} has a manual line that is not in the spec: {name} {found}.",
    zh="表 {table} 中有规格未声明的手工行：{name} {found}。",
    hint_en="Write it into the spec, or remove it.",
    hint_zh="请写进规格，或删除。",
)
OUTSIDE = rule(
    "mail-leaves-unknown",
    Severity.ERROR,
    en="Mail of {name} is sent outside to {found}, and no spec knows of it.",
    zh="{name} 的邮件被转发到外部 {found}，规格中没有声明。",
    hint_en="Ask the owner at once: redirects like this are how payments are stolen. Remove it, or write "
    "the forward into addresses:.",
    hint_zh="请立即向本人核实：货款诈骗常用这种转发。请删除它，或把转发写进 addresses:。",
)
FOREIGN_SCRIPT = rule(
    "mailbox-script-unknown",
    Severity.WARNING,
    en="{name} has a script that no spec knows: {found}.",
    zh="{name} 有规格未声明的脚本：{found}。",
    hint_en="Write what it does into rules:, or remove it where nobody needs it.",
    hint_zh="请把它的作用写进 rules:，不需要则删除。",
)
OWN_REPLY = rule(
    "own-auto-reply",
    Severity.WARNING,
    en="{name} has an auto-reply of its own in the script {found}. On the days of the spec's auto-reply only "
    "that one goes out, and {found} does not run.",
    zh="{name} 自己的脚本 {found} 中也有自动回复。在规格的自动回复生效期间，只发送规格的回复，"
    "{found} 不会运行。",
    hint_en="Keep one of the two: take the auto-reply out of the script, or out of the spec.",
    hint_zh="请二选一：从脚本中去掉自动回复，或从规格中去掉。",
)
UNREAD = rule(
    "mail-host-unread",
    Severity.WARNING,
    en="The mail host cannot be read: {found}.",
    zh="无法读取邮件服务器：{found}。",
    hint_en="Give the command access to it, then run it again.",
    hint_zh="请让命令可以访问后重试。",
)
#: Tables whose values are addresses that get mail.
_PASSING = (postfix.ALIASES, postfix.ARCHIVE_IN, postfix.ARCHIVE_OUT)


def mail_drift(pairs: Sequence[tuple[MailSpec, Plan]]) -> dict[str, tuple[Check, ...]]:
    """The checks of each domain whose mail host is ours to set; other domains are left out.

    Reads only. The master user's password comes from the environment.
    """
    checks: dict[str, tuple[Check, ...]] = {}
    for spec, plan in pairs:
        deployment = mail_deployment(spec, plan)
        if deployment is not None:
            checks[plan.domain] = tuple(_domain(deployment.inputs, plan))
    return checks


def _domain(mail_inputs: MailInputs, plan: Plan) -> Iterator[Check]:
    target = mail_inputs.target
    try:
        text = settings.Settings.of_process().secret(settings.SIEVE)
        host = MailHost(target, environment.sieve_password(target.login, text))
        world = host.read(mail_inputs.scripts)
    except DeployError as error:
        yield check(UNREAD, Status.UNKNOWN, target.domain, "", host=target.label, found=str(error))
        return
    yield from compare(mail_inputs, world, plan)


def compare(mail_inputs: MailInputs, world: World, plan: Plan) -> Iterator[Check]:
    """What was read against what is planned."""
    target = mail_inputs.target
    places = positions(plan)
    differing = [*_lines(mail_inputs, world, places), *_scripts(mail_inputs, world, places)]
    yield from differing
    yield from _strangers(mail_inputs, world)
    if not differing:
        yield check(
            SAME,
            Status.PASS,
            target.domain,
            "",
            host=target.label,
            lines=len(mail_inputs.maps),
            scripts=len(mail_inputs.scripts),
        )


def _lines(mail_inputs: MailInputs, world: World, places: Mapping[str, Position]) -> Iterator[Check]:
    if not mail_inputs.target.folder:
        return
    planned = split(mail_inputs.maps)
    live = tables.live(world.texts, mail_inputs.target.domain, planned)
    for table in sorted({*planned, *live}):
        rows, there = planned.get(table, {}), live.get(table, {})
        for name in sorted({*rows, *there}):
            if rows.get(name) != there.get(name):
                yield check(
                    LINE,
                    Status.FAIL,
                    name,
                    table,
                    expected=rows.get(name),
                    found=there.get(name),
                    host=mail_inputs.target.folder,
                    position=places.get(name),
                )


def _scripts(mail_inputs: MailInputs, world: World, places: Mapping[str, Position]) -> Iterator[Check]:
    login = mail_inputs.target.login
    for name, reason in sorted(world.closed.items()):
        yield check(CLOSED, Status.FAIL, name, "mailbox", found=reason, host=login, position=places.get(name))
    for name, seen in sorted(world.scripts.items()):
        script = mail_inputs.scripts.get(name, "")
        yield from _beside(name, seen, script, login)
        if script_seen(seen, script) != script:
            yield check(SCRIPT, Status.FAIL, name, "script", host=login, position=places.get(name))


def _beside(name: str, seen: Seen, script: str, login: str) -> Iterator[Check]:
    """The owner's own script beside ours: one that would undo it, or that answers too."""
    other = dovecot.then(seen)
    if not script or other is None:
        return
    met = dovecot.conflict(script, seen)
    if met is not None:
        yield check(
            OWN_SCRIPT_CONFLICTS, Status.WARN, name, "script", host=login, script=visible(other), why=met[1]
        )
    elif traits(script).replies and traits(dict(seen.foreign)[other]).replies:
        yield check(OWN_REPLY, Status.WARN, name, "script", host=login, found=other)


def _strangers(mail_inputs: MailInputs, world: World) -> Iterator[Check]:
    """What somebody else wrote: a line that leads outside, and a script that runs and does, are failures."""
    domain = mail_inputs.target.domain
    rows, host = split(mail_inputs.maps), mail_inputs.target.label
    known = {
        to for table in _PASSING for value in rows.get(table, {}).values() for to in tables.targets(value)
    }
    for entry in tables.foreign(world.texts, domain, rows):
        folder = mail_inputs.target.folder or ""
        yield check(FOREIGN_LINE, Status.WARN, entry.key, entry.table, found=entry.value, host=folder)
        if entry.table in _PASSING:
            outside = [to for to in tables.targets(entry.value) if not is_inside(to, domain)]
            yield from _leaving(entry.key, entry.table, outside, known, host, runs=True)
    for name, seen in sorted(world.scripts.items()):
        running = _running(seen)
        for script, text in seen.foreign:
            yield check(
                FOREIGN_SCRIPT, Status.WARN, name, "script", found=script, host=mail_inputs.target.login
            )
            outside = [to for to in targets(text) if not is_inside(to, domain)]
            yield from _leaving(name, "script", outside, known, host, runs=script in running)
        if seen.ours is not None:
            planned = targets(mail_inputs.scripts.get(name, ""))
            outside = [to for to in targets(seen.ours) if to not in planned and not is_inside(to, domain)]
            yield from _leaving(name, "script", outside, known, host, runs=seen.active == sieve.NAME)


def _leaving(
    name: str, type: str, outside: Iterable[str], known: set[str], host: str, *, runs: bool
) -> Iterator[Check]:
    """Addresses outside that no table of ours leads to (``known``)."""
    for address in outside:
        if address.lower() not in known:
            status = Status.FAIL if runs else Status.WARN
            yield check(OUTSIDE, status, name, type, found=address, host=host)


def _running(seen: Seen) -> set[str]:
    """The active script, or the one that ours runs at its end."""
    return {script for script in (seen.active, seen.kept) if script}


def positions(plan: Plan) -> dict[str, Position]:
    """Where the spec asks for each address."""
    mailboxes = plan.mailboxes
    if mailboxes is None:
        return {}
    positions = {route.address: route.position for route in mailboxes.routes}
    positions |= {mailbox.address: mailbox.position for mailbox in mailboxes.mailboxes}
    return {address: position for address, position in positions.items() if position}


def check(
    check_rule: Rule,
    status: Status,
    name: str,
    type: str,
    *,
    host: str = "",
    expected: str | None = None,
    found: str | Text | None = None,
    position: Position | None = None,
    **params: object,
) -> Check:
    """One check; whatever a stranger wrote is shown, never carried out."""
    expected_text = None if expected is None else visible(expected)
    there = visible(found) if isinstance(found, str) else found
    shown = {"expected": expected_text or "–", "found": there or "–", "host": host, "table": type, **params}
    text = check_rule.message.using(name=visible(name), **shown)
    return Check(
        check_rule.id,
        status,
        visible(name),
        type,
        () if expected_text is None else (expected_text,),
        (there,) if isinstance(there, str) else (),
        host,
        text,
        position,
    )
