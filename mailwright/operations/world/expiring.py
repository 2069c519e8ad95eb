"""``agenda --online``: when the certificates of a company's own exchangers and policy hosts end."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from mailwright.catalog import service
from mailwright.model.days import earlier
from mailwright.model.plan import Plan
from mailwright.model.text import Text
from mailwright.plan.agenda import Event
from mailwright.plan.records.transport import exchangers_of
from mailwright.resolving.connect import Dial
from mailwright.spec.model import MailSpec
from mailwright.standards.mta_sts import policy_host
from mailwright.verify.deep import certificate, exchangers

#: Days before its end from which a certificate is due: what renews by itself has done so by then.
AHEAD = 14
_AT_ONCE = 16
_ENDS = Text(
    "the certificate of {host} ends on {until}, and nothing has renewed it yet",
    "{host} 的证书将于 {until} 到期，至今尚未续期",
)
_UNSEEN = Text("{host}: its certificate was not seen ({reason})", "{host}：未能读取证书（{reason}）")
_NONE = Text("it shows none", "未出示证书")


@dataclass(frozen=True, slots=True)
class Asked:
    """What hosts showed: events of their certificates, and a line for each that showed none."""

    events: tuple[Event, ...]
    unseen: tuple[Text, ...]


def certificates(pairs: Sequence[tuple[MailSpec, Plan]], dial: Dial) -> Asked:
    """Each own exchanger (port 25) and policy host (443) once; a hosted service renews its own."""
    hosts = list(dict.fromkeys(entry for spec, plan in pairs for entry in _hosts(spec, plan)))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        seen = list(pool.map(lambda entry: _seen(entry[1], entry[2], dial), hosts))
    events, unseen = [], []
    for (domain, host, _), shown in zip(hosts, seen, strict=True):
        until = certificate.ends(shown) if isinstance(shown, bytes) else None
        if until is None:
            reason = shown if isinstance(shown, Text) else _NONE
            unseen.append(_UNSEEN.using(host=host, reason=reason))
            continue
        text = _ENDS.using(host=host, until=until)
        events.append(Event(domain, "certificate", host, earlier(until, AHEAD), text))
    return Asked(tuple(events), tuple(unseen))


def _hosts(spec: MailSpec, plan: Plan) -> Iterator[tuple[str, str, int]]:
    """Domain, host and port of what is the company's own."""
    known = service(spec.mail_host.service)
    if known is None or not known.hosted:
        for host in exchangers_of(plan.domain, plan.records):
            yield plan.domain, host, 25
    written = spec.extra.mta_sts
    if plan.domain == spec.domain and written and not written.served_by:
        yield plan.domain, policy_host(plan.domain), 443


def _seen(host: str, port: int, dial: Dial) -> bytes | Text:
    """The certificate (DER), trusted or not: whether it proves anything is what ``verify --deep`` says."""
    if port == 25:
        seen = exchangers.look(host, dial)
        return seen.certificate or seen.cut or _reason(seen.blocked or seen.failed)
    try:
        context = dial.context(host)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with dial.open(host, port) as raw, context.wrap_socket(raw) as connection:
            return connection.getpeercert(binary_form=True) or _NONE
    except OSError as error:
        return _reason(getattr(error, "strerror", None) or type(error).__name__)


def _reason(words: str) -> Text:
    return Text("{reason}", "{reason}", {"reason": words}) if words else _NONE
