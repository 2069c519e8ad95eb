"""Create many mail zones on a real Knot, then run again with nothing to do: Mailwright beside octoDNS.

    python bench/zones.py --octodns VENV/bin/octodns-sync [--zones 400] [--rtt 30] [--pulumi] [--rounds 3]

octoDNS 1.22 and octodns-bind 1.1 come from a virtual environment of their own. Both tools write the same
records; whole processes are timed, wall clock; every run gets a fresh server.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mailwright.model.records import PlannedRecord  # noqa: E402  the checkout comes first
from mailwright.plan.plan import plans  # noqa: E402
from mailwright.spec import load  # noqa: E402
from tests.servers.base import FULL, free_port  # noqa: E402
from tests.servers.knot import Knot  # noqa: E402

DAY = dt.date(2026, 11, 23)

SPEC = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host: {{service: tencent-exmail}}
dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: {key}, read_by: transfer}}]
contact: wang@{domain}
senders: [{{custom: form, ip4: [203.0.113.10], from: info}}]
signing: [{{selector: s1, public_key_file: s1.pub}}]
verification: [{{value: google-site-verification=token{number}}}]
"""


_BYTECODE = tempfile.TemporaryDirectory()


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of wall clock."""

    create: float
    again: float


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--octodns", type=Path, required=True)
    parser.add_argument("--zones", type=int, default=400)
    parser.add_argument("--rtt", type=int, default=0, help="milliseconds that a proxy adds")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=8, help="octoDNS's max_workers")
    parser.add_argument("--pulumi", action="store_true", help="the real CLI too")
    given = parser.parse_args()
    few = argparse.Namespace(**{**vars(given), "zones": 2, "rtt": 0})
    # Their bytecode is written before anything is timed.
    _mailwright(few, "embedded")
    _octodns(few)
    rows: dict[str, list[Figures]] = {}
    for _ in range(given.rounds):
        rows.setdefault("mailwright, embedded engine", []).append(_mailwright(given, "embedded"))
        rows.setdefault(f"octoDNS, {given.workers} workers", []).append(_octodns(given))
        if given.pulumi:
            rows.setdefault("mailwright, pulumi command", []).append(_mailwright(given, "pulumi"))
    print(f"{given.zones} zones, Knot, {given.rtt} ms added; seconds, median of {given.rounds}")
    for name, figures in rows.items():
        create = statistics.median(each.create for each in figures)
        again = statistics.median(each.again for each in figures)
        print(f"  {name:30} create {create:6.2f}   nothing to do {again:6.2f}")
    ratio = [
        f"{statistics.median(getattr(o, what) / getattr(m, what) for m, o in _pairs(rows)):.1f}"
        for what in ("create", "again")
    ]
    print(f"  octoDNS takes {ratio[0]} times as long to create, {ratio[1]} times with nothing to do")


def _pairs(rows: dict[str, list[Figures]]) -> Iterator[tuple[Figures, Figures]]:
    names = list(rows)
    yield from zip(rows[names[0]], rows[names[1]], strict=True)


@contextmanager
def _world(given: argparse.Namespace) -> Iterator[tuple[Path, int, list[str]]]:
    """A folder of specs, a port, the zones; the server is new."""
    server = Knot(given.zones)
    proxy: subprocess.Popen[bytes] | None = None
    try:
        server.start()
        port = server.port
        if given.rtt:
            port = free_port()
            command = [sys.executable, str(ROOT / "bench" / "proxy.py"), str(port), str(server.port)]
            proxy = subprocess.Popen([*command, str(given.rtt)])
            time.sleep(1)
        with tempfile.TemporaryDirectory() as folder:
            _specs(Path(folder), server.zones, port)
            yield Path(folder), port, server.zones
    finally:
        if proxy:
            proxy.terminate()
            proxy.wait()
        server.dispose()


def _specs(folder: Path, zones: list[str], port: int) -> None:
    (folder / "stacks").mkdir()
    (folder / "stacks" / "s1.pub").write_text(_public_key())
    for number, zone in enumerate(zones):
        text = SPEC.format(domain=zone.rstrip("."), port=port, key=FULL.name, number=number)
        (folder / "stacks" / f"z{number}.yaml").write_text(text)


def _public_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def _timed(command: list[str], folder: Path, expected: set[int], **more: str) -> float:
    # Python keeps bytecode, as on anybody's machine; it lies apart, so that neither tool's folder changes.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PYTHONPYCACHEPREFIX": _BYTECODE.name, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - started
    if done.returncode not in expected:
        raise SystemExit(
            f"{' '.join(command[:6])} … ended with {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return took


def _mailwright(given: argparse.Namespace, engine: str) -> Figures:
    with _world(given) as (folder, _, zones):
        for name in ("Pulumi.yaml", "__main__.py", "plugin", "requirements.txt", "mailwright"):
            (folder / name).symlink_to(ROOT / name)
        command = [sys.executable, "-m", "mailwright", "up", "stacks", "--engine", engine]
        more = {"MAILWRIGHT_TSIG_SECRET": FULL.secret, "PYTHONPATH": str(ROOT)}
        (folder / ".venv").symlink_to(sys.prefix)  # making one is no part of a deployment
        create = _timed(command, folder, {0}, **more)
        again = _timed(command, folder, {0}, **more)
        assert len(zones) == given.zones
        return Figures(create, again)


def _octodns(given: argparse.Namespace) -> Figures:
    with _world(given) as (folder, port, zones):
        (folder / "cfg").mkdir()
        for number, zone in enumerate(zones):
            spec = load(folder / "stacks" / f"z{number}.yaml").spec
            assert spec
            body = _octo_zone(plans(spec, DAY)[0].records, zone)
            (folder / "cfg" / f"{zone}yaml").write_text(json.dumps(body))
        (folder / "octo.yaml").write_text(_octo_config(zones, port, given.workers))
        command = [str(given.octodns), "--config-file", "octo.yaml", "--quiet"]
        create = _timed([*command, "--doit", "--force"], folder, {0})
        again = _timed([*command, "--doit", "--force"], folder, {0})
        return Figures(create, again)


def _octo_config(zones: list[str], port: int, workers: int) -> str:
    config = {
        "manager": {"max_workers": workers},
        "providers": {
            "config": {
                "class": "octodns.provider.yaml.YamlProvider",
                "directory": "./cfg",
                "default_ttl": 3600,
                "enforce_order": False,
                "escaped_semicolons": False,
            },
            "srv": {
                "class": "octodns_bind.Rfc2136Provider",
                "host": "127.0.0.1",
                "port": port,
                "timeout": 60,
                "key_name": FULL.name,
                "key_secret": base64.b64encode(base64.b64decode(FULL.secret)).decode(),
                "key_algorithm": FULL.algorithm,
            },
        },
        "zones": {zone: {"sources": ["config"], "targets": ["srv"]} for zone in zones},
    }
    return json.dumps(config)


def _octo_zone(records: tuple[PlannedRecord, ...], zone: str) -> dict[str, list[dict[str, object]]]:
    """The plan in octoDNS's words, and what stands in the zone beside it."""
    body: dict[str, list[dict[str, object]]] = {
        "": [{"type": "NS", "ttl": 300, "values": [f"ns1.{zone}"]}],
        "ns1": [{"type": "A", "ttl": 300, "value": "127.0.0.1"}],
        "www": [{"type": "A", "ttl": 300, "value": "192.0.2.10"}],
    }
    sets: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for each in records:
        ttl, values = sets.setdefault((each.name, each.type), (each.ttl, []))
        values += each.values
        sets[each.name, each.type] = (min(ttl, each.ttl), values)
    for (name, type), (ttl, values) in sets.items():
        shown = name[: -len(zone) - 1] if name != zone else ""
        body.setdefault(shown, []).append({"type": type, "ttl": ttl, "values": _octo_values(type, values)})
    return body


def _octo_values(type: str, values: list[str]) -> list[object]:
    if type != "MX":
        return list(values)
    split = (each.split() for each in values)
    return [{"preference": int(preference), "exchange": host} for preference, host in split]


if __name__ == "__main__":
    main()
