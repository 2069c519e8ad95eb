"""Random steps and messages: nothing breaks, and every mark of doubt has its reason."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from tests.mail_host.simulated import helpers
from tests.mail_host.simulated.helpers import ANN, BOB, CAY, FAR, OUT, TEAM, later
from tests.mail_host.simulators import ACTIONS, FACTS, HOSTS, Mail, Step, Tenant

_PLACES = (ANN, BOB, CAY, TEAM, "desk@corp.example", "info@corp.example", "postmaster@corp.example", OUT)
_HEADERS: tuple[Mapping[str, str], ...] = (
    {},
    {"List-Id": "<l>"},
    {"Auto-Submitted": "auto-replied"},
    {"X-Auto-Response-Suppress": "All"},
)


def _values(rng: random.Random) -> dict[str, object]:
    """Values that suit many actions."""
    pick = rng.choice
    values: dict[str, object] = {
        "alias": pick(_PLACES),
        "to": pick(_PLACES),
        "member": pick(_PLACES),
        "members": (pick(_PLACES),),
        "users": (pick(_PLACES),),
        "level": pick(("anyone", "domain", "members", "listed")),
        "listed": (pick(_PLACES),),
        "kind": pick(("catch_all", "map")),
        "address": pick(_PLACES),
        "original": pick((True, False)),
        "when": pick(({"all": True}, {"from": FAR}, {"outside": True})),
        "stop": pick((True, False)),
        "do": pick((("delete",), (("forward", pick(_PLACES)),), (("move", "Old"),), (("reply", "hello"),))),
        "text": "away",
        "by": pick(("admin", "user", "owner")),
        "keep_copy": pick((True, False)),
        "name": pick(("a", "b", "c")),
        "on": pick((True, False)),
        "count": 5,
        "moderators": (pick(_PLACES),),
        "owner": pick(_PLACES),
        "role": pick(("user", "creator")),
    }
    return {key: value for key, value in values.items() if rng.random() < 0.9 or key in ("kind", "count")}


def _step(rng: random.Random) -> Step:
    """A random step."""
    action = rng.choice(sorted(ACTIONS))
    values = _values(rng)
    if action in ("set_forward", "set_autoreply"):
        values.pop("audience", None)
        values["by"] = rng.choice(("admin", "user"))
    if action == "add_transport_rule":
        values["do"] = rng.choice((("delete",), (("bcc", ANN),), (("redirect", BOB),), ("spam",), ("hold",)))
    return Step(action, rng.choice(_PLACES), values)


@pytest.mark.parametrize("host", HOSTS)
def test_random_lives(host: str) -> None:
    """A tenant lives through many random steps and messages."""
    rng = random.Random(f"{host} {helpers.SEED[0]}")
    tenant = Tenant(host, "corp.example", random.Random(helpers.SEED[0]))
    for number in range(300):
        outcome = tenant.do(_step(rng), later(number // 10))
        silent = [fact for fact in outcome.facts if fact not in FACTS and not fact.startswith("base:")]
        assert outcome.facts and (outcome.status == "undocumented") == bool(silent), outcome
        mail = Mail(
            rng.choice((ANN, OUT, FAR, "")),
            rng.choice(_PLACES),
            rng.choice(_HEADERS),
            spam=rng.random() < 0.2,
        )
        delivery = tenant.deliver(mail, later(number // 10))
        assert delivery.events or delivery.withheld
        for event in (*delivery.events, *delivery.withheld):
            silent = [fact for fact in event.facts if fact not in FACTS and not fact.startswith("base:")]
            assert event.facts and (event.undocumented or not silent), event
