"""``mailwright init``."""

from __future__ import annotations

from pathlib import Path

import click

from mailwright.cli import common
from mailwright.model.text import Lang


@click.command(
    epilog="Exit codes: 0, 1 where the answers make no valid spec or the file exists. "
    "Example: mailwright init --domain acme-trade.com --service tencent-exmail --contact wang@acme-trade.com"
)
@click.option("--domain", prompt="Domain 域名")
@click.option("--service", prompt="Mail service 邮件服务 (mailwright catalog list)", default="tencent-exmail")
@click.option(
    "--dns",
    "console",
    prompt="DNS console 域名解析 (aliyun, dnspod, cloudflare, godaddy, huawei, generic)",
    default="generic",
)
@click.option("--contact", prompt="Contact address 联系邮箱")
@click.option("--timezone", prompt="Timezone 时区", default="Asia/Shanghai")
@click.option(
    "--set", "inputs", multiple=True, metavar="KEY=VALUE", help="A value that the service asks for."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: stacks/NAME.yaml.")
@common.lang_option
def init(
    domain: str,
    service: str,
    console: str,
    contact: str,
    timezone: str,
    inputs: tuple[str, ...],
    output: Path | None,
    lang: Lang,
) -> int:
    """Write a first spec: six lines are a whole company."""
    from mailwright.report import findings as report
    from mailwright.spec import parse
    from mailwright.spec.first import first_spec

    given = dict(each.partition("=")[::2] for each in inputs)
    text = first_spec(domain, service, timezone=timezone, console=console, contact=contact, inputs=given)
    path = output or Path("stacks") / f"{domain.partition('.')[0]}.yaml"
    result = parse(text.encode(), str(path))
    if result.spec is None:
        click.echo(report.text(result.findings, lang, {str(path): text}), err=True)
        return 1
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise click.ClickException(f"{path} exists and was left as it is; choose another with -o") from None
    click.echo(f"{path}\nmailwright check {path}\nmailwright plan {path} --format sheet")
    return 0
