"""CPU a domain of reading and planning many specs; compared with parsing their YAML alone in the same run.

python bench/planning.py [COUNT]
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import yaml

from mailwright.plan.plan import plans
from mailwright.spec import parse

DAY = dt.date(2026, 11, 23)


def specs(count: int) -> list[bytes]:
    """Companies that differ in what costs time: senders, tokens, parked names."""
    made = []
    for n in range(count):
        service = ("tencent-exmail", "google-workspace")[n % 2]
        made.append(
            f"version: 1\ndomain: c{n}.example.com\ntimezone: Asia/Shanghai\n"
            f"mail_host: {{service: {service}}}\n"
            f"dns_hosts: [{{service: manual, console: aliyun}}]\ncontact: wang@c{n}.example.com\n"
            f"senders: [{{custom: form, ip4: [203.0.113.{n % 250 + 1}], from: info}}]\n"
            f"verification: [{{value: google-site-verification=token{n}}}]\nparked: [p{n}.example.net]\n"
        )
    return [each.encode() for each in made]


def cpu(work: Callable[[bytes], object], data: list[bytes]) -> float:
    """Milliseconds of CPU a domain, one pass."""
    start = time.process_time()
    for each in data:
        work(each)
    return (time.process_time() - start) * 1000 / len(data)


def ours(data: bytes) -> None:
    result = parse(data, "bench.yaml")
    assert result.spec is not None, result.findings
    assert len(plans(result.spec, DAY)) == 2


def main() -> None:
    data = specs(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    loader = getattr(yaml, "SafeLoader")  # noqa: B009  the pure-Python loader that the neighbours use
    rows = [(cpu(ours, data), cpu(lambda each: yaml.load(each, Loader=loader), data)) for _ in range(5)]
    mine = statistics.median(row[0] for row in rows)
    theirs = statistics.median(row[1] for row in rows)
    print(f"read, check and plan: {mine:.2f} ms CPU a domain (median of 5 over {len(data)} specs)")
    print(f"pure-Python YAML load of the same files: {theirs:.2f} ms; ratio {mine / theirs:.2f}")


if __name__ == "__main__":
    main()
