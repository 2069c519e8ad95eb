"""Seeded faults, one a domain, and as many faultless domains: what verify finds, and what checkdmarc finds.

    python bench/faults.py

The faults are those of tests/verify/faults.py. checkdmarc knows no plan, so a fault counts as found by it as
soon as it says anything (error, warning, not valid) that it does not say of the domain as planned; the same
words of a faultless domain are a false alarm.
"""

from __future__ import annotations

import logging
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.verify import SHARED, CountingKnot, public_key, without_downloads  # noqa: E402
from mailwright.model.checks import Overall, Status  # noqa: E402
from mailwright.operations.world.verification import verify_all  # noqa: E402
from mailwright.resolving.server import Server  # noqa: E402
from tests.servers.base import ADDRESS  # noqa: E402
from tests.verify.faults import BENIGN, FAULTS  # noqa: E402
from tests.verify.spoiling import plan_of, zone_of  # noqa: E402

#: The addresses of the domains lead back to names that lead to them; their mail host's include exists.
BESIDE = {
    "184.93.in-addr.arpa.": "34.216 300 IN PTR mx.reverse.example.\n",
    "reverse.example.": "mx 300 IN A 93.184.216.34\nmx 300 IN AAAA 2606:2800:220:1:248:1893:25c8:1946\n",
    "0.2.2.0.0.0.8.2.6.0.6.2.ip6.arpa.": "6.4.9.1.8.c.5.2.3.9.8.1.8.4.2.0.1.0.0.0 300 IN PTR "
    "mx.reverse.example.\n",
    "example.net.": "pages 300 IN A 93.184.216.34\n",
}


def main() -> None:
    """Print the two tables."""
    spoilt = {each.id: each.change for each in FAULTS}
    fine = {f"{n}: {BENIGN[n % len(BENIGN)][0]}": BENIGN[n % len(BENIGN)][1] for n in range(len(FAULTS))}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "s1.pub").write_text(public_key())
        changes = {**fine, **spoilt}
        plans = {id: plan_of(folder, f"d{number}.example") for number, id in enumerate(changes)}
        zones = {id: zone_of(plan) for id, plan in plans.items()}
        for id, change in changes.items():
            change(zones[id])
        texts = {zone.apex: zone.text() for zone in zones.values()}
        server = CountingKnot({**texts, **{k: v for k, v in SHARED.items() if "arpa" not in k}, **BESIDE})
        try:
            server.start()
            verdicts = dict(
                zip(
                    plans,
                    verify_all(list(plans.values()), [Server("ns1", ADDRESS, server.port)]),
                    strict=True,
                )
            )
            said = theirs({id: plan.domain for id, plan in plans.items()}, server.port)
        finally:
            server.dispose()
    ours = {id for id, each in verdicts.items() if each.status is not Overall.OK}
    named = {id for id, each in verdicts.items() if any(e.rule == "pasted-slip" for e in each.checks)}
    placed = {
        each.id
        for each in FAULTS
        if {(e.name, e.type) for e in verdicts[each.id].checks if e.status is Status.FAIL}
        == {(zones[each.id].named(each.label), each.type)}
    }
    usual = said[next(iter(fine))]
    others = {id for id, words in said.items() if words - usual}
    _table(ours, others, named, placed, set(fine))
    for id in sorted(others & set(fine)):
        print(f"  checkdmarc on the faultless {id}: {sorted(said[id] - usual)}")


def _table(ours: set[str], others: set[str], named: set[str], placed: set[str], fine: set[str]) -> None:
    for each in FAULTS:
        marks = ["found" if each.id in found else "-" for found in (ours, others)]
        print(f"  {each.id:28} {'broken' if each.broken else 'not as planned':15} {marks[0]:6} {marks[1]}")
    every, broken = {e.id for e in FAULTS}, {e.id for e in FAULTS if e.broken}
    slips = {each.id for each in FAULTS if each.slip}
    print(f"{len(every)} faults, {len(broken)} of them broken by themselves; {len(fine)} faultless domains")
    for who, found in (("verify", ours), ("checkdmarc", others)):
        precision = len(found & every) / max(len(found), 1)
        print(
            f"  {who:11} recall {len(found & every)}/{len(every)}, "
            f"of the broken {len(found & broken)}/{len(broken)}; "
            f"false alarms {len(found & fine)}/{len(fine)}; precision {precision:.2f}"
        )
    print(
        f"  verify names the slip of {len(named & slips)}/{len(slips)}, and the record alone of {len(placed)}"
    )


def theirs(domains: Mapping[str, str], port: int) -> dict[str, set[str]]:
    """checkdmarc's words about each domain."""
    import checkdmarc
    from dns.nameserver import Do53Nameserver

    logging.disable(logging.CRITICAL)
    without_downloads()
    asked = [Do53Nameserver(ADDRESS, port)]
    return {
        id: {
            words.lower().replace(domain, "DOMAIN")
            for words in _words(checkdmarc.check_domains([domain], nameservers=asked))
        }
        for id, domain in domains.items()
    }


def _words(found: object, path: str = "") -> Iterator[str]:
    """Every error, every warning, and what is not valid or not there at all."""
    if isinstance(found, list):
        for each in found:
            yield from _words(each, path)
    if not isinstance(found, dict):
        return
    for key, value in found.items():
        if key == "valid" and value is False:
            yield f"{path} not valid"
        elif key == "error":
            yield f"{path} {value}"
        elif key == "warnings":
            yield from (f"{path} {re.sub(r'd[0-9]+[.]example', 'DOMAIN', str(each))}" for each in value)
        elif key not in ("image", "certificate"):  # not downloaded here
            yield from _words(value, f"{path}.{key}")


if __name__ == "__main__":
    main()
