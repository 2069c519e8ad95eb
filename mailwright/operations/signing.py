"""DKIM key pairs: made here, the private half kept to its file (mode 0600), the public half for the plan."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mailwright.model.text import Text
from mailwright.standards import dkim
from mailwright.standards.faults import Fault

KeyType = Literal["rsa", "ed25519"]
KEY_TYPES: tuple[KeyType, ...] = ("rsa", "ed25519")

_LABEL = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


class SigningError(Fault):
    """A key that cannot be made, written or read."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both halves as PEM; the private one never shows in a ``repr`` or a comparison."""

    type: KeyType
    private: bytes = field(repr=False, compare=False)
    public: str

    @property
    def record(self) -> str:
        """The value of the TXT record that publishes the public half."""
        return dkim.record_for(self.public)


@dataclass(frozen=True, slots=True)
class WrittenPair:
    """Where the two halves of a pair were written."""

    private: Path
    public: Path


def check_selector(selector: str) -> str:
    """The selector in lower case (RFC 6376 §3.1). Raises SigningError: it is a file name here, too."""
    name = selector.strip().lower()
    if not _SELECTOR.fullmatch(name) or len(name) > 100:
        raise SigningError(
            "{selector} is not a selector: use letters, digits and hyphens, such as s1 or 2026a",
            "{selector} 不能用作选择器：请用字母、数字和连字符，例如 s1 或 2026a",
            selector=selector,
        )
    return name


def new_pair(type: KeyType) -> KeyPair:
    """A new pair: RSA of 2048 bits (RFC 8301 §3.2), or ed25519 (RFC 8463)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    if type == "rsa":
        key = rsa.generate_private_key(public_exponent=65537, key_size=dkim.RSA_ADVISED)
    else:
        key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return KeyPair(type, private, public.decode("ascii"))


def write_pair(pair: KeyPair, folder: Path, selector: str) -> WrittenPair:
    """Write ``SELECTOR.key`` (0600) and ``SELECTOR.pub``; never over a file that is there.

    Raises SigningError. The private half is on the disk before the public one appears, so that nobody
    publishes a key whose other half was lost.
    """
    name = check_selector(selector)
    written = WrittenPair(folder / f"{name}.key", folder / f"{name}.pub")
    for path in (written.private, written.public):
        if os.path.lexists(path):
            raise _exists(path)
    try:
        _prepare(folder)
        _write_new(written.private, pair.private, 0o600)
        _write_new(written.public, pair.public.encode("ascii"), 0o644)
    except FileExistsError as error:
        raise _exists(Path(error.filename)) from None
    except OSError as error:
        raise SigningError(
            "cannot write {path}: {reason}",
            "无法写入 {path}：{reason}",
            path=error.filename or folder,
            reason=error.strerror or "?",
        ) from None
    return written


def public_half(private: bytes) -> str:
    """The public half, as PEM, of a private key without passphrase. Raises SigningError."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        key = serialization.load_pem_private_key(private, password=None)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm):
        # The library's own words may quote the file: ours do not.
        raise SigningError(
            "this is not a private key in PEM form without a passphrase", "不是未加密的 PEM 格式私钥"
        ) from None
    return public.decode("ascii")


def matches(private: bytes, published: str) -> bool:
    """Whether a private key belongs to what is published: a key record, or a public key as PEM.

    A record may be as ``dig +short`` or a zone file shows it, in quoted strings. Raises SigningError or
    DkimError where either cannot be read.
    """
    public = public_half(private)
    text = _joined(published.strip())
    return dkim.same_key(public, dkim.record_for(text) if text.startswith("-----") else text)


def _joined(text: str) -> str:
    """The strings of a TXT record in presentation form as one, with what was escaped for the zone file."""
    strings = re.findall(r'"((?:[^"\\]|\\.)*)"', text, re.DOTALL)
    return re.sub(r"\\(.)", r"\1", "".join(strings) if strings else text)


def set_up(domain: str, selector: str, private: Path, type: KeyType) -> Text:
    """What to write for the signer on the mail server: OpenDKIM and Rspamd."""
    parameters: dict[str, object] = {"domain": domain, "selector": selector, "key": private.name}
    if type == "ed25519":
        parameters["opendkim"] = Text(
            "OpenDKIM: signs with RSA only; keep its RSA key, and sign with this one in Rspamd.",
            "OpenDKIM：只支持 RSA；请保留其 RSA 密钥，用 Rspamd 以此密钥签名。",
        )
    else:
        parameters["opendkim"] = _OPENDKIM.using(**parameters)
    return _SET_UP.using(**parameters)


_OPENDKIM = Text(
    """OpenDKIM: copy {key} to /etc/dkimkeys/ (owner opendkim, mode 0600), then in /etc/opendkim.conf:
    Domain    {domain}
    Selector  {selector}
    KeyFile   /etc/dkimkeys/{key}""",
    """OpenDKIM：把 {key} 复制到 /etc/dkimkeys/（属主 opendkim，权限 0600），然后在 /etc/opendkim.conf 中写：
    Domain    {domain}
    Selector  {selector}
    KeyFile   /etc/dkimkeys/{key}""",
)
_SET_UP = Text(
    """{opendkim}
Rspamd: copy {key} to /var/lib/rspamd/dkim/ (owner _rspamd, mode 0600), then in
/etc/rspamd/local.d/dkim_signing.conf:
    domain {{
      {domain} {{
        selectors [ {{ path: "/var/lib/rspamd/dkim/{key}"; selector: "{selector}"; }} ]
      }}
    }}
Start signing when the record is served everywhere: `mailwright verify` says so.""",
    """{opendkim}
Rspamd：把 {key} 复制到 /var/lib/rspamd/dkim/（属主 _rspamd，权限 0600），然后在
/etc/rspamd/local.d/dkim_signing.conf 中写：
    domain {{
      {domain} {{
        selectors [ {{ path: "/var/lib/rspamd/dkim/{key}"; selector: "{selector}"; }} ]
      }}
    }}
各处都能查到该记录后再开始签名：可用 `mailwright verify` 确认。""",
)


def _prepare(folder: Path) -> None:
    """The folder; a new one is for its owner alone, and its private halves are kept out of Git."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        folder.chmod(0o700)
    with suppress(FileExistsError):
        _write_new(folder / ".gitignore", b"*.key\n", 0o644)


def _write_new(path: Path, data: bytes, mode: int) -> None:
    """Create, write and sync; O_EXCL follows no link and overwrites nothing."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _exists(path: Path) -> SigningError:
    return SigningError(
        "{path} exists and was left as it is; choose another --selector or --out",
        "{path} 已存在，未作改动；请换用其他 --selector 或 --out",
        path=path,
    )
