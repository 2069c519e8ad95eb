"""The first spec of a company, as ``mailwright init`` writes it."""

from __future__ import annotations

from collections.abc import Mapping


def first_spec(
    domain: str,
    service: str,
    *,
    timezone: str,
    dns_host: Mapping[str, str],
    contact: str,
    inputs: Mapping[str, str],
) -> str:
    """Six lines. The caller parses them: what is wrong with the answers is said by the same rules."""
    host = ", ".join([f"service: {service}", *(f"{key}: {value}" for key, value in inputs.items())])
    dns = ", ".join(f"{key}: {value}" for key, value in dns_host.items())
    return (
        "# yaml-language-server: $schema=../schemas/mail-spec.schema.json\n"
        "version: 1\n"
        f"domain: {domain}\n"
        f"timezone: {timezone}\n"
        f"mail_host: {{{host}}}\n"
        f"dns_hosts: [{{{dns}}}]\n"
        f"contact: {contact}\n"
    )
