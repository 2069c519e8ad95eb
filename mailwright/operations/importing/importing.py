"""From what was read to a spec that plans it exactly as it is."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mailwright.model.changes import ChangeSet
from mailwright.model.families import WHOLE, Family, family_of
from mailwright.model.finding import Finding
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity
from mailwright.model.text import Lang, Text
from mailwright.operations.importing.drafting import Draft, Kept, Part, draft, own_server
from mailwright.operations.importing.names import to_ask
from mailwright.operations.importing.sources import ImportingError, World, from_servers, means_mail
from mailwright.operations.importing.writing import write
from mailwright.plan.plan import DEFAULT_TTL, plan
from mailwright.plan.transition.change import change
from mailwright.plan.transition.compare import canonical
from mailwright.resolving.server import Server
from mailwright.spec import parse
from mailwright.spec.model import MailSpec
from mailwright.standards import spf

__all__ = ["Imported", "ImportingError", "imported", "importing"]


_PARKED = Text(
    "{domain} takes no mail (null MX): write it under parked: in the spec of the company",
    "{domain} 不收邮件（null MX）：请写在公司规格的 parked: 下",
)
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
) -> Imported:
    """The spec whose plan is what was read. Raises ImportingError where there can be none."""
    day = as_of or dt.datetime.now(dt.UTC).date()
    live = world.observed.get(absolute(world.domain), "MX")
    if live and all(each.split()[-1] == "." for each in live.plain):
        raise ImportingError(_PARKED, domain=world.domain)
    first = draft(world, contact=contact, timezone=timezone)
    first = replace(first, notes=(*world.unread, *first.notes))
    drafted, spec = _valid(first, world, lang, day, file)
    drafted = _as_it_is(drafted, world, plan(spec, day))
    text = write(drafted, lang)
    spec = _parsed(text, file) or _refuse(text, file)
    made = plan(spec, day)
    changes = change(made.records, world.observed, domain=world.domain, target="import", as_of=day)
    foreign = tuple(_foreign(world, made))
    if not changes.is_empty:
        sets = ", ".join(each.key for each in changes.changes)
        raise ImportingError(_INEXACT, domain=world.domain, sets=sets)
    lines = [f"{bare(name)} {type} {value}" for name, type, value in foreign]
    text = write(drafted, lang, lines)
    spec = _parsed(text, file) or _refuse(text, file)
    return Imported(world.domain, text, spec, plan(spec, day), changes, foreign, drafted, world)


def _valid(drafted: Draft, world: World, lang: Lang, day: dt.date, file: str) -> tuple[Draft, MailSpec]:
    """The draft, or the nearest simpler one that is a spec without errors."""
    simpler: tuple[Callable[[Draft], Draft], ...] = (
        lambda each: each,
        lambda each: replace(each, spf=Part({})),
        lambda each: replace(each, senders=()),
        lambda each: own_server(each, world.observed),
        lambda each: replace(each, dmarc=Part({})),
    )
    for simplify in simpler:
        drafted = simplify(drafted)
        for _ in range(20):
            spec = _parsed(write(drafted, lang), file)
            if spec is None:
                break
            errors = [f for f in plan(spec, day).findings if f.severity is Severity.ERROR]
            fewer = _without(drafted, errors)
            if not errors or fewer == drafted:
                break
            drafted = fewer
        if spec is not None and not errors:
            return drafted, spec
    text = write(drafted, lang)
    return drafted, _parsed(text, file) or _refuse(text, file)


def _without(drafted: Draft, errors: list[Finding]) -> Draft:
    """The draft without the keys that findings speak of."""
    for each in errors:
        at = re.fullmatch(r"mail_host\.dkim\[(\d+)\].*", each.path)
        if at and int(at[1]) < len(drafted.host.dkim):
            keys = tuple(key for n, key in enumerate(drafted.host.dkim) if n != int(at[1]))
            return replace(drafted, host=replace(drafted.host, dkim=keys))
        at = re.match(r"senders\[(\d+)\]", each.path)
        written = [part for part in drafted.senders if part.keys]
        if at and int(at[1]) < len(written):
            gone = written[int(at[1])]
            return replace(drafted, senders=tuple(part for part in drafted.senders if part is not gone))
    return drafted


def _parsed(text: str, file: str) -> MailSpec | None:
    return parse(text.encode("utf-8", "surrogatepass"), file).spec


def _refuse(text: str, file: str) -> MailSpec:
    said = parse(text.encode("utf-8", "surrogatepass"), file).findings
    errors = [each for each in said if each.severity is Severity.ERROR]
    joined = {"en": "; ".join(each.message("en") for each in errors)}
    joined["zh"] = "；".join(each.message("zh") for each in errors)
    wrong = Text("{en}", "{zh}", joined)
    raise ImportingError(_NO_SPEC, wrong=wrong)


def _as_it_is(drafted: Draft, world: World, planned: Plan) -> Draft:
    """The draft with a TTL that most sets have, and a line for each set that is otherwise."""
    sets: dict[tuple[str, str], list[PlannedRecord]] = {}
    for each in planned.records:
        sets.setdefault((each.name, each.type), []).append(each)
    ttls = Counter(live.ttl for pair in sets if (live := world.observed.get(*pair)))
    common = ttls.most_common(1)[0][0] if ttls else DEFAULT_TTL
    ttl = common if 60 <= common <= 604800 else DEFAULT_TTL
    kept = [line for pair, here in sets.items() for line in _kept(world, pair, here, ttl)]
    return replace(drafted, ttl=None if ttl == DEFAULT_TTL else ttl, kept=tuple(kept))


def _kept(world: World, pair: tuple[str, str], here: list[PlannedRecord], ttl: int) -> Iterator[Kept]:
    name, type = pair
    live = world.observed.get(name, type)
    families = {each.family for each in here} & WHOLE
    values = [each for each in (live.plain if live else ()) if family_of(name, type, each) in families]
    wanted = {canonical(type, v) for each in here if each.family in WHOLE for v in each.values}
    other_ttl = live.ttl if live and live.ttl != ttl else None
    if {canonical(type, each) for each in values} == wanted:
        if other_ttl is not None:
            yield Kept(name, type, ttl=other_ttl)
        return
    if not values:
        yield Kept(name, type, absent=True)
        return
    planned = [v for each in here if each.family is Family.SPF for v in each.values]
    exact = Family.SPF in families and not _grows(values, planned)
    yield Kept(name, type, tuple(dict.fromkeys(values)), other_ttl, exact=exact)


def _grows(values: list[str], planned: list[str]) -> bool:
    """Whether the record found has all that the plan asks for, so that it may take more later."""
    try:
        record = spf.parse(values[0])
        return len(values) == 1 and not any(spf.dropped(spf.parse(each), record) for each in planned)
    except spf.SpfError:
        return False


def _foreign(world: World, made: Plan) -> Iterator[tuple[str, str, str]]:
    claimed = {(each.name, each.type, canonical(each.type, v)) for each in made.records for v in each.values}
    for each in sorted(world.observed, key=lambda one: (one.name, one.type)):
        for value in dict.fromkeys(each.plain):
            if (each.name, each.type, canonical(each.type, value)) in claimed:
                continue
            if means_mail(each, value):
                yield each.name, each.type, value
