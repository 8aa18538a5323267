"""What many tasks want written at one moment costs one commit, and one bad item fails alone."""

import asyncio

import pytest

from care.kit.database import Work
from care.kit.together import Together
from tests.ward import Script, Ward


async def test_items_of_one_moment_share_a_commit(ward: Ward):
    written = []

    async def write(work: Work, items: list[int]) -> None:
        written.append(items)

    together = Together(ward.database, write)
    await asyncio.gather(*(together.add(number) for number in range(100)))

    assert written == [list(range(100))]


async def test_a_bad_item_fails_alone(ward: Ward):
    written: list[int] = []

    async def write(work: Work, items: list[int]) -> None:
        if 13 in items:
            raise ValueError("13")
        written.extend(items)

    together = Together(ward.database, write)
    done = await asyncio.gather(*(together.add(number) for number in range(12, 15)), return_exceptions=True)

    assert [type(each) for each in done] == [type(None), ValueError, type(None)]
    assert written == [12, 14]


async def test_a_batch_of_reminders_is_recorded_together(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    batches = []
    commit = Together._commit

    async def counted(self: Together, batch: list) -> None:
        batches.append(len(batch))
        await commit(self, batch)

    monkeypatch.setattr(Together, "_commit", counted)
    gul = await ward.patient(channel="script")
    for _ in range(50):
        await ward.due(gul)

    await ward.tick(Script())

    assert sum(batches) == 50
    assert len(batches) <= 2
