"""One care plan in a nurse's hand: each form does its one thing, says what comes next, and is refused beside its field."""

import re
from datetime import timedelta

import pytest

from care.people.tables import Audit
from care.plans.enrol import Enrolment
from care.plans.tables import CarePlan
from tests.api.nurses_hand import FOLLOW_UP, Hand, at_hand, plain, problems, what_is_done
from tests.ward import NOON, Message
from tests.web import Web

HOURS = {"slots-capecitabine-1": "08:00", "slots-capecitabine-2": "20:00"}
LUNG = Enrolment("nsclc-egfr-tki", {"tki-start": "2026-12-01"}, {"tki": ["12:30"]}, (), {"tki": "20"})
BDI = re.compile(r"<bdi>(.*?)</bdi>")
LIVER = Enrolment("hcc-resection-antiviral", {"surgery-date": "2026-11-20"}, {})


@pytest.fixture
async def hand(web_alone: Web) -> Hand:
    return await at_hand(web_alone)


async def test_a_cycle_is_postponed_seen_and_taken_back(web_alone: Web, hand: Hand):
    page = await hand.then(await hand.do("postpone", cycle="2", start="2026-12-29"))
    assert "29 December 2026" in plain(what_is_done(page))
    assert (await hand.now()).cycle_starts == {"2": "2026-12-29"}

    [change] = [part.partition('"')[0] for part in what_is_done(page).split('name="change" value="')[1:]]
    page = await hand.then(await hand.do("undo", change=change))

    assert (await hand.now()).cycle_starts == {}
    assert "Taken back today" in page


async def test_an_appointment_nobody_came_to_can_be_arranged_anew_as_long_as_its_window_lasts(web_alone: Web):
    hand = await at_hand(web_alone, FOLLOW_UP)
    visit = {"activity": "visit-cea-y1-2", "due": "2026-12-03"}
    await hand.then(await hand.do("book", **visit, day="2026-12-02", hour="11:00"))
    web_alone.ward.clock.advance(timedelta(days=2))
    await hand.sign_in_again()

    page = (await hand.desk.get(hand.page)).text

    assert 'id="book-visit-cea-y1-2-2026-12-03"' in page


async def test_a_cycle_is_confirmed_for_its_day_and_the_word_is_noted(web_alone: Web, hand: Hand):
    web_alone.ward.clock.advance(timedelta(days=20))
    await hand.sign_in_again()
    assert 'name="start" value="2026-12-22"' in (await hand.desk.get(hand.page)).text

    refused = await hand.do("confirm", cycle="2", start="2026-12-20")
    assert (refused.status, len(problems(refused))) == (422, 1)
    assert 'name="start" value="2026-12-20"' in refused.text  # as typed
    await hand.then(await hand.do("confirm", cycle="2", start="2026-12-23"))

    assert ((await hand.now()).cycle_starts, await hand.changes()) == ({"2": "2026-12-23"}, ["cycle.confirmed"])
    assert "cycle.confirmed" in {each.action for each in await web_alone.ward.all(Audit)}


async def test_a_plan_is_paused_and_resumed_and_each_page_says_what_happens_next(hand: Hand):
    assert problems(await hand.do("pause", ask_on="2026-12-08")) == ["Choose: in hospital, or held by a clinician."]

    page = await hand.then(await hand.do("pause", kind="hospital", ask_on="2026-12-08"))
    assert "You are asked again on 8 December 2026." in plain(what_is_done(page))
    assert "undo" not in what_is_done(page)  # it is ended by resuming
    page = await hand.then(await hand.do("resume"))

    assert "20:00" in what_is_done(page)


async def test_other_hours_hold_from_the_next_dose_and_those_too_close_wait_for_a_clinician(hand: Hand):
    page = await hand.then(await hand.do("hours", **{**HOURS, "slots-capecitabine-1": "09:00"}))
    assert {"08:00 · 20:00", "09:00 · 20:00"} <= set(BDI.findall(what_is_done(page)))

    too_close = await hand.do("hours", **{"slots-capecitabine-1": "09:00", "slots-capecitabine-2": "12:00"})
    assert (too_close.status, 'value="12:00"' in too_close.text) == (422, True)
    assert (await hand.now()).slots == {"capecitabine": ["09:00", "20:00"]}


async def test_what_did_not_differ_is_no_change(hand: Hand):
    await hand.then(await hand.do("hours", **HOURS))
    await hand.then(await hand.do("adjust", **{"own-capecitabine-on_days": "1-14", "why": "nothing"}))

    assert await hand.changes() == []


async def test_special_times_have_a_first_and_a_last_day_and_no_field_for_why(hand: Hand):
    form = (await hand.desk.get(hand.page)).text.partition('id="special"')[2].partition("</form>")[0]
    assert "why" not in form.replace("Nobody is asked why", "")
    times = {"activity": "capecitabine", "slots-special-1": "07:00", "slots-special-2": "19:00", "first": "2026-12-03"}

    assert len(problems(await hand.do("special", **{**times, "last": ""}))) == 1
    assert len(problems(await hand.do("special", **{**times, "last": "2026-12-01"}))) == 1
    page = await hand.then(await hand.do("special", **{**times, "last": "2026-12-05"}))

    assert "07:00 · 19:00" in what_is_done(page)
    assert (await hand.now()).special_times == [
        {"activity": "capecitabine", "first": "2026-12-03", "last": "2026-12-05", "hours": ["07:00", "19:00"]}
    ]


async def test_a_window_becomes_an_appointment_and_outside_of_it_she_is_asked_once_more(web_alone: Web):
    hand = await at_hand(web_alone, FOLLOW_UP)
    page = plain((await hand.desk.get(hand.page)).text)
    assert "due 3 December, from 19 November to 17 December" in page
    visit = {"activity": "visit-cea-y1-2", "due": "2026-12-03", "form": "book-visit-cea-y1-2-2026-12-03"}

    await hand.then(await hand.do("book", **{**visit, "day": "2026-12-08", "hour": "10:30"}))
    asked = await hand.do("book", **{**visit, "day": "2026-12-28", "hour": "10:30"})
    assert (asked.status, len(problems(asked)), "outside the due days: why" in asked.text) == (422, 1, True)
    page = await hand.then(await hand.do("book", **{**visit, "day": "2026-12-28", "hour": "10:30", "why": "the road is closed"}))

    assert "the road is closed" in page
    assert (await hand.now()).bookings == {"visit-cea-y1-2 2026-12-03": "2026-12-28 10:30"}
    await hand.then(await hand.do("unbook", **visit))
    assert (await hand.now()).bookings == {}


WRONG = [{"day": "2036-12-03"}, {"day": "2026-11-20"}, {"day": "soon"}, {"hour": "25:00"}, {"activity": "dentist"}]


async def test_an_appointment_that_cannot_be_is_refused_beside_its_field(web_alone: Web):
    hand = await at_hand(web_alone, FOLLOW_UP)
    visit = {"activity": "visit-cea-y1-2", "due": "2026-12-03", "day": "2026-12-08", "hour": "10:30"}

    refused = [await hand.do("book", **visit | wrong | {"form": "book-visit-cea-y1-2-2026-12-03"}) for wrong in WRONG]

    assert [(each.status, len(problems(each))) for each in refused] == [(422, 1)] * len(WRONG)
    assert (await hand.now()).bookings == {}


async def test_what_waits_for_an_order_is_switched_on_with_its_date_its_hour_and_a_reason(web_alone: Web):
    hand = await at_hand(web_alone, LIVER)
    ordered = {"order-antiviral": "yes", "slots-antiviral-1": "21:00", "anchor-antiviral-start": "", "why": ""}

    refused = await hand.do("order", **ordered)
    assert problems(refused) == ["Choose the date."]
    assert 'name="order-antiviral" value="yes" checked' in refused.text
    page = await hand.then(await hand.do("order", **ordered | {"anchor-antiviral-start": "2026-12-01", "why": "HBsAg, Dr. Aziz"}))

    assert "HBsAg, Dr. Aziz" in page
    assert "21:00" in what_is_done(page)


SEVEN_SEVEN = {
    **{"round-cycle_days": "14", "round-cycles": "12", "why": "Dr. Aziz"},
    **{"own-capecitabine-on_days": "1-7", "own-rest-week-on_days": "8", "own-pre-cycle-bloods-on_days": "12"},
    **{"own-pre-cycle-visit-on_days": "13", "own-q-capecitabine-1-on_days": "4, 7", "own-q-chemo-weekly-3-on_days": "11"},
}


async def test_a_clinicians_rhythm_is_taken_whole_or_told_where_it_does_not_fit(hand: Hand):
    misfit = {**SEVEN_SEVEN, "own-rest-week-on_days": "15", "own-pre-cycle-bloods-on_days": "morning", "why": ""}
    refused = await hand.do("adjust", **misfit)
    assert (refused.status, len(problems(refused))) == (422, 2)
    assert 'value="morning"' in refused.text
    page = await hand.then(await hand.do("adjust", **SEVEN_SEVEN))

    assert "Dr. Aziz" in page
    assert (await hand.now()).overrides["rest-week"] == {"on_days": "8"}
    assert 'name="round-cycles" value="12"' in page
    await hand.then(await hand.do("adjust", **{"own-rest-week-on_days": "8", "is-dpd-check": "1", "why": "done elsewhere"}))
    assert (await hand.now()).overrides["dpd-check"] == {"off": True}


async def test_what_ends_is_said_in_one_sentence_first(hand: Hand):
    asked = await hand.do("end", why="eight cycles are over")
    assert (asked.status, "stops at once" in asked.text, await hand.changes()) == (200, True, [])
    assert 'value="eight cycles are over"' in asked.text

    page = await hand.then(await hand.do("end", why="eight cycles are over", sure="yes"))

    assert "Nothing of this plan is said any more." in what_is_done(page)
    assert 'value="postpone"' not in page  # an ended plan is read, and nothing of it changed
    assert (await hand.do("pause", kind="hold", ask_on="2026-12-08")).status == 422


async def test_what_cannot_be_undone_says_why_beside_its_entry(web_alone: Web, hand: Hand):
    await hand.do("hours", **{**HOURS, "slots-capecitabine-1": "09:00"})
    web_alone.ward.clock.advance(timedelta(minutes=1))
    await hand.do("hours", **{**HOURS, "slots-capecitabine-1": "09:30"})
    page = (await hand.desk.get(hand.page)).text
    older = page.split('name="change" value="')[-1].partition('"')[0]

    refused = await hand.do("undo", change=older, form=f"undo-{older}")

    assert problems(refused) == ["It was changed again since."]
    assert (await hand.do("undo", change="0" * 32)).status == 404


async def test_an_hour_that_comes_twice_is_named(web_alone: Web):
    """Kazakhstan put its clocks back at midnight on 1 March 2024: 23:30 came twice on 29 February."""
    ward = web_alone.ward
    ward.clock.turn_to(NOON.replace(year=2024, month=2, day=20))
    hand = await at_hand(web_alone, Enrolment("colorectal-surveillance", {"surgery-date": "2023-11-29"}, {}))
    await hand.do("travel", on=hand.care, zone="Asia/Almaty", sure="yes")
    visit = {"activity": "visit-cea-y1-2", "due": "2024-02-29", "day": "2024-02-29", "hour": "23:30"}

    page = await hand.then(await hand.do("book", **visit))

    assert "shows this hour twice" in page


async def test_a_change_while_the_reminder_is_on_the_wire_leaves_that_dose_at_the_hour_that_was_told(web_alone: Web):
    ward = web_alone.ward
    hand = await at_hand(web_alone, LUNG)
    ward.clock.advance(timedelta(minutes=30))
    sent = [each for each in await ward.all(Message) if each.kind == "medicine" and each.due_at == ward.clock.now()]
    await ward.change(Message, sent[0].id, state="intent")
    await hand.sign_in_again()

    page = await hand.then(await hand.do("hours", **{"slots-tki-1": "13:00", "why": "the doctor agrees"}))

    assert ("tomorrow" in what_is_done(page), "today" in what_is_done(page)) == (True, False)


async def test_a_plan_nobody_can_read_opens_and_says_so(web_alone: Web, hand: Hand):
    await web_alone.ward.change(CarePlan, hand.plan.id, template="gone")

    page = await hand.desk.get(hand.page)

    assert (page.status, "Call the technician" in page.text) == (200, True)
    refused = await hand.do("adjust", **{"own-tki-on_days": "1"})
    assert refused.status in (303, 422)


async def test_every_page_of_a_plan_is_there_in_each_staff_language(web_alone: Web, hand: Hand):
    for language, direction in {"zh": "ltr", "ug": "rtl", "kk": "ltr", "en": "ltr"}.items():
        for address in (hand.page, hand.care, f"/console/patients/{hand.gul.id}/plan?comfort=yes"):
            page = await hand.desk.get(f"{address}{'&' if '?' in address else '?'}lang={language}")
            assert (page.status, f'lang="{language}" dir="{direction}"' in page.text) == (200, True)


async def test_reading_a_plan_is_noted(web_alone: Web, hand: Hand):
    await hand.desk.get(hand.page)

    read = [(each.patient_id, each.staff_id) for each in await web_alone.ward.all(Audit) if each.action == "plan.read"]
    assert read == [(hand.gul.id, web_alone.ward.nurse_id)]
