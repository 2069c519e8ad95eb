"""``when:`` of a rule: what a mail must be like, each fault at its place; sizes and header names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mailwright.model.mailboxes import Condition, Test
from mailwright.model.rules import Severity, rule
from mailwright.spec import mailbox_rules as said
from mailwright.spec.tree import Branch

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

BAD_SIZE = rule(
    "bad-size",
    Severity.ERROR,
    en="{value} cannot be used as a size here.",
    zh="{value} 不是此处可用的大小。",
    hint_en="Write a whole number with B, KB, MB or GB (of 1024 each), such as 5MB; less than {most}.",
    hint_zh="请写整数加 B、KB、MB 或 GB（以 1024 进位），例如 5MB；须小于 {most}。",
    reference="RFC 5228 §2.4.1",
)
SIZES_EXCLUDE = rule(
    "sizes-exclude-each-other",
    Severity.ERROR,
    en="No mail is larger than {over} and smaller than {under}.",
    zh="没有邮件能既大于 {over} 又小于 {under}。",
    hint_en="Write a larger_than: below smaller_than:, or match: any.",
    hint_zh="请让 larger_than: 小于 smaller_than:，或写 match: any。",
)
BAD_HEADER = rule(
    "bad-header-name",
    Severity.ERROR,
    en="{value} cannot be the name of a header.",
    zh="{value} 不是邮件头的名称。",
    hint_en="Write the name without its colon, such as X-Spam-Flag or List-Id.",
    hint_zh="请写名称，不带冒号，例如 X-Spam-Flag 或 List-Id。",
    reference="RFC 5322 §2.2",
)
SERVERS_HEADER = rule(
    "header-of-the-server",
    Severity.ERROR,
    en="{value} is written by the mail server itself on delivery; a rule by it cannot be foreseen.",
    zh="{value} 由邮件服务器在投递时自行写入，依据它的规则无法预判。",
    hint_en="Write the rule for the address the mail comes to (for:), or by from:, to: or another header.",
    hint_zh="请把规则写给收件地址（for:），或改用 from:、to: 或其他邮件头。",
)
#: Octets of each unit; K, M and G of Sieve are the same (RFC 5228 §2.4.1).
UNITS = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
#: RFC 5228 §2.4.1: implementations must take numbers up to 2^31 - 1, and need not take more.
MOST = 1 << 31
_SIZE = re.compile(r"(\d{1,15}) ?([KMG]?B)?", re.ASCII | re.IGNORECASE)
#: RFC 5322 §3.6.8 allows any printable sign; names in use are tokens.
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,76}")
_SERVERS = frozenset(
    {"received", "return-path", "delivered-to", "x-original-to", "x-sieve", "x-sieve-redirected-from"}
)
_WORDS = {"from": "from", "to": "to", "subject_contains": "subject", "body_contains": "body"}
_NO_TESTS = {"match", "not_replies", "not_spam"}
_SIZES = ("larger_than", "smaller_than")

#: (spec path, text) of one text or a list of them at a key of a branch.
Words = Callable[[Branch, str, str], Iterator[tuple[str, str]]]
#: A text at a spec path, once it is said what it must not hold.
Plain = Callable[[str, str], str]


def condition(builder: Builder, rule: Branch, path: str, words: Words, plain: Plain) -> Condition | None:
    """The condition of a rule; None is true always (otherwise)."""
    node = rule.items.get("when")
    when = node if isinstance(node, Branch) else Branch({}, {}, rule.position)
    if builder.text(rule, "otherwise") == "true":
        if when.items:
            builder.say(said.TWO_CONDITIONS, f"{path}.when")
        return None
    tests = tuple(_tests(builder, when, f"{path}.when", words, plain))
    not_replies = builder.text(when, "not_replies") == "true"
    not_spam = builder.text(when, "not_spam") == "true"
    any_ = builder.text(when, "match") == "any"
    if not (not_replies or not_spam or when.items.keys() - _NO_TESTS):
        builder.say(said.NO_CONDITION, path)
    sizes = {test.field: test.size for test in tests if test.field in _SIZES}
    if len(sizes) == len(_SIZES) and not any_ and sizes["larger_than"] + 1 >= sizes["smaller_than"]:
        over, under = (builder.text(when, key) for key in _SIZES)
        builder.say(SIZES_EXCLUDE, f"{path}.when", over=over, under=under)
    return Condition(tests, any_, not_replies, not_spam)


def _tests(builder: Builder, when: Branch, path: str, words: Words, plain: Plain) -> Iterator[Test]:
    for key, field in _WORDS.items():
        if key in when.items:
            yield Test(field, tuple(plain(at, text) for at, text in words(when, key, path)))
    named = when.items.get("header")
    by_name = named if isinstance(named, Branch) else Branch({}, {}, when.position)
    for name in by_name.items:
        texts = tuple(plain(at, text) for at, text in words(by_name, name, f"{path}.header"))
        if header_name(builder, f"{path}.header.{name}", name):
            yield Test("header", texts, name=name)
    if "has_header" in when.items:
        names = [(at, text) for at, text in words(when, "has_header", path)]
        yield Test("has_header", tuple(text for at, text in names if header_name(builder, at, text)))
    for key in _SIZES:
        if key in when.items:
            limit = size(builder, f"{path}.{key}", builder.text(when, key), MOST)
            if limit is not None:
                yield Test(key, size=limit)
    if "attachments" in when.items:
        yield Test("attachments", present=builder.text(when, "attachments") == "true")


def header_name(builder: Builder, path: str, name: str) -> bool:
    """Whether this is a name of a header that senders write; else a finding."""
    if not _NAME.fullmatch(name):
        builder.say(BAD_HEADER, path, value=plainly(name))
        return False
    if name.lower() in _SERVERS:
        builder.say(SERVERS_HEADER, path, value=name)
        return False
    return True


def headers(builder: Builder, branch: Branch, path: str, words: Words) -> tuple[tuple[str, str], ...]:
    """Name and value of each header of a mail, as ``header:`` of an expectation says them."""
    node = branch.items.get("header")
    if not isinstance(node, Branch):
        return ()
    return tuple(
        (name, text)
        for name in node.items
        if header_name(builder, f"{path}.header.{name}", name)
        for _, text in words(node, name, f"{path}.header")
    )


def size(builder: Builder, path: str, text: str, most: int) -> int | None:
    """Octets of ``5MB``; None and a finding where it is none, or not below ``most``."""
    count = octets(text)
    if count and count < most:
        return count
    builder.say(BAD_SIZE, path, value=plainly(text), most=shown(most))
    return None


def octets(text: str) -> int | None:
    """How many octets ``5MB`` are; None where it is no size."""
    match = _SIZE.fullmatch(text)
    return int(match[1]) * UNITS[(match[2] or "").upper()] if match else None


def shown(octets: int) -> str:
    """A size in the largest unit that gives a whole number."""
    unit, factor = next(item for item in reversed(UNITS.items()) if octets % item[1] == 0)
    return f"{octets // factor}{unit or 'B'}"


def plainly(text: str) -> str:
    """A value as a message may show it."""
    return "".join(char if char.isprintable() else "?" for char in text)[:80]
