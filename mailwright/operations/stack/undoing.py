"""``undo`` and ``destroy --as-before``: back to the records that the first ``up`` found.

They are in the state. Bringing them back is an update like any other: through the gate, what comes
first, what goes only after everybody has forgotten it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from mailwright.deploy.dns.found import Kept, kept_in, write
from mailwright.deploy.errors import DeployError
from mailwright.deploy.run.outcome import Outcome
from mailwright.deploy.tokens import MAILBOXES
from mailwright.hosts.dns.service import Way
from mailwright.hosts.dns.services import SERVICES
from mailwright.model import variables
from mailwright.model.text import Text
from mailwright.model.variables import temporarily
from mailwright.operations.stack.engine import Stack, conclude
from mailwright.operations.stack.request import BackendError, Request, Say

_NO_STATE = Text(
    "The stack {stack} has no state here: nothing was deployed, so there is nothing to bring back.",
    "栈 {stack} 在此处没有状态：未部署过任何内容，无可恢复。",
)
_NOT_KEPT = Text(
    "{domains}: nobody kept what was there before the first up (an older state, or a DNS host such as "
    "{services}, which another provider writes). Nothing was changed.",
    "{domains}：没有保存首次 up 之前的记录（状态较旧，或该 DNS 服务商由其他提供程序写入，如 {services}）。"
    "未做任何修改。",
)
_NO_SENSE = Text(
    "The state of the stack {stack} cannot be read ({reason}). Nothing was changed.",
    "无法读取栈 {stack} 的状态（{reason}）。未做任何修改。",
)
#: A state that is damaged, or whose records are encrypted.
_UNREADABLE = (DeployError, BackendError, KeyError, TypeError, ValueError, AttributeError)
_AGAIN = Text(
    "What was there is there again. The spec still asks for the other records: "
    "`mailwright up` would write them again.",
    "已恢复原有记录。规格仍要求另外的记录：运行 `mailwright up` 会再次写入。",
)
_LATER = Text(
    "Some of our records stay until {day}, because resolvers still have them cached. The stack is kept "
    "until then: run `mailwright destroy --as-before` again from that day on.",
    "我们的部分记录会保留到 {day}，因为解析器仍有缓存。在此之前保留该栈：请在该日或之后再次运行 "
    "`mailwright destroy --as-before`。",
)
_LEFT = Text(
    "The stack {stack} holds nothing any more; the records are as they were before.",
    "栈 {stack} 已不再管理任何内容；记录与接管之前一样。",
)
_MAILBOXES = Text(
    "{domains}: tables and scripts on the mail server stay as they are, because mail may still come there; "
    "nobody manages them any more. Remove the lines between the mailwright markers once mail has stopped.",
    "{domains}：邮件服务器上的表和脚本保持原样，因为可能仍有来信；此后不再由我们管理。"
    "到时请删除 mailwright 标记之间的内容。",
)
_OFFER = Text(
    "{domains} had mail records before the first up. To bring those back instead of taking everything "
    "away: mailwright destroy --as-before",
    "{domains} 在首次 up 之前已有邮件记录。若要恢复它们而不是全部删除：mailwright destroy --as-before",
)


def run(stack: Stack, say: Say, complain: Say) -> int:
    """Bring back what was found; with ``destroy`` forget the stack afterwards.

    0 done, 1 error, 2 (preview) something would change, 3 refused for safety.
    """
    request = stack.request
    try:
        kept = kept_in(stack.engine.state())
    except _UNREADABLE as error:
        complain(_NO_SENSE.using(stack=stack.name, reason=error)(request.lang))
        return 1
    problem = _nothing_to_bring_back(stack, kept)
    if problem:
        complain(problem(request.lang))
        return 1
    outcome = _brought_back(stack, kept, say)
    code = conclude(outcome, request, say, complain, preview=request.dry)
    if code or request.dry:
        return code
    if request.command == "destroy":
        return _forgotten(stack, say, complain)
    say(_AGAIN(request.lang))
    return 0


def _nothing_to_bring_back(stack: Stack, resources: Sequence[Kept]) -> Text | None:
    """Why there is nothing, or not everything; None where all is known."""
    if not resources:
        return _NO_STATE.using(stack=stack.name)
    unknown = {kept.target.domain for kept in resources if kept.found is None} | _elsewhere(stack.request)
    services = ", ".join(
        dns_service.name for dns_service in SERVICES.values() if dns_service.way is Way.PLUGIN
    )
    return _NOT_KEPT.using(domains=", ".join(sorted(unknown)), services=services) if unknown else None


def _elsewhere(request: Request) -> set[str]:
    """Domains at a DNS host whose earlier records nobody keeps."""
    from mailwright.spec import load

    specs = [spec for path in request.specs if (spec := load(path).spec)]
    ways = {spec.domain: {SERVICES[host.service].way for host in spec.dns_hosts} for spec in specs}
    return {domain for domain, taken in ways.items() if Way.PLUGIN in taken}


def _brought_back(stack: Stack, kept: Sequence[Kept], say: Say) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "found.json"
        write(kept, file)
        with temporarily({variables.FOUND: str(file)}):
            return stack.engine.preview(say) if stack.request.dry else stack.engine.up(say)


def _forgotten(stack: Stack, say: Say, complain: Say) -> int:
    lang, state = stack.request.lang, stack.engine.state()
    later = max((kept.retires for kept in kept_in(state)), default="")
    if later:
        say(_LATER.using(day=later)(lang))
        return 0
    outcome = stack.engine.forget(say)
    for problem in outcome.problems:
        complain(problem)
    if outcome.problems:
        return 1
    say(_LEFT.using(stack=stack.name)(lang))
    resources = state.get("resources") or ()
    domains = sorted(
        str(resource["outputs"]["domain"]) for resource in resources if resource.get("type") == MAILBOXES
    )
    if domains:
        say(_MAILBOXES.using(domains=", ".join(domains))(lang))
    return 0


def offer(stack: Stack) -> str | None:
    """What a refused ``destroy`` can be told: that there is something to go back to."""
    try:
        domains = sorted({kept.target.domain for kept in kept_in(stack.engine.state()) if kept.found})
    except _UNREADABLE:
        return None  # the refusal has been told; this is only an offer
    return _OFFER.using(domains=", ".join(domains))(stack.request.lang) if domains else None
