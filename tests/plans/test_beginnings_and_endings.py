"""A second plan beside the first, a plan that has done its work, and a patient the clinic follows no longer."""

from care.people.tables import Patient
from care.plans.beginnings import add_plan
from care.plans.endings import end_plan, record_discharge
from care.plans.tables import CarePlan
from care.plans.undo import undo
from tests.plans.course import act, coming, enrolled, follow_up, refused, tablets, waiting
from tests.ward import Ward


async def test_a_plan_is_added_beside_another_once_and_taken_back_with_one_word(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, follow_up())

    change, plan = await act(ward, add_plan, gul.id, tablets(), ward.nurse_id)
    assert (change.plan_id, (await coming(ward))[:1]) == (plan.id, ["01 20:00"])
    assert await refused(ward, add_plan, gul.id, tablets(hours=("09:00", "21:00")), ward.nurse_id) == ["plan-twice"]
    await act(ward, undo, ward.clinic.id, change.id, ward.nurse_id)

    assert await coming(ward) == []


async def test_a_plan_that_cannot_be_added_leaves_no_trace(ward: Ward):
    gul = await ward.patient()

    assert await refused(ward, add_plan, gul.id, tablets("2030-12-01"), ward.nurse_id) == ["date-far-away"]
    await act(ward, record_discharge, gul.id, ward.nurse_id)
    assert await refused(ward, add_plan, gul.id, tablets(), ward.nurse_id) == ["patient-ended"]


async def test_one_plan_ends_and_the_others_go_on(ward: Ward):
    gul = await ward.patient()
    done = await enrolled(ward, gul, tablets())
    other = await enrolled(ward, gul, follow_up())

    change = await act(ward, end_plan, done, ward.nurse_id, "eight cycles are over")
    assert {each.id: each.ended_because for each in await ward.all(CarePlan)} == {done.id: "finished", other.id: None}
    assert (await coming(ward), await waiting(ward)) == ([], [])
    await act(ward, undo, ward.clinic.id, change.id, ward.nurse_id)

    assert (await coming(ward))[:1] == ["01 20:00"]


async def test_after_a_discharge_nothing_is_sent_and_it_can_be_taken_back(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())

    change = await act(ward, record_discharge, gul.id, ward.nurse_id)
    assert ([each.ended_at for each in await ward.all(Patient)], await waiting(ward)) == ([ward.clock.now()], [])
    await act(ward, undo, ward.clinic.id, change.id, ward.nurse_id)

    assert ([each.ended_at for each in await ward.all(Patient)], (await coming(ward))[:1]) == ([None], ["01 20:00"])
