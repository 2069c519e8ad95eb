"""The servers that well-behaved halves of these tests need."""

from tests.servers.fixtures import *  # noqa: F403
