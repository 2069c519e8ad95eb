"""DMARC as a receiver evaluates it: tree walk, policy discovery, alignment (RFC 9989 §4.10, §5.3).

One implementation, a generator that yields questions and is sent answers; ``evaluate`` drives it with
a function, ``evaluate_async`` with a coroutine function.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

from mailwright.model.family import Family
from mailwright.model.readings import BLANKS, surely
from mailwright.model.text import Text
from mailwright.standards.dmarc.record import (
    DmarcRecord,
    Policy,
    lowered,
    only_record,
    report_authorisation_name,
)
from mailwright.standards.spf.questions import LookupFailed

MAX_QUERIES = 8  # RFC 9989 §4.10: of one tree walk

T = TypeVar("T")


class Question(NamedTuple):
    """What has to be looked up: an absolute owner name and a type (always ``TXT``)."""

    name: str
    type: str = "TXT"


class NoSuchName(tuple[str, ...]):
    """The answer NXDOMAIN, as an empty tuple: SPF, which does not tell it from no data, takes it as well."""

    __slots__ = ()


NO_SUCH_NAME = NoSuchName()

#: The values at a name, aliases followed, TXT as one plain string each; () for none of that type,
#: NO_SUCH_NAME or None for NXDOMAIN. Raises LookupFailed or OSError (TimeoutError is one) where nothing
#: can be said now. A look-up for SPF serves, as long as it tells NXDOMAIN apart.
Answer = Sequence[str] | None
Lookup = Callable[[str, str], Answer]
AsyncLookup = Callable[[str, str], Awaitable[Answer]]
Steps = Generator[Question, Answer, T]


@dataclass(frozen=True, slots=True)
class Alignment:
    """One authenticated identifier: whether it passed, and whether it speaks for the From domain."""

    domain: str
    passed: bool
    aligned: bool
    strict: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a receiver makes of one mail.

    ``result`` is ``none`` where no DMARC applies and ``temperror`` where a look-up failed.
    ``disposition`` is what the domain asks the receiver to do with this mail; ``policy`` is the policy
    before ``t=y`` lowers it, ``tag`` the one it comes from; ``policy_domain`` is where the record stands.
    ``organizational_domain`` is None where it decided nothing and so was not looked for.
    """

    result: Literal["pass", "fail", "none", "temperror"]
    disposition: Policy
    from_domain: str
    policy_domain: str | None
    organizational_domain: str | None
    policy: Policy | None
    tag: Literal["p", "sp", "np"] | None
    spf: Alignment | None
    dkim: tuple[Alignment, ...]
    why: Text


def walk_names(domain: str) -> tuple[str, ...]:
    """The domains that a tree walk asks, first to last, at most 8 (RFC 9989 §4.10)."""
    labels = _plain(domain).split(".")
    parents = labels[1:] if len(labels) <= MAX_QUERIES else labels[-(MAX_QUERIES - 1) :]
    return (".".join(labels), *(".".join(parents[at:]) for at in range(len(parents))))


def tree_walk(domain: str) -> Steps[dict[str, DmarcRecord]]:
    """The records found on the way up; it ends at a ``psd=y`` or ``psd=n``, or after 8 questions."""
    dmarc_records: dict[str, DmarcRecord] = {}
    for name in walk_names(domain):
        record = only_record((yield Question(f"_dmarc.{name}.")) or ())
        if record is not None:
            dmarc_records[name] = record
            if record.psd in ("y", "n"):
                break
    return dmarc_records


def organization_of(domain: str, dmarc_records: dict[str, DmarcRecord]) -> str:
    """The organizational domain, given what the tree walk found (RFC 9989 §4.10.2)."""
    start = _plain(domain)
    for name, record in dmarc_records.items():
        if record.psd == "n":
            return name
        if record.psd == "y" and name != start:
            labels = start.split(".")
            return ".".join(labels[-(name.count(".") + 2) :])
    return min(dmarc_records, key=lambda name: name.count("."), default=start)


@dataclass(frozen=True, slots=True)
class _Identifier:
    """What a mail was authenticated as: ``uncertain`` where nobody could tell (a temperror)."""

    domain: str
    passed: bool
    uncertain: bool
    strict: bool


def evaluation(
    from_domain: str,
    *,
    spf: tuple[str, str] | None = None,
    dkim: Sequence[str] = (),
) -> Steps[Evaluation]:
    """Evaluate one mail; see ``evaluate``. Yields questions, is sent answers, returns the Evaluation.

    The organizational domain is looked for only where it decides: the author domain's own record is the
    policy, and an identical domain is aligned. Where it cannot be found for one identifier, another may pass.
    """
    author = _plain(from_domain)
    walk = _Walk(author)
    try:
        own = only_record((yield Question(f"_dmarc.{author}.")) or ())
        if own is None or not (spf or dkim):
            yield from walk.up()
        at, record = (author, own) if own is not None else walk.policy()
        if at is None or record is None or record.policy is None:
            return _no_policy(author, at, walk.organization)
        tag = yield from _tag(author, at, record)
    except LookupFailed as error:
        return _temporary(author, str(error))
    judged = _Judged()
    for identifier in _identifiers(record, spf, dkim):
        yield from judged.add(identifier, author, walk)
    spf_aligned = judged.alignments[0] if spf else None
    dkim_aligned = tuple(judged.alignments[1:] if spf else judged.alignments)
    good = any(alignment.passed and alignment.aligned for alignment in judged.alignments)
    if judged.trouble and not good:
        return _temporary(author, judged.trouble)
    return _verdict(author, at, walk.organization, record, tag, spf=spf_aligned, dkim=dkim_aligned)


def _identifiers(
    record: DmarcRecord, spf: tuple[str, str] | None, dkim: Sequence[str]
) -> Iterator[_Identifier]:
    if spf is not None:
        result, domain = spf
        yield _Identifier(_plain(domain), result == "pass", result == "temperror", record.strict("aspf"))
    for signer in dkim:
        yield _Identifier(_plain(signer), True, False, record.strict("adkim"))


class _Walk:
    """The tree walk from the author domain, made once and only where it is needed."""

    def __init__(self, author: str) -> None:
        self._author = author
        self._walked: dict[str, DmarcRecord] | None = None

    def up(self) -> Steps[str]:
        """The organizational domain. Raises LookupFailed."""
        if self._walked is None:
            self._walked = yield from tree_walk(self._author)
        return organization_of(self._author, self._walked)

    @property
    def organization(self) -> str | None:
        """The organizational domain; None where nobody needed it."""
        return None if self._walked is None else organization_of(self._author, self._walked)

    def policy(self) -> tuple[str | None, DmarcRecord | None]:
        """Where the policy stands, after the walk (RFC 9989 §4.10.1)."""
        walked = self._walked or {}
        at = _policy_domain(self._author, organization_of(self._author, walked), walked)
        return at, walked.get(at) if at else None


class _Judged:
    """The identifiers judged so far; ``trouble`` says why one that may yet have counted could not be."""

    def __init__(self) -> None:
        self.alignments: list[Alignment] = []
        self.trouble = ""

    def add(self, identifier: _Identifier, author: str, walk: _Walk) -> Steps[None]:
        """RFC 9989 §4.4: the same domain, or (relaxed) the same organizational domain."""
        aligned = identifier.domain == author
        if not aligned and not identifier.strict and (identifier.passed or identifier.uncertain):
            # One that did not pass cannot help, so nothing is asked for it.
            try:
                home = yield from walk.up()
                aligned = (
                    organization_of(identifier.domain, (yield from tree_walk(identifier.domain))) == home
                )
            except LookupFailed as error:
                self.trouble = self.trouble or str(error)
        if aligned and identifier.uncertain:
            self.trouble = self.trouble or f"SPF {identifier.domain}: temperror"
        self.alignments.append(Alignment(identifier.domain, identifier.passed, aligned, identifier.strict))


def evaluate(
    from_domain: str,
    *,
    spf: tuple[str, str] | None = None,
    dkim: Sequence[str] = (),
    lookup: Lookup,
) -> Evaluation:
    """What a receiver makes of a mail whose From is at ``from_domain``.

    ``spf`` is (result, domain of the reverse-path or HELO): its ``temperror`` is neither pass nor fail.
    ``dkim`` are the ``d=`` domains of the signatures that verified. Domains may be in U-labels.
    ``lookup(name, type)`` is a Lookup.
    """
    return answered(evaluation(from_domain, spf=spf, dkim=dkim), lookup)


async def evaluate_async(
    from_domain: str,
    *,
    spf: tuple[str, str] | None = None,
    dkim: Sequence[str] = (),
    lookup: AsyncLookup,
) -> Evaluation:
    """The same with a coroutine function."""
    return await answered_async(evaluation(from_domain, spf=spf, dkim=dkim), lookup)


def organizational_domain(domain: str, lookup: Lookup) -> str:
    """The organizational domain by tree walk (RFC 9989 §4.10.2). LookupFailed comes through."""
    return organization_of(domain, answered(tree_walk(domain), lookup))


@dataclass(frozen=True, slots=True)
class Destination:
    """A report address outside the organization, and whether its domain says that it wants the reports.

    ``authorisation`` is the owner name where it says so; ``authorised`` is None where nobody could tell.
    """

    mailbox: str
    authorisation: str
    authorised: bool | None


def destinations(policy_domain: str, record: DmarcRecord) -> Steps[tuple[Destination, ...]]:
    """The report addresses that need a word from elsewhere (RFC 9990 §3).

    Those in the same organization, by tree walk, need none and are left out. Run it with ``answered``.
    """
    results: list[Destination] = []
    for mailbox in dict.fromkeys((*record.rua, *record.ruf)):
        domain = _plain(mailbox.rpartition("@")[2])
        if domain == _plain(policy_domain):
            continue
        name = report_authorisation_name(policy_domain, domain)
        consent: bool | None
        try:
            home = organization_of(policy_domain, (yield from tree_walk(policy_domain)))
            if organization_of(domain, (yield from tree_walk(domain))) == home:
                continue
            consent = False
        except LookupFailed:
            consent = None  # unless its domain says so all the same
        try:
            consent = _authorises((yield Question(name)) or ()) or consent
        except LookupFailed:
            consent = None
        results.append(Destination(mailbox, name, consent))
    return tuple(results)


def _authorises(values: Sequence[str]) -> bool:
    """RFC 9990 §3: at least one of the records is valid; the others are discarded."""
    return any(surely(Family.DMARC, value) for value in values)


def answered(steps: Steps[T], lookup: Lookup) -> T:
    """Run the steps, each question asked once."""
    known: dict[Question, Answer] = {}
    try:
        question = next(steps)
        while True:
            if question not in known:
                try:
                    known[question] = lookup(*question)
                except (LookupFailed, OSError) as error:
                    question = steps.throw(_failure(question, error))
                    continue
            question = steps.send(known[question])
    except StopIteration as done:
        result: T = done.value
        return result


async def answered_async(steps: Steps[T], lookup: AsyncLookup) -> T:
    """Run the steps with a coroutine function, each question asked once."""
    known: dict[Question, Answer] = {}
    try:
        question = next(steps)
        while True:
            if question not in known:
                try:
                    known[question] = await lookup(*question)
                except (LookupFailed, OSError) as error:
                    question = steps.throw(_failure(question, error))
                    continue
            question = steps.send(known[question])
    except StopIteration as done:
        result: T = done.value
        return result


def _failure(question: Question, error: Exception) -> LookupFailed:
    lookup_failed = LookupFailed(
        f"{question.name.rstrip('.')} {question.type}: {error or type(error).__name__}"
    )
    lookup_failed.__cause__ = error
    return lookup_failed


def _plain(domain: str) -> str:
    name = domain.strip(BLANKS).rstrip(".").lower()
    return name if name.isascii() else _a_labels(name)


def _a_labels(name: str) -> str:
    """A name in A-labels, as DNS has it; one that has none stays as it is, and nothing is found there."""
    import idna

    try:
        return idna.encode(name, uts46=True, std3_rules=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return name


def _policy_domain(author: str, organization: str, walked: dict[str, DmarcRecord]) -> str | None:
    """RFC 9989 §4.10.1: the author domain's record, the organizational domain's, the public suffix's."""
    if author in walked:
        return author
    if organization in walked:
        return organization
    return next((name for name, record in walked.items() if record.psd == "y"), None)


def _tag(author: str, at: str, record: DmarcRecord) -> Steps[Literal["p", "sp", "np"]]:
    """Which tag applies; a name that does not exist (RFC 8020: NXDOMAIN) comes under ``np``."""
    if author == at:
        return "p"
    if record.nonexistent_policy != record.subdomain_policy and _is_gone((yield Question(f"{author}."))):
        return "np"
    return "sp"


def _is_gone(answer: Answer) -> bool:
    return answer is None or isinstance(answer, NoSuchName)


def _verdict(
    author: str,
    at: str,
    organization: str | None,
    record: DmarcRecord,
    tag: Literal["p", "sp", "np"],
    *,
    spf: Alignment | None,
    dkim: tuple[Alignment, ...],
) -> Evaluation:
    policy = {
        "p": record.policy,
        "sp": record.subdomain_policy,
        "np": record.nonexistent_policy,
    }[tag] or "none"
    good = [
        identifier.domain
        for identifier in (*dkim, *((spf,) if spf else ()))
        if identifier.passed and identifier.aligned
    ]
    if good:
        why = Text(
            "{domain} is authenticated and aligned with {author}",
            "{domain} 已通过验证，且与 {author} 对齐",
            {"domain": good[0], "author": author},
        )
        return Evaluation("pass", "none", author, at, organization, policy, tag, spf, dkim, why)
    why = Text(
        "nothing that passed speaks for {author}: {tag} of _dmarc.{at} asks for {policy}{testing}",
        "通过验证的域名都不能代表 {author}：_dmarc.{at} 的 {tag} 要求 {policy}{testing}",
        {
            "author": author,
            "tag": tag,
            "at": at,
            "policy": policy,
            "testing": Text(", one step lower for t=y", "，因 t=y 降低一级") if record.testing else "",
        },
    )
    disposition = lowered(policy, record.testing)
    return Evaluation("fail", disposition, author, at, organization, policy, tag, spf, dkim, why)


def _no_policy(author: str, at: str | None, organization: str | None) -> Evaluation:
    if at is None:
        why = Text("no DMARC record for {author}", "{author} 没有 DMARC 记录", {"author": author})
    else:
        why = Text(
            "the record at _dmarc.{at} has neither a valid p nor a valid rua: no DMARC at all",
            "_dmarc.{at} 的记录既没有有效的 p，也没有有效的 rua：等于没有 DMARC",
            {"at": at},
        )
    return Evaluation("none", "none", author, at, organization, None, None, None, (), why)


def _temporary(author: str, reason: str) -> Evaluation:
    why = Text("cannot be determined now: {reason}", "暂时无法判断：{reason}", {"reason": reason or "DNS"})
    return Evaluation("temperror", "none", author, None, None, None, None, None, (), why)
