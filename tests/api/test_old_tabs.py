"""Forms sent from a page that is no longer true, and days that cannot be: refused with a reason, nothing half-written."""

import pytest

from care.plans.enrol import enrol
from care.plans.tables import CarePlan
from tests.api.nurses_hand import FOLLOW_UP, Hand, at_hand, problems, what_is_done
from tests.api.test_care_page import COMFORT, add, send
from tests.api.test_plan_page import LUNG
from tests.web import Web

AGAIN = {"template": "colorectal-surveillance", "shown": "colorectal-surveillance", "anchor-surgery-date": "2026-09-03"}


async def living(web: Web) -> list[str]:
    return sorted(each.template for each in await web.ward.all(CarePlan) if each.ended_at is None)


def change_in(page: str) -> str:
    """The change that its page offers to take back."""
    return what_is_done(page).partition('name="change" value="')[2].partition('"')[0]


async def ended(hand: Hand, on: str = "") -> str:
    """The hand's plan, or another, ends.  Returns the change."""
    return change_in(await hand.then(await hand.do("end", on=on, sure="yes")))


async def newest(web: Web, template: str) -> str:
    """The page of a plan that was added."""
    [plan] = [each for each in await web.ward.all(CarePlan) if each.template == template]
    return f"/console/plans/{plan.id}"


# Taking back


async def test_an_end_is_not_taken_back_beside_the_same_plan_begun_anew(web_alone: Web) -> None:
    hand = await at_hand(web_alone, FOLLOW_UP)
    change = await ended(hand)
    await hand.then(await add(hand, **AGAIN))

    refused = await send(hand, "undo", change=change)

    assert (refused.status, len(problems(refused))) == (422, 1)
    assert await living(web_alone) == ["colorectal-surveillance"]


async def test_an_end_is_not_taken_back_for_whom_nothing_is_said_any_more(web_alone: Web) -> None:
    hand = await at_hand(web_alone, FOLLOW_UP)
    change = await ended(hand)
    await hand.then(await send(hand, "discharge", sure="yes"))

    refused = await send(hand, "undo", change=change)

    assert (refused.status, len(problems(refused))) == (422, 1)
    assert await living(web_alone) == []


async def test_a_plan_that_was_added_and_ended_is_not_taken_back(web_alone: Web) -> None:
    hand = await at_hand(web_alone, FOLLOW_UP)
    change = change_in(await hand.then(await add(hand)))
    await ended(hand, on=await newest(web_alone, "capecitabine-14-7"))

    refused = await send(hand, "undo", change=change)

    assert (refused.status, len(problems(refused))) == (422, 1)


async def test_a_transfer_is_taken_back_though_the_comfort_plan_has_ended_meanwhile(web_alone: Web) -> None:
    hand = await at_hand(web_alone)
    change = change_in(await hand.then(await add(hand, **COMFORT)))
    await ended(hand, on=await newest(web_alone, COMFORT["template"]))
    assert await living(web_alone) == []

    await hand.then(await send(hand, "undo", change=change))

    assert await living(web_alone) == ["capecitabine-14-7"]


# An old tab


@pytest.mark.parametrize("on_all", [False, True])
@pytest.mark.parametrize(("act", "fields"), [("pause", {"kind": "hold", "ask_on": "2026-12-08"}), ("resume", {})])
async def test_whoever_presses_again_in_an_old_tab_is_told_why(
    web_alone: Web, act: str, fields: dict[str, str], on_all: bool
) -> None:
    hand = await at_hand(web_alone)
    if act == "resume":
        await hand.then(await hand.do("pause", kind="hold", ask_on="2026-12-08"))
    await hand.then(await hand.do(act, **fields))

    refused = await hand.do(act, on=hand.care if on_all else "", **fields)

    assert (refused.status, len(problems(refused))) == (422, 1)
    assert "marked in red" not in refused.text


async def test_what_was_taken_back_already_is_told(web_alone: Web) -> None:
    hand = await at_hand(web_alone, FOLLOW_UP)
    change = await ended(hand)
    await hand.then(await hand.do("undo", change=change))

    refused = await hand.do("undo", change=change)

    assert (refused.status, len(problems(refused))) == (422, 1)


async def test_hours_on_another_clock_of_a_plan_that_has_ended_meanwhile(web_alone: Web) -> None:
    hand = await at_hand(web_alone, LUNG)
    await hand.then(await add(hand))
    page = await newest(web_alone, "capecitabine-14-7")
    first = f"first-{page.rpartition('/')[2]}-capecitabine"
    await ended(hand, on=page)

    given = {f"{first}-1": "10:00", f"{first}-2": "20:30", "until": "2026-12-03"}
    refused = await send(hand, "travel", zone="Asia/Almaty", sure="yes", **given)

    assert (refused.status, len(problems(refused))) == (422, 1)


# What cannot be


async def test_an_unreadable_hour_of_some_days_beside_a_second_medicine(web_alone: Web) -> None:
    hand = await at_hand(web_alone)
    async with web_alone.ward.database.work() as work:
        await enrol(work, web_alone.ward.library, hand.gul, LUNG, web_alone.ward.nurse_id)

    days = {"first": "2026-12-02", "last": "2026-12-03"}
    hours = {"slots-special-1": "8:00", "slots-special-2": "20:00"}
    refused = await hand.do("special", activity="capecitabine", **days, **hours)

    assert (refused.status, len(problems(refused))) == (422, 1)


@pytest.mark.parametrize(
    ("due", "day", "hour"),
    [
        ("2026-12-03", "0001-01-01", "02:00"),
        ("2026-12-03", "9999-12-31", "23:30"),
        ("9999-12-31", "2026-12-08", "10:30"),
        ("0001-01-01", "2026-12-08", "10:30"),
    ],
)
async def test_a_visit_in_a_year_that_cannot_be(web_alone: Web, due: str, day: str, hour: str) -> None:
    hand = await at_hand(web_alone, FOLLOW_UP)

    form = "book-visit-cea-y1-2-2026-12-03"
    refused = await hand.do("book", activity="visit-cea-y1-2", due=due, day=day, hour=hour, form=form)

    assert (refused.status, len(problems(refused))) == (422, 1)


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "2026-13", ""])
async def test_a_month_that_cannot_be_is_this_one(web_alone: Web, month: str) -> None:
    hand = await at_hand(web_alone)

    page = await hand.desk.get(f"/console/patients/{hand.gul.id}?month={month}")

    assert page.status == 200
