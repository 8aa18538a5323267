"""Scheduler processes are killed again and again while the vendor misbehaves: nothing is lost, nothing is seen too often."""

from datetime import timedelta

from tests.faults.history import broken_promises
from tests.faults.rehearsal import Manners, killing, rehearsing
from tests.ward import NOON, Ward

SEED = 20261127
HARSH = {"busy": 0.05, "broken": 0.05, "lost": 0.04, "latency_s": 0.03}
SHORTLY_BEFORE_NIGHT = NOON + timedelta(hours=9, minutes=50)  # 21:50 in Beijing


async def test_random_kills_a_harsh_vendor_and_patients_who_stop(ward: Ward, url: str):
    ward.clock.turn_to(SHORTLY_BEFORE_NIGHT)
    takes_key = url.startswith("postgresql")
    async with rehearsing(ward, url, Manners(seed=SEED, takes_key=takes_key, **HARSH), "clock", "clock") as rehearsal:
        patients = await rehearsal.patients(12)
        await rehearsal.due(patients, 80, over=timedelta(minutes=4))

        async def some_stop() -> float:
            for patient in patients[::4]:
                await rehearsal.pass_time()
                await rehearsal.silence(patient)
            return await rehearsal.until_all_ended(within_s=100)

        await killing(rehearsal, some_stop(), most=8)
        history = await rehearsal.history()

    assert broken_promises(history, most_copies=1) == [], f"seed {SEED}"
