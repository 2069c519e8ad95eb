"""Each kind of example is tried through the code that finds its rule: text in, rule ids out."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import yaml

from mailwright.deploy.claims import Claims
from mailwright.deploy.dns.applying import Work
from mailwright.deploy.dns.values import Inputs, State
from mailwright.deploy.errors import Refused
from mailwright.deploy.mail.applying import MailWork, to_change
from mailwright.deploy.mail.hosted.applying import HostedWork
from mailwright.deploy.mail.hosted.applying import to_change as hosted_change
from mailwright.deploy.mail.hosted.values import HostedInputs, HostedTarget
from mailwright.deploy.mail.values import MailInputs, MailTarget, rows_of, scripts_of
from mailwright.deploy.mail.world import World
from mailwright.deploy.run.members import Members, not_read
from mailwright.hosts.dns.services import rfc2136
from mailwright.hosts.mail import sieve
from mailwright.hosts.mail.dovecot import Seen
from mailwright.hosts.mail.email_routing import Forward, routing
from mailwright.hosts.mail.email_routing_api import Standing
from mailwright.hosts.mail.google import standing as google
from mailwright.hosts.mail.google.desired import desired
from mailwright.hosts.mail.google.rows import filter_of, settings_of
from mailwright.hosts.mail.google.rows import parts as parts_of
from mailwright.hosts.mail.google.rows import rows as google_rows
from mailwright.hosts.mail.postfix import ALIASES
from mailwright.model import deadline
from mailwright.model.checks import Status
from mailwright.model.families import Family
from mailwright.model.plan import Plan
from mailwright.model.records import Observed, ObservedSet, ObservedValue
from mailwright.model.text import Text
from mailwright.model.wildcards import made_up
from mailwright.operations.planning import Planned, planned
from mailwright.operations.world.drift import due
from mailwright.operations.world.expecting import expected
from mailwright.operations.world.hosted_drift import compare as hosted_compare
from mailwright.operations.world.mail_drift import compare
from mailwright.operations.world.mail_trial import detail
from mailwright.operations.world.routing_drift import compare as routing_compare
from mailwright.operations.world.verification import Asked, judge_all
from mailwright.plan.judging import Context, verdict
from mailwright.plan.lint import slipped
from mailwright.plan.lint.living import living
from mailwright.plan.mailboxes.gate import gate as mailbox_gate
from mailwright.plan.mailboxes.reach import Reach, losses
from mailwright.plan.transition.change import change
from mailwright.plan.transition.gate import gate
from mailwright.plan.transition.notices import notices
from mailwright.report.docs.examples import Example
from mailwright.resolving.connect import Dial
from mailwright.resolving.server import Server
from mailwright.sandbox.nameserver import running
from mailwright.spec import load_many
from mailwright.spec.model import MailSpec
from mailwright.standards import across, mta_sts
from mailwright.standards.dmarc import NO_SUCH_NAME
from mailwright.standards.spf import LookupFailed
from mailwright.verify import foreign
from mailwright.verify.mail.recipients import probe
from tests.conftest import ROOT
from tests.plan.worlds import changes, owned_by, world
from tests.rules.exchanger import answering
from tests.servers.base import free_port

DAY = dt.date(2026, 11, 23)
DOMAIN = "acme-trade.com"
APEX = DOMAIN + "."
SIX = f"""\
version: 1
domain: {DOMAIN}
timezone: Asia/Shanghai
mail_host: {{service: yandex-360}}
dns_hosts: [{{service: manual, console: aliyun}}]
contact: wang@{DOMAIN}
"""
RECORDS = {
    "spf": (APEX, "TXT", Family.SPF),
    "dmarc": (f"_dmarc.{APEX}", "TXT", Family.DMARC),
    "dkim": (f"s1._domainkey.{APEX}", "TXT", Family.DKIM),
    "mta-sts": (f"_mta-sts.{APEX}", "TXT", Family.MTA_STS),
    "tls-rpt": (f"_smtp._tls.{APEX}", "TXT", Family.TLS_RPT),
    "bimi": (f"default._bimi.{APEX}", "TXT", Family.BIMI),
    "tlsa": (f"_25._tcp.mail.{APEX}", "TLSA", Family.SERVICE),
    "mx": (APEX, "MX", Family.MX),
}
CERTIFICATE = yaml.safe_load((ROOT / "docs" / "rules-examples.yaml").read_text())["keys"]["CERTIFICATE"]
Parts = Mapping[str, str]
Try = Callable[[str, Parts, Path], set[str]]


def tried(example: Example, parts: Parts, folder: Path) -> set[str]:
    """The ids of the rules that the bad or the good half of an example breaks."""
    kind, _, record = example.kind.partition(".")
    if kind == "records":
        values = [part.strip() for part in parts[""].split(" + ")]
        return {finding.rule for finding in verdict(*RECORDS[record], values, Context())}
    return TRIES[kind](example.given, parts, folder)


# ── specs ──


def written(*fragments: str) -> str:
    """The six lines; a later fragment's keys take the place of an earlier one's."""
    text = SIX
    for fragment in fragments:
        keys = set(re.findall(r"(?m)^([\w-]+)[:：]", fragment))
        kept = [block for block in _blocks(text) if block.partition(":")[0] not in keys]
        text = "".join([*kept, fragment.rstrip("\n") + "\n"])
    return text


def _blocks(text: str) -> list[str]:
    """Each key with what is indented below it."""
    return re.findall(r"(?m)^[^\s-].*\n(?:[\s-].*\n)*", text)


def read(folder: Path, *fragments: str) -> Planned:
    path = folder / "acme.yaml"
    path.write_text(written(*fragments), encoding="utf-8")
    pem = "-----BEGIN CERTIFICATE-----\n" + CERTIFICATE + "\n-----END CERTIFICATE-----\n"
    (folder / "mail.pem").write_text(pem)  # what an example may name as a certificate
    return planned([path], DAY)


def ids(made: Planned) -> set[str]:
    return {finding.rule for finding in made.findings}


def plan_of(folder: Path, *fragments: str) -> Plan:
    return made_of(folder, *fragments)[1]


def made_of(folder: Path, *fragments: str) -> tuple[MailSpec, Plan]:
    made = read(folder, *fragments)
    assert made.plans, [each.message() for each in made.findings]
    return made.plans[0]


def _spec(given: str, parts: Parts, folder: Path) -> set[str]:
    return ids(read(folder, given, parts[""]))


def _specs(given: str, parts: Parts, folder: Path) -> set[str]:
    for name, text in parts.items():
        (folder / name).write_text(written(given, text), encoding="utf-8")
    return ids(planned([folder / name for name in parts], DAY))


def _file(given: str, parts: Parts, folder: Path) -> set[str]:
    """The six lines follow a beginning."""
    raw = _octets(parts[""] + "\n").replace(b"\\t", b"\t")
    path = folder / "acme.yaml"
    path.write_bytes(given.encode() + raw)
    return ids(planned([path], DAY))


def _octets(text: str) -> bytes:
    """``\\xEF`` is one byte; what else is no ASCII stands for its UTF-8."""
    return re.sub(rb"\\x([0-9A-F]{2})", lambda match: bytes([int(match[1], 16)]), text.encode())


def _command(given: str, parts: Parts, folder: Path) -> set[str]:
    (folder / "acme.yaml").write_text(written(given), encoding="utf-8")
    program, command, *paths = parts[""].split()
    assert (program, command) == ("mailwright", "check")
    return ids(planned([folder / path for path in paths], DAY))


def _list(given: str, parts: Parts, folder: Path) -> set[str]:
    (folder / "acme.yaml").write_text(written(given), encoding="utf-8")
    return ids(expected(folder / "acme.yaml", [("list", _octets(parts[""]))], DAY))


# ── records, policies ──


def _living(_given: str, parts: Parts, _folder: Path) -> set[str]:
    return {finding.rule for finding in slipped.living(DOMAIN, dict(_zone(parts[""])))}


def _policy(given: str, parts: Parts, _folder: Path) -> set[str]:
    record = dict(_zone(given)).get((f"_mta-sts.{APEX}", "TXT"))
    findings = list(mta_sts.lint_policy(parts[""], DOMAIN))
    if record:
        findings += mta_sts.lint_record(record, f"_mta-sts.{DOMAIN}", mta_sts.parse_policy(parts[""]))
    return {finding.rule for finding in findings}


def _agreement(_given: str, parts: Parts, _folder: Path) -> set[str]:
    """Parts: zone; policy; ``HOST:25`` with the names (DNS:…) or the certificate it shows."""
    zone = {pair: tuple(values) for pair, values in _zone(parts["zone"]).items()}
    policy = mta_sts.parse_policy(parts["policy"]) if "policy" in parts else None
    served = {
        name.removesuffix(":25"): across.Served(
            tuple(re.findall(r"DNS:(\S+)", text)),
            tuple(base64.b64decode(match) for match in re.findall(r"certificate (\S+)", text)),
        )
        for name, text in parts.items()
        if name.endswith(":25")
    }
    return {
        conflict.rule
        for conflict in (
            *across.consistency(DOMAIN, zone, policy=policy, served=served),
            *across.served_conflicts(zone),
        )
    }


def _zone(text: str) -> dict[tuple[str, str], list[str]]:
    """``NAME TYPE DATA`` a line, TXT plainly; a comment says nothing."""
    made: dict[tuple[str, str], list[str]] = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith(";"):
            name, type, data = line.split(maxsplit=2)
            made.setdefault((name, type), []).append(data)
    return made


# ── the world ──


def _lookups(given: str, parts: Parts, folder: Path) -> set[str]:
    """``NAME SERVFAIL –`` is a server that fails; what is not written does not exist."""
    known = _zone(parts[""])

    def answer(name: str, type: str) -> tuple[str, ...]:
        if (name, "SERVFAIL") in known:
            raise LookupFailed(f"{name} {type}: SERVFAIL")
        values = known.get((name, type))
        if values is None:
            return () if name in {each for each, _ in known} else NO_SUCH_NAME
        return tuple(values)

    return {each.rule for each in living([plan_of(folder, given)], answer).findings}


def _served(given: str, parts: Parts, folder: Path) -> set[str]:
    """Each part is a server (``resolver``: one that knows the exchangers too) and what it has otherwise.

    ``; no NAME TYPE`` takes a planned set away, ``; no such zone`` and ``; no answer`` the zone, the server.
    """
    plan = plan_of(folder, given)
    servers, resolvers = [], []
    with contextlib.ExitStack() as stack:
        for name, text in {"ns1": "", **parts}.items() if set(parts) == {"resolver"} else parts.items():
            port = free_port() if "; no answer" in text else stack.enter_context(_serving(plan, text))
            server = Server(name or "ns1", "127.0.0.1", port, authoritative=name != "resolver")
            (servers if server.authoritative else resolvers).append(server)

        async def ask() -> set[str]:
            verdicts = await judge_all([plan], Asked(tuple(servers)))
            more = [*verdicts[0].checks]
            if "; no answer" not in parts.values():  # the survey would wait for each of its names
                more += await foreign.survey(plan, servers)
            if resolvers:
                more += await foreign.dangling(plan, resolvers)
            return {check.rule for check in more if str(check.status) in ("fail", "warn", "unknown")}

        with deadline.until(3 if "; no answer" in parts.values() else 60):
            return asyncio.run(ask())


def _recipients(given: str, parts: Parts, folder: Path) -> set[str]:
    """What the exchanger says to each address; ``(no connection)`` where nobody listens."""
    spec, plan = made_of(folder, given, parts.get("spec", ""))
    said = parts.get("exchanger", parts.get("", ""))
    assert plan.mailboxes is not None
    with contextlib.ExitStack() as stack:
        silent = "(no connection)" in said
        port = free_port() if silent else stack.enter_context(answering(said))
        way = Dial.given([f"mail.{DOMAIN}:25:127.0.0.1:{port}"])
        one = detail(spec, plan.mailboxes)
        checks = probe(plan.mailboxes, [f"mail.{DOMAIN}"], way, detail=one, pause=0)
    return {check.rule for check in checks if str(check.status) != "pass"}


@contextlib.contextmanager
def _serving(plan: Plan, text: str) -> Iterator[int]:
    sets = {(record.name, record.type): list(record.values) for record in plan.records}
    ttls = {(record.name, record.type): record.ttl for record in plan.records}
    lines = []
    for line in text.splitlines():
        gone = re.match(r"; no (\S+\.) ([A-Z]+)$", line)
        if gone:
            sets.pop((gone[1], gone[2]), None)
        elif not line.startswith(";"):
            name, ttl, rest = re.match(r"(\S+) (?:(\d+) )?(.*)", line).groups()  # type: ignore[union-attr]
            lines.append(f"{name} {rest}")
            pair = (name, rest.partition(" ")[0])
            ttls[pair] = int(ttl) if ttl else ttls.get(pair, 3600)
    sets |= _zone("\n".join(lines))
    zones: dict[str, str] = {"other.example.": ""}
    if "; no such zone" not in text:
        zones |= {APEX: _master(sets, ttls, APEX), "net.": _master(sets, ttls, "net.")}
    with running(zones) as server:
        yield server.port


def _master(sets: Mapping[tuple[str, str], list[str]], ttls: Mapping[tuple[str, str], int], zone: str) -> str:
    lines = []
    for (name, type), values in sets.items():
        for value in values if name.endswith(zone) else ():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f"{name} {ttls.get((name, type), 3600)} {type} ")
            lines[-1] += " ".join(f'"{escaped[at : at + 200]}"' for at in range(0, len(escaped), 200))
            if type != "TXT":
                lines[-1] = f"{name} {ttls.get((name, type), 3600)} {type} {value}"
    if not any(type == "SOA" for _, type in sets) or zone != APEX:
        lines.insert(0, "@ 3600 SOA ns1 hostmaster 1 3600 900 604800 60")
    return "\n".join(lines) + "\n"


# ── changes ──


def _change(given: str, parts: Parts, folder: Path) -> set[str]:
    """``before`` (a spec that was applied) or ``zone``; then ``after`` (a spec) or ``command`` (destroy)."""
    destroyed = "destroy" in parts.get("command", "")
    new = None if destroyed else plan_of(folder, given, parts.get("after", parts.get("before", "")))
    records = list(new.records) if new else []
    if "zone" in parts:
        living_, owned, boxes = _observed(parts["zone"]), None, None
    else:
        old = plan_of(folder, given, parts.get("before", ""))
        first = changes(list(old.records), world())
        sets = [ObservedSet(e.name, e.type, e.ttl, e.after) for e in first.changes]
        living_, owned, boxes = world(*sets), owned_by(list(old.records), first), old.mailboxes
    change_set = change(records, living_, domain=DOMAIN, target="test", as_of=DAY, owned=owned)
    findings = [*gate(change_set), *notices(change_set)]
    if boxes:
        taking = [mailbox.address for mailbox in (*boxes.mailboxes, *boxes.routes)]
        findings += mailbox_gate(taking, new.mailboxes if new else None, (), DAY)
    if boxes and new and new.mailboxes:
        findings += losses(Reach.of(boxes), new.mailboxes, (), DAY)
    return {finding.rule for finding in findings}


def _tables(given: str, parts: Parts, folder: Path) -> set[str]:
    """The given spec was applied to a folder; then somebody wrote these lines into the table of aliases.

    Or ``before`` (a spec) was applied, and ``after`` follows.
    """
    plan = plan_of(folder, given, parts.get("before", ""))
    assert plan.mailboxes is not None
    inputs = MailInputs(MailTarget(DOMAIN, str(folder)), rows_of(plan.mailboxes), as_of=DAY)
    first = to_change(MailWork(inputs), World())
    texts = {file.path.name: file.after for file in first.files}
    if "after" in parts:
        then = plan_of(folder, given, parts["after"])
        rows = rows_of(then.mailboxes) if then.mailboxes else {}
        mail_inputs = MailInputs(inputs.target, rows, as_of=DAY)
        return {refusal.rule for refusal in to_change(MailWork(mail_inputs), World(texts)).refusals}
    world = World({**texts, ALIASES: f"{parts['']}\n{texts[ALIASES]}"})
    refusals = to_change(MailWork(inputs), world).refusals
    return {refusal.rule for refusal in (*refusals, *compare(inputs, world, plan))}


def _scripts(given: str, parts: Parts, folder: Path) -> set[str]:
    """The given spec's scripts are on the server; in wang's mailbox runs this one."""
    plan = plan_of(folder, given)
    assert plan.mailboxes is not None
    target = MailTarget(DOMAIN, None, "192.0.2.25", master_user="m")
    inputs = MailInputs(target, {}, scripts_of(plan.mailboxes), DAY)
    ((name, text),) = parts.items()
    ours = text if name == sieve.NAME else None
    seen = Seen(f"wang@{DOMAIN}", ours, name, () if ours else ((name, text),))
    return {check.rule for check in compare(inputs, World(scripts={seen.mailbox: seen}), plan)}


def _routing(given: str, parts: Parts, folder: Path) -> set[str]:
    """Email Routing has these rules, ``ADDRESS → TARGET`` a line; else it is as it should be."""
    plan = plan_of(folder, given)
    assert plan.mailboxes is not None
    text = parts[""]
    pairs = [line.split(" → ") for line in text.splitlines() if "→" in line]
    rules = [Forward(address, "forward", target) for address, target in pairs]
    waiting = re.findall(r"waiting: (\S+)", text)
    agreed = {rule.target: rule.target not in waiting for rule in rules}
    there = Standing(
        "switched off" not in text, tuple(rules), None, agreed, subaddress="sub-addressing off" not in text
    )
    checks = routing_compare(plan, routing(plan.mailboxes), there)
    return {check.rule for check in checks if check.status is not Status.PASS}


def _workspace(given: str, parts: Parts, folder: Path) -> set[str]:
    """Google Workspace is as planned but for these objects, a line each; wang is active unless it says so."""
    plan = plan_of(folder, given)
    assert plan.mailboxes is not None
    ours = desired(plan.mailboxes)
    lines = dict(line.split(": ", 1) for line in parts[""].splitlines() if ": " in line)
    named = [parts_of(key) for key in ours.rows]
    groups = {
        address: google.Group(
            address,
            members=tuple(
                member
                for kind, group, member in named
                if (kind, group) == ("member", address) and member != lines.get("not a member")
            ),
            settings=settings_of(ours.rows[f"group {address}"]),
        )
        for kind, address, _ in named
        if kind == "group"
    }
    wang, thief = f"wang@{DOMAIN}", lines.get("forward", "")
    rules = [filter_of(lines["filter"])] if "filter" in lines else []
    delegates = dict.fromkeys(filter(None, [lines.get("delegate", "")]), "accepted")
    box = google.Box(tuple(rules), {}, (thief, "leaveInInbox") if thief else None, {}, delegates)
    alias = tuple(filter(None, [lines.get("alias", "")]))
    access = {wang: google.Access(passwords=tuple(filter(None, [lines.get("app password", "")])))}
    standing = google.Standing(
        {wang: google.User(wang, lines.get("user") != "suspended", "wang", alias)},
        groups,
        {} if "settings" in lines else {wang: box},
        {wang: Text(lines["settings"], lines["settings"])} if "settings" in lines else {},
        access,
    )
    silent = (Status.PASS, Status.NOT_CHECKABLE)  # what no API shows of any account is said of each
    checks = list(hosted_compare(ours, standing, plan))
    target = HostedTarget(DOMAIN, "google-workspace", f"it@{DOMAIN}")
    work = HostedWork(HostedInputs(target, ours.rows, ours.names, DAY))
    refusals = hosted_change(work, google_rows(standing, ours.rows)).refusals
    found = {check.rule for check in checks if check.status not in silent or check.name == wang}
    return found | {refusal.rule for refusal in refusals}


def _observed(text: str) -> Observed:
    sets = [
        ObservedSet(name, type, 3600, tuple(ObservedValue.of(type, value) for value in values))
        for (name, type), values in _zone(text).items()
    ]
    cuts = frozenset(record_set.name for record_set in sets if record_set.type == "NS")
    wild = made_up([f"news.{APEX}"], sets, APEX)
    return Observed.of(APEX, sets, cuts=cuts, made_up=wild)


def _state(given: str, parts: Parts, folder: Path) -> set[str]:
    plan = plan_of(folder, given)
    retiring = dict(re.findall(r"(\w+): ([^,}]+)", parts[""]))
    outputs = {"domain": DOMAIN, "retiring": [{"name": APEX, "type": "MX", **retiring}]}
    return {check.rule for _, check in due([outputs], [plan])}


def _program(_given: str, parts: Parts, _folder: Path) -> set[str]:
    target = rfc2136.SERVICE.target(APEX, DOMAIN, {"server": "192.0.2.53"})
    names = {part: re.search(r'MailDomain\("([^"]+)"', text)[1] for part, text in parts.items()}  # type: ignore[index]
    urns = {part: f"urn:pulumi:acme::mailwright::MailDomain::{name}" for part, name in names.items()}
    claims = Claims()
    claims.seen(target, urns["before"], State(Inputs(target, {}, DAY)))
    try:
        claims.claim(target, urns["after"], Work(target, (), DAY))
    except Refused as error:
        return set(re.findall(r"\[([a-z-]+)\]", str(error)))
    return set()


def _folder(_given: str, parts: Parts, folder: Path) -> set[str]:
    """A stack was deployed from the file's first place; now it is in its second."""
    assert Path(parts["before"]).parent == Path("stacks")
    path = folder / parts["after"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(), encoding="utf-8")
    specs = [spec_result.spec for spec_result in load_many([folder / "stacks"]) if spec_result.spec]
    before = Members(frozenset([DOMAIN]), frozenset([DOMAIN]))
    return {finding.rule for finding in not_read(before, specs, [folder / "stacks"])}


TRIES: Mapping[str, Try] = {
    "spec": _spec,
    "specs": _specs,
    "file": _file,
    "list": _list,
    "command": _command,
    "zone": _living,
    "policy": _policy,
    "agreement": _agreement,
    "lookups": _lookups,
    "served": _served,
    "recipients": _recipients,
    "routing": _routing,
    "workspace": _workspace,
    "change": _change,
    "tables": _tables,
    "scripts": _scripts,
    "state": _state,
    "folder": _folder,
    "program": _program,
}
