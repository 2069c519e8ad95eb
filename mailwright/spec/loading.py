"""From a path, a folder or bytes to specs and findings."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mailwright.model.finding import Finding, found, has_errors
from mailwright.model.position import Position
from mailwright.spec import building, files, own_server, reading, rules, shape, tree
from mailwright.spec.model import MailSpec

_SHOWN = 500  # findings of one spec; a list of bad domains alone has that many at times
_KNOWN = 2  # keys of a spec that a file has before any of its lines is shown


@dataclass(frozen=True, slots=True)
class SpecResult:
    """A spec, or None where there are errors; the findings are sorted by place.

    ``source`` is the text, to be shown beside a finding; "" where the file surely is no spec.
    """

    file: str
    spec: MailSpec | None
    findings: tuple[Finding, ...]
    source: str = ""


def parse(data: bytes, file: str) -> SpecResult:
    """Read a spec from bytes. Never raises, whatever they are."""
    text, findings = reading.decode(data, file)
    if text is None:
        return SpecResult(file, None, tuple(findings))
    findings = list(itertools.islice(reading.lint(text, file), _SHOWN + 1))
    root, more, broken = tree.parse(text, file)
    # A full-width colon explains why its own block does not parse: one message a line is enough.
    lines = {finding.position.line for finding in findings if finding.position}
    findings += [
        finding for finding in more if not (finding.rule == rules.SYNTAX.id and finding.position and lines)
    ]
    if root is None:
        start = Position(file, 1, 1)
        return SpecResult(file, None, tuple(findings or [found(rules.NOT_A_SPEC, position=start)]))
    findings += _shape(root, broken)
    spec = None
    builder = building.Builder(file, root)
    if not has_errors(findings) or not _misshapen(findings):
        spec = builder.spec()
        findings += builder.findings
    kept = _sorted(findings)
    shown = text if len(root.items.keys() & shape.top_keys()) >= _KNOWN else ""
    return SpecResult(file, None if has_errors(kept) else spec, kept, shown)


def _shape(root: tree.Branch, broken: bool) -> list[Finding]:
    """Shape faults; where a block did not parse, what is missing may stand in it."""
    faults = list(itertools.islice(shape.faults(root), _SHOWN + 1))
    if not broken:
        return faults
    return [fault for fault in faults if not (fault.rule == rules.MISSING.id and not fault.path)]


def _misshapen(findings: Iterable[Finding]) -> bool:
    """Whether values may have another type than the builder reads."""
    return any(finding.rule in (rules.WRONG_TYPE.id, rules.ALIAS.id) for finding in findings)


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By place, each once; of more than _SHOWN the first ones, and that there are more."""
    unique = {
        (finding.rule, finding.position, finding.path, finding.message()): finding for finding in findings
    }
    kept = sorted(unique.values(), key=lambda e: (e.position or Position("", 0, 0), e.rule))
    if len(kept) > _SHOWN:
        del kept[_SHOWN:]
        kept.append(found(rules.MORE, position=kept[-1].position, most=_SHOWN))
    return tuple(kept)


def load(path: str | Path) -> SpecResult:
    """Read a spec file. Never raises: an unreadable file is a finding."""
    file = str(path)
    try:
        data = files.read(Path(path), reading.most(), (files.root_of(Path(path)),))
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror or type(error).__name__
        return SpecResult(
            file, None, (found(rules.UNREADABLE, position=Position(file, 1, 1), file=file, reason=reason),)
        )
    return parse(data, file)


def find_specs(path: str | Path) -> tuple[Path, ...]:
    """The spec files of a folder, sorted; a file is itself. ``Pulumi.NAME.yaml`` is never a spec.

    What is hidden inside the folder is passed over; the way to it may be called what it likes (``../base``).
    """
    folder = Path(path)
    if not folder.is_dir():
        return (folder,)
    inside = (spec_path for pattern in ("*.yaml", "*.yml") for spec_path in folder.rglob(pattern))
    return tuple(
        sorted(
            spec_path
            for spec_path in inside
            if not is_stack_configuration(spec_path)
            and not any(part.startswith(".") for part in spec_path.relative_to(folder).parts)
        )
    )


def is_stack_configuration(path: Path) -> bool:
    """Whether this is a ``Pulumi.NAME.yaml``, or the file of a policy pack or a plugin."""
    return path.name.startswith(("Pulumi.", "PulumiPolicy.", "PulumiPlugin."))


def load_many(paths: Sequence[str | Path]) -> list[SpecResult]:
    """Read files and folders; a name that two specs claim is an error of the second."""
    return claimed(load(spec) for path in paths for spec in find_specs(path))


def claimed(read: Iterable[SpecResult]) -> list[SpecResult]:
    """The same results, but that a name that two specs claim is an error of the second."""
    results = list(read)
    first: dict[str, str] = {}
    for number, result in enumerate(results):
        if result.spec is None:
            continue
        for name, path in building.claims(result.spec):
            other = first.setdefault(name, result.file)
            if other != result.file or (path != "domain" and name == result.spec.domain):
                position = result.spec.at(path)
                finding = found(rules.CLAIMED_TWICE, path=path, position=position, domain=name, other=other)
                results[number] = replace(
                    results[number], spec=None, findings=(*results[number].findings, finding)
                )
    return [_hosted(spec_result, results) for spec_result in results]


def _hosted(result: SpecResult, every: Iterable[SpecResult]) -> SpecResult:
    """A transport must not lead mail away from the mailboxes of another spec on the same server."""
    if result.spec is None or not result.spec.mail_host.ways.transports:
        return result
    host = result.spec.mail_host
    others = [
        spec_result.spec
        for spec_result in every
        if spec_result.spec
        and spec_result is not result
        and set(spec_result.spec.mail_host.mx_hosts) & set(host.mx_hosts)
    ]
    findings = tuple(
        found(
            own_server.HOSTED_TRANSPORT,
            path="mail_host.transports",
            position=host.ways.position,
            value=key,
            domain=other.domain,
        )
        for key, _ in host.ways.transports
        for other in others
        if own_server.takes(key, other.domain)
    )
    return replace(result, spec=None, findings=(*result.findings, *findings)) if findings else result
