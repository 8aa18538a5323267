"""What a patient said themselves of doses missed in the last seven days, asked in a check-in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from care.conversation.checkin_rows import opened
from care.conversation.tables import CheckInAnswer
from care.kit.database import Work

ITEM = "pi-doses-missed"


@dataclass(frozen=True)
class SelfReport:
    """How many doses they remember as missed, and when they said so."""

    missed: int
    at: datetime


async def last_self_report(work: Work, patient_id: str) -> SelfReport | None:
    """None when it was never asked, or left open."""
    mine = select(CheckInAnswer).where(CheckInAnswer.patient_id == patient_id, CheckInAnswer.item == ITEM)
    answer = await work.session.scalar(mine.order_by(CheckInAnswer.at.desc()).limit(1))
    said = (await opened(work, answer)).value if answer else None
    return SelfReport(int(said), answer.at) if answer and said and said.isdigit() else None
