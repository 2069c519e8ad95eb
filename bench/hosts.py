"""Create 100 mail zones at an API of each shape with 50 ms an answer, then run again with nothing to do.

    python bench/hosts.py [--zones 100] [--rtt 50] [--rounds 3] [HOST ...]

The APIs are the tests' own: stand-ins of Alibaba Cloud (record by record), GoDaddy (set by set) and Namecheap
(the whole zone), and moto's Route 53 (conditional), each behind ``proxy.py``. ``mailwright up`` runs as a
process of its own, with the embedded engine; calls are counted at the API. The window is the time, at the API
and without the proxy, from the end of a zone's last reading to the beginning of the write that follows it: in
it a second writer is not noticed, unless the host itself compares.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.hosts.apis import Route53  # noqa: E402  the checkout comes first
from tests.hosts.company import applied, company  # noqa: E402
from tests.hosts.standins import STAND_INS  # noqa: E402
from tests.servers.base import free_port  # noqa: E402

SPEC = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host: {{service: tencent-exmail}}
dns_hosts: [{{service: {host}, base_url: "{address}"{options}}}]
contact: wang@{domain}
senders: [{{custom: form, ip4: [203.0.113.10], from: info}}]
verification: [{{value: google-site-verification=token{number}}}]
allow: [{{rule: whole-zone-write, until: 2099-12-31, why: this host has no other way}}]
"""
HOSTS = ("aliyun", "godaddy", "namecheap", "route53")
#: How often one zone alone is created for the window.
ALONE = 40


class Api:
    """One API with an account, and every call made to it."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.world: Any = Route53() if host == "route53" else STAND_INS[host]()
        #: Of each call: monotonic seconds at its beginning and end, and whether it wrote.
        self.calls: list[tuple[float, float, bool]] = []
        if host == "route53":
            self._watch_moto()
        else:
            self._watch_stand_in()

    @property
    def credential(self) -> dict[str, str]:
        """The environment that a run needs."""
        if self.host == "route53":
            return dict(
                zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), self.world.keys["mail"], strict=True)
            )
        return dict(zip(self.world.identity, (self.world.key_id, self.world.secrets[0]), strict=True))

    def spec(self, zone: str, address: str, number: int) -> str:
        """A company in this zone."""
        options = {} if self.host == "route53" else self.world.options()
        more = "".join(f", {name}: {value}" for name, value in options.items())
        domain = zone.rstrip(".")
        return SPEC.format(domain=domain, host=self.host, address=address, options=more, number=number)

    def count(self, *, wrote: bool) -> int:
        """Calls since the list was emptied."""
        return sum(writes is wrote for _, _, writes in self.calls)

    def windows(self) -> list[float]:
        """Milliseconds between a reading and the write that came next."""
        ordered = sorted(self.calls)
        pairs = itertools.pairwise(ordered)
        return [1000 * (write[0] - read[1]) for read, write in pairs if write[2] and not read[2]]

    def _watch_stand_in(self) -> None:
        world = self.world
        answer = world.answer

        def timed(*request: Any) -> Any:
            begun, written = time.monotonic(), world.writes
            try:
                return answer(*request)
            finally:
                self.calls.append((begun, time.monotonic(), world.writes > written))

        world.answer = timed

    def _watch_moto(self) -> None:
        from moto.core.responses import BaseResponse

        dispatch = getattr(BaseResponse._dispatch, "unwatched", BaseResponse._dispatch)

        def timed(response: BaseResponse, request: Any, *args: Any) -> Any:
            begun = time.monotonic()
            try:
                return dispatch(response, request, *args)
            finally:
                self.calls.append((begun, time.monotonic(), request.method == "POST"))

        timed.unwatched = dispatch  # type: ignore[attr-defined]
        BaseResponse._dispatch = timed  # type: ignore[method-assign]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("hosts", nargs="*", metavar="HOST", default=HOSTS)
    parser.add_argument("--zones", type=int, default=100)
    parser.add_argument("--rtt", type=int, default=50, help="milliseconds that an answer takes")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"{given.zones} zones, {given.rtt} ms an answer; median of {given.rounds}")
    for host in given.hosts:
        _run(host, zones=2, rtt=0)  # bytecode is written before anything is timed
        rounds = [_run(host, zones=given.zones, rtt=given.rtt) for _ in range(given.rounds)]
        create, reads, writes, again, again_reads, again_writes = map(
            statistics.median, zip(*rounds, strict=True)
        )
        windows = _windows(host)
        print(
            f"  {host:9} created {create:5.1f} s ({reads:.0f} readings, {writes:.0f} writes), nothing to do "
            f"{again:5.1f} s ({again_reads:.0f} readings, {again_writes:.0f} writes), window "
            f"{statistics.median(windows):.1f} ms, at most {max(windows):.1f} ms"
        )


def _run(host: str, *, zones: int, rtt: int) -> list[float]:
    """Seconds, readings and writes of a first run, and of one with nothing to do."""
    api = Api(host)
    figures: list[float] = []
    with _behind_proxy(api.world.address, rtt) as address, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "stacks").mkdir()
        for number in range(zones):
            text = api.spec(api.world.new_zone(), address, number)
            (folder / "stacks" / f"z{number}.yaml").write_text(text)
        for _ in range(2):
            api.calls.clear()
            figures += [_up(folder, api.credential), api.count(wrote=False), api.count(wrote=True)]
    return figures


def _up(folder: Path, credential: dict[str, str]) -> float:
    """Seconds that ``mailwright up`` takes."""
    command = [sys.executable, "-m", "mailwright", "up", "stacks", "--engine", "embedded"]
    begun = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **credential, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(f"up ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return seconds


def _windows(host: str) -> list[float]:
    """Of zones that are written one by one, so that no call for another one comes between."""
    api = Api(host)
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
    ):  # a copy of a whole zone is kept there
        for _ in range(ALONE):
            zone = api.world.new_zone()
            applied(api.world.client(zone), company(zone))
    return api.windows()


@contextlib.contextmanager
def _behind_proxy(address: str, rtt: int) -> Iterator[str]:
    if not rtt:
        yield address
        return
    port, behind = free_port(), urlsplit(address).port
    proxy = subprocess.Popen(
        [sys.executable, str(ROOT / "bench" / "proxy.py"), str(port), str(behind), str(rtt)]
    )
    try:
        time.sleep(1)
        yield f"http://127.0.0.1:{port}"
    finally:
        proxy.terminate()
        proxy.wait()


if __name__ == "__main__":
    main()
