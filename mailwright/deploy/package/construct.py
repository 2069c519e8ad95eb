"""``MailDomain`` for programs in any language: the provider declares it where a program asks for it.

Its resources are the same as those of ``component.py``, and are judged by the same provider; the spec comes
as an object, as text or as a path.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pulumi
from pulumi.provider.experimental.provider import ConstructRequest, ConstructResponse
from pulumi.resource import DependencyResource

from mailwright.deploy.component import MailDomain, findings_text, load
from mailwright.deploy.errors import DeployError, lang
from mailwright.deploy.properties import Unknown, plain, wrapped
from mailwright.deploy.said import wrong
from mailwright.deploy.targets import Deployment, deployments, planned_values
from mailwright.deploy.tokens import MAIL_DOMAIN
from mailwright.hosts.dns.service import Way
from mailwright.model.finding import Finding, has_errors
from mailwright.model.names import bare
from mailwright.model.text import Text
from mailwright.spec import MailSpec
from mailwright.spec.loading import claimed, parse

_SPEC, _AS_OF = "spec", "asOf"
_KNOWN = frozenset({_SPEC, _AS_OF})
#: What of a resource is made of the spec's words: secret where that is.
_MADE_OF_SPEC = ("records", "maps", "scripts", "objects", "names")
_NEEDS = Text(
    "spec must be given: an object, the text of a spec, or a path",
    "必须填写 spec：对象、规格文本或文件路径",
)
_ELSEWHERE = Text(
    "{domain}: records at {service} are written by another Pulumi provider, which only a Python program "
    "can use beside ours: `from mailwright.deploy.component import MailDomain`",
    "{domain}：{service} 的记录由另一个 Pulumi provider 写入，只有 Python 程序能与我们的 provider 一起使用："
    "`from mailwright.deploy.component import MailDomain`",
)
_NOT_KNOWN = Text("{name}: MailDomain takes spec and asOf", "{name}：MailDomain 只接受 spec 和 asOf")
_UNKNOWN = Text(
    "{name}: its spec is known only once other resources are there; what would change cannot be said yet",
    "{name}：其规格要等其他资源建立后才能确定，暂时无法说明会有哪些变更",
)


async def constructed(request: ConstructRequest) -> ConstructResponse:
    """Declare a MailDomain and what is below it. Raises DeployError where its spec has errors."""
    if request.resource_type != MAIL_DOMAIN:
        raise DeployError(wrong.NO_TYPE, type=request.resource_type)
    try:
        return await _declared(request)
    except pulumi.RunError as error:
        raise DeployError(str(error)) from None


async def _declared(request: ConstructRequest) -> ConstructResponse:
    options = _options(request)
    try:
        inputs = plain(request.inputs)
    except Unknown:  # in a preview alone
        pulumi.log.warn(_UNKNOWN.using(name=request.name)(lang()))
        nothing = pulumi.ComponentResource(MAIL_DOMAIN, request.name, None, options)
        return ConstructResponse(await _urn(nothing), {}, {})
    for name in sorted(set(inputs) - _KNOWN):
        raise DeployError(_NOT_KNOWN, name=name)
    spec, day = _spec(request.name, inputs.get(_SPEC)), _day(inputs.get(_AS_OF))
    wanted = deployments(spec, day)
    _require_good([finding for one in wanted for finding in one.plan.findings], inputs[_SPEC])
    _require_ours(wanted)
    urn = await _urn(MailDomain(request.name, spec, day, options))
    outputs = {
        "domains": sorted({bare(one.plan.domain) for one in wanted}),
        "records": planned_values(wanted),
    }
    state = wrapped(outputs, dict.fromkeys(outputs, request.inputs[_SPEC]))
    return ConstructResponse(urn, {name: value.with_dependencies({urn}) for name, value in state.items()}, {})


async def _urn(resource: pulumi.Resource) -> str:
    return str(await resource.urn.future())


def _options(request: ConstructRequest) -> pulumi.ResourceOptions:
    """The caller's options; what the spec is made of comes first, and what is secret in it stays so."""
    options, secret = request.options, False
    urns: set[str] = set()
    for value in request.inputs.values():
        urns |= value.all_dependencies()
        secret = secret or value.contains_secret()
    first = [DependencyResource(urn) for urn in sorted(urns)]
    more = pulumi.ResourceOptions(depends_on=first, transformations=[_as_secret] if secret else None)
    return pulumi.ResourceOptions.merge(options, more)


def _as_secret(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
    secrets = {name: pulumi.Output.secret(args.props[name]) for name in _MADE_OF_SPEC if name in args.props}
    return pulumi.ResourceTransformationResult({**args.props, **secrets}, args.opts)


# -- the spec ----------------------------------------------------------------------------------------


def _spec(name: str, written: object) -> MailSpec:
    """The spec in any of its three forms. Raises DeployError with every error of it."""
    if isinstance(written, str) and not _is_text(written):
        return load(written)
    if not written or not isinstance(written, str | dict):
        raise DeployError(_NEEDS)
    text = written if isinstance(written, str) else json.dumps(_without_nothing(written), indent=1)
    (result,) = claimed([parse(text.encode(), f"{name}.yaml")])
    _require_good(result.findings, written)
    if result.spec is None:
        raise DeployError(_NEEDS)
    return result.spec


def _is_text(written: str) -> bool:
    """Whether it is a spec's text, and no path."""
    return "\n" in written.strip() or written.lstrip().startswith("{")


def _without_nothing(value: Any) -> Any:
    """Without keys that have no value: what a program left out."""
    if isinstance(value, dict):
        return {key: _without_nothing(below) for key, below in value.items() if below is not None}
    return [_without_nothing(below) for below in value] if isinstance(value, list) else value


def _require_good(findings: Sequence[Finding], written: object) -> None:
    """Raise DeployError where any is an error: an object has no lines, so its places are keys."""
    if isinstance(written, dict):
        findings = [replace(finding, position=None) for finding in findings]
    if has_errors(findings):
        raise DeployError(findings_text(findings))


def _day(written: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(written)) if written else None
    except ValueError:
        raise DeployError(Text("asOf {reason}", "asOf {reason}"), reason=wrong.DATE(lang())) from None


def _require_ours(wanted: Sequence[Deployment]) -> None:
    """Another provider's resources need their own plugin, which our process must not load."""
    for deployment in wanted:
        if deployment.service.way is Way.PLUGIN:
            domain = bare(deployment.plan.domain)
            raise DeployError(_ELSEWHERE, domain=domain, service=deployment.host.service)
