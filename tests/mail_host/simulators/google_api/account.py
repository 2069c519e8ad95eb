"""What an account has, and when each reader sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Body = dict[str, Any]


class Refused(Exception):
    """Google's no: HTTP status, reason, message."""

    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason, self.message = status, reason, message or reason


@dataclass
class Lag:
    """For how many further reads something that is there is not seen yet (not in the documents: how many)."""

    reads: int = 0

    def hidden(self) -> bool:
        """Whether this read does not see it."""
        if self.reads:
            self.reads -= 1
            return True
        return False


@dataclass
class User:
    """One account with the settings of its mailbox."""

    address: str
    name: str = ""
    suspended: bool = False
    password: str = ""
    aliases: dict[str, Lag] = field(default_factory=dict)
    recovery: str = ""
    signed_out: int = 0
    asps: list[Body] = field(default_factory=list)
    tokens: list[Body] = field(default_factory=list)
    filters: list[Body] = field(default_factory=list)
    forwarding: dict[str, str] = field(default_factory=dict)
    auto: Body = field(default_factory=lambda: {"enabled": False})
    vacation: Body = field(default_factory=lambda: {"enableAutoReply": False})
    delegates: dict[str, str] = field(default_factory=dict)
    send_as: dict[str, str] = field(default_factory=dict)
    labels: list[Body] = field(default_factory=list)
    lag: Lag = field(default_factory=Lag)
    mail_lag: Lag = field(default_factory=Lag)


@dataclass
class Group:
    """One group; a new one takes mail from members alone (not in the documents: which default)."""

    address: str
    members: dict[str, Body] = field(default_factory=dict)
    aliases: dict[str, Lag] = field(default_factory=dict)
    settings: Body = field(
        default_factory=lambda: {
            "whoCanPostMessage": "ALL_IN_DOMAIN_CAN_POST",
            "messageModerationLevel": "MODERATE_NONE",
            "spamModerationLevel": "MODERATE",
            "allowExternalMembers": "false",
            "archiveOnly": "false",
        }
    )
    lag: Lag = field(default_factory=Lag)


@dataclass
class Account:
    """One domain. ``lag``: for how many reads what is new is not seen."""

    domain: str
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    lag: int = 0
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def user(self, key: str) -> User | None:
        """By the address or an alias."""
        key = key.lower()
        return self.users.get(key) or next(
            (user for user in self.users.values() if key in user.aliases), None
        )

    def group(self, key: str) -> Group | None:
        """Likewise."""
        key = key.lower()
        return self.groups.get(key) or next(
            (group for group in self.groups.values() if key in group.aliases), None
        )

    def taken(self, address: str) -> bool:
        """Whether a user, a group or an alias has an address: they must be unique."""
        return self.user(address) is not None or self.group(address) is not None

    def inside(self, address: str) -> bool:
        """Whether an address is in the domain."""
        return address.lower().endswith("@" + self.domain)
