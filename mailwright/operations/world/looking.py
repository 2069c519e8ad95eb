"""``look``: what a domain runs on and what is wrong, without a spec, an account or anything stored."""

from __future__ import annotations

from dataclasses import dataclass

from mailwright.model.finding import Finding
from mailwright.model.text import Lang, Text
from mailwright.operations import importing
from mailwright.operations.importing import World, recognising
from mailwright.operations.importing.means import means_mail
from mailwright.operations.importing.policies import takes_no_mail
from mailwright.operations.world.answering import Seen, answers, judged, sets_of
from mailwright.plan.lint import slipped
from mailwright.report.page.answers import Answer


@dataclass(frozen=True, slots=True)
class Look:
    """One domain as seen. ``spec`` is the text to start from, or "" with ``refused`` saying why not."""

    domain: str
    host: Text | None
    senders: tuple[Text, ...]
    console: str | None
    answers: tuple[Answer, ...]
    findings: tuple[Finding, ...]
    spec: str
    refused: str = ""

    def to_json(self, lang: Lang) -> dict[str, object]:
        """The documented JSON form."""
        return {
            "domain": self.domain,
            "mail_host": self.host(lang) if self.host else None,
            "senders": [sender(lang) for sender in self.senders],
            "dns_console": self.console,
            "answers": [
                {"question": e.question(lang), "state": str(e.state), "answer": e.text(lang)}
                for e in self.answers
            ],
            "findings": [finding.to_json(lang) for finding in self.findings],
            "spec": self.spec,
            "refused": self.refused,
        }


def look(world: World, lang: Lang) -> Look:
    """Judge what was read. Never raises: a domain of which no spec can be made says why."""
    domain, observed = world.domain, world.seen
    use = recognising.mail_host(observed, domain)
    uses = recognising.senders(observed, domain, use)
    sets = sets_of(observed)
    slips = slipped.living(domain, sets, whole=world.whole, proxied=world.proxied)
    findings = (*judged(sets), *slips)
    filters = recognising.gateway(observed, domain)
    several = recognising.mail_hosts(observed, domain)
    host = filters.text if filters else use.service.names if use else None
    names = tuple(service_use.service.names for service_use in uses)
    foreign: tuple[tuple[str, str, str], ...] = tuple(
        (e.name, e.type, v) for e in observed for v in e.plain if e.type != "MX" and means_mail(e, v)
    )
    text, refused = "", ""
    try:
        imported = importing.importing(world, lang=lang)
        text, foreign = imported.text, imported.foreign
    except importing.ImportingError as error:
        refused = error.text(lang)
    proofs = {(n, t, v): whose for n, t, v in foreign if t == "TXT" and (whose := recognising.token_of(v))}
    foreign = tuple(record for record in foreign if record not in proofs)
    keys = frozenset(key for service_use in uses for key in service_use.dkim)
    rivals = tuple(service.names for service in several) if len(several) > 1 else ()
    mailless = takes_no_mail(observed, domain, world.flattened)
    seen = Seen(
        domain,
        sets,
        host,
        names,
        foreign,
        findings,
        keys,
        rivals,
        observed.cuts,
        mailless,
        tuple(proofs.values()),
    )
    console = recognising.dns_console(world.nameservers)
    return Look(domain, host, names, console, answers(seen), findings, text, refused)
