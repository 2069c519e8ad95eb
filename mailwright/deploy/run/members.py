"""Which domains belong to a stack: those that its state holds, beside those whose specs this run reads.

A domain that no spec of the run names is about to be taken away. Where its spec is still on the disk nobody
meant that: the folder is read otherwise, or the list of specs has become shorter. That is refused, and no
consent helps; who takes a domain down deletes its spec first, and then the gate asks. A domain that joins is
announced.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailwright.deploy.tokens import CLOUDFLARE, MAIL_DOMAIN, TOKENS
from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.spec import MailSpec, load
from mailwright.spec.loading import is_stack_configuration

#: Folders with other people's files, which may be many.
_OTHERS = {".git", ".venv", "venv", "node_modules", ".mailwright", "site-packages"}
_DOMAIN = re.compile(r"^domain\s*[:：]\s*[\"']?([^\s\"'#]+)", re.M)

SPEC_NOT_READ = rule(
    "spec-not-read",
    Severity.ERROR,
    en="{domain} is deployed by this stack and its spec is still there ({file}), but this run does not read "
    "it: the records would be deleted.",
    zh="{domain} 由此栈部署，其规格文件仍在（{file}），但本次运行没有读取它：继续执行会删除这些记录。",
    hint_en="Name {file} among the specs, or move it to where the folder is read (hidden files and folders "
    "are passed over). To take the domain down, delete the file first.",
    hint_zh="请把 {file} 加入要读取的规格，或移到会被读取的位置（隐藏的文件和文件夹会被跳过）。"
    "如果确实要停用该域名，请先删除此文件。",
)
JOINS = Text(
    "{domain} joins the stack ({file}): it was not part of it so far.",
    "{domain} 加入此栈（{file}）：此前不在其中。",
)


@dataclass(frozen=True, slots=True)
class Members:
    """The domains of a state: ``held`` have records or mailboxes, ``declared`` were read from a spec."""

    held: frozenset[str]
    declared: frozenset[str]

    @staticmethod
    def of(resources: Mapping[str, Mapping[str, Any]]) -> Members:
        """Those of a state, given as ``stack_state`` reads them: type and outputs by URN."""
        held, declared = set(), set()
        for urn, body in resources.items():
            outputs = body.get("outputs") or {}
            if body.get("type") in TOKENS and outputs.get("domain"):
                held.add(str(outputs["domain"]))
            elif body.get("type") == MAIL_DOMAIN:
                declared.add(urn.rpartition("::")[2])
                held |= set(outputs.get(CLOUDFLARE) or {})
        return Members(frozenset(held), frozenset(declared))


def not_read(members: Members, specs: Sequence[MailSpec], places: Iterable[Path]) -> list[Finding]:
    """The domains that would leave although a spec of theirs is on the disk, in or below these places."""
    domains = {name for spec in specs for name in spec.domains}
    leaving = members.held - domains
    if not leaving:
        return []
    read = {Path(spec.file).resolve() for spec in specs}
    named: dict[str, Path] = {}
    for path in _on_disk(places):
        if path.resolve() not in read:
            for domain in leaving.intersection(_domains(path)):
                named.setdefault(domain, path)
    return [found(SPEC_NOT_READ, domain=domain, file=path) for domain, path in sorted(named.items())]


def joining(members: Members, specs: Sequence[MailSpec]) -> list[Text]:
    """What is worth saying of the domains that a stack with other domains did not have."""
    if not members.declared:
        return []
    new = [spec for spec in specs if spec.domain not in members.declared]
    return [JOINS.using(domain=spec.domain, file=spec.file) for spec in new]


def _on_disk(places: Iterable[Path]) -> Iterator[Path]:
    """Everything in or below these places that may be a spec, hidden or not."""
    folders = dict.fromkeys(place if place.is_dir() else place.parent for place in places)
    for folder in folders:
        for below, inner, names in os.walk(folder):
            inner[:] = sorted(set(inner) - _OTHERS)
            paths = [Path(below) / name for name in sorted(names) if name.endswith((".yaml", ".yml"))]
            yield from (path for path in paths if not is_stack_configuration(path))


def _domains(path: Path) -> set[str]:
    """The domains of a spec; where it has errors, the one that it names."""
    result = load(path)
    if result.spec:
        return set(result.spec.domains)
    return {name.lower().rstrip(".") for name in _DOMAIN.findall(result.source)}
