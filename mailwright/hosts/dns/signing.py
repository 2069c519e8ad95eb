"""How clouds have requests signed: a canonical form of the request, hashed, under a key that is never sent.

``acs3``: Alibaba Cloud's V3 (ACS3-HMAC-SHA256, its page "V3 request structure and signature");
``tc3``: Tencent Cloud's V3 (TC3-HMAC-SHA256, its page "Signature v3"). Public copies of both pages were read
on 2026-12-01, not the pages at the vendors; tests hold both to the worked examples in them.
``sdk``: Huawei Cloud's (SDK-HMAC-SHA256), as its Python SDK has it (signer.py of huaweicloudsdkcore 3.1.219,
read on 2026-12-01); a test holds it to signatures which that made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote


def digest(octets: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(octets).hexdigest()


def canonical_query(query: Mapping[str, str]) -> str:
    """The query as it is signed and sent: sorted, percent-encoded (RFC 3986)."""
    return "&".join(f"{_quoted(name)}={_quoted(query[name])}" for name in sorted(query))


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _canonical(
    method: str, query: str, headers: Mapping[str, str], body: bytes, path: str = "/"
) -> tuple[str, str]:
    """The canonical request, and the names of the headers that are signed."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    signed = ";".join(names)
    return "\n".join((method, path, query, lines, signed, digest(body))), signed


def acs3(key_id: str, key: str, headers: Mapping[str, str], query: str) -> str:
    """The ``Authorization`` of a POST without a body; ``headers`` in lower case, ``host`` included."""
    text, signed = _canonical("POST", query, headers, b"")
    to_sign = f"ACS3-HMAC-SHA256\n{digest(text.encode())}"
    signature = hmac.new(key.encode(), to_sign.encode(), "sha256").hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={signed},Signature={signature}"


def tc3(
    key_id: str, key: str, headers: Mapping[str, str], body: bytes, *, service: str, at: dt.datetime
) -> str:
    """The ``Authorization`` of a POST to Tencent Cloud at a moment (UTC)."""
    text, signed = _canonical("POST", "", headers, body)
    day = at.strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{int(at.timestamp())}\n{scope}\n{digest(text.encode())}"
    secret = f"TC3{key}".encode()
    for part in (day, service, "tc3_request"):
        secret = hmac.new(secret, part.encode(), "sha256").digest()
    signature = hmac.new(secret, to_sign.encode(), "sha256").hexdigest()
    return f"TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={signed}, Signature={signature}"


def sdk(
    key_id: str, key: str, headers: Mapping[str, str], body: bytes, *, method: str, path: str, query: str
) -> str:
    """The ``Authorization`` at Huawei Cloud; ``headers`` in lower case, with ``host`` and ``x-sdk-date``."""
    text, signed = _canonical(method, query, headers, body, f"{path.rstrip('/')}/")
    to_sign = f"SDK-HMAC-SHA256\n{headers['x-sdk-date']}\n{digest(text.encode())}"
    signature = hmac.new(key.encode(), to_sign.encode(), "sha256").hexdigest()
    return f"SDK-HMAC-SHA256 Access={key_id}, SignedHeaders={signed}, Signature={signature}"
