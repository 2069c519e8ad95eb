"""The scopes of Google's APIs, each call by the least one that its discovery document takes."""

from __future__ import annotations

from enum import StrEnum

_HEAD = "https://www.googleapis.com/auth/"


class Scope(StrEnum):
    """One scope, as it is granted in the Admin console (domain-wide delegation)."""

    USERS_READ = f"{_HEAD}admin.directory.user.readonly"
    GROUPS_READ = f"{_HEAD}admin.directory.group.readonly"
    GROUP_SETTINGS = f"{_HEAD}apps.groups.settings"
    MAIL_SETTINGS = f"{_HEAD}gmail.settings.basic"
    SECURITY = f"{_HEAD}admin.directory.user.security"
    USERS = f"{_HEAD}admin.directory.user"
    GROUPS = f"{_HEAD}admin.directory.group"
    SHARING = f"{_HEAD}gmail.settings.sharing"
    LABELS = f"{_HEAD}gmail.labels"


#: What looking needs; ``SECURITY`` shows app passwords and granted applications, and can be left out.
READING = (Scope.USERS_READ, Scope.GROUPS_READ, Scope.GROUP_SETTINGS, Scope.MAIL_SETTINGS, Scope.SECURITY)
#: What writing needs besides.
WRITING = (Scope.USERS, Scope.GROUPS, Scope.SHARING, Scope.LABELS)
