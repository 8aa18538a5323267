"""What became of a draft: every edition, every step, and what changed between two of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from sqlalchemy import select

from care.people.tables import Staff
from care.studio.desk import Desk
from care.studio.drafts import edition_of, lock
from care.studio.tables import Draft, Edition, Step
from care.studio.types import State


@dataclass(frozen=True)
class Saving:
    """One edition in a list.  `by` empty: it came from the file."""

    number: int
    by: str
    at: datetime
    words: str
    is_aside: bool


@dataclass(frozen=True)
class Happened:
    """One step in a list."""

    what: str
    by: str
    at: datetime
    edition: int
    comment: str


@dataclass(frozen=True)
class Line:
    """A line of a comparison: kept (' '), gone ('-') or new ('+')."""

    sign: str
    text: str


async def editions(desk: Desk, draft_id: str) -> list[Saving]:
    """Every saved edition, the newest first, those set aside among them."""
    rows = select(Edition, Staff.name).outerjoin(Staff, Staff.id == Edition.made_by).where(Edition.draft_id == draft_id)
    rows = rows.where(Edition.clinic_id == desk.clinic_id).order_by(Edition.number.desc())
    found = await desk.work.session.execute(rows)
    return [Saving(each.number, name or "", each.made_at, each.words, each.is_aside) for each, name in found]


async def steps(desk: Desk, draft_id: str) -> list[Happened]:
    """What everybody did, the newest first."""
    rows = select(Step, Staff.name).join(Staff, Staff.id == Step.by).where(Step.draft_id == draft_id)
    found = await desk.work.session.execute(rows.where(Step.clinic_id == desk.clinic_id).order_by(Step.id.desc()))
    return [Happened(each.what, name, each.at, each.edition, each.comment) for each, name in found]


async def difference(desk: Desk, draft_id: str, old: int, new: int) -> list[Line]:
    """What changed from one edition to another.  Raises NoSuchText."""
    draft = await lock(desk, draft_id)
    before, after = await edition_of(desk, draft, old), await edition_of(desk, draft, new)
    return list(compare(before.text, after.text))


def compare(before: str, after: str) -> Iterator[Line]:
    """Line by line: what went, then what came in its place."""
    old, new = before.splitlines(), after.splitlines()
    for tag, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Line(" ", each) for each in old[i:i_end])
            continue
        yield from (Line("-", each) for each in old[i:i_end])
        yield from (Line("+", each) for each in new[j:j_end])


async def under_way(desk: Desk) -> list[Draft]:
    """Drafts that are not what patients hear now, those waiting for a second person first."""
    mine = select(Draft).where(Draft.clinic_id == desk.clinic_id, Draft.state != State.PUBLISHED)
    order = [State.IN_REVIEW, State.SIGNED, State.DRAFT]
    found = await desk.work.session.scalars(mine.order_by(Draft.place, Draft.language))
    return sorted(found, key=lambda each: order.index(State(each.state)))
