"""A withdrawal that commits around the moment of an intent: one of them is first, and nothing is sent after the withdrawal."""

import random

from tests.faults.race import Race
from tests.ward import Ward

SEED = 20261127


async def test_nothing_is_sent_after_a_withdrawal_was_committed(ward: Ward):
    race = await Race(ward, random.Random(SEED)).run(100)

    assert race.sent_after == [], f"seed {SEED}"
    assert min(race.order["intent first"], race.order["withdrawal first"]) > 10, race.order
