"""The usual slips of records pasted by hand, named: every console has its own way to bring them about."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute, bare
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.transition.compare import canonical
from mailwright.resolving.server import Server

#: What a server has at a name, of the type in question; empty where nothing usable.
Values = Callable[[str], Awaitable[tuple[str, ...]]]

SLIP = rule(
    "pasted-slip",
    Severity.WARNING,
    en="What differs looks like a slip of pasting.",
    zh="差异看起来是粘贴时的失误。",
    hint_en="Paste the record again, just as the check says.",
    hint_zh="请按检查结果的提示重新粘贴该记录。",
)
_DOUBLED = Text(
    "it is at {where}: the console adds the domain itself, enter only the part before it",
    "它写在了 {where}：控制台会自动补全域名，主机记录只需填写域名之前的部分",
)
_ELSEWHERE = Text(
    "it is at {where}: enter the name with every part and every underscore",
    "它写在了 {where}：主机记录的每一段和每个下划线都要填写",
)
_QUOTED = Text("the value has quotes in it: paste it without", "值中带了引号：请去掉引号重新粘贴")
_HIDDEN = Text(
    "the value has characters in it that cannot be seen: type it, or paste it as plain text",
    "值中含有不可见字符：请手工输入，或以纯文本方式粘贴",
)
_FULL_WIDTH = Text(
    "the value has full-width characters in it: type it with the English keyboard",
    "值中含有全角字符：请切换到英文半角输入",
)
_BLANK = Text("a space was lost or added: copy the whole value again", "值中少了或多了空格：请重新完整复制")
_ESCAPED = Text(
    "the value has backslashes in it: this console wants it without", "值中带了反斜杠：该控制台不需要转义"
)
_HTML = Text(
    "the value was copied from the source of a web page: copy it from the page itself",
    "值是从网页源代码复制的：请从页面上复制",
)
_CASE = Text(
    "capital and small letters were changed: copy the value as it is", "值的大小写被改变了：请原样复制"
)
_ENDING = Text("the value got a sign at its end: paste it without", "值的末尾多了符号：请去掉后重新粘贴")
_CUT = Text("only its beginning was pasted: copy the value to its end", "只粘贴了开头部分：请把值复制完整")
_MORE = Text("more than the value was pasted: only {value} belongs there", "粘贴的内容过多：值只应为 {value}")
_RELATIVE = Text(
    "the host name got the domain appended: end it with a dot, or enter it as the console wants names",
    "目标主机名被补上了域名：请在末尾加点，或按控制台要求填写完整主机名",
)


#: Also those between two strings of a long value.
_QUOTES = re.compile(r"""["“”] *["“”]|["“”'‘’]""")


def _unseen(value: str) -> str:
    return "".join(char for char in value if unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp"))


#: What went wrong, and what makes the pasted value and the wanted one the same again; the narrowest first.
_UNDOING: tuple[tuple[Text, Callable[[str], str]], ...] = (
    (_QUOTED, lambda value: _QUOTES.sub("", value.strip())),
    (_ESCAPED, lambda value: value.replace("\\", "")),
    (_HTML, html.unescape),
    (_ENDING, lambda value: value.rstrip(".;。；, ")),
    (_HIDDEN, _unseen),
    (_BLANK, lambda value: "".join(value.split())),
    (_FULL_WIDTH, lambda value: unicodedata.normalize("NFKC", value).replace("。", ".")),
    (_CASE, str.casefold),
)
#: Octets: a shorter beginning says nothing.
_BEGINNING = 12


async def slips(
    server: Server, pair: tuple[str, str], planned: Sequence[PlannedRecord], domain: str, ask: Values
) -> list[Check]:
    """What went wrong with one record set that is not as planned; empty where nothing usual is seen."""
    name, type = pair
    planned_values = {canonical(type, value) for record in planned for value in record.values}

    def check(text: Text, values: Iterable[str]) -> Check:
        return Check(
            SLIP.id, Status.WARN, name, type, tuple(sorted(planned_values)), tuple(values), str(server), text
        )

    here = await ask(name)
    lost = planned_values - {canonical(type, value) for value in here}
    for where, text in _misplaced(name, absolute(domain)):
        values = await ask(where)
        if lost & {canonical(type, value) for value in values}:
            return [check(text.using(where=bare(where)), values)]
    if type == "TXT":
        text_or_none = _pasted(lost, [value for value in here if value not in planned_values])
        return [check(text_or_none, here)] if text_or_none else []
    apex = absolute(domain)
    appended = {value.removesuffix(apex) for value in here if value.endswith(f".{apex}")}
    return [check(_RELATIVE, here)] if lost & appended else []


def _misplaced(name: str, apex: str) -> Iterator[tuple[str, Text]]:
    """Where a record may stand instead of at its name."""
    yield name + apex, _DOUBLED
    before = name.removesuffix(apex)
    if "_" in before:
        yield before.replace("_", "") + apex, _ELSEWHERE
        yield "".join(part + "." for part in before.split(".") if part and part[0] != "_") + apex, _ELSEWHERE


def _pasted(lost: Iterable[str], values: Sequence[str]) -> Text | None:
    """How what stands there came from what was wanted."""
    for lost_value in lost:
        for text, undone in _UNDOING:
            if any(undone(value) == undone(lost_value) for value in values):
                return text
        for value in values:
            if len(value) >= _BEGINNING and lost_value.startswith(value):
                return _CUT
            if lost_value in value:
                return _MORE.using(value=lost_value)
    return None
