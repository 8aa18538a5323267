"""The measurement of looking ahead works, on a crowd of its own and with a year behind it."""

import re

from care.kit.settings import Settings
from care.supervisor.bench_plans import bench_plans


async def test_a_crowd_is_looked_ahead_for_once_and_again_a_day_later():
    said: list[str] = []

    await bench_plans(Settings(), patients=100, history=1_200, say=said.append)

    made = [int(number) for number in re.findall(r"plans, +(\d+) messages", "\n".join(said))]
    assert made[0] > made[1] > made[2] == 0  # 48 hours, a day more, and nothing is made twice
    assert any(line.startswith("a year behind") and " 1095 rows" in line for line in said)
