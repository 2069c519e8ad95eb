"""What people paste from consoles, at the places where a slip would lose mail without a word."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from mailwright.catalog import Input, Service
from mailwright.catalog import service as catalog_service
from mailwright.model.families import Family, family_of, meant
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.judging import Context, placed, verdict
from mailwright.spec.model import MailSpec, NamedValue

#: Exchangers that only prove ownership; they resolve to nothing, on purpose.
_PROOF = (".mx-verification.google.com.", ".msv1.invalid.")

BAD_INPUT = rule(
    "service-input-invalid",
    Severity.ERROR,
    en="{value} cannot be {key} ({label}).",
    zh="{value} 不能作为 {key}（{label}）。",
    hint_en="Write only this part: {where}.",
    hint_zh="请只填写这一部分：{where}。",
)
MX_OF_SERVICE = rule(
    "mx-beside-service",
    Severity.ERROR,
    en="mx: is written beside {service}, which has exchangers of its own; mail would go past the mailboxes.",
    zh="{service} 有自己的 MX，不能再写 mx:；否则来信会绕过邮箱。",
    hint_en="Remove mx:, or write service: self-hosted or other if the mail is really received there.",
    hint_zh="请去掉 mx:；如果确实由那台服务器收信，请写 service: self-hosted（自建）或 other（他人运营）。",
    reference="RFC 5321 §5.1",
)
VERIFICATION_MX = rule(
    "verification-mx-receives",
    Severity.ERROR,
    en="{value} would be one of the exchangers of {name}, beside those of {service}, and receive part "
    "of the mail.",
    zh="{value} 会与 {service} 的 MX 同在 {name}，并收走一部分来信。",
    hint_en="Have that service verify a subdomain of its own (name: news), or remove the line.",
    hint_zh="请让该服务验证一个单独的子域名（name: news），或去掉此行。",
    reference="RFC 5321 §5.1",
)
WRITTEN = Context(written=True)
POLICY_AS_TOKEN = rule(
    "policy-as-verification",
    Severity.ERROR,
    en="{value} is not a verification record: it is a second {kind} record at {name}, and two of "
    "them void each other.",
    zh="{value} 不是验证记录：它是 {name} 处的第二条 {kind} 记录，两条会同时失效。",
    hint_en="{instead}",
    hint_zh="{instead}",
    reference="RFC 7208 §4.5, RFC 9989 §4.7",
)

_INSTEAD = {
    Family.SPF: Text(
        "Write its include under spf: {{include: [spf.example.com]}}; it is merged into the one record.",
        "请把其中的 include 写入 spf: {{include: [spf.example.com]}}，会合并到唯一的记录中。",
    ),
    Family.DMARC: Text(
        "Write dmarc: {{stage: watch}}; further report addresses go into dmarc: {{rua: […]}}.",
        "请写 dmarc: {{stage: watch}}；其他报告地址写入 dmarc: {{rua: […]}}。",
    ),
    Family.DKIM: Text(
        "Write it under mail_host: {{dkim: [{{name: …, value: …}}]}}.",
        "请写入 mail_host: {{dkim: [{{name: …, value: …}}]}}。",
    ),
}
_OTHERWISE = Text("Remove the line.", "请去掉此行。")


#: Owner name and family of a record.
Claim = tuple[str, Family]


def findings(spec: MailSpec, service: Service, planned: Collection[Claim]) -> Iterator[Finding]:
    """Inputs of the service, an MX of one's own, and verification records that are something else.

    ``planned`` is what the rest of the plan publishes: a policy pasted as a verification record
    is harmless at a name of its own and fatal beside the planned one.
    """
    for place, host in spec.host_places:
        here = service if host is spec.mail_host else catalog_service(host.service)
        if here is None:
            continue
        yield from _inputs(spec, place, here.wants(host.site), host.inputs)
        if host.mx and not here.exchangers:
            path = f"{place}.mx"
            yield found(MX_OF_SERVICE, path=path, position=spec.at(path), service=here.names)
    taken = set(planned)
    entries = [("mail_host.verification", spec.mail_host.verification), ("verification", spec.verification)]
    for number, sender in enumerate(spec.senders):
        known = catalog_service(sender.service) if sender.service else None
        if known:
            yield from _inputs(spec, f"senders[{number}]", known.wants(sender.site), sender.inputs)
        entries.append((f"senders[{number}].verification", sender.verification))
    for path, several in entries:
        for number, named_value in enumerate(several):
            yield from _verification(spec, service, f"{path}[{number}]", named_value, taken)


def _inputs(
    spec: MailSpec, parent: str, input_fields: Iterable[Input], inputs: Mapping[str, str]
) -> Iterator[Finding]:
    for input_field in input_fields:
        value = inputs.get(input_field.name)
        if value and input_field.pattern and not re.fullmatch(input_field.pattern, value):
            path = f"{parent}.{input_field.name}"
            yield found(
                BAD_INPUT,
                path=path,
                position=spec.at(path),
                value=value,
                key=input_field.name,
                label=input_field.label,
                where=input_field.where,
            )


def _verification(
    spec: MailSpec, service: Service, path: str, named_value: NamedValue, taken: set[Claim]
) -> Iterator[Finding]:
    shown, position = bare(named_value.name), named_value.position or spec.at(path)
    if (
        named_value.type == "MX"
        and named_value.name == absolute(spec.domain)
        and not named_value.value.lower().endswith(_PROOF)
    ):
        yield found(
            VERIFICATION_MX,
            path=path,
            position=position,
            value=named_value.value,
            service=service.names,
            name=shown,
        )
    if named_value.type != "TXT":
        return
    family = family_of(named_value.name, "TXT", named_value.value)
    second = (named_value.name, family) in taken
    if not second:  # a policy of its own is judged like any other, and what only looks like one is told
        listed_findings = verdict(
            named_value.name,
            "TXT",
            meant(named_value.name, "TXT", named_value.value),
            (named_value.value,),
            WRITTEN,
        )
        yield from placed(listed_findings, path, position)
    if family is Family.TOKEN:
        return
    taken.add((named_value.name, family))
    if second:
        kind = str(family).upper()
        instead = _INSTEAD.get(family, _OTHERWISE)
        value = named_value.value if len(named_value.value) <= 60 else named_value.value[:57] + "…"
        yield found(
            POLICY_AS_TOKEN, path=path, position=position, value=value, kind=kind, name=shown, instead=instead
        )
