"""What two versions of a plan change for mail, in the words of whoever reads and writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailwright.model.families import Family
from mailwright.model.names import bare
from mailwright.model.plan import Plan
from mailwright.model.text import Text
from mailwright.plan.transition import steps
from mailwright.standards import dkim, dmarc, spf

_ARRIVES = Text(
    "Mail to {name} arrived at {before}; it will arrive at {after}.",
    "发往 {name} 的邮件原来由 {before} 接收，今后由 {after} 接收。",
)
_BEGINS = Text("Mail to {name} will arrive at {after}.", "发往 {name} 的邮件今后由 {after} 接收。")
_ENDS = Text(
    "Nothing will receive mail to {name} any more (it arrived at {before}).",
    "今后没有服务器接收发往 {name} 的邮件（原来由 {before} 接收）。",
)
_SENDS = Text(
    "New: mail from {name} may come through {terms}.",
    "新增：{name} 的邮件可以经由 {terms} 发出。",
)
_NO_LONGER = Text(
    "No longer: mail from {name} may not come through {terms} any more.",
    "取消：{name} 的邮件不再允许经由 {terms} 发出。",
)
_REST = Text(
    "SPF of {name} says {after} about everybody else (before: {before}).",
    "{name} 的 SPF 对其他来源的结论改为 {after}（原为 {before}）。",
)
_KEY = Text("New signing key: {name}.", "新增签名密钥：{name}。")
_KEY_GOES = Text(
    "The signing key {name} goes: nothing may sign with it any more.",
    "签名密钥 {name} 将移除：不要再用它签名。",
)
_KEY_CHANGES = Text(
    "Another key at {name}: mail signed with the old one fails at once.",
    "{name} 换成另一个密钥：用旧密钥签名的邮件会立即验证失败。",
)
_POLICY = Text(
    "DMARC of {name} asks receivers for {after} where mail proves no origin (before: {before}).",
    "对未通过验证、自称来自 {name} 的邮件，DMARC 要求收件方执行 {after}（原为 {before}）。",
)
_NO_POLICY = Text(
    "No DMARC policy of {name} any more (before: {before}): where mail proves no origin, receivers are asked "
    "for nothing.",
    "{name} 不再有 DMARC 策略（原为 {before}）：对未通过验证的邮件，不再要求收件方做任何处理。",
)

_Sets = dict[str, tuple[str, ...]]


def in_words(old: Plan | None, new: Plan | None) -> tuple[Text, ...]:
    """Who receives, who may send, what signs, what receivers are asked to do; unchanged is silent."""
    texts: list[Text] = []
    for family, writer in (
        (Family.MX, _mx),
        (Family.SPF, _spf),
        (Family.DKIM, _dkim),
        (Family.DMARC, _dmarc),
    ):
        before, after = _values(old, family), _values(new, family)
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                texts += writer(bare(name), before.get(name, ()), after.get(name, ()))
    return tuple(texts)


def _values(plan: Plan | None, family: Family) -> _Sets:
    by_name: _Sets = {}
    for record in plan.records if plan else ():
        if record.family is family:
            by_name[record.name] = (*by_name.get(record.name, ()), *record.values)
    return by_name


def _mx(name: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Text]:
    old, new = (_list(value for value in values if value != steps.NULL_MX) for values in (before, after))
    if old or new:
        text = (_ARRIVES if old else _BEGINS) if new else _ENDS
        yield text.using(name=name, before=old, after=new)


def _spf(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Text]:
    nothing = spf.SpfRecord(())
    old, new = (steps.parsed(values) or nothing for values in (before, after))
    for text, one, other in ((_SENDS, new, old), (_NO_LONGER, old, new)):
        terms = spf.dropped(one, other)
        if terms:
            yield text.using(name=name, terms=_list(map(str, terms)))
    if before and after and str(old.all) != str(new.all):
        yield _REST.using(name=name, before=old.all or "–", after=new.all or "–")


def _dkim(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Text]:
    old, new = (tuple(value for value in values if not dkim.is_revoked(value)) for values in (before, after))
    if old or new:
        text = (_KEY_CHANGES if new else _KEY_GOES) if old else _KEY
        yield text.using(name=name)


def _dmarc(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Text]:
    old, new = dmarc.only_record(before), dmarc.only_record(after)
    asked = [
        str(dmarc_record.policy) if dmarc_record and dmarc_record.policy else "–"
        for dmarc_record in (old, new)
    ]
    if asked[0] != asked[1]:
        text = _POLICY if new and new.policy else _NO_POLICY
        yield text.using(name=name.removeprefix("_dmarc."), before=asked[0], after=asked[1])


def _list(values: Iterable[str]) -> str:
    return ", ".join(values)
