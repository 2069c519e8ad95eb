"""Settings of the documentation for archive, quotas, relays, spam and SMTPUTF8, added to a running pair."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mailwright.model.mailboxes import Mailboxes
from tests.mailboxes import dovecot_conf as conf
from tests.mailboxes.live import Live, _Server, _wait, free_ports, running

#: main.cf, as docs/mailboxes.md has it.
MAIN = """\
recipient_bcc_maps = texthash:{folder}/archive_in
sender_bcc_maps = texthash:{folder}/archive_out
sender_dependent_relayhost_maps = texthash:{folder}/relays
transport_maps = texthash:{folder}/transports
smtputf8_enable = no
"""
#: For 2.3 and for 2.4; the userdb stands before every other one.
USERDB = (
    """\
userdb {{
 driver = passwd-file
 args = username_format=%u {folder}/quotas
 result_success = continue
 result_failure = continue
 result_internalfail = continue
}}
""",
    """\
userdb quotas {{
 driver = passwd-file
 passwd_file_path = {folder}/quotas
 auth_username_format = %{{user}}
 result_success = continue
 result_failure = continue
 result_internalfail = continue
}}
""",
)
QUOTA = (
    """\
mail_plugins = $mail_plugins quota
protocol imap {
 mail_plugins = $mail_plugins imap_quota
}
plugin {
 quota = count:User quota
 quota_vsizes = yes
}
""",
    """\
mail_plugins {
 quota = yes
}
protocol imap {
 mail_plugins {
 imap_quota = yes
 }
}
quota "User quota" {
}
""",
)
SPAM = (
    "plugin {\n sieve_before = /etc/dovecot/sieve/spam.sieve\n}\n",
    "sieve_script spam {\n type = before\n path = /etc/dovecot/sieve/spam.sieve\n}\n",
)
SPAM_SCRIPT = """\
require ["fileinto", "mailbox"];
if header :matches ["X-Spam-Flag", "X-Spam", "X-Spam-Status"] ["Yes*", " Yes*"] {
  fileinto :create "Junk";
  stop;
}
"""


def put(live: Live, mailboxes: Mailboxes) -> None:
    """The tables of ``made``. A reload ends idle processes some time later, so Postfix is started anew."""
    live.apply_tables(mailboxes)
    for command in ("stop", "start"):
        live.root.run("postfix", "-c", str(live.home / "postfix"), command)
    _wait(live.smtp)


@dataclass
class Pair:
    """The running pair, and two servers of others: a relay and a partner's."""

    live: Live
    relay: _Server
    partner: _Server


@contextmanager
def servers() -> Iterator[tuple[_Server, _Server]]:
    """Two servers on loopback that take every mail."""
    made = [_Server(port) for port in free_ports(2)]
    for server in made:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made[0], made[1]
    finally:
        for server in made:
            server.shutdown()
            server.server_close()


@contextmanager
def pair(made: Mailboxes, relay: _Server, partner: _Server) -> Iterator[Pair]:
    """Set up as the documentation says, with the tables and scripts of ``made``."""
    with running(made) as live:
        live.apply(made)
        script = live.home / "spam.sieve"
        script.write_text(SPAM_SCRIPT)
        settings = live.home / "dovecot.conf"
        text = settings.read_text()
        version = conf.new()
        at = text.index("userdb")
        userdb = USERDB[version].format(folder=live.tables)
        spam = SPAM[version].replace("/etc/dovecot/sieve/spam.sieve", str(script))
        lmtp = conf.LMTP[version]
        more = lmtp.replace("mail_plugins = sieve", "mail_plugins = $mail_plugins sieve")
        text = (text[:at] + userdb + text[at:]).replace(lmtp, QUOTA[version] + more + spam)
        settings.write_text(text)
        live.processes[0].send_signal(signal.SIGHUP)
        main = live.home / "postfix" / "main.cf"
        main.write_text(main.read_text() + MAIN.format(folder=live.tables))
        live.reload()
        time.sleep(1)  # Dovecot says nowhere that it has read its settings again
        yield Pair(live, relay, partner)
