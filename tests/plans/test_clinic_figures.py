"""Figures of a clinic: ten patients behind each number, and nothing that can be worked out by taking others away."""

from datetime import timedelta

from care.kit.ids import new_id
from care.plans.clinic_figures import FEWEST, Figure, clinic_figures
from care.plans.tables import CarePlan
from tests.plans.conftest import both
from tests.ward import NOON, Occurrence, Ward

DAYS = 4


async def treated(ward: Ward, template: str, patients: int, answer: str | None = "taken") -> None:
    """Patients with four doses and a visit each behind them."""
    for number in range(patients):
        gul = await ward.patient(f"Gul {number}")
        plan = new_id()
        ids = {"clinic_id": gul.clinic_id, "patient_id": gul.id}
        at = NOON - timedelta(days=10)
        async with ward.database.work() as work:
            work.session.add(
                CarePlan(
                    id=plan,
                    **ids,
                    template=template,
                    template_version="1",
                    anchors={},
                    slots={},
                    created_at=at,
                    created_by=ward.nurse_id,
                )
            )
            await work.session.flush()
            for day in range(DAYS):
                due = at + timedelta(days=day)
                work.session.add(occurrence(plan, ids, "medicine", due, answer if day else "taken"))
            done = occurrence(plan, ids, "appointment", at, "done")
            done.done_on = at.date() + timedelta(days=3 if number % 2 else 0)
            work.session.add(done)


def occurrence(plan: str, ids: dict[str, str], kind: str, due, answer: str | None) -> Occurrence:
    row = Occurrence(id=new_id(), **ids, plan_id=plan, activity=kind, kind=kind, local_date=due.date(), slot=0, hour="12:00")
    row.zone, row.due_at, row.useful_until, row.answer = "Asia/Shanghai", due, due + timedelta(hours=3), answer
    return row


async def figures(ward: Ward, clinic_id: str = "") -> dict[str, Figure]:
    async with ward.database.look() as work:
        return {each.template: each for each in await clinic_figures(work, clinic_id or ward.clinic.id)}


@both
async def test_ten_patients_are_a_figure(ward: Ward):
    await treated(ward, "nsclc-egfr-tki", FEWEST, answer=None)

    found = (await figures(ward))["nsclc-egfr-tki"]

    assert (found.patients, found.doses_due, found.taken_percent, found.unanswered_percent) == (10, 40, 25, 75)
    assert (found.visits_due, found.inside_percent) == (10, 50)


async def test_nine_patients_are_persons(ward: Ward):
    await treated(ward, "nsclc-egfr-tki", FEWEST - 1)

    assert await figures(ward) == {"": Figure(""), "nsclc-egfr-tki": Figure("nsclc-egfr-tki")}


async def test_a_small_plan_cannot_be_worked_out_from_the_clinics_line(ward: Ward):
    await treated(ward, "nsclc-egfr-tki", FEWEST)
    await treated(ward, "capecitabine-14-7", 2)

    found = await figures(ward)

    assert (found[""].patients, found[""].taken_percent, found["capecitabine-14-7"].patients) == (None, None, None)
    assert found["nsclc-egfr-tki"].taken_percent == 100


async def test_another_clinic_sees_nothing(ward: Ward):
    await treated(ward, "nsclc-egfr-tki", FEWEST)

    assert await figures(ward, ward.other_clinic.id) == {"": Figure("")}
