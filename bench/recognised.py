"""How much of captured mail DNS the catalog knows by name, and by which: `python bench/recognised.py FILE…`

A FILE is JSON with objects that have `mx` (a list of hosts) and `spf` (the record's text), by domain or each
with its `domain`, however deep. A domain counts as known where one of its exchangers shows a service or a
filter; a term where its include or redirect does. A record's terms below its own domain are left out, and so
is a domain that takes no mail (a null MX, RFC 7505). `--without FILE…`: what other captures have is left out.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mailwright.operations.catalog.gaps import named

_TARGET = re.compile(r"(?:include:|redirect=)(\S+)")


def domains(node: Any, name: str = "") -> Iterator[tuple[str, list[str], str]]:
    """Every captured domain: its name, exchangers and SPF record."""
    if isinstance(node, dict):
        if isinstance(node.get("mx"), list):
            domain = str(node.get("domain") or name).lower()
            yield (
                domain,
                [host.lower().rstrip(".") for host in node["mx"] if host.strip(".")],
                str(node.get("spf") or "").lower(),
            )
            return
        for key, below in node.items():
            yield from domains(below, key)
    elif isinstance(node, list):
        for below in node:
            yield from domains(below)


def read(paths: list[str]) -> dict[str, tuple[list[str], str]]:
    """The captured domains of several files; of one that is in two, what the later file has."""
    return {d: (mx, spf) for path in paths for d, mx, spf in domains(json.loads(Path(path).read_text()))}


def main(words: list[str]) -> None:
    """Print the shares, and each service with the ends of the names that showed it, for a reader."""
    cut = words.index("--without") if "--without" in words else len(words)
    others = read(words[cut + 1 :])
    captured = {domain: held for domain, held in read(words[:cut]).items() if domain not in others}
    shown: dict[str, Counter[str]] = defaultdict(Counter)
    count = Counter[str]()
    for domain, (mx, spf) in captured.items():
        ids = {id: host for host in mx if host for id in named("mx", host)}
        for id, host in ids.items():
            shown[id][".".join(host.split(".")[-3:])] += 1
        own = any(host == domain or host.endswith(f".{domain}") for host in mx)
        count.update(mail=bool(mx), known=bool(ids), own=not ids and own)
        targets = [each.rstrip(".") for each in _TARGET.findall(spf)]
        targets = [each for each in targets if each != domain and not each.endswith(f".{domain}")]
        count.update(terms=len(targets), named=sum(bool(named("spf", each)) for each in targets))
    mail, terms = count["mail"] or 1, count["terms"] or 1
    print(f"{count['mail']} mail domains: {count['known'] / mail:.1%} by name, {count['own'] / mail:.1%} own")
    print(f"{count['terms']} terms: {count['named'] / terms:.1%} by name")
    for id, ends in sorted(shown.items()):
        print(f"  {id}: {', '.join(f'{end} {times}' for end, times in ends.most_common(5))}")


if __name__ == "__main__":
    main(sys.argv[1:])
