"""Every kind of nameserver, once a worker."""

from tests.servers.fixtures import *  # noqa: F403
