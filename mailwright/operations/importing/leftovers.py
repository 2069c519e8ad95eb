"""Records of mail that no other line of the spec asks for: they are taken over as found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailwright.model.families import Family, family_of
from mailwright.model.finding import has_errors
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.records import MANAGED_TYPES, Observed, ObservedSet
from mailwright.operations.importing.means import is_of_mail
from mailwright.plan.judging import verdict
from mailwright.spec import names
from mailwright.standards import dkim

#: What is ours as a whole at its name, and stays so until its line leaves the spec.
_TAKEN = frozenset(
    {
        Family.MX,
        Family.SPF,
        Family.DMARC,
        Family.MTA_STS,
        Family.TLS_RPT,
        Family.BIMI,
        Family.SERVICE,
        Family.REPORT,
    }
)
_HOSTS = ("autoconfig", "mta-sts")


def leftovers(
    observed: Observed, domain: str, planned: Iterable[tuple[str, str, Family]]
) -> Iterator[tuple[ObservedSet, tuple[str, ...]]]:
    """Each set with values to take over, and those values; ``planned`` are the plan's own claims.

    Left alone are tokens and addresses, aliases of which nobody knows whose they are, and broken keys.
    """
    claimed = frozenset(planned)
    for record_set in sorted(observed, key=lambda one: (one.name, one.type)):
        if (
            record_set.type not in MANAGED_TYPES
            or not is_of_mail(record_set)
            or not _can_be_written(record_set.name, domain)
        ):
            continue
        families = {family_of(record_set.name, record_set.type, value) for value in record_set.plain}
        left_families = {
            f
            for f in families
            if _is_taken(record_set, f, domain) and (record_set.name, record_set.type, f) not in claimed
        }
        values = [
            v for v in record_set.plain if family_of(record_set.name, record_set.type, v) in left_families
        ]
        if values:
            yield record_set, tuple(dict.fromkeys(values))


def _can_be_written(name: str, domain: str) -> bool:
    """Whether a spec of the domain can hold the name: not the slip of writing the domain twice."""
    try:
        names.owner(bare(name))
    except names.BadNameError:
        return False
    return is_below(name, domain) and not names.doubled(bare(name), domain)


def _is_taken(record_set: ObservedSet, family: Family, domain: str) -> bool:
    if family is Family.DKIM:
        if record_set.type == "CNAME":  # whose a key of the domain itself is, its target does not say
            return not record_set.name.endswith("._domainkey." + absolute(domain))
        return (
            len(record_set.values) == 1
            and not dkim.is_revoked(record_set.plain[0])
            and not _is_broken(record_set)
        )
    if family is Family.ALIAS:
        return record_set.name in {absolute(host, domain) for host in _HOSTS}
    return family in _TAKEN


def _is_broken(record_set: ObservedSet) -> bool:
    return has_errors(verdict(record_set.name, record_set.type, Family.DKIM, record_set.plain))
