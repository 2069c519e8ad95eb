"""Planned mailboxes as files: Postfix tables, Sieve scripts, import files, a checklist."""

from __future__ import annotations

import datetime as dt
import functools
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from mailwright.catalog import service_name
from mailwright.catalog.capability import capability
from mailwright.hosts.mail import acl, folder, sieve
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Lang
from mailwright.report.mailboxes import alias_steps, gateway_steps, hop_steps, imports
from mailwright.report.mailboxes import checklist as report
from mailwright.report.mailboxes.progress import Memory
from mailwright.spec.model import MailSpec
from mailwright.spec.own_server import SELF_HOSTED

#: Further steps (id, words) about whole domains.
Further = Callable[[Lang], Iterable[tuple[str, str]]]


def export(spec: MailSpec, mailboxes: Mailboxes, out: Path, lang: Lang) -> tuple[Path, ...]:
    """Write the files of one domain below ``out``; foreign lines in tables stay. Raises OSError.

    Everything is readable by its owner only: names, addresses and rules of a company are nobody else's.
    """
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    if spec.beside is not None:
        return tuple(_at_both(spec, mailboxes, out, lang))
    return _at_one(spec, mailboxes, out, lang, functools.partial(_further, spec, mailboxes))


def _at_both(spec: MailSpec, mailboxes: Mailboxes, out: Path, lang: Lang) -> Iterator[Path]:
    """A folder for each of two mail hosts, named by it: what it has, and how it hands mail to the other."""
    for host, view in zip(spec.mail_hosts, mailboxes.views, strict=True):
        further = functools.partial(hop_steps.steps, spec, host, view)
        folder = out / host.service
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield from _at_one(spec.at_host(host), view, folder, lang, further)


def _at_one(
    spec: MailSpec, mailboxes: Mailboxes, out: Path, lang: Lang, further: Further
) -> tuple[Path, ...]:
    if spec.mail_host.service == SELF_HOSTED:
        with folder.locked(out):  # it may be the very folder that an ``up`` writes to
            own = mailboxes.domain == spec.domain
            listed = tuple(further(lang)) if own else ()
            return (*_tables(mailboxes, out), *_alone(spec, mailboxes.as_of, out, lang, listed))
    host = capability(spec.mail_host.service)
    files = dict(imports.import_files(mailboxes, spec.mail_host.service, _passwords(out)))
    inputs, dns_hosts = spec.mail_host.inputs, [dns_host.service for dns_host in spec.dns_hosts]
    answers = functools.partial(host.at, inputs=inputs, dns_hosts=dns_hosts)
    memory, after = (
        Memory.of(_text(out / "CHECKLIST.md"), spec.mail_host.service),
        further,
    )
    files["CHECKLIST.md"] = report.checklist(
        mailboxes,
        service_name(spec.mail_host.service),
        lang,
        answers,
        files=tuple(files),
        after=after,
        memory=memory,
    )
    for path in set(out.glob("users-*.csv")) - {out / name for name in files}:
        if imports.kept_passwords([path.read_text(encoding="utf-8-sig")]):
            path.unlink()  # a part of an earlier, longer list
    return _write(out, files)


def steps_alone(spec: MailSpec, day: dt.date, out: Path, lang: Lang) -> tuple[Path, ...]:
    """Write the steps that need no planned mailboxes, if there are any. Raises OSError."""
    return _alone(spec, day, out, lang, tuple(_further(spec, None, lang)))


def _alone(
    spec: MailSpec, day: dt.date, out: Path, lang: Lang, steps: Sequence[tuple[str, str]]
) -> tuple[Path, ...]:
    if not steps:
        return ()
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _write(
        out,
        {
            "CHECKLIST.md": report.of_steps(
                spec.domain, service_name(spec.mail_host.service), day.isoformat(), lang, steps
            )
        },
    )


def _further(spec: MailSpec, mailboxes: Mailboxes | None, lang: Lang) -> Iterator[tuple[str, str]]:
    """Steps (id, words) about whole domains: alias domains, then the filter that takes their mail."""
    yield from alias_steps.steps(spec, mailboxes, lang)
    yield from gateway_steps.steps(spec, lang)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _tables(mailboxes: Mailboxes, out: Path) -> tuple[Path, ...]:
    changes = folder.change(mailboxes, mailboxes.domain, out)
    folder.apply(changes)
    access = _access(mailboxes, out)
    scripts = {f"sieve/{address}.sieve": text for address, text in sieve.scripts(mailboxes).items()}
    written = _write(out, scripts)
    _forget(out / "sieve", mailboxes.domain, set(written))
    return (*(change.path for change in changes), *access, *written)


def _passwords(out: Path) -> imports.Passwords:
    """Initial passwords: those that an earlier run wrote here stay, because they may have been used."""
    kept = imports.kept_passwords(path.read_text(encoding="utf-8-sig") for path in out.glob("users*.csv"))
    return lambda account: kept.get(account) or imports.new_password()


def _access(mailboxes: Mailboxes, out: Path) -> tuple[Path, ...]:
    """Who reads shared mailboxes; where none is shared any more, files that are there become empty."""
    path = out / acl.ACL
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    files = {acl.ACL: acl.rights(mailboxes, before), acl.SHARED: acl.shared(mailboxes)}
    return _write(out, {name: text for name, text in files.items() if text or (out / name).exists()})


def _write(out: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    paths = []
    for name, text in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace(path, text.encode("utf-8-sig" if path.suffix == ".csv" else "utf-8"))
        paths.append(path)
    return tuple(paths)


def replace(path: Path, octets: bytes) -> None:
    """Write a file whole or not at all, for its owner's eyes only, whatever it was before. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(octets)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _forget(scripts: Path, domain: str, kept: set[Path]) -> None:
    """A script that the plan no longer has goes, where its first line says that we wrote it."""
    for path in scripts.glob(f"*@{domain}.sieve"):
        if path not in kept and path.read_text(encoding="utf-8").startswith(sieve.WRITTEN):
            path.unlink()
