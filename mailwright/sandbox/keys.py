"""The keys a sandbox knows, what each may write, and the file a demo key lies in."""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import dns.name
import dns.rdatatype
import dns.tsig

from mailwright.model import disk

KEY_FILE = "tsig.key"
_FILE_FORM = re.compile(r'key\s+"([^"]+)"\s*\{\s*algorithm\s+([\w-]+);\s*secret\s+"([^"]+)";\s*\};')


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to write ``types`` at ``name`` (relative to the zone), and beneath it."""

    name: str
    types: tuple[str, ...]
    below: bool = True


@dataclass(frozen=True, slots=True)
class SandboxKey:
    """A TSIG key; ``grants`` None lets it write everything."""

    name: str
    secret: str = field(repr=False)
    algorithm: str = "hmac-sha256"
    grants: tuple[Grant, ...] | None = None

    def may_write(self, origin: dns.name.Name, name: dns.name.Name, type: dns.rdatatype.RdataType) -> bool:
        """Whether this key may change records of ``type`` at ``name`` in the zone ``origin``."""
        if self.grants is None:
            return True
        for grant in self.grants:
            base = dns.name.from_text(grant.name, origin)
            if dns.rdatatype.to_text(type) in grant.types and (
                name == base or (grant.below and name.is_subdomain(base))
            ):
                return True
        return False


def keyring(keys: Iterable[SandboxKey]) -> dict[dns.name.Name, dns.tsig.Key]:
    """The keys as dnspython wants them."""
    tsig_keys = (dns.tsig.Key(key.name, key.secret, key.algorithm) for key in keys)
    return {key.name: key for key in tsig_keys}


def load_or_make(folder: Path, name: str = "mailwright") -> SandboxKey:
    """The key in ``folder``/tsig.key, made on first use, readable by its owner only.

    The file is in the form that ``nsupdate -k`` and BIND read. Raises ``ValueError`` where it
    holds something else.
    """
    path = folder / KEY_FILE
    if not path.exists():
        disk.own_folder(folder)
        secret = base64.b64encode(secrets.token_bytes(32)).decode("ascii")
        text = f'key "{name}" {{\n\talgorithm hmac-sha256;\n\tsecret "{secret}";\n}};\n'
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
    return read_key(path)


def read_key(path: Path) -> SandboxKey:
    """Read a key file. Raises ``ValueError`` (which never quotes it) or ``OSError``."""
    match = _FILE_FORM.search(path.read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(f'{path} is not a TSIG key file (key "NAME" {{ algorithm …; secret …; }};)')
    return SandboxKey(match[1], match[3], match[2])
