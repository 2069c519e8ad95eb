"""What the program asks our provider, and tells it, before anything is registered.

All of it goes as JSON in one text an argument: a thousand domains are a large tree of property values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi

from mailwright.deploy.properties import Problem, Properties, plain_consent
from mailwright.deploy.run import notes
from mailwright.deploy.tokens import LEAVE, MAIL_DOMAIN
from mailwright.model.consent import Consent

#: What the engine's state holds: type and outputs by URN.
StateOf = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One resource as it would be registered, and the consents of the spec that it is made of."""

    name: str
    inputs: Properties = field(default_factory=dict)
    consents: tuple[Consent, ...] = ()


def component_urn(name: str) -> str:
    """The URN that the engine gives to a MailDomain of the project's own program."""
    return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{MAIL_DOMAIN}::{name}"


def urn_of(token: str, name: str, component: str = "") -> str:
    """The URN of a resource below a MailDomain, which is the project's own program's unless it is given."""
    return f"{(component or component_urn('')).rpartition('::')[0]}${token}::{name}"


def judge(function: str, token: str, requests: Iterable[Asked], state: StateOf) -> list[Problem]:
    """What speaks against these resources, and against what the state holds and nobody wants any more.

    Notices are said at once.
    """
    asked = [(urn_of(token, request.name), request) for request in requests]
    held = [
        (urn, body["outputs"])
        for urn, body in state.items()
        if body.get("type") == token and (body.get("outputs") or {}).get("domain")
    ]
    answer = _invoked(
        function,
        resources=[{**request.inputs, "urn": urn} for urn, request in asked],
        held=held,
        consents=_plain((urn, request.consents) for urn, request in asked),
    )
    for notice in answer.get("notices") or ():
        if not notes.notice(str(notice)):
            pulumi.log.warn(str(notice))
    return [Problem.of(problem) for problem in answer.get("problems") or ()]


def leave(urns: Iterable[str]) -> None:
    """These resources stay as the state has them in this run."""
    _invoked(LEAVE, resources=list(urns))


def tell(function: str, parent: pulumi.Resource, token: str, requests: Iterable[Asked]) -> pulumi.Output[Any]:
    """Tell the consents of resources below a MailDomain wherever it is; known once it is heard."""
    asked = list(requests)

    def body(urn: str) -> str:
        return json.dumps(_plain((urn_of(token, request.name, urn), request.consents) for request in asked))

    # By the URN alone: a call that depends on the component would wait for its resources, and they for it.
    consents = pulumi.Output.from_input(cast(Any, parent.urn.future())).apply(body)
    return pulumi.runtime.invoke_output(function, {"consents": consents}, pulumi.InvokeOptions(parent=parent))


def _plain(consents: Iterable[tuple[str, tuple[Consent, ...]]]) -> dict[str, list[dict[str, object]]]:
    return {urn: [plain_consent(one) for one in resource_consents] for urn, resource_consents in consents}


def _invoked(function: str, **args: object) -> Mapping[str, Any]:
    texts = {name: json.dumps(value) for name, value in args.items()}
    answer: Mapping[str, Any] = pulumi.runtime.invoke(function, texts).value or {}
    return answer
