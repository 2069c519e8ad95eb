"""Mailwright: company mail as code.

One reviewed YAML spec says how a company's domain does mail; Mailwright plans the DNS
records and mailbox configuration, deploys them with Pulumi and proves that the world
serves exactly that. ``docs/architecture.md`` draws the rooms.
"""

__version__ = "0.1.0"
