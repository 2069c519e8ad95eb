"""Planned mailboxes as files: Postfix tables, Sieve scripts, import files, a checklist."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from mailwright.catalog import service
from mailwright.catalog.capability import capability
from mailwright.hosts.mail import acl, folder, sieve
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Lang, Text
from mailwright.report import mailboxes as report
from mailwright.spec.model import MailSpec


def export(spec: MailSpec, made: Mailboxes, out: Path, lang: Lang) -> tuple[Path, ...]:
    """Write the files of one domain below ``out``; foreign lines in tables stay. Raises OSError.

    Everything is readable by its owner only: names, addresses and rules of a company are nobody else's.
    """
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    if spec.mail_host.service == "self-hosted":
        changes = folder.change(made, spec.domain, out)
        folder.apply(changes)
        access = _access(made, out)
        scripts = {f"sieve/{address}.sieve": text for address, text in sieve.scripts(made).items()}
        written = _write(out, scripts)
        _forget(out / "sieve", spec.domain, set(written))
        return (*(each.path for each in changes), *access, *written)
    host = capability(spec.mail_host.service)
    known = service(spec.mail_host.service)
    name = known.names if known else Text(spec.mail_host.service, spec.mail_host.service)
    files = dict(report.import_files(made, spec.mail_host.service))
    inputs, dns_hosts = spec.mail_host.inputs, [each.service for each in spec.dns_hosts]
    answers = functools.partial(host.at, inputs=inputs, dns_hosts=dns_hosts)
    files["CHECKLIST.md"] = report.checklist(made, name, lang, answers)
    return _write(out, files)


def _access(made: Mailboxes, out: Path) -> tuple[Path, ...]:
    """Who reads shared mailboxes; where none is shared any more, files that are there become empty."""
    path = out / acl.ACL
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    files = {acl.ACL: acl.rights(made, before), acl.SHARED: acl.shared(made)}
    return _write(out, {name: text for name, text in files.items() if text or (out / name).exists()})


def _write(out: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    made = []
    for name, text in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8-sig" if path.suffix == ".csv" else "utf-8", newline="")
        made.append(path)
    return tuple(made)


def _forget(scripts: Path, domain: str, kept: set[Path]) -> None:
    """A script that the plan no longer has goes, where its first line says that we wrote it."""
    for path in scripts.glob(f"*@{domain}.sieve"):
        if path not in kept and path.read_text(encoding="utf-8").startswith(sieve.WRITTEN):
            path.unlink()
