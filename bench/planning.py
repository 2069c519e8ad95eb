"""CPU a domain of reading and planning many specs; compared with parsing their YAML alone in the same run.

python bench/planning.py [COUNT] [--catalog TIMES]

`--catalog 4`: beside it the same with a catalog of four times as many services (each is copied under other
names), each way in processes of its own, in turns.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

import yaml

from mailwright.plan.plan import plans
from mailwright.spec import parse

ROOT = Path(__file__).resolve().parent.parent
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


def larger(folder: Path, times: int) -> Path:
    """The package once more, with so many copies of every service in its catalog and its index."""
    package = folder / "mailwright"
    shutil.copytree(ROOT / "mailwright", package, ignore=shutil.ignore_patterns("__pycache__"))
    services = package / "catalog" / "services"
    for path in sorted(services.glob("*.yaml")):
        for n in range(2, times + 1):
            shutil.copy(path, services / f"{path.stem}-{n}.yaml")
    subprocess.run([sys.executable, "-W", "ignore", "-m", "mailwright.catalog.index"], cwd=folder, check=True)
    return folder


def with_catalog(count: int, times: int) -> None:
    """Whole passes, each in a process that has read nothing of the catalog yet."""
    with tempfile.TemporaryDirectory() as folder:
        ways = {"as it is": ROOT, f"{times} times as many services": larger(Path(folder), times)}
        figures: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(6):
            for way, root in ways.items():
                command = [sys.executable, __file__, str(count), "--once"]
                environment = {**os.environ, "PYTHONPATH": str(root)}
                answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
                figures[way].append(float(answer.stdout))
        medians = [statistics.median(values[1:]) for values in figures.values()]  # the first compiles
        for way, value in zip(ways, medians, strict=True):
            print(f"catalog {way}: {value:.3f} ms CPU a domain (median of 5 processes)")
        print(f"ratio {medians[1] / medians[0]:.2f}")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("count", nargs="?", type=int, default=1000)
    options.add_argument("--catalog", type=int)
    options.add_argument("--once", action="store_true", help="one pass, the figure alone")
    given = options.parse_args()
    data = specs(given.count)
    if given.once:
        print(cpu(ours, data))
        return
    if given.catalog:
        with_catalog(given.count, given.catalog)
        return
    loader = getattr(yaml, "SafeLoader")  # noqa: B009  the pure-Python loader that the neighbours use
    rows = [(cpu(ours, data), cpu(lambda each: yaml.load(each, Loader=loader), data)) for _ in range(5)]
    mine = statistics.median(row[0] for row in rows)
    theirs = statistics.median(row[1] for row in rows)
    print(f"read, check and plan: {mine:.2f} ms CPU a domain (median of 5 over {len(data)} specs)")
    print(f"pure-Python YAML load of the same files: {theirs:.2f} ms; ratio {mine / theirs:.2f}")


if __name__ == "__main__":
    main()
