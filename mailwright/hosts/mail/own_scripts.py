"""What a script that somebody wrote for their own mailbox would do beside ours. Sieve is read, never run.

Ours runs such a script at its end (``include``, RFC 6609): both are one run to the server, and an action that
it does not allow beside another one undoes the whole run, copies to colleagues and auto-replies included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mailwright.hosts.mail.strangers import TOKEN
from mailwright.model.mailboxes import MOST_ACTIONS, MOST_REDIRECTS
from mailwright.model.text import Text

#: Blocks within blocks; Pigeonhole compiles 32.
_DEEPEST = 64
#: Actions that the server counts (RFC 5228 §2.10.5 and the extensions that Pigeonhole has).
_ACTIONS = frozenset(
    {"keep", "fileinto", "redirect", "discard", "reject", "ereject", "vacation", "notify", "report"}
    | {"pipe", "vnd.dovecot.pipe", "execute", "filter"}
)
_ENDS = frozenset({"stop", "return"})
#: What a refusal cannot stand beside: anything that delivers or answers (RFC 5429 §2.2).
_REFUSALS = frozenset({"reject", "ereject"})


@dataclass(frozen=True, slots=True)
class Traits:
    """What a script may do to one mail: the most ``actions`` and ``redirects`` of any way through it."""

    actions: int
    redirects: int
    replies: bool
    refuses: bool


def traits(script: str) -> Traits:
    """Reads a script. One that is no Sieve gives an answer too: the server says what is wrong with it."""
    words = list(_words(script.replace("\r\n", "\n")))
    actions, redirects = _Reader(words, _ACTIONS), _Reader(words, frozenset({"redirect"}))
    seen = actions.seen
    return Traits(actions.most(), redirects.most(), "vacation" in seen, bool(_REFUSALS & seen))


def conflict(ours: str, theirs: str, fault: str | None) -> Text | None:
    """Why the two cannot be one run; None where they can.

    Args:
        ours: our script, without theirs at its end.
        theirs: the script of the mailbox's owner.
        fault: the server's word where it does not compile.
    """
    if fault is not None:
        return Text("the server does not compile it ({word})", "服务器无法编译它（{word}）", {"word": fault})
    mine, other = traits(ours), traits(theirs)
    if other.refuses and mine.actions:
        return Text("it may refuse mail that ours passes on", "它可能拒收由规格的脚本转交的邮件")
    for count, most, text in (
        (mine.actions + other.actions, MOST_ACTIONS, _ACTIONS_OVER),
        (mine.redirects + other.redirects, MOST_REDIRECTS, _REDIRECTS_OVER),
    ):
        if count > most:
            return text.using(count=count, most=most)
    return None


_ACTIONS_OVER = Text(
    "together they may take {count} actions for one mail; the server allows {most}",
    "两者合计最多会对一封邮件执行 {count} 个动作；服务器最多允许 {most} 个",
)
_REDIRECTS_OVER = Text(
    "together they may pass one mail on to {count} addresses; the server allows {most}",
    "两者合计最多会把一封邮件转给 {count} 个地址；服务器最多允许 {most} 个",
)


def _words(script: str) -> Iterator[str]:
    """Identifiers in lower case and the signs that structure a script; strings and tags are left out."""
    for match in TOKEN.finditer(script):
        if match["sign"]:
            yield match["sign"]
        elif match["word"] and not match["word"].startswith(":"):
            yield match["word"].lower()


@dataclass(frozen=True, slots=True)
class _Most:
    """The most actions of the ways that go on after a block (None: none), and of those that end in it."""

    falls_through: int | None
    ended: int


class _Reader:
    """Walks through the blocks of a script and counts some commands."""

    def __init__(self, words: list[str], counted: frozenset[str]) -> None:
        self.words = words
        self.counted = counted
        self.at = 0
        self.seen: set[str] = set()

    def most(self) -> int:
        """The most of the counted commands that any way through the script runs."""
        whole = self.block()
        return max(whole.falls_through or 0, whole.ended)

    def block(self, depth: int = 0) -> _Most:
        """Up to the sign that closes it, or the end of the script."""
        through: int | None = 0
        ended = 0
        choice: list[_Most] = []  # of one if, elsif, else
        closed = False  # by an else
        while self.at < len(self.words) and self.words[self.at] != "}":
            word = self.words[self.at]
            if choice and word not in ("elsif", "else"):
                through, ended = _joined(through, ended, choice, closed)
                choice, closed = [], False
            if word in ("if", "elsif", "else", "foreverypart"):
                self._to("{")
                if depth == _DEEPEST:
                    continue
                inner = self.block(depth + 1)
                self.at += 1
                choice.append(inner)
                closed = word == "else"
                continue
            self.seen.add(word)
            through, ended = self._after(through, ended, word)
            self._to(";")
        return _Most(*_joined(through, ended, choice, closed))

    def _after(self, through: int | None, ended: int, word: str) -> tuple[int | None, int]:
        if through is None:
            return None, ended
        if word in _ENDS:
            return None, max(ended, through)
        return through + (word in self.counted), ended

    def _to(self, sign: str) -> None:
        """Behind the next sign of a kind."""
        while self.at < len(self.words) and self.words[self.at] != sign:
            self.at += 1
        self.at += 1


def _joined(through: int | None, ended: int, choice: list[_Most], closed: bool) -> tuple[int | None, int]:
    """After an ``if``: the ways of its branches, and without ``else`` the way past them."""
    if through is None or not choice:
        return through, ended
    on = [branch.falls_through for branch in choice if branch.falls_through is not None]
    on += [] if closed else [0]
    most = max([ended, *(through + branch.ended for branch in choice if branch.ended)])
    return (through + max(on) if on else None), most
