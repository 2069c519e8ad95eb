"""A service account, and the signed request by which it acts in the name of somebody (RFC 7523)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailwright.hosts.dns.base import HostError
from mailwright.hosts.mail.google import said
from mailwright.model import variables

LIFE = 3600  # seconds; the most that a token endpoint grants
_NEEDS = ("client_email", "client_id", "private_key", "token_uri")


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Who asks. ``client`` is the number that the Admin console grants scopes to."""

    email: str
    client: str
    token_uri: str
    key: str = field(repr=False)


def service_account(setting: str) -> ServiceAccount:
    """The account out of what was set: the path of its JSON file, or the text. Raises HostError."""
    text = setting.strip()
    if not text:
        raise HostError(said.NO_ACCOUNT, variable=variables.GOOGLE_CREDENTIALS)
    if not text.startswith("{"):
        try:
            text = Path(text).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
            raise HostError(said.NO_FILE, variable=variables.GOOGLE_CREDENTIALS, reason=reason) from None
    try:
        body: Any = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict) or any(not isinstance(body.get(name), str) for name in _NEEDS):
        raise HostError(said.BAD_ACCOUNT, variable=variables.GOOGLE_CREDENTIALS, needs=", ".join(_NEEDS))
    return ServiceAccount(body["client_email"], body["client_id"], body["token_uri"], body["private_key"])


def assertion(account: ServiceAccount, subject: str, scope: str, now: int) -> str:
    """A JWT (RS256) that asks for one scope in the name of ``subject``; ``now`` in seconds since 1970.

    Raises HostError where the key is none.
    """
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    try:
        key = serialization.load_pem_private_key(account.key.encode(), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise HostError(said.BAD_KEY, variable=variables.GOOGLE_CREDENTIALS)
    claims = {"iss": account.email, "sub": subject, "scope": scope, "aud": account.token_uri}
    parts = ({"alg": "RS256", "typ": "JWT"}, {**claims, "iat": now, "exp": now + LIFE})
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in parts)
    return b".".join((signed, _encoded(key.sign(signed, padding.PKCS1v15(), hashes.SHA256())))).decode()


def _encoded(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")
