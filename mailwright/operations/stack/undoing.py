"""``undo`` and ``destroy --as-before``: back to the records that the first ``up`` found.

They are in the state. Bringing them back is an update like any other: through the gate, what comes
first, what goes only after everybody has forgotten it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailwright.deploy.errors import DeployError
from mailwright.hosts.dns.service import Way
from mailwright.hosts.dns.services import SERVICES
from mailwright.model.text import Text
from mailwright.operations.stack.request import BackendError, Request, Say, environment
from mailwright.operations.stack.stacks import chosen, state_file

if TYPE_CHECKING:
    from mailwright.deploy.dns.found import Kept

_NO_STATE = Text(
    "The stack {stack} has no state here: nothing was deployed, so there is nothing to bring back.",
    "栈 {stack} 在此处没有状态：未部署过任何内容，无可恢复。",
)
_NOT_KEPT = Text(
    "{domains}: nobody kept what was there before the first up (an older state, or a DNS host such as "
    "{services}, which another provider writes). Nothing was changed.",
    "{domains}：没有保存首次 up 之前的记录（状态较旧，或该 DNS 托管由其他提供程序写入，如 {services}）。"
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
    "`mailwright up` would bring them back.",
    "已恢复原有记录。规格仍要求另外的记录：运行 `mailwright up` 会再次写入。",
)
_LATER = Text(
    "Some records of ours stay until {day}, because resolvers still know them. The stack is kept until then: "
    "run `mailwright destroy --as-before` again from that day on.",
    "我们的部分记录会保留到 {day}，因为解析器仍有缓存。在此之前保留该栈：请在该日或之后再次运行 "
    "`mailwright destroy --as-before`。",
)
_LEFT = Text(
    "The stack {stack} holds nothing any more; the records stand as they did before.",
    "栈 {stack} 已不再管理任何内容；记录与接管之前一样。",
)
_MAILBOXES = Text(
    "{domains}: tables and scripts on the mail server stay as they are, because mail may still come there; "
    "nobody manages them any more. Take out what stands between the mailwright markers when it is time.",
    "{domains}：邮件服务器上的表和脚本保持原样，因为可能仍有来信；此后不再由我们管理。"
    "到时请删除 mailwright 标记之间的内容。",
)
_OFFER = Text(
    "{domains} had mail records before the first up. To bring those back instead of taking everything "
    "away: mailwright destroy --as-before",
    "{domains} 在首次 up 之前已有邮件记录。若要恢复它们而不是全部删除：mailwright destroy --as-before",
)


def run(request: Request, say: Say, complain: Say, carry_out: Callable[[Request], int]) -> int:
    """Bring back what was found; with ``destroy`` forget the stack afterwards.

    ``carry_out`` runs preview or up with the request's engine. 0 done, 1 error, 2 (preview) something would
    change, 3 refused for safety.
    """
    try:
        kept = held(request)
    except _UNREADABLE as error:
        complain(_NO_SENSE.using(stack=request.name, reason=error)(request.lang))
        return 1
    if not kept:
        complain(_NO_STATE.using(stack=request.name)(request.lang))
        return 1
    unknown = sorted({each.target.domain for each in kept if each.found is None} | _elsewhere(request))
    if unknown:
        services = ", ".join(each.name for each in SERVICES.values() if each.way is Way.PLUGIN)
        complain(_NOT_KEPT.using(domains=", ".join(unknown), services=services)(request.lang))
        return 1
    code = _brought_back(request, kept, carry_out)
    if code or request.dry:
        return code
    if request.command == "destroy":
        return _forgotten(request, say, complain)
    say(_AGAIN(request.lang))
    return 0


def _elsewhere(request: Request) -> set[str]:
    """Domains at a DNS host whose earlier records nobody keeps."""
    from mailwright.spec import load

    specs = [spec for each in request.specs if (spec := load(each).spec)]
    ways = {spec.domain: {SERVICES[host.service].way for host in spec.dns_hosts} for spec in specs}
    return {domain for domain, taken in ways.items() if Way.PLUGIN in taken}


def _brought_back(request: Request, kept: Sequence[Kept], carry_out: Callable[[Request], int]) -> int:
    from mailwright.deploy.dns.found import write
    from mailwright.deploy.environment import FOUND

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "found.json"
        write(kept, file)
        with environment({FOUND: str(file)}):
            return carry_out(replace(request, command="preview" if request.dry else "up", as_before=False))


def _forgotten(request: Request, say: Say, complain: Say) -> int:
    left = held(request)
    later = max((each.retires for each in left), default="")
    if later:
        say(_LATER.using(day=later)(request.lang))
        return 0
    boxes = _mailboxes(request)
    if chosen(request) == "pulumi":
        from mailwright.operations.stack import by_pulumi

        code = by_pulumi.forget(request, say, complain)
    else:
        code = _forgotten_by_embedded(request, complain)
    if code == 0:
        say(_LEFT.using(stack=request.name)(request.lang))
        if boxes:
            say(_MAILBOXES.using(domains=", ".join(boxes))(request.lang))
    return code


def _mailboxes(request: Request) -> list[str]:
    """Domains whose mailboxes on an own mail server are in the state."""
    from mailwright.deploy.tokens import MAILBOXES

    resources = _deployment(request).get("resources") or ()
    return sorted(str(each["outputs"]["domain"]) for each in resources if each.get("type") == MAILBOXES)


def _forgotten_by_embedded(request: Request, complain: Say) -> int:
    from mailwright.deploy.embedded.engine import Embedded

    outcome = Embedded(Path.cwd(), request.name, state_file(request)).forget()
    for problem in outcome.problems:
        complain(problem)
    return int(bool(outcome.problems))


def held(request: Request) -> tuple[Kept, ...]:
    """What the state of the stack has found, resource by resource; empty where there is no state."""
    from mailwright.deploy.dns.found import kept_in

    return kept_in(_deployment(request))


def _deployment(request: Request) -> Mapping[str, Any]:
    """The state of the stack, empty where there is none."""
    if chosen(request) == "pulumi":
        from mailwright.operations.stack import by_pulumi

        return by_pulumi.deployment(request)
    path = state_file(request)
    if not path.exists():
        return {}
    from mailwright.deploy.embedded.statefile import read

    return read(path)


def offer(request: Request) -> str | None:
    """What a refused ``destroy`` can be told: that there is something to go back to."""
    try:
        had = sorted({each.target.domain for each in held(request) if each.found})
    except _UNREADABLE:
        return None  # the refusal has been told; this is only an offer
    return _OFFER.using(domains=", ".join(had))(request.lang) if had else None
