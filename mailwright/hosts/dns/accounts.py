"""The connections of a run to one kind of host behind HTTP: one an address and credential."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns.base import DnsClient, HostError
from mailwright.hosts.dns.http import Answer, Http, Pace, Request
from mailwright.hosts.dns.service import Secret, Target


class HttpAccounts:
    """Keeps ``Connections``; a host says what it needs, how it signs and what one zone is.

    ``calls`` so many in ``seconds``: the pace, shared by all zones of a credential.

    Args:
        credential: the declared secrets, in the order in which ``signer`` takes their values.
        address: the API's own, where no ``base_url`` is given.
    """

    calls: int = 20
    seconds: float = 1.0

    def __init__(self, credential: tuple[Secret, ...], address: str = "") -> None:
        self._credential, self._address = credential, address
        self._https: dict[tuple[str, ...], Http] = {}

    # -- to be said by each ------------------------------------------------------------------------

    def signer(self, host: str, *credential: str) -> Callable[[Request], Mapping[str, str]]:
        """Gives the headers that carry the credential; ``host`` is the address's name and port.

        ``credential``: a value a secret, '' where an optional one is not set.
        """
        raise NotImplementedError

    def host(self, target: Target, http: Http, credential: tuple[str, ...]) -> DnsClient:
        """One zone; ``credential`` for a host that wants it elsewhere than in a header."""
        raise NotImplementedError

    def busy(self, answer: Answer) -> bool:  # noqa: ARG002
        """Whether the host says that it did not look at the call, in words of its own (429 says it too)."""
        return False

    # -- Connections -------------------------------------------------------------------------------

    def client(self, target: Target, secrets: Mapping[str, str]) -> DnsClient:
        """One zone. Raises HostError where a secret is missing, or the address is none."""
        credential = tuple(secrets.get(secret.variable, "") for secret in self._credential)
        for account_secret, value in zip(self._credential, credential, strict=True):
            if not value and not account_secret.optional:
                raise HostError(said.NOT_SET, variable=account_secret.variable)
        address = str(target.options.get("base_url") or self._address).rstrip("/")
        key = (address, *credential)
        if key not in self._https:
            host = address.partition("://")[2].partition("/")[0]
            pace = Pace(self.calls, self.seconds)
            signer = self.signer(host, *credential)
            self._https[key] = Http(address, signer, pace, busy=self.busy, hidden=credential)
        return self.host(target, self._https[key], credential)

    async def close(self) -> None:
        """Close idle connections."""
        for http in self._https.values():
            http.close()
        self._https.clear()


Form = TypeVar("Form")
Signer = Callable[..., Callable[[Request], Mapping[str, str]]]


class FormAccounts(HttpAccounts, Generic[Form]):
    """Accounts at a host that is declared: its ``form``, how requests are signed, and their pace."""

    def __init__(
        self,
        credential: tuple[Secret, ...],
        address: str,
        form: Form,
        signer: Signer,
        *,
        pace: tuple[int, float],
        locked: tuple[int, ...],
    ) -> None:
        super().__init__(credential, address)
        self.form = form
        self._signer = signer
        self.calls, self.seconds = pace
        self._locked = locked

    def busy(self, answer: Answer) -> bool:
        """As declared."""
        return answer.status in self._locked

    def signer(self, host: str, *credential: str) -> Callable[[Request], Mapping[str, str]]:
        """As declared."""
        return self._signer(host, *credential)
