"""What reaches the program and the provider through the environment (it wins over configuration)."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import os

from mailwright.deploy.claims import RESOURCE_RENAMED
from mailwright.deploy.errors import DeployError
from mailwright.model import variables
from mailwright.model.consent import Consent
from mailwright.model.text import Text
from mailwright.plan.transition.gate_rules import CONSENTABLE
from mailwright.resolving.server import Server, given

_NO_RULE = Text(
    "{name} is not a rule that can be allowed (--allow, MAILWRIGHT_ALLOW). Did you mean {close}? "
    "Rules: {rules}.",
    "{name} 不是可以放行的规则（--allow、MAILWRIGHT_ALLOW）。是不是 {close}？可放行的规则：{rules}。",
)
SIEVE_PASSWORD = variables.SIEVE_PASSWORD


def as_of() -> dt.date | None:
    """The day that ``--as-of`` set, or None. Raises DeployError where it is no date."""
    text = os.environ.get(variables.AS_OF, "").strip()
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise DeployError(f"{variables.AS_OF}={text}: write a date such as 2026-12-24") from None


def nameservers() -> tuple[Server, ...]:
    """The authoritative servers to ask for what is entered by hand; empty: those of the delegation.

    Raises DeployError where one is no address.
    """
    texts = os.environ.get(variables.NAMESERVERS, "").replace(",", " ").split()
    try:
        return tuple(map(given, texts))
    except ValueError as error:
        raise DeployError(f"{variables.NAMESERVERS}: {error}") from None


def consents() -> tuple[Consent, ...]:
    """The rules that this run alone consents to. Raises DeployError where one is none that can be allowed.

    A misspelt one would consent to nothing, and say so nowhere.
    """
    names = os.environ.get(variables.ALLOW, "").replace(",", " ").split()
    known = [*(rule.id for rule in CONSENTABLE), RESOURCE_RENAMED.id]
    for name in names:
        if name not in known:
            close = (difflib.get_close_matches(name, known, 1, 0.0) or known)[0]
            raise DeployError(_NO_RULE, name=name, close=close, rules=", ".join(known))
    return tuple(map(Consent, names))


def sieve_password(login: str, text: str | None) -> str | None:
    """A master user's password, out of what was set: one for every server, or JSON of them.

    That is an object of ``USER@SERVER:PORT`` and password.
    """
    try:
        several = json.loads(text) if text and text.startswith("{") else None
    except ValueError:
        several = None
    if isinstance(several, dict):
        password = several.get(login)
        return password if isinstance(password, str) else None
    return text or None
