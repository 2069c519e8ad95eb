"""DMARC reports: 1,000 files read, 100,000 rows asked, beside parsedmarc alone on the same files."""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mailwright.operations.dmarc.advising import Thresholds, advise
from mailwright.operations.dmarc.reports import Aggregate, Row, Signature
from mailwright.operations.dmarc.store import opened
from mailwright.spec.loading import load
from tests.dmarc.samples import RECEIVERS, Mail

DOMAIN = "acme-trade.com"
_SPEC = (
    f"version: 1\ndomain: {DOMAIN}\ntimezone: UTC\nmail_host: {{service: fastmail}}\n"
    f"dns_hosts: [{{service: manual}}]\ncontact: wang@{DOMAIN}\n"
)
_PEER = """
import sys
from pathlib import Path
import parsedmarc
from parsedmarc.config import ParserConfig
config = ParserConfig(offline=True, always_use_local_files=True)
rows = unread = 0
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        report = parsedmarc.parse_report_file(path.read_bytes(), config=config)
    except parsedmarc.ParserError:
        unread += 1
    else:
        rows += len(report["report"]["records"])
print(rows, unread)
"""


def written(folder: Path, count: int, rows: int) -> int:
    """Reports of the large receivers, gzipped; how many rows they have."""
    chance, made, today = random.Random(1), 0, dt.datetime.now(dt.UTC).date()
    names = list(RECEIVERS)
    for number in range(count):
        make, encoding = RECEIVERS[names[number % len(names)]]
        day = today - dt.timedelta(days=1 + number // len(names) % 300)
        size = 1 + chance.randrange(2 * rows - 1)
        mails = [Mail(f"203.0.{chance.randrange(250)}.{chance.randrange(250)}", 1 + n) for n in range(size)]
        text = make(day, mails).replace("</report_id>", f"-{number}</report_id>")
        (folder / f"{number:05}.xml.gz").write_bytes(gzip.compress(text.encode(encoding)))
        made += size
    return made


def _process(code: list[str]) -> tuple[float, str]:
    started = time.perf_counter()
    run = subprocess.run([sys.executable, *code], capture_output=True, text=True, check=True)
    return time.perf_counter() - started, run.stdout


def _filled(path: Path, rows: int) -> None:
    today, chance = dt.datetime.now(dt.UTC).date(), random.Random(2)
    with opened(path) as store:
        for number in range(rows // 100):
            day = today - dt.timedelta(days=number % 28)
            begin = dt.datetime.combine(day, dt.time(), dt.UTC)
            some = tuple(
                Row(day, f"203.0.{chance.randrange(40)}.{n}", 1 + n, DOMAIN, DOMAIN, n % 9 > 0, n % 7 > 0,
                    "pass", "none", (), (Signature(DOMAIN, f"s{n % 5}", "pass"),))
                for n in range(100)
            )  # fmt: skip
            end = begin + dt.timedelta(seconds=86_399)
            store.add(
                Aggregate(f"receiver{number % 40}", str(number), DOMAIN, begin, end, (("p", "none"),), some)
            )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--files", type=int, default=1000)
    options.add_argument("--rows", type=int, default=5, help="rows of a file, on average")
    options.add_argument("--stored", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=5)
    words = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = folder / "in"
        files.mkdir()
        rows = written(files, words.files, words.rows)
        ours, alone = [], []
        for number in range(words.rounds):
            store = str(folder / f"{number}.sqlite")
            code = ["-m", "mailwright", "dmarc", "report", str(files), "--store", store, "--format", "json"]
            seconds, text = _process(code)
            assert json.loads(text)["mail"] == words.files, text
            ours.append(seconds)
            seconds, unread = _process(["-c", _PEER, str(files)])
            alone.append(seconds)
        spec_file = folder / "acme.yaml"
        spec_file.write_text(_SPEC)
        spec = load(spec_file).spec
        assert spec is not None
        _filled(folder / "big.sqlite", words.stored)
        asked = []
        for _ in range(words.rounds):
            started = time.perf_counter()
            with opened(folder / "big.sqlite") as store_:
                advise(spec, store_, dt.datetime.now(dt.UTC).date(), Thresholds(), ())
            asked.append(time.perf_counter() - started)
    median = words.rounds // 2
    ratio = sorted(a / b for a, b in zip(ours, alone, strict=True))[median]
    print(f"{words.files} files, {rows} rows: read and stored in {sorted(ours)[median]:.2f} s")
    print(
        f"parsedmarc alone {sorted(alone)[median]:.2f} s (ratio {ratio:.2f}); rows, unread: {unread.strip()}"
    )
    print(f"{words.stored} rows asked in {sorted(asked)[median]:.2f} s")


if __name__ == "__main__":
    main()
