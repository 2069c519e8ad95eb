"""The story of ``make up``: the example company on a nameserver of this machine's own.

Deploy, deploy again, verify, break the MX by hand, find the drift, repair it, verify, write the page.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailwright.deploy.given import backend
from mailwright.model import disk, variables
from mailwright.model.text import Lang, Text
from mailwright.operations.stack.commands import run as run_engine
from mailwright.operations.stack.request import Request, Say

SPEC = "stacks/example.yaml"
ZONES = ("acme-trade.com", "acmetrade.net")

_STEP = {
    "start": Text(
        "1. A nameserver on this machine, with records of somebody else in the zone.",
        "1. 在本机启动一台DNS 服务器，区域里已有别人的记录。",
    ),
    "up": Text("2. Deploy {spec}.", "2. 部署 {spec}。"),
    "again": Text("3. Deploy again: nothing changes.", "3. 再部署一次：什么都不变。"),
    "verify": Text(
        "4. Ask the nameserver: does it serve what was planned?", "4. 询问DNS 服务器：是否与计划一致？"
    ),
    "break": Text(
        "5. Somebody changes the MX by hand: mxbiz1.qq.com goes, mx.typo.example comes.",
        "5. 有人手工改了 MX：删掉 mxbiz1.qq.com，加上 mx.typo.example。",
    ),
    "drift": Text("6. The drift is found.", "6. 发现偏差。"),
    "repair": Text("7. Repaired by deploying.", "7. 重新部署即修复。"),
    "foreign": Text("The records of somebody else are still there: {values}", "别人的记录仍然都在：{values}"),
    "page": Text(
        "8. One page about this company's mail, with the live status: {page}",
        "8. 一页报告，说明该企业的邮件及线上状态：{page}",
    ),
    "where": Text(
        "State: {state}\nZone: {zone}\nSpec: {spec}\nNothing is left running.",
        "状态：{state}\n区域文件：{zone}\n规格：{spec}\n没有留下任何运行中的进程。",
    ),
    "next": Text(
        "Next: `mailwright init` writes your own first spec, "
        "`mailwright plan NAME --format sheet` prints what to enter.",
        "下一步：`mailwright init` 生成您自己的规格，"
        "`mailwright plan NAME --format sheet` 打印需要录入的内容。",
    ),
    "failed": Text(
        "This step did not go as expected (exit code {code}).", "这一步未按预期进行（退出码 {code}）。"
    ),
}


def _own_backend() -> dict[str, str | None]:
    """With a pulumi command the story keeps its state here too, whatever the user is logged in to."""
    here = Path.cwd()
    project = next((folder for folder in (here, *here.parents) if (folder / "Pulumi.yaml").exists()), here)
    none = dict.fromkeys(("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"))
    return {**none, backend.URL: disk.own_folder(backend.own(project)).as_uri()}


class _Failed(Exception):
    """A step went another way than the story says."""


@dataclass(frozen=True, slots=True)
class _Story:
    folder: Path
    engine: str
    lang: Lang
    say: Say
    port: int

    def step(self, name: str, **params: object) -> None:
        self.say("\n" + _STEP[name].using(**params)(self.lang))

    @property
    def spec(self) -> Path:
        return self.folder / "example.yaml"

    @property
    def page(self) -> Path:
        return self.folder / "mail.html"

    def write_page(self) -> None:
        """What ``report`` makes of the example, while its nameserver answers."""
        from mailwright.operations.planning import planned
        from mailwright.operations.reporting import report
        from mailwright.operations.world.verification import verify_all
        from mailwright.resolving.server import Server

        seen = planned([self.spec], None)
        verdicts = verify_all([plan for _, plan in seen.plans], [Server("sandbox", "127.0.0.1", self.port)])
        self.page.write_text(report(seen.plans, self.lang, verdicts), encoding="utf-8")

    def run(self, command: str, exit_code: int) -> None:
        request = Request(command, (self.spec,), self.engine, stack="demo", lang=self.lang)
        code = run_engine(request, lambda text: self.say("   " + text), self.say)
        if code != exit_code:
            raise _Failed(_STEP["failed"].using(code=code)(self.lang))

    def verify(self, outcome: str) -> None:
        from mailwright.operations.planning import planned
        from mailwright.operations.world.verification import verify_all
        from mailwright.report.formats.checks import text
        from mailwright.resolving.server import Server

        seen = planned([self.spec], None)
        verdicts = verify_all([plan for _, plan in seen.plans], [Server("sandbox", "127.0.0.1", self.port)])
        self.say("\n".join("   " + line for line in text(verdicts, self.lang).splitlines() if line))
        statuses = {str(verdict.status) for verdict in verdicts}
        if (outcome == "ok") != (statuses == {"ok"}):
            raise _Failed(", ".join(sorted(statuses)))


def run(folder: Path | None, engine: str, lang: Lang, say: Say) -> int:
    """Tell the story; 0 where every step went as told. Nothing is left running, also after Ctrl-C."""
    where = (folder or Path(".mailwright/demo")).resolve()
    source = Path(SPEC) if Path(SPEC).exists() else Path(__file__).parents[2] / SPEC
    disk.own_folder(where)
    with _nameserver(where / "zones", where / "port") as (port, key):
        story = _Story(where, engine, lang, say, port)
        story.spec.write_text(_redirected(source.read_text(encoding="utf-8"), port, key[0]), encoding="utf-8")
        try:
            with variables.temporarily({variables.TSIG_SECRET: key[1], **_own_backend()}):
                _tell(story, key)
        except _Failed as error:
            say(str(error))
            return 1
    state = Path.cwd() / ".mailwright"
    story.step("where", state=state, zone=where / "zones", spec=story.spec)
    story.step("next")
    return 0


def _tell(story: _Story, key: tuple[str, str]) -> None:
    apex = ZONES[0] + "."
    foreign = (("A", "192.0.2.80"), ("TXT", '"MS=ms12345678"'))
    story.step("start")
    for type, value in foreign:
        _by_hand(story.port, key, add=(apex, type, value))
    story.step("up", spec=SPEC)
    story.run("up", 0)
    story.step("again")
    story.run("up", 0)
    story.run("preview", 0)
    story.step("verify")
    story.verify("ok")
    story.step("break")
    _by_hand(story.port, key, add=(apex, "MX", "1 mx.typo.example."), drop=(apex, "MX", "5 mxbiz1.qq.com."))
    story.step("drift")
    story.verify("differs")
    story.run("preview", 2)
    story.step("repair")
    story.run("up", 0)
    story.verify("ok")
    _require_foreign(story.port, key, foreign)
    story.step("foreign", values=", ".join(f"{type} {value}" for type, value in foreign))
    story.write_page()
    story.step("page", page=story.page)


def _require_foreign(port: int, key: tuple[str, str], foreign: tuple[tuple[str, str], ...]) -> None:
    """Look for them; a story that only claims is none."""
    from mailwright.hosts.dns.rfc2136 import Rfc2136Host

    host = Rfc2136Host(ZONES[0] + ".", "127.0.0.1", port, key[0], key[1])
    seen = asyncio.run(host.read([(ZONES[0] + ".", type) for type, _ in foreign]))
    for type, value in foreign:
        live = seen.get(ZONES[0] + ".", type)
        if live is None or value.strip('"') not in live.plain:
            raise _Failed(f"{type} {value}")


def _redirected(text: str, port: int, key_name: str) -> str:
    """The example's own spec, with the nameserver of this story as its DNS host."""
    host = f"dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: {key_name}}}]"
    return re.sub(r"(?m)^dns_hosts:.*$", host, text)


def _by_hand(
    port: int,
    key: tuple[str, str],
    *,
    add: tuple[str, str, str],
    drop: tuple[str, str, str] | None = None,
) -> None:
    """What somebody with the zone's key does behind our back."""
    import dns.asyncquery
    import dns.rcode
    import dns.tsigkeyring
    import dns.update

    message = dns.update.UpdateMessage(ZONES[0], keyring=dns.tsigkeyring.from_text({key[0]: key[1]}))
    if drop:
        message.delete(*drop)
    message.add(add[0], 3600, add[1], add[2])
    answer = asyncio.run(dns.asyncquery.tcp(message, "127.0.0.1", timeout=5, port=port))
    if answer.rcode() != dns.rcode.NOERROR:
        raise _Failed(dns.rcode.to_text(answer.rcode()))


@contextmanager
def _nameserver(folder: Path, port_file: Path) -> Iterator[tuple[int, tuple[str, str]]]:
    """The embedded nameserver as a process of its own; ended by its pid, whatever happens."""
    port = port_file.read_text(encoding="ascii").strip() if port_file.exists() else "0"
    zones = [word for zone in ZONES for word in ("--zone", zone)]
    command = [sys.executable, "-P", "-m", "mailwright.sandbox", "--dir", str(folder), "--demo-key"]
    root = {"PYTHONPATH": str(Path(__file__).parents[2])}
    with variables.temporarily(root):
        process = subprocess.Popen(
            [*command, "--port", port, *zones], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
    try:
        assert process.stdout is not None
        match = re.search(r"port (\d+)", process.stdout.readline())
        if match is None:
            raise RuntimeError("the nameserver of the demo did not start")
        port_file.write_text(match.group(1), encoding="ascii")
        yield int(match.group(1)), _key(folder)
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _key(folder: Path) -> tuple[str, str]:
    from mailwright.sandbox.keys import KEY_FILE, read_key

    key = read_key(folder / KEY_FILE)
    return key.name.rstrip("."), key.secret
