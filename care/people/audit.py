"""The record of who read or changed what: append-only, each row's hash covers the one before it."""

import hashlib
import json
from collections.abc import AsyncIterator, Collection
from typing import Any

from sqlalchemy import Text, cast, or_, select, text

from care.kit.database import Work
from care.people.tables import Audit

FIRST = "0" * 64
CUT_OFF = -1  # no row's id
PAGE = 1_000
POSTGRESQL_LOCK = 70_001  # any fixed number of ours: writers of the chain take turns


async def note(
    work: Work, clinic_id: str, staff_id: str | None, action: str, patient_id: str | None = None, **detail: Any
) -> None:
    """Append one act.  `detail` holds ids and counts only, never a patient's words or name."""
    if work.session.get_bind().dialect.name == "postgresql":
        await work.session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": POSTGRESQL_LOCK})
    previous = await last_digest(work)
    row = Audit(
        clinic_id=clinic_id,
        staff_id=staff_id,
        patient_id=patient_id,
        action=action,
        detail=detail,
        at=work.now,
        previous=previous,
        digest="",
    )
    row.digest = digest_of(row)
    work.session.add(row)
    await work.session.flush()


async def note_list(
    work: Work, clinic_id: str, staff_id: str, action: str, patient_ids: Collection[str], renews_itself: bool = False
) -> None:
    """Append that somebody was shown a list: one line that names each patient on it.

    `renews_itself`: the page asked again, not a person.  It is noted when it shows whom their last such line does not name.
    """
    shown = set(patient_ids)
    if renews_itself and shown <= await _last_shown(work, staff_id, action):
        return
    await note(work, clinic_id, staff_id, action, count=len(shown), patients=sorted(shown))


async def _last_shown(work: Work, staff_id: str, action: str) -> set[str]:
    lines = select(Audit.detail).where(Audit.staff_id == staff_id, Audit.action == action)
    last = await work.session.scalar(lines.order_by(Audit.id.desc()).limit(1))
    return set((last or {}).get("patients", ()))


async def acts_on(work: Work, patient_id: str) -> list[Audit]:
    """Who read or changed a patient's record, oldest first, with the lists that showed them."""
    names_them = or_(Audit.patient_id == patient_id, cast(Audit.detail, Text).contains(f'"{patient_id}"', autoescape=True))
    return list(await work.session.scalars(select(Audit).where(names_them).order_by(Audit.id)))


def digest_of(row: Audit) -> str:
    """SHA-256 over everything the row says and the digest before it."""
    said = [row.previous, row.clinic_id, row.staff_id, row.patient_id, row.action, row.detail, row.at.isoformat()]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


async def last_digest(work: Work) -> str:
    """What somebody outside this database should keep: only with it can a cut-off end be noticed."""
    return await work.session.scalar(select(Audit.digest).order_by(Audit.id.desc()).limit(1)) or FIRST


async def verify(work: Work, must_hold: str = FIRST) -> int | None:
    """The id of the first row that was edited, removed before, or reordered; None when the chain is whole.

    CUT_OFF: no row has the digest `must_hold`, which `last_digest` gave out earlier.
    """
    previous, held = FIRST, must_hold == FIRST
    async for row in _in_order(work):
        if row.previous != previous or row.digest != digest_of(row):
            return row.id
        previous, held = row.digest, held or row.digest == must_hold
    return None if held else CUT_OFF


async def _in_order(work: Work) -> AsyncIterator[Audit]:
    """Every row, a page at a time: years of reading do not fit into memory."""
    last = 0
    while rows := list(await work.session.scalars(select(Audit).where(Audit.id > last).order_by(Audit.id).limit(PAGE))):
        for row in rows:
            yield row
        last = rows[-1].id
