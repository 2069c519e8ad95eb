"""A real ``pulumi`` with Google Workspace by its API: consent, up, nothing to do, drift, destroy."""

from __future__ import annotations

import pytest

from tests.mail_host.test_pulumi_cli import Checkout, cloned
from tests.mail_host.workspace import COMPANY, Workspace
from tests.mailboxes.specs import DOMAIN

pytestmark = [pytest.mark.pulumi, pytest.mark.slow]
TYPE = "mailwright:mail:HostedMailboxes"
OUTSIDE, LOSS = "mail-forwarded-outside", "role-address-emptied"


@pytest.fixture
def checkout(workspace: Workspace) -> Checkout:
    return cloned(workspace)


def test_the_real_engine_does_the_same(checkout: Checkout, workspace: Workspace) -> None:
    workspace.write(COMPANY)
    refused = checkout.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode and OUTSIDE in refused.stdout + refused.stderr
    assert not workspace.google.writes
    checkout.up(MAILWRIGHT_ALLOW=OUTSIDE)
    assert workspace.account.groups[f"sales@{DOMAIN}"].settings["whoCanPostMessage"] == "ANYONE_CAN_POST"
    assert checkout.unchanged(TYPE) == 0
    exported = checkout.pulumi("stack", "export").stdout
    assert "PRIVATE KEY" not in exported and "ya29" not in exported
    del workspace.account.groups[f"sales@{DOMAIN}"].members[f"li@{DOMAIN}"]
    assert checkout.unchanged(TYPE) != 0
    seen = checkout.pulumi("preview", "--diff")
    assert f"member sales@{DOMAIN} li@{DOMAIN}" in seen.stdout, seen.stdout + seen.stderr
    checkout.up()
    assert f"li@{DOMAIN}" in workspace.account.groups[f"sales@{DOMAIN}"].members
    assert checkout.pulumi("destroy", "--yes", "--skip-preview").returncode
    assert workspace.account.groups
    checkout.forget_dns()
    ended = checkout.pulumi("destroy", "--yes", "--skip-preview", MAILWRIGHT_ALLOW=LOSS)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not workspace.account.groups and f"li@{DOMAIN}" in workspace.account.users
