"""The whole of a patient's care in a nurse's hand: all plans at once, another clock, one more plan, and what ends it."""

from datetime import timedelta
from typing import Any

import pytest

from care.people.tables import Patient
from care.plans.tables import CarePlan, Occurrence, PlanChange
from tests.api.nurses_hand import FOLLOW_UP, Hand, at_hand, plain, problems, what_is_done
from tests.ward import NOON, Message
from tests.web import Answer, Web

TABLETS = {"template": "capecitabine-14-7", "shown": "capecitabine-14-7", "anchor-cycle1-day1": "2026-12-01"}
HOURS = {"slots-capecitabine-1": "08:00", "slots-capecitabine-2": "20:00"}


@pytest.fixture
async def hand(web_alone: Web) -> Hand:
    return await at_hand(web_alone)


async def of(web: Web, row: type[Any], field: str) -> list[Any]:
    return [getattr(each, field) for each in await web.ward.all(row)]


async def send(hand: Hand, act: str, **fields: str) -> Answer:
    return await hand.do(act, on=hand.care, **fields)


async def test_another_clock_is_shown_beside_the_old_one_before_it_is_saved(web_alone: Web, hand: Hand):
    asked = await send(hand, "travel", zone="Asia/Almaty")
    table = plain(asked.text).partition("<table>")[2].partition("</table>")[0]
    assert (asked.status, "08:00</td><td>11:00" in table, await of(web_alone, Patient, "zone")) == (200, True, ["Asia/Shanghai"])

    page = await hand.then(await send(hand, "travel", zone="Asia/Almaty", sure="yes"))

    assert [clock in what_is_done(page) for clock in ("Beijing time", "Kazakhstan time")] == [True, True]
    assert await of(web_alone, Patient, "zone") == ["Asia/Almaty"]


async def test_a_clock_nobody_knows_or_theirs_already_is_refused(hand: Hand):
    for zone in ("Europe/Berlin", "Asia/Shanghai", "", "Mars/Olympus"):
        refused = await send(hand, "travel", zone=zone, sure="yes")
        assert (refused.status, len(problems(refused))) == (422, 1)

    assert await hand.changes() == []


async def test_where_doses_would_come_too_close_hours_of_the_first_days_are_asked_for(web_alone: Web):
    """20:30 in Almaty was half an hour ago; 08:00 in Beijing is eight hours away, and ten must lie between."""
    ward = web_alone.ward
    ward.clock.turn_to(NOON + timedelta(hours=11, minutes=20))
    hand = await at_hand(web_alone)
    await ward.change(Patient, hand.gul.id, zone="Asia/Almaty")
    await hand.then(await hand.do("hours", **{**HOURS, "slots-capecitabine-2": "20:30"}))
    ward.clock.advance(timedelta(minutes=40))
    await hand.sign_in_again()

    refused = await send(hand, "travel", zone="Asia/Shanghai", sure="yes")
    first = f"first-{hand.plan.id}-capecitabine"
    assert (refused.status, f'name="{first}-1"' in refused.text) == (422, True)
    given = {f"{first}-1": "10:00", f"{first}-2": "20:30", "until": "2026-12-02"}
    await hand.then(await send(hand, "travel", zone="Asia/Shanghai", sure="yes", **given))

    assert [each["hours"] for each in (await hand.now()).special_times] == [["10:00", "20:30"]]


async def test_a_patient_whose_clock_is_unknown_can_be_opened_and_mended(web_alone: Web, hand: Hand):
    await web_alone.ward.change(Patient, hand.gul.id, zone="Mars/Olympus")

    for address in (hand.page, hand.care, f"/console/patients/{hand.gul.id}", f"/console/patients/{hand.gul.id}/plan"):
        assert (await hand.desk.get(address)).status == 200
    assert (await send(hand, "pause", kind="hold", ask_on="2026-12-08")).status == 422
    await hand.then(await send(hand, "travel", zone="Asia/Urumqi", sure="yes"))

    assert await of(web_alone, Patient, "zone") == ["Asia/Urumqi"]


async def test_a_death_is_said_in_one_sentence_first_ends_everything_and_a_slip_is_taken_back(web_alone: Web, hand: Hand):
    asked = await send(hand, "death")
    assert (asked.status, "This is final" in asked.text, await hand.changes()) == (200, True, [])

    page = await hand.then(await send(hand, "death", sure="yes"))
    assert "Nothing is sent to this patient any more." in what_is_done(page)
    assert {each.state for each in await web_alone.ward.all(Message)} == {"cleared"}
    assert 'value="travel"' not in page
    assert problems(await send(hand, "death", sure="yes")) == ["This patient’s care has ended."]
    change = page.partition('name="change" value="')[2].partition('"')[0]
    await hand.then(await send(hand, "undo", change=change))

    assert await of(web_alone, Patient, "ended_at") == await of(web_alone, CarePlan, "ended_at") == [None]


async def test_what_ends_plans_names_them_before_it_ends_them(hand: Hand):
    for act in ("palliative", "recurrence", "discharge"):
        asked = await send(hand, act)
        assert (asked.status, "14 days on, 7 days off</li>" in asked.text) == (200, True)

    await hand.then(await send(hand, "discharge", sure="yes"))

    assert ((await hand.now()).ended_because, await hand.changes()) == ("discharge", ["patient.discharged"])


async def test_everything_is_paused_and_resumed_at_once(web_alone: Web, hand: Hand):
    await hand.then(await send(hand, "pause", kind="hospital", ask_on="2026-12-10"))
    assert await of(web_alone, CarePlan, "pause_kind") == ["hospital"]
    await hand.then(await send(hand, "resume"))

    assert await of(web_alone, CarePlan, "pause_kind") == [None]


async def add(hand: Hand, step: str = "save", **fields: str) -> Answer:
    address = f"/console/patients/{hand.gul.id}/plan"
    return await hand.desk.submit(address, on=hand.care, step=step, **{**TABLETS, **HOURS, **fields})


async def test_one_more_plan_is_read_first_and_added_once(web_alone: Web):
    hand = await at_hand(web_alone, FOLLOW_UP)
    week = await add(hand, "preview")
    assert (week.status, 'id="first-week"' in week.text, len(await web_alone.ward.all(CarePlan))) == (200, True, 1)

    page = await hand.then(await add(hand))
    again = await add(hand)

    assert "Plan added" in what_is_done(page)
    assert (again.status, len(await web_alone.ward.all(CarePlan))) == (422, 2)


async def test_a_second_plan_that_doubles_a_medicine_is_refused_before_anything_is_written(web_alone: Web, hand: Hand):
    for step in ("preview", "save"):
        refused = await add(hand, step)
        assert refused.status == 422
        assert all("double dose" in each for each in problems(refused))

    assert len(await web_alone.ward.all(CarePlan)) == 1


async def test_a_first_day_that_cannot_be_is_told_at_its_field(web_alone: Web):
    hand = await at_hand(web_alone, FOLLOW_UP)

    for day in ("2036-12-01", "2026-11-30", "", "soon"):
        refused = await add(hand, **{"anchor-cycle1-day1": day})
        assert (refused.status, len(problems(refused))) == (422, 1)

    assert len(await web_alone.ward.all(CarePlan)) == 1


COMFORT = {
    **{"template": "palliative-home", "shown": "palliative-home", "comfort": "yes", "anchor-enrolment": "2026-12-01"},
    **{"slots-regular-medicines-1": "21:00", "gap-regular-medicines": "24"},
}


async def test_comfort_takes_the_place_of_cure_and_both_come_back_with_one_word(web_alone: Web, hand: Hand):
    page = await hand.then(await add(hand, **COMFORT))
    assert "Transferred to palliative care" in what_is_done(page)
    assert sorted(map(str, await of(web_alone, CarePlan, "ended_because"))) == ["None", "palliative"]

    change = what_is_done(page).partition('name="change" value="')[2].partition('"')[0]
    await hand.then(await send(hand, "undo", change=change))

    assert sorted(map(str, await of(web_alone, CarePlan, "ended_because"))) == ["None", "undone"]
    assert await web_alone.ward.all(Occurrence)


async def test_another_patients_change_is_not_taken_back_from_here(web_alone: Web, hand: Hand):
    other = await at_hand(web_alone, name="Ana", desk=hand.desk)
    await other.then(await other.do("end", sure="yes"))
    [change] = await web_alone.ward.all(PlanChange)

    assert (await send(hand, "undo", change=change.id)).status == 404
    assert (await other.now()).ended_at is not None
