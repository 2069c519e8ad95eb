"""From what was read to a spec that plans it exactly as it is."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from mailwright.model.changes import ChangeSet
from mailwright.model.families import WHOLE, Family, family_of
from mailwright.model.finding import Finding, has_errors
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity
from mailwright.model.text import Lang, Text
from mailwright.operations.importing import evidence
from mailwright.operations.importing.drafted_senders import as_custom
from mailwright.operations.importing.drafting import draft, own_server
from mailwright.operations.importing.leftovers import leftovers
from mailwright.operations.importing.means import means_mail
from mailwright.operations.importing.names import to_ask
from mailwright.operations.importing.parts import Draft, Kept, Part
from mailwright.operations.importing.sources import ImportingError, World, from_servers
from mailwright.operations.importing.writing import write
from mailwright.plan.judging import verdict
from mailwright.plan.plan import DEFAULT_TTL, plan
from mailwright.plan.transition.change import change
from mailwright.plan.transition.compare import canonical
from mailwright.resolving.server import Server
from mailwright.spec import parse
from mailwright.spec.model import MailSpec
from mailwright.standards import spf

__all__ = ["Imported", "ImportingError", "imported", "importing"]


_INEXACT = Text(
    "{domain} has records that no spec can say exactly: {sets}", "{domain} 有规格无法准确表达的记录：{sets}"
)
_NO_SPEC = Text("no valid spec can be written: {wrong}", "无法写出有效的规格：{wrong}")


@dataclass(frozen=True, slots=True)
class Imported:
    """A spec for a living domain.

    ``text`` is the file; ``foreign`` are the records (name, type, value) that mean something to mail and
    that the spec does not claim; ``changes`` is the difference of plan and world: always empty.
    """

    domain: str
    text: str
    spec: MailSpec
    plan: Plan
    changes: ChangeSet
    foreign: tuple[tuple[str, str, str], ...]
    draft: Draft
    world: World


def imported(
    domain: str,
    servers: tuple[Server, ...] = (),
    *,
    selectors: tuple[str, ...] = (),
    contact: str | None = None,
    timezone: str = "Asia/Shanghai",
    lang: Lang = "en",
) -> Imported:
    """Read a domain from living servers and take it over. Raises ImportingError."""
    world = from_servers(domain, to_ask(domain, selectors), servers)
    return importing(world, contact=contact, timezone=timezone, lang=lang)


def importing(
    world: World,
    *,
    contact: str | None = None,
    timezone: str = "Asia/Shanghai",
    lang: Lang = "en",
    as_of: dt.date | None = None,
    file: str = "imported.yaml",
    dns_host: Mapping[str, str] | None = None,
) -> Imported:
    """The spec whose plan is what was read, with this DNS host where one is given.

    Raises ImportingError where there can be none.
    """
    day = as_of or dt.datetime.now(dt.UTC).date()
    first = draft(world, contact=contact, timezone=timezone)
    first = replace(first, notes=(*world.unread, *first.notes), dns=Part(dns_host) if dns_host else first.dns)
    drafted, spec = _valid(first, world, lang, day, file)
    draft_plan = plan(spec, day)
    changes = change(draft_plan.records, world.observed, domain=world.domain, target="import", as_of=day)
    foreign = tuple(_foreign(world, draft_plan))
    if not changes.is_empty:
        sets = ", ".join(set_change.key for set_change in changes.changes)
        raise ImportingError(_INEXACT, domain=world.domain, sets=sets)
    lines = [f"{bare(name)} {type} {value}" for name, type, value in foreign]
    text = write(drafted, lang, lines)
    spec = _parsed(text, file) or _refuse(text, file)
    return Imported(world.domain, text, spec, plan(spec, day), changes, foreign, drafted, world)


def _valid(first: Draft, world: World, lang: Lang, day: dt.date, file: str) -> tuple[Draft, MailSpec]:
    """The draft with the world as it is, or the nearest simpler one that is a spec without errors."""
    simpler: tuple[Callable[[Draft], Draft], ...] = (
        lambda candidate: candidate,
        lambda candidate: replace(candidate, spf=Part({})),
        lambda candidate: replace(candidate, senders=tuple(map(as_custom, candidate.senders))),
        lambda candidate: own_server(candidate, world.observed),
        lambda candidate: replace(candidate, extras={}, verification=()),
        lambda candidate: replace(candidate, dmarc=Part({})),
        lambda candidate: replace(candidate, senders=tuple(_named_only(part) for part in candidate.senders)),
    )
    drafted, kept = first, first
    for simplify in simpler:
        drafted = simplify(drafted)
        for _ in range(20):
            kept, spec = _kept_as_it_is(drafted, world, lang, day, file)
            if spec is None:
                break
            errors = [f for f in plan(spec, day).findings if f.severity is Severity.ERROR]
            if not errors:
                return kept, spec
            fewer = _without(drafted, errors)
            if fewer == drafted:
                break
            drafted = fewer
    text = write(kept, lang)
    return kept, _parsed(text, file) or _refuse(text, file)


def _kept_as_it_is(
    drafted: Draft, world: World, lang: Lang, day: dt.date, file: str
) -> tuple[Draft, MailSpec | None]:
    """The draft with its lines of ``as_found``; twice, because what is kept may answer for what is open."""
    spec = _parsed(write(drafted, lang), file)
    open_yet = spec is None
    if open_yet:
        spec = _parsed(write(replace(drafted, kept=(_standing(world),)), lang), file)
    if spec is None:
        return drafted, None
    kept = _as_it_is(drafted, world, plan(spec, day))
    if open_yet:
        kept = _with_standing(kept, world)
    return kept, _parsed(write(kept, lang), file)


def _standing(world: World) -> Kept:
    """The SPF of the domain as found, or its absence."""
    texts = evidence.spf_texts(world.observed, world.domain)
    values = tuple(dict.fromkeys(texts))
    return Kept(absolute(world.domain), "TXT", values, absent=not texts, exact=bool(texts))


def _with_standing(drafted: Draft, world: World) -> Draft:
    line = _standing(world)
    others = [record for record in drafted.kept if (record.name, record.type) != (line.name, line.type)]
    live = world.observed.get(line.name, line.type)
    ttl = live.ttl if live and live.ttl != (drafted.ttl or DEFAULT_TTL) else None
    return replace(drafted, kept=(replace(line, ttl=ttl), *others))


def _named_only(part: Part) -> Part:
    """A sender that no spec can say: it is named, and its records are left alone."""
    name = part.keys.get("service") or part.keys.get("custom")
    return Part({}, notes=(*part.notes, _LEFT_ALONE.using(name=name))) if name else part


_LEFT_ALONE = Text(
    "{name} sends too; its records cannot be written here and stay as they are",
    "{name} 也在发信；其记录无法写入本规格，保持原样",
)


def _without(drafted: Draft, errors: list[Finding]) -> Draft:
    """The draft without the keys that findings speak of; a sender becomes one of our own."""
    for error in errors:
        at = re.fullmatch(r"mail_host\.dkim\[(\d+)\].*", error.path)
        if at and int(at[1]) < len(drafted.host.dkim):
            keys = tuple(key for n, key in enumerate(drafted.host.dkim) if n != int(at[1]))
            return replace(drafted, host=replace(drafted.host, dkim=keys))
        key = re.split(r"[.\[]", error.path)[0]
        if key in drafted.extras:
            rest = {name: value for name, value in drafted.extras.items() if name != key}
            return replace(drafted, extras=rest)
        at = re.match(r"senders\[(\d+)\](?:\.dkim\[(\d+)\])?", error.path)
        written = [part for part in drafted.senders if part.keys]
        if at and int(at[1]) < len(written):
            old = written[int(at[1])]
            new = _less(old, int(at[2]) if at[2] else None)
            return replace(drafted, senders=tuple(new if part is old else part for part in drafted.senders))
    return drafted


def _less(part: Part, key: int | None) -> Part:
    """A sender without one key, else as one of our own, else only named."""
    if key is not None and key < len(part.dkim):
        return replace(part, dkim=tuple(dkim_key for n, dkim_key in enumerate(part.dkim) if n != key))
    return as_custom(part) if "service" in part.keys else _named_only(part)


def _parsed(text: str, file: str) -> MailSpec | None:
    return parse(text.encode("utf-8", "surrogatepass"), file).spec


def _refuse(text: str, file: str) -> MailSpec:
    findings = parse(text.encode("utf-8", "surrogatepass"), file).findings
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    joined = {"en": "; ".join(error.message("en") for error in errors)}
    joined["zh"] = "；".join(error.message("zh") for error in errors)
    wrong = Text("{en}", "{zh}", joined)
    raise ImportingError(_NO_SPEC, wrong=wrong)


def _as_it_is(drafted: Draft, world: World, planned: Plan) -> Draft:
    """The draft with a TTL that most sets have, and a line for each set that is otherwise."""
    sets: dict[tuple[str, str], list[PlannedRecord]] = {}
    for record in planned.records:
        sets.setdefault((record.name, record.type), []).append(record)
    ttls = Counter(live.ttl for pair in sets if (live := world.observed.get(*pair)))
    common = ttls.most_common(1)[0][0] if ttls else DEFAULT_TTL
    ttl = common if 60 <= common <= 604800 else DEFAULT_TTL
    kept = [line for pair, here in sets.items() for line in _kept(world, pair, here, ttl)]
    kept = _with_leftovers(kept, world, planned, ttl)
    return replace(drafted, ttl=None if ttl == DEFAULT_TTL else ttl, kept=tuple(kept))


def _with_leftovers(kept: list[Kept], world: World, planned: Plan, ttl: int) -> list[Kept]:
    """One line a set: what nothing else asks for is added to a line that is there already."""
    lines = {(record.name, record.type): record for record in kept}
    held = {
        (record.name, record.type, family_of(record.name, record.type, v))
        for record in kept
        for v in record.values
    } | {(record.name, record.type, record.family) for record in planned.records}
    for record_set, values in leftovers(world.observed, world.domain, held):
        other_ttl = record_set.ttl if record_set.ttl != ttl else None
        line = lines.get((record_set.name, record_set.type), Kept(record_set.name, record_set.type))
        both = tuple(dict.fromkeys((*line.values, *values)))
        lines[record_set.name, record_set.type] = replace(line, values=both, ttl=other_ttl, absent=False)
    return list(lines.values())


def _kept(world: World, pair: tuple[str, str], here: list[PlannedRecord], ttl: int) -> Iterator[Kept]:
    name, type = pair
    if any(is_below(name, cut) for cut in world.observed.cuts):
        yield _kept_elsewhere(world, pair, here)
        return
    live = world.observed.get(name, type)
    families = {record.family for record in here} & WHOLE
    values = [value for value in (live.plain if live else ()) if family_of(name, type, value) in families]
    planned_values = {canonical(type, v) for record in here if record.family in WHOLE for v in record.values}
    other_ttl = live.ttl if live and live.ttl != ttl else None
    if {canonical(type, value) for value in values} == planned_values and not _is_faulty(name, type, values):
        if other_ttl is not None:
            yield Kept(name, type, ttl=other_ttl)
        return
    if not values:
        yield Kept(name, type, absent=True)
        return
    planned = [v for record in here if record.family is Family.SPF for v in record.values]
    exact = Family.SPF in families and not _grows(values, planned)
    yield Kept(name, type, tuple(dict.fromkeys(values)), other_ttl, exact=exact)


def _kept_elsewhere(world: World, pair: tuple[str, str], here: list[PlannedRecord]) -> Kept:
    """A delegated name: what its own servers have there is judged, and nothing is written."""
    live = world.delegated.get(*pair) if world.delegated else None
    families = {record.family for record in here}
    values = [value for value in (live.plain if live else ()) if family_of(*pair, value) in families]
    if live is None or not values:
        return Kept(*pair, absent=True)
    return Kept(*pair, tuple(dict.fromkeys(values)), live.ttl, elsewhere=True)


def _is_faulty(name: str, type: str, values: list[str]) -> bool:
    """Whether an SPF record has an error that stands already: as found it stops nothing."""
    texts = [value for value in values if family_of(name, type, value) is Family.SPF]
    return has_errors(verdict(name, type, Family.SPF, texts))


def _grows(values: list[str], planned: list[str]) -> bool:
    """Whether the record found has all that the plan asks for, so that it may take more later."""
    try:
        record = spf.parse(values[0])
        return len(values) == 1 and not any(spf.dropped(spf.parse(text), record) for text in planned)
    except spf.SpfError:
        return False


def _foreign(world: World, draft_plan: Plan) -> Iterator[tuple[str, str, str]]:
    claimed = {
        (record.name, record.type, canonical(record.type, v))
        for record in draft_plan.records
        for v in record.values
    }
    for record_set in sorted(world.observed, key=lambda one: (one.name, one.type)):
        for value in dict.fromkeys(record_set.plain):
            if (record_set.name, record_set.type, canonical(record_set.type, value)) in claimed:
                continue
            if means_mail(record_set, value):
                yield record_set.name, record_set.type, value
