"""A project folder with a spec that points at a nameserver of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mailwright.deploy.embedded.engine import Embedded, Outcome
from mailwright.deploy.program import main
from tests.servers.base import FULL, DnsServer

#: What somebody else has in every zone, and must keep.
FOREIGN = '@ 300 TXT "google-site-verification=somebody"\n@ 300 TXT "MS=ms12345678"\n@ 300 A 192.0.2.80\n'
FOREIGN_TXT = {'"google-site-verification=somebody"', '"MS=ms12345678"'}
#: Consent to everything that taking a domain down needs.
DOWN = "no-mx-left,spf-gone,dmarc-weakened,selector-gone"
TENCENT = {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}

SPEC = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host: {{service: {service}}}
dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: {key}}}]
contact: wang@{domain}
{more}"""


@dataclass
class Project:
    """A folder of specs and one embedded stack of it."""

    folder: Path
    server: DnsServer
    patch: pytest.MonkeyPatch

    def write(self, zone: str, service: str = "tencent-exmail", more: str = "") -> Path:
        domain = zone.rstrip(".")
        path = self.folder / "stacks" / f"{domain}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            SPEC.format(domain=domain, service=service, port=self.server.port, key=FULL.name, more=more)
        )
        return path

    @property
    def state(self) -> Path:
        return self.folder / ".mailwright" / "state" / "t.json"

    def run(self, command: str, *specs: Path, allow: str = "", day: str = "2026-11-23") -> Outcome:
        self.patch.setenv("MAILWRIGHT_SPECS", ",".join(map(str, specs)))
        self.patch.setenv("MAILWRIGHT_ALLOW", allow)
        self.patch.setenv("MAILWRIGHT_AS_OF", day)
        outcome: Outcome = getattr(Embedded(self.folder, "t", program=main), command)()
        return outcome

    def up(self, *specs: Path, allow: str = "", day: str = "2026-11-23") -> Outcome:
        """An ``up`` that must succeed."""
        outcome = self.run("up", *specs, allow=allow, day=day)
        assert not outcome.problems, outcome.problems
        return outcome

    def everything(self, zone: str) -> dict[str, set[str]]:
        """What mail looks at in a zone."""
        names = ((zone, "MX"), (zone, "TXT"), ("_dmarc." + zone, "TXT"), (zone, "A"), (zone, "NS"))
        return {f"{name} {type}": self.server.texts(name, type) for name, type in names}
