"""The written conversation: every line once, sealed, in order."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select

from care.conversation.tables import Line
from care.kit.database import Work, insert_new
from care.languages.normalise import isolate
from care.languages.table import form
from care.messages.reply import Reply
from care.messages.tables import Message
from care.messages.types import State, overtaken_by
from care.people.tables import Patient
from care.people.vault import Vault

SEALED_AS = "line.content"
MESSAGE = "message:"  # begins the key of a line that a message of the scheduler became


@dataclass(frozen=True)
class LineView:
    """A line opened for somebody who may read it."""

    id: int
    key: str
    said_by: str
    at: datetime
    reply: Reply

    @property
    def shown(self) -> str:
        """Its text for a screen: in right-to-left writing digits keep their place.  A patient's words stay as they are."""
        ours = self.said_by != "patient" and form(self.reply.form).direction == "rtl"
        return isolate(self.reply.text) if ours else self.reply.text


async def write_lines(
    work: Work,
    patient: Patient,
    said: list[tuple[str, Reply]],
    said_by: str = "karez",
    channel: str = "web",
    ends: bool = False,
) -> list[LineView]:
    """Append lines, each with its key, in order.  Returns the new ones: a key that is there already is left alone.

    `ends`: nothing is written after them in the unit of work.
    """
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
    new = await insert_new(work, Line, rows, Line.id, Line.key, ends=ends)
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


async def lines_of(work: Work, patient_id: str, keys: Sequence[str]) -> list[LineView]:
    """Lines by their keys, in the order they were said."""
    rows = await work.session.scalars(select(Line).where(Line.patient_id == patient_id, Line.key.in_(keys)).order_by(Line.id))
    vault = Vault(work)
    return [await _view(vault, row) for row in rows]


async def last_line_id(work: Work) -> int:
    """The newest line of anybody."""
    return await work.session.scalar(select(func.max(Line.id))) or 0


async def written_since(work: Work, after: int) -> dict[str, int]:
    """Whose conversations have grown above a line, and up to where."""
    grown = select(Line.patient_id, func.max(Line.id)).where(Line.id > after).group_by(Line.patient_id)
    return dict((await work.session.execute(grown)).all())


async def not_yet_known_to_have_arrived(work: Work, patient_id: str, seen: int) -> list[str]:
    """Messages whose line a phone has seen, because it asks for what comes after `seen`, and that do not say so yet."""
    line = exists().where(Line.patient_id == patient_id, Line.key == MESSAGE + Message.id, Line.id <= seen)
    open_ones = select(Message.id).where(Message.patient_id == patient_id, Message.state.in_(overtaken_by(State.DELIVERED)))
    return list(await work.session.scalars(open_ones.where(line)))


async def _view(vault: Vault, row: Line) -> LineView:
    content: dict[str, Any] = json.loads(await vault.open(row.patient_id, SEALED_AS, row.content_sealed))
    return LineView(row.id, row.key, row.said_by, row.at, Reply.from_json(content))
