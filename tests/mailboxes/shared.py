"""A second Dovecot over the same mailboxes, in which people read what is shared with them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from mailwright.hosts.mail import acl
from mailwright.model.mailboxes import Mailboxes
from tests.mailboxes import dovecot_conf as conf
from tests.mailboxes.live import Live, _wait, free_ports
from tests.mailboxes.servers import unprivileged


@contextmanager
def sharing(live: Live, made: Mailboxes) -> Iterator[int]:
    """The IMAP port; ended by process id."""
    (port,) = free_ports(1)
    home = live.home / "sharing"
    home.mkdir()
    home.chmod(0o777)
    (home / acl.ACL).write_text(acl.rights(made))
    (home / acl.SHARED).write_text(acl.shared(made))
    text = (live.home / "dovecot.conf").read_text()
    for name in ("run", "state", "dovecot.log"):
        text = text.replace(f"{live.home}/{name}\n", f"{home}/{name}\n")
    text = text.replace("protocols = imap lmtp sieve", "protocols = imap")
    text = text.replace(f"port = {live.imap}\n", f"port = {port}\n") + conf.SHARING[conf.new()].format(
        folder=home
    )
    (home / "dovecot.conf").write_text(text)
    process = subprocess.Popen(["dovecot", "-F", "-c", str(home / "dovecot.conf")], **unprivileged())  # type: ignore[call-overload]
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)
