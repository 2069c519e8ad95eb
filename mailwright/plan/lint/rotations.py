"""Before an own key is revoked, whoever signed with it was seen to sign with the next one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule
from mailwright.plan.records import rotating
from mailwright.spec.model import MailSpec, SigningKey

UNKNOWN_KEY = rule(
    "rotation-unknown-key",
    Severity.ERROR,
    en="{selector} replaces {old}, and signing: has no other key of that selector.",
    zh="{selector} 写明接替 {old}，但 signing: 中没有该选择器的另一把密钥。",
    hint_en="Keep the older key in signing: until it was revoked for 30 days; its mail is still under way.",
    hint_zh="旧密钥吊销满 30 天之前请保留在 signing: 中；用它签名的邮件可能仍在途中。",
    reference="RFC 6376 §3.6.1",
)
UNKNOWN_SIGNER = rule(
    "rotation-unknown-signer",
    Severity.ERROR,
    en="{signer} is not one who signs with own keys here.",
    zh="{signer} 不是这里用自有密钥签名的一方。",
    hint_en="Write one of these under seen: {signers}. A custom sender signs where it says signs_as.",
    hint_zh="seen: 中请写以下之一：{signers}。自定义发信方写了 signs_as 才算签名方。",
)
SEEN_LATER = rule(
    "rotation-seen-in-future",
    Severity.ERROR,
    en="{signer} is said to be seen with {selector} on {day}, which is still to come.",
    zh="{signer} 使用 {selector} 的确认日期 {day} 尚未到来。",
    hint_en="Write the day on which it was seen.",
    hint_zh="请写实际确认的日期。",
)
NOT_SEEN = rule(
    "rotation-not-seen",
    Severity.ERROR,
    en="{selector} is revoked on {day}, and no mail of {signers} was seen with a key that replaces it: "
    "theirs would fail from then on.",
    zh="{selector} 于 {day} 吊销，但尚未确认 {signers} 的邮件已改用接替它的密钥：届时其邮件会验证失败。",
    hint_en="`mailwright dkim rotate SPEC` says how to see it; write the day under seen: of the new key. "
    "Until then remove revoked:.",
    hint_zh="`mailwright dkim rotate 规格` 会说明如何确认；请把日期写在新密钥的 seen: 下。"
    "在此之前请去掉 revoked:。",
    reference="RFC 6376 §3.6.1",
)
TOO_EARLY = rule(
    "rotation-too-early",
    Severity.ERROR,
    en="{selector} is revoked on {day}; mail that was signed with it may wait in queues until {least}.",
    zh="{selector} 于 {day} 吊销，而用它签名的邮件可能排队到 {least}。",
    hint_en="Write revoked: {least} or later.",
    hint_zh="请写 revoked: {least} 或更晚的日期。",
    reference="RFC 5321 §4.5.4.1",
)
COMPROMISED = rule(
    "rotation-compromised",
    Severity.WARNING,
    en="{selector} is revoked at once. Mail signed with it that is still under way fails DKIM, and where SPF "
    "does not carry it, DMARC ({policy}); until caches forget the key (its TTL), forged mail passes. Signers "
    "not seen with another key: {signers}.",
    zh="{selector} 立即吊销。用它签名而仍在途中的邮件 DKIM 会失败；SPF 未通过时 DMARC 也会失败（{policy}）；"
    "在缓存（TTL）过期之前，伪造的邮件仍能通过。尚未确认改用其他密钥的签名方：{signers}。",
    hint_en="Switch every signer to a key made now (`mailwright dkim new`) before anything else.",
    hint_zh="请先让所有签名方改用新生成的密钥（`mailwright dkim new`）。",
    reference="RFC 6376 §8.15",
)


def findings(spec: MailSpec, today: dt.date) -> Iterator[Finding]:
    """Of the keys as written, whatever the day."""
    selectors = {key.selector for key in spec.signing}
    for number, key in enumerate(spec.signing):
        path = f"signing[{number}]"
        if key.replaces and (key.replaces == key.selector or key.replaces not in selectors):
            at = f"{path}.replaces"
            yield found(UNKNOWN_KEY, path=at, position=spec.at(at), selector=key.selector, old=key.replaces)
        yield from _seen(spec, key, path, today)
        yield from _ending(spec, key, path)


def _seen(spec: MailSpec, key: SigningKey, path: str, today: dt.date) -> Iterator[Finding]:
    signers = rotating.signers(spec)
    for name, day in key.seen.items():
        at = f"{path}.seen.{name}"
        if name not in signers:
            listed = ", ".join(signers)
            yield found(UNKNOWN_SIGNER, path=at, position=spec.at(at), signer=name, signers=listed)
        elif day > today:
            shown: dict[str, object] = {"signer": name, "selector": key.selector, "day": day.isoformat()}
            yield Finding(SEEN_LATER.id, at, spec.at(at), shown)


def _ending(spec: MailSpec, key: SigningKey, path: str) -> Iterator[Finding]:
    unseen = ", ".join(rotating.unseen(spec, key))
    if key.compromised:
        at = f"{path}.compromised"
        shown: dict[str, object] = {
            "selector": key.selector,
            "policy": spec.dmarc.stage,
            "signers": unseen or "–",
        }
        yield Finding(COMPROMISED.id, at, spec.at(at), shown)
    elif key.revoked:
        at, least = f"{path}.revoked", rotating.earliest(spec, key)
        shown = {"selector": key.selector, "day": key.revoked.isoformat()}
        if least is None:
            yield Finding(NOT_SEEN.id, at, spec.at(at), shown | {"signers": unseen or rotating.MAIL_HOST})
        elif key.revoked < least:
            yield Finding(TOO_EARLY.id, at, spec.at(at), shown | {"least": least.isoformat()})
