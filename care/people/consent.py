"""Consent per purpose: given by the patient, withdrawn as easily, every act kept."""

from sqlalchemy import select

from care.kit.database import Work
from care.people.tables import Consent, Patient

# One separate consent a purpose (PIPL articles 29 and 30; facts: trust, section 10, C1).
PURPOSES = ("reminders", "symptoms", "voice", "family", "cross-border")


class UnknownPurpose(Exception):
    """Not one of PURPOSES."""


async def record(work: Work, patient: Patient, purpose: str, given: bool, wording_hash: str, channel: str) -> None:
    """Keep one act of giving or withdrawing.  Nothing is ever overwritten."""
    if purpose not in PURPOSES:
        raise UnknownPurpose(purpose)
    act = Consent(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        purpose=purpose,
        given=given,
        wording_hash=wording_hash,
        form=patient.form,
        channel=channel,
        at=work.now,
    )
    work.session.add(act)
    await work.session.flush()


async def allows(work: Work, patient_id: str, purpose: str) -> bool:
    """Whether the patient's latest word on this purpose was yes.  Never asked means no."""
    latest = (
        select(Consent.given)
        .where(Consent.patient_id == patient_id, Consent.purpose == purpose)
        .order_by(Consent.id.desc())
        .limit(1)
    )
    return bool(await work.session.scalar(latest))


async def current(work: Work, patient_id: str) -> dict[str, bool | None]:
    """The latest word on every purpose; None where the patient was never asked."""
    said: dict[str, bool | None] = dict.fromkeys(PURPOSES)
    acts = await work.session.execute(
        select(Consent.purpose, Consent.given).where(Consent.patient_id == patient_id).order_by(Consent.id)
    )
    for purpose, given in acts:
        said[purpose] = given
    return said
