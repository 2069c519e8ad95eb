"""What Postfix is told in each variant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.living.world import World


def main_cf(world: World) -> str:
    """main.cf of a variant: nothing leaves this machine, and nothing is slowed down for strangers."""
    variant, home, tables = world.variant, world.home, world.tables
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": f"{home}/spool",
        "data_directory": f"{home}/data",
        "maillog_file": f"{home}/postfix.log",
        "maillog_file_prefixes": str(home),
        "myhostname": "mx.server.test",
        "mydestination": "",
        "local_recipient_maps": "",
        "alias_maps": "",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "smtp_host_lookup": "native",
        "disable_dns_lookups": "yes",
        "smtpd_peername_lookup": "no",
        "mynetworks": "127.0.0.0/8",
        "smtpd_relay_restrictions": variant.relay,
        "smtpd_recipient_restrictions": variant.recipient,
        "smtpd_sender_restrictions": variant.sender,
        "smtpd_sasl_path": f"inet:127.0.0.1:{world.auth}",
        "smtpd_client_connection_count_limit": "0",
        "relayhost": f"[127.0.0.1]:{world.sink.port}",
        "virtual_mailbox_domains": f"texthash:{home}/domains",
        "virtual_mailbox_maps": "texthash:{tables}/mailboxes",
        "virtual_alias_maps": "texthash:{tables}/aliases",
        "virtual_transport": f"lmtp:inet:127.0.0.1:{world.lmtp}",
        "recipient_delimiter": variant.delimiter,
        "in_flow_delay": "0",
        # The world is no machine of ours: mynetworks must not hold it.
        "smtpd_authorized_xclient_hosts": "127.0.0.1",
        # Many refused recipients on one connection are no attack here.
        "smtpd_soft_error_limit": "100000",
        "smtpd_hard_error_limit": "100000",
        "smtpd_junk_command_limit": "100000",
        # A mail that comes while the queue manager starts again waits for its next round.
        "queue_run_delay": "1s",
        "minimal_backoff_time": "1s",
        "maximal_backoff_time": "2s",
        **variant.postfix,
    }
    return "".join(f"{name} = {value.replace('{tables}', str(tables))}\n" for name, value in settings.items())
