"""What the stack's configuration gives to the provider: secrets, and files that hold them.

Nothing of it is an input of the provider, because a refresh and a plain ``pulumi destroy`` run with the
inputs that the *state* holds: a secret that was set or rotated since would not arrive, and one that was
removed would go on working. Pulumi hands every plugin process the configuration of today in its environment.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mailwright.deploy.errors import DeployError
from mailwright.hosts.dns.service import Secret
from mailwright.hosts.dns.services import SERVICES
from mailwright.model import variables
from mailwright.model.text import Text

#: The master user's password on mail servers of one's own.
SIEVE = Secret(variables.SIEVE_PASSWORD, "sievePassword")
#: The service account that asks Google Workspace.
GOOGLE = Secret(variables.GOOGLE_CREDENTIALS, "googleCredentials")
#: Behind the name of a secret: the path of a file that holds it, relative to the project.
FILE = "File"

#: JSON that Pulumi gives to a plugin: the configuration of the package's own namespace.
_CONFIGURATION = "PULUMI_CONFIG"
_NAMESPACE = "mailwright:"

#: The program's own, and what Pulumi takes in every provider's namespace.
_SPECS, _PULUMIS = "specs", ("version", "pluginDownloadURL")
_NOT_KNOWN = Text(
    "The configuration has mailwright:{name}, which is not a setting. Did you mean mailwright:{close}? To "
    "remove it: pulumi config rm mailwright:{name}",
    "配置中有 mailwright:{name}，但没有这个设置。是不是 mailwright:{close}？"
    "删除它：pulumi config rm mailwright:{name}",
)
_NO_FILE = Text(
    "mailwright:{name} is {path}, and that cannot be read: {reason}",
    "mailwright:{name} 为 {path}，但无法读取：{reason}",
)
_EMPTY = Text("mailwright:{name} is {path}, and that is empty", "mailwright:{name} 为 {path}，但该文件为空")


def secrets() -> tuple[Secret, ...]:
    """Every secret that configuration may hold."""
    hosts = (secret for service in SERVICES.values() for secret in service.secrets if secret.configured)
    return (*dict.fromkeys(hosts), SIEVE, GOOGLE)


def known() -> list[str]:
    """Every name of our configuration."""
    return [_SPECS, *(secret.configured + end for secret in secrets() for end in ("", FILE)), *_PULUMIS]


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's configuration, with the files that it names as they were when it began.

    Nothing shows a value: they may be secret.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    unread: Mapping[str, Text] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @staticmethod
    def of_process() -> Settings:
        """What Pulumi gave to this process; empty outside Pulumi."""
        values = _configuration()
        unknown = tuple(sorted(set(values) - set(known())))
        unread: dict[str, Text] = {}
        for name in (listed_secret.configured for listed_secret in secrets()):
            path = values.pop(name + FILE, "")
            content = _content(name + FILE, path) if path else None
            if isinstance(content, Text):
                unread[name] = content
            elif content:
                values[name] = content
        return Settings(values, unread, unknown)

    def require_known(self) -> None:
        """Raise DeployError where configuration has a name that nobody reads: most likely a slip."""
        for name in self.unknown:
            close = (difflib.get_close_matches(name, known(), 1, 0.0) or known())[0]
            raise DeployError(_NOT_KNOWN, name=name, close=close)

    def secret(self, secret: Secret) -> str | None:
        """A secret: the environment's, else that of the file, else configuration's; None where none is set.

        Raises DeployError where the file that is named cannot be read.
        """
        given = os.environ.get(secret.variable)
        if not given and secret.configured in self.unread:
            raise DeployError(self.unread[secret.configured])
        return given or self.values.get(secret.configured) or None


def _configuration() -> dict[str, str]:
    try:
        body = json.loads(os.environ.get(_CONFIGURATION) or "{}")
    except ValueError:
        body = {}
    texts = {name: value for name, value in body.items() if isinstance(value, str)}
    return {name.removeprefix(_NAMESPACE): value for name, value in texts.items()}


def _content(name: str, path: str) -> str | Text:
    """What a file holds, without line ends around it, or why there is nothing to be had."""
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        return _NO_FILE.using(name=name, path=path, reason=reason)
    return text or _EMPTY.using(name=name, path=path)
