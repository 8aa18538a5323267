"""The record of who read or changed what: append-only, each row's hash covers the one before it."""

import hashlib
import json
from typing import Any

from sqlalchemy import select, text

from care.kit.database import Work
from care.people.tables import Audit

FIRST = "0" * 64
POSTGRESQL_LOCK = 70_001  # any fixed number of ours: writers of the chain take turns


async def note(
    work: Work, clinic_id: str, staff_id: str | None, action: str, patient_id: str | None = None, **detail: Any
) -> None:
    """Append one act.  `detail` holds ids and counts only, never a patient's words or name."""
    if work.session.get_bind().dialect.name == "postgresql":
        await work.session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": POSTGRESQL_LOCK})
    previous = await work.session.scalar(select(Audit.digest).order_by(Audit.id.desc()).limit(1)) or FIRST
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


def digest_of(row: Audit) -> str:
    """SHA-256 over everything the row says and the digest before it."""
    said = [row.previous, row.clinic_id, row.staff_id, row.patient_id, row.action, row.detail, row.at.isoformat()]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


async def verify(work: Work) -> int | None:
    """The id of the first row that was edited, removed before, or reordered; None when the chain is whole."""
    previous = FIRST
    async for row in await work.session.stream_scalars(select(Audit).order_by(Audit.id)):
        if row.previous != previous or row.digest != digest_of(row):
            return row.id
        previous = row.digest
    return None
