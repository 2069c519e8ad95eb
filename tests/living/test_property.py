"""Generated companies on living servers: each accepted mail is somewhere that somebody reads, or comes back.

``MAILWRIGHT_LIVING_COMPANIES`` is how many a variant has (50), ``MAILWRIGHT_LIVING_SEED`` the first seed (0).
"""

from __future__ import annotations

import os

import pytest

from tests.living.company import Company
from tests.living.generating import case, mails
from tests.living.judging import faults, files
from tests.living.variants import COURIER, HOUSES, Variant, delimited
from tests.living.world import world

COUNT = int(os.environ.get("MAILWRIGHT_LIVING_COMPANIES", "50"))
FIRST = int(os.environ.get("MAILWRIGHT_LIVING_SEED", "0"))
VARIANTS = (*HOUSES, COURIER, delimited("-"))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
def test_every_accepted_mail_is_read_or_comes_back(variant: Variant) -> None:
    with world(variant) as pair:
        cases = [case(Company(pair), str(seed)) for seed in range(FIRST, FIRST + COUNT)]
        pair.plant_all(files(each.acme.plan, each.own) for each in cases)
        rounds = [mails(each) for each in cases]
        while rounds:
            rounds = [each for each in rounds if next(each, StopIteration) is None]
            pair.deliver()
        wrong = [fault for each in cases for fault in faults(each)]
        sent = sum(len(each.sent) for each in cases)
        assert sent >= 9 * COUNT
        assert not wrong, f"{len(wrong)} of {sent} mails\n" + "\n\n".join(wrong[:5])
