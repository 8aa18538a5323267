"""The measurement of looking ahead works, on a crowd of its own and with some weeks behind it."""

import re

import pytest

from care.kit.settings import Settings
from care.supervisor import bench_plans, crowd


async def test_a_crowd_is_looked_ahead_for_once_and_again_a_day_later(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(crowd, "DAYS", 40)
    monkeypatch.setattr(bench_plans, "TRIES", 10)
    said: list[str] = []

    await bench_plans.bench_plans(Settings(), patients=100, history=240, say=said.append)

    made = [int(number) for number in re.findall(r"plans, +(\d+) messages", "\n".join(said))]
    assert made[0] > made[1] > made[2] == 0  # 48 hours, a day more, and nothing is made twice
    assert any(line.startswith("a year behind") and " 240 rows" in line for line in said)
