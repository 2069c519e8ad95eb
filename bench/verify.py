"""Check the mail DNS of many domains on a real Knot: Mailwright's verify beside checkdmarc.

    python bench/verify.py [--domains 1000] [--rtt 20] [--loss 0.02] [--rounds 3] [--threads 1,8,32]

Each run is a process of its own, warmed up and with empty caches; the checks alone are timed, wall clock.
Both ask one local Knot, which counts the questions. checkdmarc runs twice: as its users call it
(check_domains), and with those checks only that both make. Its HTTPS downloads (MTA-STS policy, BIMI logo)
are stubbed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mailwright.model import txt  # noqa: E402  the checkout comes first
from mailwright.operations.planning import planned  # noqa: E402
from tests.servers.base import ADDRESS, BASE_ZONE, free_port, program  # noqa: E402
from tests.servers.knot import Knot  # noqa: E402

#: Two kinds of company: exchangers that all share, and two exchangers of one's own.
HOSTS = (
    "{{service: tencent-exmail}}",
    '{{service: self-hosted, mx: ["10 mx1.{domain}", "20 mx2.{domain}"], ip4: [198.51.100.{octet}]}}',
)
SPEC = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host: {host}
dns_hosts: [{{service: manual, console: aliyun}}]
contact: dmarc@reports.example
dmarc: {{stage: guard}}
senders: [{{custom: form, ip4: [203.0.113.10], from: info}}]
signing: [{{selector: s1, public_key_file: s1.pub}}]
verification: [{{value: google-site-verification=token{number}}}]
mta_sts: {{mode: testing, served_by: pages.example.net}}
tls_rpt: {{}}
bimi: {{logo: "https://{domain}/logo.svg"}}
"""
#: What the domains lean on: exchangers and includes of the mail host, and who lets their reports in.
SHARED = {
    "qq.com.": "mxbiz1 300 IN A 192.0.2.1\nmxbiz2 300 IN A 192.0.2.2\n"
    'spf.mail 300 IN TXT "v=spf1 include:qq-a.mail.qq.com include:qq-b.mail.qq.com '
    'include:biz-a.mail.qq.com -all"\n'
    + "".join(
        f'{name}.mail 300 IN TXT "v=spf1 ip4:192.0.2.{n}0/28 -all"\n'
        for n, name in enumerate(("qq-a", "qq-b", "biz-a"), 1)
    ),
    "example.": "",  # the walk to the organization ends there
    "reports.example.": '*._report._dmarc 300 IN TXT "v=DMARC1"\n',
    "2.0.192.in-addr.arpa.": "1 300 IN PTR mxbiz1.qq.com.\n2 300 IN PTR mxbiz2.qq.com.\n",
    "100.51.198.in-addr.arpa.": "".join(f"{n} 300 IN PTR mx.reports.example.\n" for n in range(1, 255)),
}


class CountingKnot(Knot):
    """Knot that counts questions, with zones of our own."""

    def __init__(self, zones: dict[str, str]) -> None:
        super().__init__(0)
        self.texts_of = zones
        self.zones = list(zones)

    def configure(self) -> None:
        super().configure()
        for zone, text in self.texts_of.items():
            (self.folder / "zones" / f"{zone}zone").write_text(BASE_ZONE + text)
        path = self.folder / "knot.conf"
        counting = "mod-stats:\n  - id: all\n    request-protocol: on\n    query-type: on\ntemplate:"
        text = path.read_text().replace("template:", counting, 1)
        path.write_text(
            text.replace("  - id: default\n", "  - id: default\n    global-module: mod-stats/all\n", 1)
        )

    def counted(self) -> dict[str, int]:
        """Questions since the start, by protocol."""
        command = [
            program("knotc", "knot"),
            "-s",
            str(self.folder / "run" / "knot.sock"),
            "stats",
            "mod-stats",
        ]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return {name: int(n) for name, n in re.findall(r"request-protocol\[(\w+)\] = (\d+)", out)}


def main() -> None:
    """Print a table; ``--child`` is what the runs are made of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domains", type=int, default=1000)
    parser.add_argument("--rtt", type=int, default=0, help="milliseconds that a proxy adds")
    parser.add_argument(
        "--loss", type=float, default=0.0, help="share of datagrams that the proxy loses, each way"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", default="1,8,32", help="checkdmarc: the best of these on 200 domains")
    parser.add_argument("--retries", type=int, default=0, help="checkdmarc's own; its default is 0")
    parser.add_argument("--child", nargs=4, metavar=("WHAT", "FOLDER", "PORT", "THREADS"))
    given = parser.parse_args()
    if given.child:
        what, folder, port, threads = given.child
        print(json.dumps(CHILDREN[what](Path(folder), int(port), int(threads), given)))
        return
    with _world(given) as (folder, port, server):
        _compare(given, folder, port, server)


def _compare(given: argparse.Namespace, folder: Path, port: int, server: CountingKnot) -> None:
    threads = {
        n: _run("full", folder, port, n, given, 200)["seconds"] for n in map(int, given.threads.split(","))
    }
    best = min(threads, key=lambda n: threads[n])
    print(f"checkdmarc on 200 domains, seconds by threads: {threads}; best {best}")
    rows: dict[str, list[dict[str, float]]] = {"ours": [], "command": [], "common": [], "full": []}
    for _ in range(given.rounds):
        for what, made in rows.items():
            before = server.counted()
            row = _run(what, folder, port, best, given)
            row |= {f"questions {name}": n - before.get(name, 0) for name, n in server.counted().items()}
            made.append(row)
            print("  ", what, row)
    print(f"{given.domains} domains, {given.rtt} ms, loss {given.loss}; median of {given.rounds}")
    middle = {what: statistics.median(each["seconds"] for each in made) for what, made in rows.items()}
    for what, seconds in middle.items():
        asked = sum(n for name, n in rows[what][0].items() if name.startswith("questions"))
        print(
            f"  {what:8} {seconds:7.2f} s   {asked / given.domains:5.1f} questions a domain   {rows[what][0]}"
        )
    for what in ("common", "full"):
        ratios = [b["seconds"] / a["seconds"] for a, b in zip(rows["ours"], rows[what], strict=True)]
        print(f"  checkdmarc, {what}: {statistics.median(ratios):.1f} times as long")


def _run(
    what: str, folder: Path, port: int, threads: int, given: argparse.Namespace, most: int | None = None
) -> dict[str, float]:
    """One process; its own clock, without start-up."""
    command = [sys.executable, str(ROOT / "bench" / "verify.py"), "--domains", str(most or given.domains)]
    command += ["--retries", str(given.retries), "--child", what, str(folder), str(port), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{what} failed\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    made: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return made


@contextmanager
def _world(given: argparse.Namespace) -> Iterator[tuple[Path, int, CountingKnot]]:
    """Specs in a folder, their records on a new Knot, and the port to ask."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = CountingKnot({**_specs(folder, given.domains), **SHARED})
        proxy: subprocess.Popen[bytes] | None = None
        try:
            server.start()
            port = server.port
            if given.rtt or given.loss:
                port = free_port()
                command = [sys.executable, str(ROOT / "bench" / "proxy.py"), str(port), str(server.port)]
                proxy = subprocess.Popen([*command, str(given.rtt), str(given.loss)])
                time.sleep(1)
            yield folder, port, server
        finally:
            if proxy:
                proxy.terminate()
                proxy.wait()
            server.dispose()


def _specs(folder: Path, count: int) -> dict[str, str]:
    """Write the specs; zone → its records as planned, and addresses of the domain's own exchangers."""
    (folder / "stacks").mkdir()
    (folder / "stacks" / "s1.pub").write_text(public_key())
    for number in range(count):
        domain, octet = f"z{number}.example", number % 250 + 1
        host = HOSTS[number % len(HOSTS)].format(domain=domain, octet=octet)
        text = SPEC.format(domain=domain, host=host, number=number)
        (folder / "stacks" / f"z{number}.yaml").write_text(text)
    zones = {}
    for spec, plan in planned(sorted((folder / "stacks").glob("*.yaml")), None).plans:
        lines = [
            f"{each.name} {each.ttl} IN {each.type} {_shown(each.type, value)}\n"
            for each in plan.records
            for value in each.values
        ]
        octet = int(spec.domain[1:].partition(".")[0]) % 250 + 1
        lines += [f"mx{n}.{plan.domain}. 300 IN A 198.51.100.{octet}\n" for n in (1, 2)]
        zones[f"{plan.domain}."] = "".join(lines)
    return zones


def _shown(type: str, value: str) -> str:
    return txt.quote(txt.split(value)) if type == "TXT" else value


def public_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


# -- the runs: each in its own process ----------------------------------------------------------


def ours(folder: Path, port: int, _threads: int, given: argparse.Namespace) -> dict[str, float]:
    """verify, and what the plans lean on: SPF trees, exchangers' addresses, who lets reports in.

    As the command line runs it: in as many processes, and looking as seldom for garbage.
    """
    import gc

    from mailwright.cli import GARBAGE
    from mailwright.operations.processes import several
    from mailwright.operations.world.online import look
    from mailwright.operations.world.verification import verify_all
    from mailwright.resolving.server import Server

    plans = [plan for _, plan in planned(_listed(folder, given.domains), None).plans]
    where = Server("ns1", ADDRESS, port)
    gc.set_threshold(GARBAGE)
    started, cpu = time.perf_counter(), _cpu()
    with several():
        verdicts = verify_all(plans, [where])
        verified = time.perf_counter() - started
        living = look(plans, [Server("", ADDRESS, port, authoritative=False)])
    took, cpu = time.perf_counter() - started, _cpu() - cpu
    good = sum(each.status == "ok" for each in verdicts)
    return {
        "seconds": took, "verify": verified, "cpu": cpu, "good": good,
        "checks": sum(len(each.checks) for each in verdicts), "findings": len(living.findings),
    }  # fmt: skip


def _cpu() -> float:
    """Seconds of this process and of those that it had."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def command(folder: Path, port: int, _threads: int, given: argparse.Namespace) -> dict[str, float]:
    """The whole command, from start-up and 1,000 spec files to its JSON."""
    words = [sys.executable, "-m", "mailwright", "verify", "stacks", "--nameserver", f"{ADDRESS}:{port}"]
    started = time.perf_counter()
    done = subprocess.run(
        [*words, "--format", "json"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
    )  # fmt: skip
    return {"seconds": time.perf_counter() - started, "good": float(done.returncode == 0) * given.domains}


def _listed(folder: Path, count: int) -> list[Path]:
    return [folder / "stacks" / f"z{number}.yaml" for number in range(count)]


def without_downloads() -> None:
    """checkdmarc fetches no policy and no logo: this measures DNS."""
    import checkdmarc.bimi
    import checkdmarc.mta_sts
    import requests

    def nothing(*_: object, **__: object) -> None:
        raise requests.ConnectionError("no download in this bench")

    policy = {"policy": "version: STSv1\nmode: testing\nmx: *.example\nmax_age: 86400\n", "warnings": []}
    checkdmarc.mta_sts.download_mta_sts_policy = lambda *_, **__: policy
    checkdmarc.bimi.requests.Session.get = nothing  # type: ignore[method-assign,assignment]


def _theirs(check: str, port: int, threads: int, given: argparse.Namespace) -> dict[str, float]:
    import logging
    from concurrent.futures import ThreadPoolExecutor

    import checkdmarc
    from dns.nameserver import Do53Nameserver

    logging.disable(logging.CRITICAL)
    without_downloads()
    asked = {"nameservers": [Do53Nameserver(ADDRESS, port)], "retries": given.retries}
    work = (
        _common if check == "common" else lambda name, asked: _full(checkdmarc.check_domains([name], **asked))
    )
    work("reports.example", asked)  # what is loaded at the first call is no check
    names = [f"z{number}.example" for number in range(given.domains)]
    started, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        good = sum(pool.map(lambda name: work(name, asked), names))
    return {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu, "good": good}


def _full(found: dict[str, dict[str, object]]) -> bool:
    """Whether it found the records that are all there and valid."""
    parts = (found[each] for each in ("soa", "ns", "mx", "spf", "dmarc", "smtp_tls_reporting", "mta_sts"))
    return not any("error" in each for each in parts)


def _common(name: str, asked: dict[str, object]) -> bool:
    """The checks that both make, through its own functions."""
    from checkdmarc import bimi, dmarc, mta_sts, smtp_tls_reporting, soa, spf, utils

    more = {key: value for key, value in asked.items() if key != "retries"}
    soa_found = soa.check_soa(name, **more)  # type: ignore[arg-type]
    try:
        utils.get_nameservers(name, **asked)  # type: ignore[arg-type]
        for host in utils.get_mx_records(name, **asked):  # type: ignore[arg-type]
            utils.get_a_records(host["hostname"], **asked)  # type: ignore[arg-type]
        sts = mta_sts.query_mta_sts_record(name, **asked)  # type: ignore[arg-type]
        mta_sts.parse_mta_sts_record(sts["record"])
        bimi.query_bimi_record(name, **asked)  # type: ignore[arg-type]
    except (utils.DNSException, mta_sts.MTASTSError, bimi.BIMIError):
        return False
    found = [
        spf.check_spf(name, **asked),  # type: ignore[arg-type]
        dmarc.check_dmarc(name, **asked),  # type: ignore[arg-type]
        smtp_tls_reporting.check_smtp_tls_reporting(name, **asked),  # type: ignore[arg-type]
    ]
    return not any("error" in each for each in (soa_found, *found))


CHILDREN = {
    "ours": ours,
    "command": command,
    "common": lambda _, port, threads, given: _theirs("common", port, threads, given),
    "full": lambda _, port, threads, given: _theirs("full", port, threads, given),
}

if __name__ == "__main__":
    main()
