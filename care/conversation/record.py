"""The written conversation: every line once, sealed, in order."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from care.conversation.tables import Line
from care.kit.database import Work, insert_new
from care.messages.reply import Reply
from care.people.tables import Patient
from care.people.vault import Vault

SEALED_AS = "line.content"


@dataclass(frozen=True)
class LineView:
    """A line opened for somebody who may read it."""

    id: int
    key: str
    said_by: str
    at: datetime
    reply: Reply


async def write_lines(
    work: Work, patient: Patient, said: list[tuple[str, Reply]], said_by: str = "karez", channel: str = "web"
) -> list[LineView]:
    """Append lines, each with its key, in order.  Returns the new ones: a key that is there already is left alone."""
    vault, replies = Vault(work), dict(said)
    rows = [
        {
            "clinic_id": patient.clinic_id,
            "patient_id": patient.id,
            "said_by": said_by,
            "channel": channel,
            "key": key,
            "content_sealed": await vault.seal(patient.id, SEALED_AS, json.dumps(reply.to_json(), ensure_ascii=False)),
            "at": work.now,
        }
        for key, reply in said
    ]
    new = await insert_new(work, Line, rows, Line.id, Line.key)
    return [LineView(id_, key, said_by, work.now, replies[key]) for id_, key in sorted(new)]


async def lines_after(work: Work, patient_id: str, after: int = 0, limit: int = 100) -> list[LineView]:
    """Lines with an id above `after`, oldest first.  With after=0 the last `limit` lines."""
    mine = select(Line).where(Line.patient_id == patient_id)
    if after:
        rows = await work.session.scalars(mine.where(Line.id > after).order_by(Line.id).limit(limit))
    else:
        rows = await work.session.scalars(mine.order_by(Line.id.desc()).limit(limit))
    vault = Vault(work)
    return [await _view(vault, row) for row in sorted(rows, key=lambda row: row.id)]


async def answers_to(work: Work, patient_id: str, key: str) -> list[LineView]:
    """What was answered to a line we heard before: a phone that retries gets the same answer, not a second one."""
    rows = await work.session.scalars(
        select(Line).where(Line.patient_id == patient_id, Line.key.startswith(f"{key}:", autoescape=True)).order_by(Line.id)
    )
    vault = Vault(work)
    return [await _view(vault, row) for row in rows]


async def last_line_id(work: Work, patient_id: str) -> int:
    return await work.session.scalar(select(func.max(Line.id)).where(Line.patient_id == patient_id)) or 0


async def _view(vault: Vault, row: Line) -> LineView:
    content: dict[str, Any] = json.loads(await vault.open(row.patient_id, SEALED_AS, row.content_sealed))
    return LineView(row.id, row.key, row.said_by, row.at, Reply.from_json(content))
