"""What this machine and account can do for a spec: is each of its DNS hosts reached, and the key taken?"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

from mailwright.deploy.dns.applying import connect_rfc2136
from mailwright.deploy.environment import secret_for
from mailwright.deploy.targets import Deployment, deployments
from mailwright.hosts.dns.base import HostError
from mailwright.model.names import absolute, bare
from mailwright.model.text import Text
from mailwright.spec.model import MailSpec

_READ = Text("reached; the key is taken for reading", "可以访问；密钥可用于读取")
_READ_UNSIGNED = Text("reached, without a key", "可以访问（未使用密钥）")
_BY_HAND = Text(
    "by hand: mailwright plan {file} --format sheet", "手工录入：mailwright plan {file} --format sheet"
)
_NO_TOKEN = Text("CLOUDFLARE_API_TOKEN is not set", "未设置 CLOUDFLARE_API_TOKEN")
_NO_PULUMI = Text("needs the pulumi command", "需要 pulumi 命令")
_TOKEN_SET = Text(
    "a token is set; `mailwright preview` tries it", "已设置令牌；可用 `mailwright preview` 试用"
)


@dataclass(frozen=True, slots=True)
class Access:
    """One domain at one DNS host: ``ok``, and what was seen, without secrets."""

    domain: str
    host: str
    ok: bool
    message: Text


def access(specs: Iterable[MailSpec]) -> tuple[Access, ...]:
    """Try every DNS host of these specs; nothing is written anywhere. Never raises for a host."""

    async def all_of_them() -> list[Access]:
        wanted = [each for spec in specs for each in deployments(spec)]
        return list(await asyncio.gather(*(_one(each) for each in wanted)))

    return tuple(asyncio.run(all_of_them()))


async def _one(wanted: Deployment) -> Access:
    domain, service = bare(wanted.plan.domain), wanted.host.service
    if service == "manual":
        return Access(domain, service, True, _BY_HAND.using(file=wanted.spec.file))
    if service == "cloudflare":
        return _cloudflare(domain)
    target = wanted.inputs.target
    try:
        host = connect_rfc2136(target, secret_for(target.key_name, None))
        await host.read({(absolute(domain), "MX")})
    except HostError as error:
        return Access(domain, target.label, False, error.text)
    return Access(domain, target.label, True, _READ if target.key_name else _READ_UNSIGNED)


def _cloudflare(domain: str) -> Access:
    if not shutil.which("pulumi"):
        return Access(domain, "cloudflare", False, _NO_PULUMI)
    there = bool(os.environ.get("CLOUDFLARE_API_TOKEN"))
    return Access(domain, "cloudflare", there, _TOKEN_SET if there else _NO_TOKEN)
