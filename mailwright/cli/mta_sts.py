"""``mailwright mta-sts``: the policy file of a spec, for whoever serves it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang, Text

_NONE = Text(
    "{domain} asks for no MTA-STS policy (mta_sts:).", "{domain} 没有要求 MTA-STS 策略（mta_sts:）。"
)
_WRITTEN = Text(
    "{domain}: {count} file(s) in {folder}. Serve them at {url}.",
    "{domain}：已在 {folder} 写入 {count} 个文件。请在 {url} 提供。",
)


@language.command(
    "mta-sts",
    epilog="Exit codes: 0, 1 with errors or without a policy, 64 wrong usage. "
    "Example: mailwright mta-sts example --out public/",
)
@common.specs_argument
@common.out_folder("Write the site, a folder for each domain.")
@click.option("--worker", is_flag=True, help="Show a Cloudflare Worker that serves the policy.")
@common.lang_option
@common.as_of_option
def mta_sts(specs: tuple[str, ...], out: Path | None, worker: bool, lang: Lang, as_of: dt.date | None) -> int:
    """Write the MTA-STS policy that the planned record stands for, to be served over HTTPS."""
    from mailwright.operations.planning import planned
    from mailwright.plan.records.alias_domains import spec_of
    from mailwright.plan.records.moving import in_stage
    from mailwright.plan.records.transport import exchangers_of, policy
    from mailwright.standards import mta_sts as standard

    seen = planned(common.spec_paths(specs), as_of)
    if common.stopped(seen, lang):
        return 1
    code = 0
    for company, plan in seen.plans:
        if plan.domain in company.parked:
            continue  # it has no mail to protect
        spec = spec_of(company, plan.domain)
        asked = in_stage(spec).extra.mta_sts
        policy_text = policy(asked, exchangers_of(spec.domain, plan.records)) if asked else None
        if policy_text is None:
            click.echo(_NONE.using(domain=spec.domain)(lang), err=True)
            code = 1
        elif out is None:
            click.echo(standard.worker(policy_text) if worker else str(policy_text), nl=False)
        else:
            folder, files = out / spec.domain, standard.static_files(policy_text)
            for name, octets in files.items():
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(octets)
            url = standard.policy_url(spec.domain)
            text = _WRITTEN.using(domain=spec.domain, count=len(files), folder=folder, url=url)
            click.echo(text(lang))
    return code
