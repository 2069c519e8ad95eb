"""The living mail host: what stands in the tables and on the ManageSieve server, and how it is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from mailwright.deploy.errors import DeployError, Unanswered
from mailwright.deploy.given import environment
from mailwright.deploy.mail import said
from mailwright.deploy.mail.values import MailTarget
from mailwright.hosts.mail import dovecot, folder
from mailwright.hosts.mail.dovecot import ScriptChange, Seen
from mailwright.hosts.mail.managesieve import Login, LoginRefusedError, ManageSieveError, Session
from mailwright.model.text import visible

#: What servers say where the master user is known and the mailbox does not open.
_OF_MAILBOX = re.compile(r"(?i)authori[sz]ation")
#: Mailboxes that are tried before a password is taken for wrong.
_TRIES = 3
#: ManageSieve sessions at the same time.
AT_ONCE = 8

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Closed:
    """A mailbox that the server lets nobody into, with its word."""

    said: str


@dataclass(frozen=True, slots=True)
class World:
    """What was read. ``texts`` are tables by name, ``scripts`` by mailbox.

    ``closed`` are mailboxes that the server lets nobody into, with its word.
    """

    texts: Mapping[str, str | None] = field(default_factory=dict)
    scripts: Mapping[str, Seen] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MailHost:
    """One target and the right to change it. Methods block; a problem is a DeployError.

    Attributes:
        password: the master user's, kept out of ``repr``, logs and messages.
    """

    target: MailTarget
    password: str | None = field(default=None, repr=False)

    @property
    def folder(self) -> Path | None:
        """The folder of tables, None where it is not ours."""
        return Path(self.target.folder) if self.target.folder else None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else changes the tables meanwhile."""
        if self.folder is None:
            yield
            return
        try:
            with folder.locked(self.folder):
                yield
        except OSError as error:
            raise _of_folder(self.folder, error) from None

    def read(self, mailboxes: Iterable[str]) -> World:
        """Tables, and the scripts of these mailboxes. No answer is an error, never an empty mailbox."""
        texts: Mapping[str, str | None] = {}
        if self.folder is not None:
            try:
                texts = folder.read(self.folder)
            except OSError as error:
                raise _of_folder(self.folder, error) from None
        if not self.target.server:
            return World(texts)
        seen = self._each(mailboxes, dovecot.read)
        scripts = {mailbox: answer for mailbox, answer in seen.items() if isinstance(answer, Seen)}
        closed = {mailbox: answer.said for mailbox, answer in seen.items() if isinstance(answer, Closed)}
        return World(texts, scripts, closed)

    def check(self, changes: Iterable[ScriptChange]) -> None:
        """Ask the server whether it would take these scripts; nothing is changed."""
        todo = {change.mailbox: change for change in changes if change.after is not None and change.is_change}
        self._require(todo, lambda session, mailbox: dovecot.check(session, todo[mailbox]))

    def apply(self, changes: Iterable[ScriptChange]) -> None:
        """Change scripts; each is read back and held against what was sent.

        A mailbox that cannot be opened has nothing to take away.
        """
        todo = {change.mailbox: change for change in changes if change.is_change}

        def one(session: Session, mailbox: str) -> None:
            dovecot.apply(session, todo[mailbox])

        self._require(
            todo,
            one,
            unless={script_change.mailbox for script_change in todo.values() if script_change.after is None},
        )

    def _require(
        self, mailboxes: Iterable[str], do: Callable[[Session, str], None], unless: Container[str] = ()
    ) -> None:
        refused = {
            mailbox: closed.said
            for mailbox, closed in self._each(mailboxes, do).items()
            if isinstance(closed, Closed) and mailbox not in unless
        }
        if refused:
            raise cannot_open(self.target, refused)

    def _each(self, mailboxes: Iterable[str], do: Callable[[Session, str], _T]) -> dict[str, _T | Closed]:
        """Do something in every mailbox, several at once; Closed where one cannot be opened."""
        names = list(dict.fromkeys(mailboxes))
        if not names:
            return {}
        if not self.password:
            raise DeployError(said.NO_PASSWORD, login=self.target.login, variable=environment.SIEVE_PASSWORD)
        problems: list[str] = []

        def one(mailbox: str) -> _T | Closed:
            try:
                with Session(self._login(mailbox)) as session:
                    return do(session, mailbox)
            except LoginRefusedError as error:
                return Closed(_word(error))
            except (ManageSieveError, OSError) as error:
                problems.append(f"{mailbox} at {self.target.login}: {_word(error)}")
                return Closed("")

        answers = self._first(names, one, problems)
        rest = [] if problems else names[len(answers) :]
        with ThreadPoolExecutor(AT_ONCE) as several:
            answers |= dict(zip(rest, several.map(one, rest), strict=True))
        if problems:
            raise Unanswered("\n".join(sorted(problems)))
        return answers

    def _first(
        self, names: Sequence[str], one: Callable[[str], _T | Closed], problems: list[str]
    ) -> dict[str, _T | Closed]:
        """One after the other until one opens: only that tells a closed mailbox from a wrong password.

        Servers wait longer after each wrong password, so few are tried.
        """
        answers: dict[str, _T | Closed] = {}
        refused: list[str] = []
        for mailbox in names[:_TRIES]:
            answer = answers[mailbox] = one(mailbox)
            if problems or not isinstance(answer, Closed) or _OF_MAILBOX.search(answer.said):
                return answers
            refused.append(answer.said)
        raise DeployError(
            said.LOGIN_REFUSED,
            login=self.target.login,
            word=", ".join(dict.fromkeys(refused)),
            variable=environment.SIEVE_PASSWORD,
        )

    def _login(self, mailbox: str) -> Login:
        target = self.target
        return Login(
            target.server or "",
            target.port,
            mailbox,
            target.master_user,
            self.password or "",
            target.ca_file,
        )


def cannot_open(target: MailTarget, refused: Mapping[str, str]) -> DeployError:
    """The error for mailboxes that the plan needs and the server does not open."""
    listed = ", ".join(f"{mailbox} ({word})" for mailbox, word in sorted(refused.items()))
    return DeployError(
        said.CANNOT_OPEN, login=target.login, mailboxes=listed, variable=environment.SIEVE_PASSWORD
    )


def _word(error: Exception) -> str:
    """What the server said, on one line."""
    return visible(" ".join(str(error).split()))


def _of_folder(path: Path, error: OSError) -> Unanswered:
    return Unanswered(f"{path}: {error.strerror or error}")
