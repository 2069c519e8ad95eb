"""Every variable of the environment that Mailwright reads, by name; nobody else spells one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

#: The day of planning, the rules consented to, the specs and the language of one run.
AS_OF = "MAILWRIGHT_AS_OF"
ALLOW = "MAILWRIGHT_ALLOW"
SPECS = "MAILWRIGHT_SPECS"
LANG = "MAILWRIGHT_LANG"
#: Folders named as spec sets, and folders that keys may lie below; joined by ``os.pathsep``.
SPEC_ROOTS = "MAILWRIGHT_SPEC_ROOTS"
KEYS = "MAILWRIGHT_KEYS"
#: Whether specs may be longer than usual, as ``--large`` says.
LARGE = "MAILWRIGHT_LARGE"
#: When the run ends, on the machine's monotonic clock: see ``model/deadline.py``.
UNTIL = "MAILWRIGHT_UNTIL"
#: The authoritative servers to ask, instead of those that the delegation names.
NAMESERVERS = "MAILWRIGHT_NAMESERVERS"
#: The names of secrets' variables, not secrets; each mailbox has its own (``li.na`` → ``…LI_NA``).
TSIG_SECRET = "MAILWRIGHT_TSIG_SECRET"
POWERDNS_API_KEY = "MAILWRIGHT_POWERDNS_API_KEY"
SIEVE_PASSWORD = "MAILWRIGHT_SIEVE_PASSWORD"
PROFILE_PASSPHRASE = "MAILWRIGHT_PROFILE_PASSPHRASE"
GOOGLE_CREDENTIALS = "MAILWRIGHT_GOOGLE_CREDENTIALS"
MAIL_PASSWORD = "MAILWRIGHT_MAIL_PASSWORD_"
#: A file with what stood before the first apply, and one with what was reviewed.
FOUND = "MAILWRIGHT_FOUND"
PLAN = "MAILWRIGHT_PLAN"
#: Files that a run writes for whoever started it: see ``deploy/run/notes.py``.
PLAN_NOTES = "MAILWRIGHT_PLAN_NOTES"
CHANGES = "MAILWRIGHT_CHANGES"
REFUSALS = "MAILWRIGHT_REFUSALS"
NOTICES = "MAILWRIGHT_NOTICES"
SHEETS = "MAILWRIGHT_SHEETS"
UNREAD = "MAILWRIGHT_UNREAD"
WRITTEN = "MAILWRIGHT_CREATED"
#: How many processes at most, and whether a fault of ours shows where it is.
PROCESSES = "MAILWRIGHT_PROCESSES"
CATALOG = "MAILWRIGHT_CATALOG"
DEBUG = "MAILWRIGHT_DEBUG"

_NOTIFY = "MAILWRIGHT_NOTIFY_"


def notify_url(service: str) -> str:
    """The variable with the address of a service's webhook."""
    return f"{_NOTIFY}{service.upper()}_URL"


def notify_secret(service: str) -> str:
    """The variable with the secret that a service's messages are signed with."""
    return f"{_NOTIFY}{service.upper()}_SECRET"


@contextmanager
def temporarily(values: Mapping[str, str | None]) -> Iterator[None]:
    """These variables for the time of a run; None takes one away."""
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
