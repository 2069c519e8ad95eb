"""The account behind HTTP: tokens, scopes, throttling, and a watch after every call that writes."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.mail_host.simulators.google_api import directory, gmail
from tests.mail_host.simulators.google_api.account import Account, Body, Refused

_HEAD = "https://www.googleapis.com/auth/"
_USER, _GROUP = f"{_HEAD}admin.directory.user", f"{_HEAD}admin.directory.group"
_SECURITY, _SETTINGS = f"{_HEAD}admin.directory.user.security", f"{_HEAD}apps.groups.settings"
_BASIC, _SHARING = f"{_HEAD}gmail.settings.basic", f"{_HEAD}gmail.settings.sharing"
_LABELS, _MODIFY = f"{_HEAD}gmail.labels", f"{_HEAD}gmail.modify"
#: Every scope that a call takes here, as a domain may grant them.
SCOPES = frozenset(
    {
        *(_USER, f"{_USER}.readonly", f"{_USER}.alias", _GROUP, f"{_GROUP}.readonly", f"{_GROUP}.member"),
        *(_SECURITY, _SETTINGS, _BASIC, _SHARING, _LABELS, _MODIFY),
    }
)
CLIENT, ADMIN = "104857600000000000001", "it"
_EMAIL = "mailwright@project.iam.example"

Handler = Callable[..., Body]
_U, _A, _G = (_USER,), (_USER, f"{_USER}.alias"), (_GROUP,)
_M = (_GROUP, f"{_GROUP}.member")
_READ_GMAIL, _READ_USER = (_BASIC, _MODIFY), (_USER, f"{_USER}.readonly")
_READ_GROUP = (_GROUP, f"{_GROUP}.readonly")
_D, _S, _B = "/admin/directory/v1", "/groups/v1/groups", "/gmail/v1/users/([^/]+)"
#: Method, path, the scopes of which one is enough, and what is done; "q" and "b" take query and body.
_CALLS: tuple[tuple[str, str, tuple[str, ...], Handler, str], ...] = (
    ("GET", f"{_D}/users", _READ_USER, directory.list_users, "q"),
    ("POST", f"{_D}/users", _U, directory.insert_user, "b"),
    ("GET", f"{_D}/users/([^/]+)", _READ_USER, directory.get_user, ""),
    ("PATCH", f"{_D}/users/([^/]+)", _U, directory.patch_user, "b"),
    ("POST", f"{_D}/users/([^/]+)/aliases", _A, directory.insert_alias, "b"),
    ("DELETE", f"{_D}/users/([^/]+)/aliases/([^/]+)", _A, directory.delete_alias, ""),
    ("POST", f"{_D}/users/([^/]+)/signOut", (_SECURITY,), directory.sign_out, ""),
    ("GET", f"{_D}/users/([^/]+)/asps", (_SECURITY,), directory.list_asps, ""),
    ("DELETE", f"{_D}/users/([^/]+)/asps/([^/]+)", (_SECURITY,), directory.delete_asp, ""),
    ("GET", f"{_D}/users/([^/]+)/tokens", (_SECURITY,), directory.list_tokens, ""),
    ("DELETE", f"{_D}/users/([^/]+)/tokens/([^/]+)", (_SECURITY,), directory.delete_token, ""),
    ("GET", f"{_D}/groups", _READ_GROUP, directory.list_groups, "q"),
    ("POST", f"{_D}/groups", _G, directory.insert_group, "b"),
    ("GET", f"{_D}/groups/([^/]+)", _READ_GROUP, directory.get_group, ""),
    ("DELETE", f"{_D}/groups/([^/]+)", _G, directory.delete_group, ""),
    ("GET", f"{_D}/groups/([^/]+)/members", (*_READ_GROUP, *_M), directory.list_members, "q"),
    ("POST", f"{_D}/groups/([^/]+)/members", _M, directory.insert_member, "b"),
    ("GET", f"{_D}/groups/([^/]+)/members/([^/]+)", (*_READ_GROUP, *_M), directory.get_member, ""),
    ("PATCH", f"{_D}/groups/([^/]+)/members/([^/]+)", _M, directory.patch_member, "b"),
    ("DELETE", f"{_D}/groups/([^/]+)/members/([^/]+)", _M, directory.delete_member, ""),
    ("GET", f"{_S}/([^/]+)", (_SETTINGS,), directory.get_settings, ""),
    ("PATCH", f"{_S}/([^/]+)", (_SETTINGS,), directory.patch_settings, "b"),
)
_GMAIL: tuple[tuple[str, str, tuple[str, ...], Handler, str], ...] = (
    ("GET", "/settings/filters", _READ_GMAIL, gmail.list_filters, "u"),
    ("POST", "/settings/filters", (_BASIC,), gmail.insert_filter, "aub"),
    ("DELETE", "/settings/filters/([^/]+)", (_BASIC,), gmail.delete_filter, "u"),
    ("GET", "/settings/forwardingAddresses", _READ_GMAIL, gmail.list_forwarding, "u"),
    ("POST", "/settings/forwardingAddresses", (_SHARING,), gmail.insert_forwarding, "aub"),
    ("DELETE", "/settings/forwardingAddresses/([^/]+)", (_SHARING,), gmail.delete_forwarding, "u"),
    ("GET", "/settings/autoForwarding", _READ_GMAIL, lambda user: user.auto, "u"),
    ("PUT", "/settings/autoForwarding", (_SHARING,), gmail.put_auto, "ub"),
    ("GET", "/settings/vacation", _READ_GMAIL, lambda user: user.vacation, "u"),
    ("PUT", "/settings/vacation", (_BASIC,), gmail.put_vacation, "ub"),
    ("GET", "/settings/delegates", _READ_GMAIL, gmail.list_delegates, "u"),
    ("POST", "/settings/delegates", (_SHARING,), gmail.insert_delegate, "aub"),
    ("DELETE", "/settings/delegates/([^/]+)", (_SHARING,), gmail.delete_delegate, "u"),
    ("GET", "/settings/sendAs", _READ_GMAIL, gmail.list_send_as, "u"),
    ("POST", "/settings/sendAs", (_SHARING,), gmail.insert_send_as, "aub"),
    ("DELETE", "/settings/sendAs/([^/]+)", (_SHARING,), gmail.delete_send_as, "u"),
    ("GET", "/labels", (_LABELS, _MODIFY), gmail.list_labels, "u"),
    ("POST", "/labels", (_LABELS, _MODIFY), gmail.insert_label, "aub"),
)


class _Ended(Exception):
    """The connection ends without an answer."""


class StandIn:
    """One account. ``granted``: scopes of the domain-wide delegation.

    ``busy``: further calls that are turned away, each by the next of ``turns``. ``stop_after``: after so many
    writes nothing is answered any more. ``watch`` is called after every write, with the call.
    """

    turns = ((429, "rateLimitExceeded"), (503, "backendError"), (403, "userRateLimitExceeded"))

    def __init__(self, account: Account) -> None:
        self.account = account
        self.granted = set(SCOPES)
        self.busy = 0
        self.stop_after: int | None = None
        self.watch: Callable[[str], None] = lambda _call: None
        self.writes: list[str] = []
        self.calls: list[tuple[str, str, str]] = []  # subject, scope, call
        self.lost = 0  # writes that are carried out and not answered
        self._tokens: dict[str, tuple[str, str]] = {}
        self._turn = 0
        self._lock = threading.RLock()
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()

    def credentials(self, key: rsa.RSAPrivateKey | None = None) -> str:
        """The JSON file of the service account; ``key``: another one than Google knows."""
        pem = (key or self._key).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        body = {"type": "service_account", "client_email": _EMAIL, "client_id": CLIENT}
        return json.dumps({**body, "private_key": pem.decode(), "token_uri": f"{self.address}/token"})

    # -- tokens --------------------------------------------------------------------------------------

    def _token(self, form: Mapping[str, list[str]]) -> tuple[int, Body]:
        head, claims, signature = form["assertion"][0].split(".")
        try:
            self._key.public_key().verify(
                _octets(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        body = json.loads(_octets(claims))
        assert body["aud"] == f"{self.address}/token" and body["iss"] == _EMAIL and body["exp"] > body["iat"]
        user = self.account.users.get(body["sub"])
        if user is None or user.suspended:
            return 400, {"error": "invalid_grant", "error_description": "Invalid email or User ID"}
        if not set(body["scope"].split()) <= self.granted:
            words = (
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized"
            )
            return 401, {"error": "unauthorized_client", "error_description": words}
        token = f"ya29.{len(self._tokens)}"
        self._tokens[token] = (body["sub"], body["scope"])
        return 200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    # -- calls ---------------------------------------------------------------------------------------

    def answer(self, method: str, target: str, token: str, body: bytes) -> tuple[int, Body]:
        """Status and body of one request."""
        where = urlsplit(target)
        if where.path == "/token":
            return self._token(parse_qs(body.decode()))
        if token not in self._tokens:
            return _error(401, "authError", "Invalid Credentials")
        subject, scope = self._tokens[token]
        if self.busy:
            self.busy -= 1
            self._turn += 1
            return _error(*self.turns[self._turn % len(self.turns)], "slow down")
        query = {name: values[0] for name, values in parse_qs(where.query).items()}
        content = json.loads(body) if body else {}
        try:
            return 200, self._done(method, where.path, (subject, scope), query, content)
        except Refused as refused:
            return _error(refused.status, refused.reason, refused.message)

    def _done(
        self, method: str, path: str, who: tuple[str, str], query: Mapping[str, str], body: Body
    ) -> Body:
        subject, scope = who
        handler, scopes, values = self._call(method, path, subject, query, body)
        if not set(scope.split()) & set(scopes):
            raise Refused(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        if path.startswith("/gmail") is False and subject.partition("@")[0] != ADMIN:
            raise Refused(403, "forbidden", "Not Authorized to access this resource/api")
        name = f"{method} {path}"
        self.calls.append((subject, scope, name))
        if method != "GET" and self.stop_after is not None and len(self.writes) >= self.stop_after:
            raise _Ended
        result = handler(*values)
        if method != "GET":
            self.writes.append(name)
            self.watch(name)
            if self.lost:
                self.lost -= 1
                raise _Ended
        return result

    def _call(
        self, method: str, path: str, subject: str, query: Mapping[str, str], body: Body
    ) -> tuple[Handler, tuple[str, ...], list[Any]]:
        for verb, pattern, scopes, handler, takes in _CALLS:
            match = re.fullmatch(pattern, path)
            if verb == method and match:
                values: list[Any] = [self.account, *map(unquote, match.groups())]
                values += [query] if takes == "q" else []
                return handler, scopes, values + ([body] if takes == "b" else [])
        for verb, pattern, scopes, handler, takes in _GMAIL:
            match = re.fullmatch(_B + pattern, path)
            if verb == method and match:
                box, *rest = map(unquote, match.groups())
                if box != subject:
                    raise Refused(403, "forbidden", f"Delegation denied for {subject}")
                user = gmail.mailbox(self.account, box)
                values = [self.account] if "a" in takes else []
                return handler, scopes, [*values, user, *rest, *([body] if "b" in takes else [])]
        raise Refused(404, "notFound", f"no such method: {method} {path}")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Requests(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_: object) -> None:
                pass

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                try:
                    with stand_in._lock:
                        status, content = stand_in.answer(self.command, self.path, token, body)
                except _Ended:
                    self.close_connection = True
                    return
                octets = json.dumps(content).encode() if content or status >= 400 else b""
                self.send_response(status if octets or status != 200 else 204)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(octets)))
                if status == 429:
                    self.send_header("Retry-After", "0")
                self.end_headers()
                self.wfile.write(octets)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        return Requests


def _error(status: int, reason: str, message: str) -> tuple[int, Body]:
    rows = [{"domain": "global", "reason": reason, "message": message}]
    return status, {"error": {"code": status, "message": message, "errors": rows}}


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
