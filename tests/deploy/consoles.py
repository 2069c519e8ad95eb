"""A stack whose records somebody enters at a console, and the nameservers that show what was entered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mailwright.cli import main
from tests.recorded.worlds import ZoneServer
from tests.servers.base import BASE_ZONE, DnsServer

DOMAIN, ZONE = "acme-trade.example", "acme-trade.example."
OLD = '@ 300 IN MX 10 mail.old.example.\n@ 300 IN TXT "v=spf1 ip4:192.0.2.1 -all"\n'
UNION = "v=spf1 include:spf.mail.qq.com ip4:192.0.2.1 ~all"
NEW = "v=spf1 include:spf.mail.qq.com ~all"
DMARC = '_dmarc 600 TXT "v=DMARC1; p=none; rua=mailto:wang@acme-trade.example"\n'
MX = "@ 600 MX 5 mxbiz1.qq.com.\n@ 600 MX 10 mxbiz2.qq.com.\n"
CONSENT = ("--allow", "mx-changed", "--allow", "spf-sender-dropped")
MANUAL = "{service: manual, console: aliyun}"
SPEC = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host: {{service: tencent-exmail}}
dns_hosts: [{host}]
contact: wang@{domain}
{more}"""


@dataclass
class Console:
    """A stack of one spec in the working folder, and the nameservers that its DNS host runs."""

    folder: Path
    servers: list[DnsServer]
    capsys: pytest.CaptureFixture[str]

    def write(self, host: str = MANUAL, *, domain: str = DOMAIN, more: str = "") -> Path:
        path = self.folder / "stacks" / "acme.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(SPEC.format(domain=domain, host=host, more=more), "utf-8")
        return path

    @property
    def where(self) -> list[str]:
        """The option that names the servers."""
        return [word for server in self.servers for word in ("--nameserver", f"127.0.0.1:{server.port}")]

    def run(self, command: str, *words: str, day: str = "2026-11-23", lang: str = "en") -> tuple[int, str]:
        """Exit code, and all that was told."""
        ways = ["--engine", "embedded", "--as-of", day, "--lang", lang]
        self.capsys.readouterr()
        code = main([command, "stacks", *self.where, *ways, *words])
        output = self.capsys.readouterr()
        return code, output.out + output.err

    def put(self, records: str, zone: str = ZONE) -> None:
        for server in self.servers:
            server.put(zone, records)

    def drop(self, name: str, type: str, rdata: str, zone: str = ZONE) -> None:
        for server in self.servers:
            server.drop(zone, name, type, rdata)

    def edit_spf(self, old: str, new: str) -> None:
        """One record takes the other's place."""
        self.put(f'@ 600 TXT "{new}"\n')
        self.drop("@", "TXT", f'"{old}"')

    @property
    def state(self) -> dict[str, Any]:
        """The outputs of the one resource that is entered by hand, with its URN."""
        path = self.folder / ".mailwright" / "state" / "stacks.json"
        resources = json.loads(path.read_text("utf-8"))["deployment"]["resources"]
        (only,) = [resource for resource in resources if resource["urn"].endswith("@manual")]
        return {**only["outputs"], "urn": only["urn"]}


@contextmanager
def consoles(
    folder: Path, capsys: pytest.CaptureFixture[str], *texts: str, zone: str = ZONE
) -> Iterator[Console]:
    """A console with one server a zone text."""
    with ExitStack() as stack:
        servers: list[DnsServer] = []
        for text in texts:
            server = ZoneServer({zone: BASE_ZONE + text})
            server.start()
            stack.callback(server.dispose)
            servers.append(server)
        yield Console(folder, servers, capsys)
