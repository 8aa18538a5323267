"""Alerts: opened at once, on the worklist until a person answers for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, distinct, func, or_, select

from care.alarms.rota import TIERS, answer_until, hand_out
from care.alarms.tables import Alert
from care.kit.database import Work
from care.kit.ids import new_id
from care.people.patients import NotFound
from care.people.tables import Patient, PatientKey, Staff
from care.people.vault import Vault

AMBER = ("urgent-1h", "same-day")
TWO_AMBERS = "two-ambers"
TOGETHER = timedelta(hours=24)  # within which two ambers make a red
OUTCOMES = ("advised", "seen-today", "sent-to-emergency", "no-contact", "mistaken")


@dataclass(frozen=True)
class AlertCard:
    """One line of the worklist."""

    id: str
    patient_id: str
    patient_name: str
    form: str
    flag: str
    tier: str
    source: str
    opened_at: datetime
    answer_by: datetime
    overdue: bool
    acknowledged: bool
    evidence: str
    times: int
    with_name: str  # whose turn on the rota it is
    on_call_list: bool  # nobody of the rota answered in time
    phone: str


async def raise_alert(work: Work, patient: Patient, flag: str, tier: str, source: str, evidence: str | None = None) -> Alert:
    """Open an alert, or count one more time on the same flag while nobody has acknowledged it: it may only grow more urgent."""
    open_same = select(Alert).where(Alert.patient_id == patient.id, Alert.flag == flag, Alert.acknowledged_at.is_(None))
    alert = await work.session.scalar(open_same.where(Alert.closed_at.is_(None)))
    if alert is None:
        alert = Alert(
            id=new_id(),
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            flag=flag,
            tier=tier,
            source=source,
            opened_at=work.now,
            handed=0,
            on_call_list=False,
            times=0,
        )
        await hand_out(work, alert)  # without a rota it is everybody's, until its time is over
        work.session.add(alert)
    elif TIERS.index(tier) < TIERS.index(alert.tier):
        alert.tier, alert.answer_by = tier, min(alert.answer_by, await answer_until(work, alert.clinic_id, tier))
    alert.times += 1
    if evidence and (tier == alert.tier or alert.evidence_sealed is None):  # what is milder does not hide what made it urgent
        alert.evidence_sealed = await Vault(work).seal(patient.id, "alert.evidence", evidence)
    await work.session.flush()
    return alert


async def is_red_together(work: Work, patient_id: str) -> bool:
    """Whether two different ambers of a patient stand open within a day: together they are a red (UKONS, rule verified)."""
    ambers = select(func.count(distinct(Alert.flag))).where(Alert.patient_id == patient_id, Alert.tier.in_(AMBER))
    recent = ambers.where(Alert.flag.startswith("rf-"), Alert.closed_at.is_(None))
    recent = recent.where(or_(Alert.opened_at > work.now - TOGETHER, Alert.acknowledged_at.is_(None)))
    return (await work.session.scalar(recent) or 0) >= 2


async def raise_once(work: Work, patient: Patient, flag: str, tier: str, source: str) -> Alert | None:
    """The same for what is noticed again and again: None when it stands there already, at least as urgent."""
    still_open = select(Alert.tier).where(Alert.patient_id == patient.id, Alert.flag == flag, Alert.closed_at.is_(None))
    tiers = [TIERS.index(each) for each in await work.session.scalars(still_open)]
    return None if tiers and min(tiers) <= TIERS.index(tier) else await raise_alert(work, patient, flag, tier, source)


async def dealt_with(work: Work, patient_id: str) -> dict[str, datetime]:
    """When an alert of each flag was closed last: what came before, a person has answered for."""
    closed = select(Alert.flag, Alert.closed_at).where(Alert.patient_id == patient_id, Alert.closed_at.is_not(None))
    return {flag: at for flag, at in await work.session.execute(closed.order_by(Alert.closed_at)) if at}


async def worklist(work: Work, clinic_id: str) -> list[AlertCard]:
    """Open alerts of a clinic: the most dangerous tier first, in it the oldest first."""
    order = case({tier: number for number, tier in enumerate(TIERS)}, value=Alert.tier, else_=len(TIERS))
    rows = select(Alert, Patient, Staff.name).join(Patient, Patient.id == Alert.patient_id).where(Alert.clinic_id == clinic_id)
    rows = rows.outerjoin(Staff, Staff.id == Alert.with_id)
    rows = rows.join(PatientKey, PatientKey.patient_id == Patient.id)  # nothing of an erased patient can be shown
    found = await work.session.execute(rows.where(Alert.closed_at.is_(None)).order_by(order, Alert.opened_at))
    return [await _card(work, *row) for row in found]


async def _card(work: Work, alert: Alert, patient: Patient, with_name: str | None) -> AlertCard:
    vault = Vault(work)
    phone = await vault.open(patient.id, "patient.phone", patient.phone_sealed) if patient.phone_sealed else ""
    evidence = await vault.open(patient.id, "alert.evidence", alert.evidence_sealed) if alert.evidence_sealed else ""
    return AlertCard(
        id=alert.id,
        patient_id=patient.id,
        patient_name=await vault.open(patient.id, "patient.name", patient.name_sealed),
        form=patient.form,
        flag=alert.flag,
        tier=alert.tier,
        source=alert.source,
        opened_at=alert.opened_at,
        answer_by=alert.answer_by,
        overdue=alert.acknowledged_at is None and (alert.answer_by < work.now or alert.on_call_list),
        acknowledged=alert.acknowledged_at is not None,
        evidence=evidence,
        times=alert.times,
        with_name=with_name or "",
        on_call_list=alert.on_call_list and alert.acknowledged_at is None,
        phone=phone,
    )


async def find_alert(work: Work, clinic_id: str, alert_id: str) -> Alert:
    """The alert, if it is this clinic's; else NotFound."""
    alert = await work.session.get(Alert, alert_id)
    if alert is None or alert.clinic_id != clinic_id:
        raise NotFound(alert_id)
    return alert


async def acknowledge(work: Work, clinic_id: str, alert_id: str, staff_id: str) -> bool:
    """A person says: I have seen this and I act.  False: a colleague was first, and stays on record."""
    alert = await find_alert(work, clinic_id, alert_id)
    if alert.acknowledged_at is not None:
        return False
    alert.acknowledged_at, alert.acknowledged_by = work.now, staff_id
    await work.session.flush()
    return True


async def close(work: Work, clinic_id: str, alert_id: str, staff_id: str, outcome: str) -> bool:
    """End an alert with what came of it.  False: it had ended.  Raises ValueError for an outcome outside OUTCOMES."""
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome must be one of {', '.join(OUTCOMES)}")
    alert = await find_alert(work, clinic_id, alert_id)
    if alert.closed_at is not None:
        return False
    await acknowledge(work, clinic_id, alert_id, staff_id)
    alert.closed_at, alert.closed_by, alert.outcome = work.now, staff_id, outcome
    await work.session.flush()
    return True
