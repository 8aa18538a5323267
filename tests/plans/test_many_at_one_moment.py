"""What thousands share a moment with is taken some at a time, without reading and sorting all of it each time."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event

from care.content.library import Library
from care.kit.database import Work
from care.plans.materialise import materialise_some
from care.plans.silence import watch_silence
from tests.ward import Ward

Asked = tuple[str, Any]


@pytest.mark.parametrize("look", [materialise_some, watch_silence])
async def test_a_list_that_is_taken_some_at_a_time_keeps_to_the_order_of_its_index(
    look: Callable[[Work, Library], Awaitable[Any]], ward: Ward
):
    asked: list[Asked] = []
    event.listen(ward.database.engine.sync_engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))

    async with ward.database.work() as work:
        await look(work, ward.library)
        some = [(query, values) for query, values in asked if "LIMIT" in query]
        plans = [await explained(work, *each) for each in some]

    assert some
    assert [step for plan in plans for step in plan if "TEMP B-TREE" in step] == []


async def explained(work: Work, query: str, values: Any) -> list[str]:
    connection = await work.session.connection()
    return [row.detail for row in await connection.exec_driver_sql(f"explain query plan {query}", values)]
