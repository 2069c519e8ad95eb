"""The provider as a process: ``pulumi-resource-mailwright``, and ``plugin/`` of a checkout."""

from __future__ import annotations

import sys


def main() -> None:
    """Serve the provider over gRPC until the engine ends it; prints the port on standard output."""
    from pulumi.provider.experimental.server import main as serve

    from mailwright import __version__
    from mailwright.deploy.provider import MailwrightProvider

    serve(sys.argv[1:], __version__, MailwrightProvider())
