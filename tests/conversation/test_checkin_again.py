"""Answers that come twice, late, in another order or beside other check-ins: no danger is hidden by what was said before."""

from datetime import timedelta

import pytest

from care.conversation.checkin_rows import said_in
from care.conversation.tables import CheckIn
from tests.conversation.checkin import Asked, asked, falls_due, treated
from tests.conversation.conftest import Meet
from tests.conversation.talk import acts

RIGORS = ("rf-rigors-unwell", "emergency")


async def value_of(asking: Asked, item: str) -> str | None:
    """What was kept of one question."""
    async with asking.gul.ward.database.look() as work:
        said = (await said_in(work, await work.session.get_one(CheckIn, asking.id))).get(item)
    return said.value if said else None


@pytest.mark.parametrize(
    ("form", "questionnaire", "item", "typed"),
    [
        ("zh-Hans", "q-chemo-nadir", "pi-fluids", "不能留住"),
        ("zh-Hans", "q-pain", "pi-sedation", "一直没醒"),
        ("zh-Hans", "q-swallow-nutrition", "pi-swallow", "没法咽"),
        ("zh-Hans", "q-chemo-weekly", "pi-numb", "没知觉"),
        ("zh-Hans", "q-chemo-weekly", "pi-breath", "没气"),
        ("zh-Hans", "q-distress", "pi-sad", "没有希望"),
        ("kk-Cyrl", "q-chemo-nadir", "pi-fluids", "тоқтап тұрмайды"),
        ("kk-Cyrl", "q-chemo-weekly", "pi-breath", "қалыпты емес"),
        ("ug-Arab", "q-chemo-weekly", "pi-breath", "نورمال ئەمەس"),
        ("ug-Arab", "q-distress", "pi-sad", "ئۈمىد يوق"),
    ],
)
async def test_what_only_holds_a_word_of_being_well_is_not_kept_as_that(
    meet: Meet, form: str, questionnaire: str, item: str, typed: str
):
    gul = await meet(form)
    asking = await asked(gul, questionnaire)
    await asking.reach(item)

    await gul.say(typed)

    assert await value_of(asking, item) not in ("0", "yes")


@pytest.mark.parametrize(
    ("form", "item", "typed", "kept"),
    [
        ("zh-Hans", "pi-chills", "没有，没有", "no"),
        ("zh-Hans", "pi-chills", "没有。", "no"),
        ("zh-Hans", "pi-mouth", "一点也不疼", "0"),
        ("kk-Cyrl", "pi-chills", "жоқ, болған жоқ", "no"),
        ("kk-Cyrl", "pi-chills", "болған емес", "no"),
        ("kk-Cyrl", "pi-chills", "солай емес", "no"),
        ("ug-Arab", "pi-chills", "ياق، تىترىمىدىم", "no"),
    ],
)
async def test_being_well_may_be_said_twice_in_one_breath(meet_alone: Meet, form: str, item: str, typed: str, kept: str):
    gul = await meet_alone(form)
    asking = await asked(gul, "q-chemo-nadir")
    await asking.reach(item)

    await gul.say(typed)

    assert await value_of(asking, item) == kept


async def test_the_same_danger_days_later_by_the_old_button_is_a_new_one(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-nadir")
    await asking.answer("pi-chills", "yes")
    await gul.settled()
    gul.ward.clock.advance(timedelta(days=3))

    again = await asking.answer("pi-chills", "yes")

    assert "alarm" in acts(again)
    assert RIGORS in await asking.alerts()


async def test_correcting_one_check_in_leaves_the_other_being_asked(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    pain = await asked(gul, "q-pain")
    well = {"pi-pain": 1, "pi-pain-relief": 0, "pi-sedation": 0, "pi-constipation": 0, "pi-nausea": 0, "pi-insomnia": 0}
    for item, value in (well | {"pi-confusion": "no"}).items():
        await pain.answer(item, value)
    nadir = await asked(gul, "q-chemo-nadir")
    await nadir.answer("pi-temp", "36.6")
    await pain.answer("pi-pain", 2)

    await gul.say("有")

    assert RIGORS in await nadir.alerts()


async def test_an_answer_counts_though_the_next_one_fell_due_in_the_middle_of_it(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    plan = await treated(gul, "chop-21-cycle")
    nadir = await asked(gul, "q-chemo-nadir")
    await nadir.answer("pi-temp", "36.6")
    gul.ward.clock.advance(timedelta(minutes=5))
    await falls_due(gul, plan, "q-chemo-nadir-1")
    await gul.ward.tick()

    await gul.say("有")

    assert RIGORS in await nadir.alerts()
    assert [row.ended for row in await gul.ward.all(CheckIn) if row.id == nadir.id] == ["over"]


async def test_an_answer_counts_though_the_week_ended_in_the_middle_of_it(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    nadir = await asked(gul, "q-chemo-nadir")
    gul.ward.clock.advance(timedelta(days=6, hours=23, minutes=58))
    await nadir.answer("pi-temp", "36.6")
    gul.ward.clock.advance(timedelta(minutes=3))
    await gul.ward.tick()

    await gul.say("有")

    assert RIGORS in await nadir.alerts()


async def test_an_amber_said_again_makes_a_red_with_a_new_one(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await (await asked(gul, "q-chemo-nadir")).answer("pi-line", "yes")
    gul.ward.clock.advance(timedelta(days=8))
    asking = await asked(gul, "q-chemo-nadir")
    await asking.answer("pi-line", "yes")
    await asking.answer("pi-fluids", "no")

    assert ("two-ambers", "emergency") in await asking.alerts()


async def test_who_is_warm_and_ill_is_told_once_not_with_every_further_complaint(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-weekly")
    await asking.answer("pi-temp", "37.6")

    first = await asking.answer("pi-nausea", 2)
    for item in ("pi-constipation", "pi-mouth"):
        await asking.answer(item, 2)

    assert "alarm" in acts(first)
    assert {card.flag: card.times for card in await gul.worklist()}["rf-rigors-unwell"] == 2  # warm; and warm with an illness


async def test_a_milder_answer_elsewhere_does_not_hide_what_made_it_urgent(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await (await asked(gul, "q-chemo-weekly")).answer("pi-nausea", 4)
    await (await asked(gul, "q-pain")).answer("pi-pain", 4)

    (card,) = await gul.worklist()

    assert (card.tier, "pi-nausea=4" in card.evidence) == ("urgent-1h", True)


async def test_a_weight_counts_for_the_whole_of_its_day(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await (await asked(gul, "q-colorectal")).answer("pi-weight", "50")
    gul.ward.clock.advance(timedelta(days=7, minutes=5))
    asking = await asked(gul, "q-liver")

    await asking.answer("pi-weight", "48.5")

    assert await asking.alerts() == {("check-in", "next-working-day")}


async def test_a_word_that_may_be_about_a_dose_answers_no_dose_while_a_question_stands(meet: Meet):
    gul = await meet("zh-Hans")
    await gul.ward.enrolled(gul.patient)
    await gul.reminded()
    asking = await asked(gul, "q-egfr")
    await asking.reach("pi-eye")

    await gul.say("没法看")

    assert await gul.answers() == [None]


async def test_the_words_for_a_dose_are_heard_while_a_question_stands(meet: Meet):
    gul = await meet("zh-Hans")
    await gul.ward.enrolled(gul.patient)
    await gul.reminded()
    await asked(gul, "q-egfr")

    await gul.say("药吃了")

    assert await gul.answers() == ["taken"]
