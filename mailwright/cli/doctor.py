"""``mailwright doctor``."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess

import click

from mailwright.cli import common
from mailwright.model.text import Lang, Text
from mailwright.report.layout import columns

_PULUMI = Text(
    "not found: the embedded engine is used; Cloudflare needs it (www.pulumi.com/docs/install)",
    "未找到：将使用内置引擎；Cloudflare 需要它（www.pulumi.com/docs/install）",
)
_NOT_SET = Text("not set", "未设置")
_SET = Text("set", "已设置")


@click.command(
    epilog="Exit codes: 0 all that is needed is there, 1 something is missing. Example: mailwright doctor"
)
@common.lang_option
def doctor(lang: Lang) -> int:
    """Say what this machine can do, and what is missing."""
    rows = [["Python", platform.python_version()]]
    missing = []
    for name in ("yaml", "idna", "dns", "cryptography", "jsonschema", "pulumi", "pulumi_cloudflare", "rich"):
        there = importlib.util.find_spec(name) is not None
        rows.append([name, "ok" if there else "–"])
        if not there:
            missing.append(name)
    rows.append(["pulumi command", _pulumi() or _PULUMI(lang)])
    for variable in (
        "PULUMI_BACKEND_URL",
        "PULUMI_CONFIG_PASSPHRASE",
        "MAILWRIGHT_TSIG_SECRET",
        "CLOUDFLARE_API_TOKEN",
    ):
        rows.append([variable, (_SET if os.environ.get(variable) else _NOT_SET)(lang)])
    click.echo(columns(rows))
    if missing:
        click.echo(f"missing: {', '.join(missing)}; run `make up` once", err=True)
    return 1 if missing else 0


def _pulumi() -> str | None:
    command = shutil.which("pulumi")
    if command is None:
        return None
    done = subprocess.run([command, "version"], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip() or None
