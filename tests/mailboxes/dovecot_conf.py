"""Dovecot's settings for the tests, as the installed version writes them (2.4 renamed most of them)."""

from __future__ import annotations

import functools
import grp
import os
import pwd
import subprocess
from pathlib import Path

from tests.mailboxes.specs import DOMAIN

#: As docs/mailboxes.md has them, for 2.3 and for 2.4.
SIEVE = (
    "plugin {\n sieve = file:~/sieve;active=~/.dovecot.sieve\n}\n",
    "sieve_script personal {\n path = ~/sieve\n active_path = ~/.dovecot.sieve\n}\n",
)
LMTP = (
    "protocol lmtp {\n mail_plugins = sieve\n}\n",
    "protocol lmtp {\n mail_plugins {\n sieve = yes\n }\n}\n",
)
SHARING = (
    """\
mail_plugins = acl
namespace inbox {{
 inbox = yes
 separator = /
}}
namespace shared {{
 type = shared
 separator = /
 prefix = shared/%%u/
 location = maildir:%%h/Maildir:INDEXPVT=~/shared/%%u
 subscriptions = no
 list = yes
}}
plugin {{
 acl = vfile:{folder}/acl
 acl_shared_dict = file:{folder}/shared
}}
""",
    """\
mail_plugins {{
 acl = yes
}}
namespace inbox {{
 inbox = yes
 separator = /
}}
namespace shared {{
 type = shared
 separator = /
 prefix = shared/$user/
 mail_driver = maildir
 mail_path = %{{owner_home}}/Maildir
 mail_index_private_path = ~/shared/%{{owner_user}}
 subscriptions = no
 list = yes
}}
acl_driver = vfile
acl_global_path = {folder}/acl
acl_sharing_map {{
 dict file {{
 path = {folder}/shared
 }}
}}
""",
)
_TLS = (
    "ssl_cert = <{cert}\nssl_key = <{key}\ndisable_plaintext_auth = yes\n",
    "ssl_server_cert_file = {cert}\nssl_server_key_file = {key}\nauth_allow_cleartext = no\n",
)
_HEAD = ("", "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n")
_STORE = (
    "mail_location = maildir:{mail}\nmail_home = {home}\n",
    "mail_driver = maildir\nmail_path = {mail}\nmail_home = {home}\n",
)
_USER = ("%n", "%{user | username}")
_COMMON = """\
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
protocols = {protocols}
listen = 127.0.0.1
ssl = no
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_uid = {uid}
mail_gid = {gid}
mail_fsync = never
service anvil {{
 chroot =
 unix_listener anvil-auth-penalty {{
 mode = 0
 }}
}}
"""
_LOGINS = (
    """\
disable_plaintext_auth = no
passdb {{
 driver = passwd-file
 master = yes
 pass = yes
 args = username_format=%u {home}/masters
}}
passdb {{
 driver = passwd-file
 deny = yes
 args = username_format=%u {tables}/suspended
}}
passdb {{
 driver = passwd-file
 args = scheme=PLAIN username_format=%u {home}/users
}}
userdb {{
 driver = passwd-file
 args = username_format=%u {home}/users
 default_fields = uid={uid} gid={gid} home={home}/mail/%n
}}
""",
    """\
auth_allow_cleartext = yes
passdb masters {{
 driver = passwd-file
 master = yes
 result_success = continue
 passwd_file_path = {home}/masters
 auth_username_format = %{{user}}
}}
passdb suspended {{
 driver = passwd-file
 deny = yes
 passwd_file_path = {tables}/suspended
 auth_username_format = %{{user}}
}}
passdb users {{
 driver = passwd-file
 default_password_scheme = PLAIN
 passwd_file_path = {home}/users
 auth_username_format = %{{user}}
}}
userdb users {{
 driver = passwd-file
 passwd_file_path = {home}/users
 auth_username_format = %{{user}}
 fields {{
 uid:default = {uid}
 gid:default = {gid}
 home:default = {home}/mail/%{{user | username}}
 }}
}}
""",
)


@functools.cache
def new() -> bool:
    """Whether the installed Dovecot is 2.4 or later."""
    said = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout
    major, minor, *_ = said.split(".")
    return (int(major), int(minor)) >= (2, 4)


def user() -> pwd.struct_passwd:
    """Whom Dovecot runs as: it refuses to handle mail as root."""
    return pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def served(home: Path, tables: Path, protocols: str) -> str:
    """Logins of ``home/users`` and ``home/masters``, mail and scripts below ``home/mail``."""
    who = user()
    names = {"user": who.pw_name, "group": grp.getgrgid(who.pw_gid).gr_name}
    filled = {"home": home, "tables": tables, "uid": who.pw_uid, "gid": who.pw_gid, **names}
    store = _STORE[new()].format(mail="~/Maildir", home=f"{home}/mail/{_USER[new()]}")
    common = _COMMON.format(protocols=protocols, **filled)
    return _HEAD[new()] + common + store + _LOGINS[new()].format(**filled) + SIEVE[new()]


def alone(folder: Path) -> str:
    """For a command that reads one mailbox in ``folder``, without a server."""
    who = user()
    rest = f"first_valid_uid = 1\nmail_uid = {who.pw_uid}\nmail_gid = {who.pw_gid}\nmail_fsync = never\n"
    store = _STORE[new()].format(mail=f"{folder}/mail", home=folder)
    return _HEAD[new()] + "log_path = /dev/stderr\n" + rest + store


def delivering(smtp: int) -> str:
    """What LMTP and its scripts need; mail that they make goes to ``smtp``."""
    return (
        f"recipient_delimiter = +\nlda_mailbox_autocreate = yes\npostmaster_address = postmaster@{DOMAIN}\n"
        f"hostname = mail.{DOMAIN}\nsubmission_host = 127.0.0.1:{smtp}\n{LMTP[new()]}"
    )


def service(name: str, *listeners: str, chroot: bool = False) -> str:
    """A service; login services leave their chroot, which an unprivileged user cannot enter."""
    return f"service {name} {{\n" + ("" if chroot else " chroot =\n") + "".join(listeners) + "}\n"


def listener(kind: str, port: int, more: str = "") -> str:
    """On loopback; port 0 is off."""
    where = "listen" if new() else "address"
    return f" inet_listener {kind} {{\n {where} = 127.0.0.1\n port = {port}\n{more} }}\n"


def encrypted(cert: Path, key: Path) -> str:
    """TLS, and no password without it."""
    return _TLS[new()].format(cert=cert, key=key)
