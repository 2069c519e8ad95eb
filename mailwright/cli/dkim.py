"""``mailwright dkim``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang, Text

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
_WRONG = Text("{what}: {reason}", "{what}：{reason}")
_SAME = Text("the same key", "是同一把密钥")
_DIFFERS = Text(
    "another key: mail signed with {private} would fail", "不是同一把密钥：用 {private} 签名的邮件会验证失败"
)


@language.group(epilog="Example: mailwright dkim new acme-trade.com --selector s1")
def dkim() -> None:
    """Keys of your own: make a pair, compare its halves."""


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
        same = signing.matches(private.read_bytes(), text)
    except Fault as error:
        language.failure(error.reason)
    except OSError as error:
        language.failure(_WRONG.using(what=error.filename, reason=language.translated(str(error.strerror))))
    click.echo((_SAME if same else _DIFFERS).using(private=private)(lang))
    return 0 if same else 2


def _published(words: str) -> str:
    if words == "-":
        return sys.stdin.read()
    if "=" in words:
        return words
    return Path(words).read_text("utf-8", "replace")
