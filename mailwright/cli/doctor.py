"""``mailwright doctor``."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess

import click

from mailwright.cli import common, language
from mailwright.hosts.dns.services import SERVICES
from mailwright.model.text import Lang, Text
from mailwright.report.layout import columns

_PULUMI = Text(
    "not found: the embedded engine is used; Cloudflare needs it (www.pulumi.com/docs/install)",
    "未找到：将使用内置引擎；Cloudflare 需要它（www.pulumi.com/docs/install）",
)
_COMMAND = Text("pulumi command", "pulumi 命令")
_NEEDED = ("yaml", "idna", "dns", "cryptography", "jsonschema", "pulumi", "rich")
#: Needed by the specs of one DNS host alone.
_OPTIONAL = ("pulumi_cloudflare",)
_MISSING = Text("missing: {names}; run `make up` once", "缺少：{names}；请先运行一次 `make up`")
_NOT_SET = Text("not set", "未设置")
_SET = Text("set", "已设置")


@language.command(
    epilog="Exit codes: 0 all that is needed is there, 1 something is missing or not reached. "
    "Example: mailwright doctor stacks/example.yaml"
)
@click.argument("specs", nargs=-1, metavar="[SPEC-OR-STACK...]")
@common.deadline_option
@common.keys_option
@common.lang_option
def doctor(specs: tuple[str, ...], lang: Lang) -> int:
    """Show what this machine can do and what is missing; with SPECs, whether their DNS hosts grant access."""
    rows = [["Python", platform.python_version()]]
    missing = []
    for name in (*_NEEDED, *_OPTIONAL):
        there = importlib.util.find_spec(name) is not None
        rows.append([name, "ok" if there else "–"])
        if not there and name in _NEEDED:
            missing.append(name)
    rows.append([_COMMAND(lang), _pulumi() or _PULUMI(lang)])
    secrets = [secret.variable for service in SERVICES.values() for secret in service.secrets]
    for variable in dict.fromkeys(("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", *secrets)):
        rows.append([variable, (_SET if os.environ.get(variable) else _NOT_SET)(lang)])
    click.echo(columns(rows))
    if missing:
        click.echo(_MISSING.using(names=", ".join(missing))(lang), err=True)
    reached = _hosts(specs, lang) if specs and not missing else True
    return 1 if missing or not reached else 0


def _hosts(names: tuple[str, ...], lang: Lang) -> bool:
    """A line a domain and DNS host; False where one of them cannot be used."""
    from mailwright.operations.access import access
    from mailwright.report.formats import findings as report
    from mailwright.spec import load

    results = [load(path) for path in common.spec_paths(names)]
    for result in results:
        if result.spec is None:
            click.echo(report.text(result.findings, lang, {}), err=True)
    seen = access([result.spec for result in results if result.spec])
    click.echo(
        columns(
            [
                [
                    host_access.domain,
                    host_access.host,
                    ("✓ " if host_access.ok else "✗ ") + host_access.message(lang),
                ]
                for host_access in seen
            ]
        )
    )
    return all(host_access.ok for host_access in seen) and all(result.spec for result in results)


def _pulumi() -> str | None:
    command = shutil.which("pulumi")
    if command is None:
        return None
    done = subprocess.run([command, "version"], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip() or None
