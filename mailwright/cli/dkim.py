"""``mailwright dkim``."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailwright.cli import common, language
from mailwright.model import disk
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.operations.rotation import Evidence, Rotation
    from mailwright.operations.world.conditions import Condition
    from mailwright.spec.model import MailSpec

_MADE = Text(
    """private half  {private}  (mode 0600; never commit it, copy it to the mail server only)
public half   {public}

In the spec (the file is looked for from the spec's own folder):
signing: [{{selector: {selector}, public_key_file: {file}}}]

The record that this plans:
{name} TXT {record}

{set_up}""",
    """私钥  {private}  （权限 0600；切勿提交到代码库，只复制到邮件服务器）
公钥  {public}

写入规格（路径相对于规格文件所在的文件夹）：
signing: [{{selector: {selector}, public_key_file: {file}}}]

由此规划的记录：
{name} TXT {record}

{set_up}""",
)
_MOST = 1 << 20  # octets of a file with a key
_WRONG = Text("{what}: {reason}", "{what}：{reason}")
_SAME = Text("the same key", "是同一把密钥")
_DIFFERS = Text(
    "another key: mail signed with {private} would fail", "不是同一把密钥：用 {private} 签名的邮件会验证失败"
)


@language.group(epilog="Example: mailwright dkim new acme-trade.com --selector s1")
def dkim() -> None:
    """Keys of your own: make a pair, compare its halves, replace one by the next."""


@dkim.command(epilog="Exit codes: 0, 1 where a file exists already. Nothing is ever overwritten.")
@click.argument("domain", metavar="DOMAIN")
@click.option(
    "--selector", required=True, metavar="NAME", help="Name of the key, such as s1; a new one for each key."
)
@click.option(
    "--type",
    "key_type",
    type=click.Choice(["rsa", "ed25519"]),
    default="rsa",
    show_default=True,
    help="The kind of key.",
)
@common.out_folder("The folder (default: stacks/keys where there is a stacks folder, else keys).")
@common.lang_option
def new(domain: str, selector: str, key_type: str, out: Path | None, lang: Lang) -> int:
    """Make a key pair: the private half for the mail server, the public half for the spec."""
    from mailwright.operations import signing
    from mailwright.spec import names

    folder = out or (Path("stacks/keys") if Path("stacks").is_dir() else Path("keys"))
    try:
        bare = names.domain(domain)
        chosen = signing.check_selector(selector)
        names.owner(f"{chosen}._domainkey.{bare}")
    except names.BadNameError as error:
        language.usage(_WRONG.using(what=domain, reason=error.reason))
    except signing.SigningError as error:
        language.usage(error.reason)
    kind: signing.KeyType = "rsa" if key_type == "rsa" else "ed25519"
    try:
        pair = signing.new_pair(kind)
        written = signing.write_pair(pair, folder, chosen)
    except signing.SigningError as error:
        language.failure(error.reason)
    file = (
        written.public.relative_to("stacks")
        if out is None and folder.parts[0] == "stacks"
        else written.public
    )
    text = _MADE.using(
        private=written.private,
        public=written.public,
        selector=chosen,
        file=file.as_posix(),
        name=f"{chosen}._domainkey.{bare}",
        record=pair.record,
        set_up=signing.set_up(bare, chosen, written.private, kind),
    )
    click.echo(text(lang))
    return 0


@dkim.command(epilog="Exit codes: 0 the same key, 1 cannot be read, 2 another key.")
@click.argument("private", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="PRIVATE")
@click.argument("published", metavar="PUBLISHED")
@common.lang_option
def match(private: Path, published: str, lang: Lang) -> int:
    """Whether PRIVATE (a key file) belongs to PUBLISHED: a .pub file, a record's text, or - for stdin."""
    from mailwright.operations import signing
    from mailwright.standards.faults import Fault

    try:
        text = _published(published)
        same = signing.matches(disk.read_named(private, _MOST), text)
    except Fault as error:
        language.failure(error.reason)
    except OSError as error:
        language.failure(_WRONG.using(what=error.filename, reason=language.reason(error)))
    click.echo((_SAME if same else _DIFFERS).using(private=private)(lang))
    return 0 if same else 2


def _published(words: str) -> str:
    if words == "-":
        return sys.stdin.read()
    if "=" in words:
        return words
    return disk.read_named(Path(words), _MOST).decode("utf-8", "replace")


_NOTHING = Text(
    "{domain}: no key replaces another. To begin: `mailwright dkim new`, then replaces: in signing.",
    "{domain}：没有正在更换的密钥。开始更换：先 `mailwright dkim new`，再在 signing 中写 replaces:。",
)
_ROTATION = Text("{domain}: {new} takes the place of {old}", "{domain}：{new} 接替 {old}")
_STEPS = {
    "publish": Text("Next: publish it.", "下一步：发布新密钥。"),
    "switch": Text(
        "Next: have every signer sign with it (--tables writes the files of an own server; elsewhere in its "
        "console).",
        "下一步：让每个签名方改用它（自建服务器可用 --tables 写出文件；其他服务在其后台操作）。",
    ),
    "wait": Text("Next: wait; only time is missing.", "下一步：等待即可。"),
    "revoke": Text(
        "Next: revoke {old}, then `mailwright up`.", "下一步：吊销 {old}，再运行 `mailwright up`。"
    ),
    "remove": Text("Next: remove {old} from signing.", "下一步：从 signing 中删除 {old}。"),
}
_WRITE = Text("write: {line}", "请写：{line}")
_CODES = {"due": 0, "unknown": 1, "open": 2, "waiting": 2}
_TABLES = Text("written: {files}", "已写出：{files}")
_NOT_OWN = Text(
    "{domain} has no own server that signs: there are no tables",
    "{domain} 没有自己签名的服务器：没有可写的表",
)


@dkim.command(
    epilog="Exit codes: 0 the next step is due, 1 could not tell, 2 not yet, 64 wrong usage. "
    "Example: mailwright dkim rotate stacks/acme-trade.com.yaml --mail mail_host=test.eml"
)
@common.specs_argument
@click.option(
    "--mail",
    "mails",
    multiple=True,
    metavar="[SIGNER=]FILE",
    help="A test mail of this signer (default: mail_host), verified with the spec's keys (may be repeated).",
)
@click.option(
    "--tables",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write what OpenDKIM and Rspamd read: the new key once it is published long enough, else the old.",
)
@common.deadline_option
@common.nameserver_option
@common.short_format_option
@common.lang_option
@common.as_of_option
def rotate(
    specs: tuple[str, ...],
    mails: tuple[str, ...],
    tables: Path | None,
    nameservers: tuple[str, ...],
    form: str,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Say how far a key has taken the place of another, and what has to be true before the next step."""
    from mailwright.operations import rotation
    from mailwright.operations.planning import planned
    from mailwright.operations.world.migrating import Whom
    from mailwright.report.escaping import as_json

    seen = planned(common.spec_paths(specs), as_of)
    if common.stopped(seen, lang):
        return 1
    letters = [_letter(words) for words in mails]
    whom, folder = Whom(common.servers_of(nameservers)), Path.cwd() / ".mailwright" / "rotations"
    every: list[rotation.Rotation] = []
    for spec, plan in seen.plans:
        if plan.domain != spec.domain:
            continue
        now = dt.datetime.now(dt.UTC) if as_of is None else spec.midnight(as_of)
        try:
            some = rotation.rotations(
                spec,
                plan,
                now,
                whom=whom,
                folder=folder,
                evidence=_evidence(spec, letters, plan.as_of),
            )
        except OSError as error:
            language.failure(_WRONG.using(what=folder, reason=language.reason(error)))
        if not some:
            click.echo(_NOTHING.using(domain=spec.domain_unicode)(lang), err=True)
        if tables:
            _write_tables(spec, rotation.ready(some), tables, lang)
        every += some
    if form == "json":
        click.echo(as_json([rotation.to_json(lang) for rotation in every]))
    elif every:
        click.echo("\n\n".join(_rotation(rotation, lang) for rotation in every))
    return common.worst(_CODES[rotation.state] for rotation in every)


def _letter(words: str) -> tuple[str, bytes]:
    """A signer and the octets of a mail of its."""
    from mailwright.model import disk
    from mailwright.plan.records.rotating import MAIL_HOST

    signer, parted, file = words.rpartition("=")
    if parted and Path(words).exists():
        signer, file = "", words
    try:
        return signer or MAIL_HOST, disk.read_regular(Path(file), 25 * 1024 * 1024)
    except OSError as error:
        language.failure(_WRONG.using(what=file, reason=language.reason(error)))


def _evidence(spec: MailSpec, letters: list[tuple[str, bytes]], today: dt.date) -> Evidence:
    """Of reports that were read, where there are any, and of the mails of this run."""
    from mailwright.operations import rotation
    from mailwright.operations.dmarc.reports import ReportError
    from mailwright.operations.dmarc.store import DEFAULT, opened

    known = rotation.Evidence({}, {})
    if DEFAULT.exists():
        try:
            with opened(DEFAULT) as store:
                known = rotation.of_reports(spec, store, today)
        except ReportError as error:
            language.failure(error.reason)
    return rotation.Evidence({**known.first, **rotation.of_mails(spec, letters, today)}, known.last)


def _write_tables(spec: MailSpec, ready: frozenset[str], folder: Path, lang: Lang) -> None:
    from mailwright.model import disk
    from mailwright.operations import signer_tables

    if not signer_tables.is_own(spec):
        click.echo(_NOT_OWN.using(domain=spec.domain_unicode)(lang), err=True)
        return
    tables = signer_tables.tables(spec, ready)
    for name, text in tables.items():
        path = folder / spec.domain / name
        path.parent.mkdir(parents=True, exist_ok=True)
        disk.replace(path, text)
    shown = ", ".join(str(folder / spec.domain / name) for name in tables)
    click.echo(_TABLES.using(files=shown)(lang), err=True)


def _rotation(rotation: Rotation, lang: Lang) -> str:
    from mailwright.operations.world.conditions import MARKS

    lines = [
        _ROTATION.using(domain=rotation.domain, new=", ".join(rotation.new), old=rotation.old)(lang),
        *(
            f"  {MARKS[condition.state]} {condition.text(lang)}{_until(condition)}"
            for condition in rotation.conditions
        ),
        *(f"  {_WRITE.using(line=line)(lang)}" for line in rotation.lines),
        _STEPS[rotation.step].using(old=rotation.old)(lang),
    ]
    return "\n".join(lines)


def _until(condition: Condition) -> str:
    if condition.until is None or condition.state != "waiting":
        return ""
    return f" ({condition.until.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC)"
