"""``expect:`` about DMARC: what receivers would make of a mail by the planned records, without a network.

The planned zone is the world. What stands elsewhere comes from the catalog: an SPF include of a known service
holds that service's machines and nobody else's. Where neither says, the expectation is *not checkable*, and
never met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from mailwright.model.finding import Finding, found
from mailwright.model.names import is_below
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.lint.authority import Authority, Party, parties
from mailwright.spec.mailboxes import Claim
from mailwright.spec.model import MailSpec
from mailwright.spec.shape import advice
from mailwright.standards import dmarc, spf

MISSED = rule(
    "expectation-dmarc-missed",
    Severity.ERROR,
    en="Mail as {author}, sent by {sender}, was expected to give DMARC {wanted} and gives {result}: {why}.",
    zh="由 {sender} 以 {author} 名义发出的邮件，预期 DMARC 为 {wanted}，按计划为 {result}：{why}。",
    hint_en="Give the sender its DKIM key or its place in SPF, or correct the expectation; `mailwright plan` "
    "shows the records.",
    hint_zh="请为该发信方补上 DKIM 密钥或 SPF 授权，或更正这条期望；`mailwright plan` 可查看记录。",
    reference="RFC 9989 §5.3",
)
NOT_CHECKABLE = rule(
    "expectation-not-checkable",
    Severity.WARNING,
    en="Whether mail as {author}, sent by {sender}, gives DMARC {wanted} cannot be determined "
    "from the spec: {why}.",
    zh="仅凭规格无法判断由 {sender} 以 {author} 名义发出的邮件 DMARC 是否为 {wanted}：{why}。",
    hint_en="Send one such mail to a mailbox elsewhere and read its Authentication-Results, or plan a DKIM "
    "key for the sender.",
    hint_zh="请实际发送一封到外部邮箱，查看 Authentication-Results；或为该发信方规划 DKIM 密钥。",
    reference="RFC 7208 §4",
)
UNKNOWN_SENDER = rule(
    "expectation-unknown-sender",
    Severity.ERROR,
    en="{via} sends nothing here: it is neither the mail host nor among the senders.",
    zh="{via} 不在此发信：既不是邮件服务，也不在 senders 中。",
    hint_en="{advice}",
    hint_zh="{advice}",
)
NOT_OURS = rule(
    "expectation-of-other-domain",
    Severity.ERROR,
    en="{author} is in none of this spec's domains: nothing planned here decides about it.",
    zh="{author} 不属于本规格的任何域名：这里的计划对它不起作用。",
    hint_en="Write an address of {domain}, of a name below it, or of a parked domain.",
    hint_zh="请写 {domain}、其子域名或停放域名的地址。",
)

NO_MAILBOXES = rule(
    "expectation-without-mailboxes",
    Severity.WARNING,
    en="Who gets mail to {mail_to} is not in this spec: the expectation is not checked.",
    zh="本规格没有说明谁接收发往 {mail_to} 的邮件：这条期望未作检查。",
    hint_en="Write people: and addresses:, or remove the expectation.",
    hint_zh="请写 people: 与 addresses:，或删除这条期望。",
)

_STRANGER = Text("a stranger", "外人")
_MAYBE = Text(
    "{sender} is not signed with a planned key, and only its console shows whether its bounce address is in "
    "{domain}, where SPF would allow it",
    "{sender} 没有已规划的签名密钥；其退信地址是否在 {domain} 内（SPF 才会放行）只有其后台知道",
)
_ASKED = Text(
    "where bounces of {sender} go and as whom it signs is not written; SPF counts only if they go to "
    "{domain}. Look at the Return-Path and the DKIM-Signature of one of its mails, and write return_path: "
    "(and signs_as:)",
    "未写明 {sender} 的退信去向及签名所用域名；只有退信回到 {domain}，SPF 才算数。"
    "请查看它发出的一封邮件的 Return-Path 与 DKIM-Signature，并写上 return_path:（和 signs_as:）",
)
_NO_ADDRESS = Text(
    "no address of {sender} is written (ip4, ip6), and no known include",
    "没有写 {sender} 的地址（ip4、ip6），也没有已知的 include",
)
_NO_ANSWER = Text(
    "SPF of {domain} asks for {question}, which neither the plan nor the catalog knows",
    "{domain} 的 SPF 需要查询 {question}，计划与目录中都没有",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a receiver would say; ``result`` None: it cannot be told, ``why`` says what is missing."""

    result: str | None
    why: Text


def findings(spec: MailSpec, records: Sequence[PlannedRecord]) -> Iterator[Finding]:
    """One for each expectation missed or not checkable; ``records`` are all that the spec plans."""
    if spec.mailboxes.is_empty:
        for test in spec.mailboxes.expect:
            yield found(NO_MAILBOXES, path=test.path, position=test.position, mail_to=test.mail_to)
    if not spec.mailboxes.claims:
        return
    known = parties(spec, records)
    for claim in spec.mailboxes.claims:
        yield from _claim(spec, records, known, claim)


def _claim(
    spec: MailSpec, records: Sequence[PlannedRecord], known: Sequence[Party], claim: Claim
) -> Iterator[Finding]:
    domain = claim.author.rpartition("@")[2].lower()
    if not any(is_below(domain, own) for own in spec.domains):
        yield found(
            NOT_OURS,
            path=claim.path,
            position=claim.position,
            author=claim.author,
            domain=spec.domain_unicode,
        )
        return
    who = [party for party in known if claim.via in party.names] if claim.via else []
    if claim.via and not who:
        listed = sorted({name for party in known for name in party.names})
        at = claim.position
        yield found(
            UNKNOWN_SENDER, path=claim.path, position=at, via=claim.via, advice=advice(claim.via, listed)
        )
        return
    verdicts = [verdict(spec, records, domain, party) for party in _nearest(who, domain)] or [
        forged(spec, records, domain)
    ]
    missed = [verdict for verdict in verdicts if verdict.result not in (claim.dmarc, None)]
    worst = next(
        (verdict for verdict in (*missed, *(verdict for verdict in verdicts if verdict.result is None))), None
    )
    if worst is None:
        return
    params = {
        "author": claim.author,
        "sender": who[0].title if who else _STRANGER,
        "wanted": claim.dmarc,
        "why": worst.why,
    }
    if worst.result is None:
        yield Finding(NOT_CHECKABLE.id, claim.path, claim.position, params)
    else:
        yield Finding(MISSED.id, claim.path, claim.position, {**params, "result": worst.result})


def _nearest(who: Sequence[Party], domain: str) -> Sequence[Party]:
    """A service that is used twice: the use for the author's own domain, else each of them."""
    return [party for party in who if party.domain == domain] or who


def verdict(spec: MailSpec, records: Sequence[PlannedRecord], domain: str, party: Party) -> Verdict:
    """What DMARC makes of mail that ``party`` sends with a From at ``domain``."""
    envelope = party.envelope(domain)
    world = Authority(spec, records, envelope, stranger=False)
    signed = dmarc.evaluate(domain, dkim=party.signs, lookup=world.texts)
    if signed.result != "fail":
        return Verdict(signed.result, signed.why)
    passing = dmarc.evaluate(domain, spf=("pass", envelope), dkim=party.signs, lookup=world.texts)
    if passing.result != "pass":
        return Verdict(signed.result, signed.why)  # even a pass of SPF would not be aligned
    if not party.addresses:
        return Verdict(None, _NO_ADDRESS.using(sender=party.title))
    if party.elsewhere:
        if not _lets_in(world, party, envelope):
            return Verdict(signed.result, signed.why)
        unknown = _ASKED if party.custom else _MAYBE
        return Verdict(None, unknown.using(sender=party.title, domain=envelope))
    return _by_spf(world, envelope, party.addresses, every=True) or Verdict(passing.result, passing.why)


def forged(spec: MailSpec, records: Sequence[PlannedRecord], domain: str) -> Verdict:
    """What DMARC makes of mail that somebody outside sends as ``domain``, the reverse-path forged too."""
    world = Authority(spec, records, domain, stranger=True)
    bare = dmarc.evaluate(domain, lookup=world.texts)
    if bare.result != "fail":
        return Verdict(bare.result, bare.why)
    passing = dmarc.evaluate(domain, spf=("pass", domain), lookup=world.texts)
    outcome = _by_spf(world, domain, strangers(spec), every=False)
    return outcome or Verdict(passing.result, passing.why)


def _by_spf(world: Authority, domain: str, addresses: Iterable[str], *, every: bool) -> Verdict | None:
    """None where SPF lets the mail in; ``every``: only if it lets in each of the addresses."""
    results = [
        spf.check_host(address, domain, f"postmaster@{domain}", world.lookup).result for address in addresses
    ]
    passed = [result == "pass" for result in results]
    if all(passed) if every else any(passed):
        return None
    refused = [result for result in results if result not in ("pass", "temperror")]
    if "temperror" in results and not (every and refused):
        question = world.unanswered[-1] if world.unanswered else "?"
        return Verdict(None, _NO_ANSWER.using(domain=domain, question=question))
    why = Text(
        "SPF of {domain} gives {result}, and no planned DKIM key signs it",
        "{domain} 的 SPF 结果为 {result}，也没有已规划的 DKIM 密钥为其签名",
        {"domain": domain, "result": refused[0]},
    )
    return Verdict("fail", why)


def _lets_in(world: Authority, party: Party, domain: str) -> bool:
    """Whether SPF of ``domain`` lets the party in, should its reverse-path lie there, or may do so."""
    results = {
        spf.check_host(address, domain, f"x@{domain}", world.lookup).result for address in party.addresses
    }
    return bool(results & {"pass", "temperror"})


#: Addresses that nobody sends from (RFC 6598, RFC 5737, RFC 2544, RFC 3849): one in each half of IPv4.
_NOBODY = (
    "100.64.66.66",
    "192.0.2.66",
    "198.51.100.66",
    "203.0.113.66",
    "198.18.255.66",
    "2001:db8:6666::66",
)


def strangers(spec: MailSpec) -> tuple[str, ...]:
    """Addresses that stand for the rest of the world: in no network that the spec gives to a sender.

    A network wider than a /16 (IPv6: /32) is no sender's: strangers live in it.
    """
    host, policy = spec.mail_host, spec.spf
    texts = [*host.ip4, *host.ip6, *policy.ip4, *policy.ip6]
    texts += [network for sender in spec.senders for network in (*sender.ip4, *sender.ip6)]
    written = [ip_network(text, strict=False) for text in texts]
    own = [network for network in written if network.prefixlen >= (16 if network.version == 4 else 32)]
    return tuple(network for network in _NOBODY if not any(_inside(network, net) for net in own))


def _inside(address: str, network: IPv4Network | IPv6Network) -> bool:
    return ip_address(address) in network
