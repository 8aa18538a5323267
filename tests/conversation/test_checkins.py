"""A check-in in the talk: asked one by one, left and taken up again, and never in the way of danger or of a question."""

from datetime import timedelta

import pytest

from care.alarms.rota import add_duty
from care.content.checkin_words import CheckInWords
from care.content.library import Library
from care.conversation.checkin_steps import Audience, Said, steps
from care.conversation.tables import CheckIn
from care.people.tables import Clinic
from tests.conversation.checkin import asked, treated
from tests.conversation.conftest import Meet
from tests.conversation.talk import Talk, acts, payloads

FORMS = ["zh-Hans", "ug-Arab", "ug-Latn", "kk-Cyrl", "kk-Arab"]


def said(gul: Talk, key: str, **names: str) -> str:
    """A reply of content/checkins/replies.yml in this patient's form."""
    return CheckInWords(gul.ward.library, gul.patient.form).reply(key, **names).text


def question(gul: Talk, item: str, questionnaire: str) -> str:
    checkins = gul.ward.library.checkins
    words = CheckInWords(gul.ward.library, gul.patient.form)
    return words.ask(checkins.items[item], checkins.questionnaires[questionnaire]).text


async def on_duty(gul: Talk, live: bool = False) -> None:
    """Their nurse is on the rota day and night; `live`: she can answer at once."""
    async with gul.ward.database.work() as work:
        await add_duty(work, gul.ward.clinic.id, gul.ward.nurse_id, 0, 0)
    await gul.ward.change(Clinic, gul.ward.clinic.id, live_response=live)


@pytest.mark.parametrize("form", FORMS)
async def test_every_questionnaire_is_asked_to_its_end_by_buttons(meet_alone: Meet, library: Library, form: str):
    gul = await meet_alone(form)
    mine = list(library.checkins.questionnaires)[FORMS.index(form) :: len(FORMS)]
    for name in mine:
        replies = (await asked(gul, name)).replies
        while offered := [each for each in payloads(replies[-1]) if each.startswith(("answer:", "checkin:show"))]:
            # The worst answer of each: it leads to every follow-up, and pauses at an emergency.
            replies = await gul.press([each for each in offered if not each.endswith(("skip", "measured"))][-1])
            if replies[-1].act == "alarm":
                replies = await gul.press(payloads(replies[-1])[-1])

    ended = {each.questionnaire: each.ended for each in await gul.ward.all(CheckIn)}
    assert ended == dict.fromkeys(mine, "done")


def test_the_worst_answers_lead_to_every_question_but_the_one_that_needs_somebody(library: Library):
    items, led_to = library.checkins.items, set()
    worst = {name: Said(str(int(item.limits[1])) if item.limits else "no") for name, item in items.items()}
    for each in library.checkins.questionnaires.values():
        led_to |= {step.item.id for step in steps(library.checkins, each, worst, Audience())}

    assert items.keys() - led_to == {"pi-selfharm"}


async def test_one_question_at_a_time_with_a_way_out(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")

    hello, first = (await asked(gul, "q-pain")).replies
    noted, second = await gul.press(payloads(first)[2])

    title = CheckInWords(gul.ward.library, "zh-Hans").title(gul.ward.library.checkins.questionnaires["q-pain"]).text
    assert hello.text.splitlines() == [
        said(gul, "nobody-on-duty", emergency_number="120"),
        said(gul, "hello", title=title, count="7"),
    ]
    assert first.text == question(gul, "pi-pain", "q-pain")
    assert [payload.split(":")[1] for payload in payloads(first)] == [
        *(f"pi-pain={number}" for number in range(11)),
        *("pi-pain=skip", "stop"),
    ]
    assert (noted.text, second.text) == (said(gul, "noted"), question(gul, "pi-pain-relief", "q-pain"))


async def test_nobody_is_promised_a_reader_who_is_not_there(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await on_duty(gul)

    hello, _ = (await asked(gul, "q-pain")).replies

    assert said(gul, "nobody-on-duty", emergency_number="120") not in hello.text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("zh-Hans", ["2", "3次", "能留住", "有点疼", "不厉害", "37.2", "三分", "没劲", "2", "忘了", "没有"]),
        (
            "ug-Arab",
            ["2", "ئۈچ قېتىم", "قۇسمىدىم", "ئازراق", "بەك ئەمەس", "37.2", "ئۈچ", "ھارمىدىم", "2", "ئۇنتۇپ قالدىم", "ياق"],
        ),
        (
            "kk-Cyrl",
            ["2", "үш рет", "тоқтайды", "аздап", "қатты емес", "37,2", "үш балл", "күшім жоқ", "екі рет", "ұмытып кеттім", "жоқ"],
        ),
    ],
)
async def test_words_and_numbers_answer_as_buttons_do(meet_alone: Meet, form: str, words: list[str]):
    gul = await meet_alone(form)
    asking = await asked(gul, "q-capecitabine")

    for each in words:
        replies = await gul.say(each)
        assert all(reply.act != "assistant_down" for reply in replies), (each, replies)

    rows = await asking.rows()
    asked_in_order = ["pi-diarrhea", "pi-vomit", "pi-fluids", "pi-mouth", "pi-handfoot", "pi-temp", "pi-pain", "pi-fatigue"]
    assert list(rows) == [*asked_in_order, "pi-doses-missed", "pi-doses-missed.reason", "pi-extra-dose"]
    assert all(has_value for has_value, _, _ in rows.values())


async def test_it_goes_on_after_days_exactly_where_it_stood(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-pain")
    await asking.answer("pi-pain", 3)
    gul.ward.clock.advance(timedelta(days=3))

    on, again = await gul.say("说说我的感觉")

    assert (on.text, again.text) == (said(gul, "go-on"), question(gul, "pi-pain-relief", "q-pain"))
    assert len(await gul.ward.all(CheckIn)) == 1


async def test_a_word_of_days_later_is_no_answer_to_what_was_asked_then(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-nadir")
    await asking.answer("pi-temp", "not-measured")
    gul.ward.clock.advance(timedelta(days=1))

    await gul.say("没有")

    assert (await asking.rows()).keys() == {"pi-temp"}


async def test_after_a_week_it_is_another_time_and_begins_anew(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    first = await asked(gul, "q-pain")
    await first.answer("pi-pain", 3)
    gul.ward.clock.advance(timedelta(days=8))

    replies = await first.answer("pi-pain-relief", 1)  # the old button says how they are now

    assert (await first.rows()).keys() == {"pi-pain"}
    assert sorted(each.begun_at is not None for each in await gul.ward.all(CheckIn)) == [True, True]
    assert replies[-1].text == question(gul, "pi-pain", "q-pain")


async def test_a_question_in_between_is_answered_and_the_item_asked_again(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-weekly")
    await asking.answer("pi-temp", "not-measured")

    topic, again = await gul.say(gul.ward.library.languages["zh"].topics["nausea-vomiting"].values["questions"][0])
    menu, once_more = await gul.press("menu")

    assert (topic.topic, menu.act) == ("nausea-vomiting", "menu")
    assert again.text == once_more.text == question(gul, "pi-nausea", "q-chemo-weekly")
    assert (await asking.rows()).keys() == {"pi-temp"}


async def test_another_question_of_ours_comes_first_and_then_the_item_again(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await gul.ward.enrolled(gul.patient)
    doses = await gul.reminded()
    await asked(gul, "q-chemo-weekly")

    reason = await gul.press(doses["missed"])
    thanks, again = await gul.say("忘了")

    assert acts(reason) == ["dose_missed"]
    assert (thanks.act, again.text) == ("dose_missed", question(gul, "pi-temp", "q-chemo-weekly"))


async def test_danger_in_free_text_is_heard_first_and_stops_the_questions(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-weekly")

    (alarm,) = await gul.say("我吐血了")
    still, on, again = await gul.press(payloads(alarm)[-1])

    assert alarm.text.startswith(gul.words("alarm-emergency"))
    assert ("rf-vomiting-blood-black-stool", "emergency") in await asking.alerts()
    assert (still.text, on.text) == (gul.words("alarm-still"), said(gul, "go-on"))
    assert again.text == question(gul, "pi-temp", "q-chemo-weekly")


async def test_an_amber_flag_is_answered_and_the_item_asked_again(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await asked(gul, "q-chemo-weekly")

    alarm, again = await gul.say("药吃完了没有了")

    assert (alarm.act, again.text) == ("alarm", question(gul, "pi-temp", "q-chemo-weekly"))


async def test_words_that_are_an_alarm_and_the_answer_are_both(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-nadir")

    replies = await gul.say("39度")

    assert acts(replies) == ["alarm"]
    assert [(card.flag, card.times) for card in await gul.worklist()] == [("rf-fever-on-treatment", 1)]
    assert (await asking.rows())["pi-temp"] == (True, None, "patient")


async def test_an_emergency_answer_says_the_number_first_and_asks_nothing_more_by_itself(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-nadir")
    await asking.answer("pi-temp", "not-measured")

    (alarm,) = await asking.answer("pi-chills", "yes")
    (card,) = await gul.worklist()

    assert (alarm.act, alarm.text.splitlines()[0]) == ("alarm", gul.words("alarm-emergency"))
    assert payloads(alarm) == ["nurse", f"checkin:go-on:{asking.id}"]
    assert (card.flag, card.tier, card.source, card.evidence) == ("rf-rigors-unwell", "emergency", "check-in", "pi-chills=yes")


async def test_the_reply_is_that_of_the_tier_where_it_is_not_the_flags(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-nadir")

    told, again, next_one = await asking.answer("pi-temp", "37.6")

    assert told.text == said(gul, "urgent-1h", emergency_number="120")
    assert (again.text, next_one.text) == (said(gul, "measure-again"), question(gul, "pi-chills", "q-chemo-nadir"))
    assert await asking.alerts() == {("rf-rigors-unwell", "urgent-1h")}


async def test_one_flag_that_grows_worse_is_one_alert_that_grows_more_urgent(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-weekly")
    await asking.answer("pi-temp", "37.6")
    (before,) = await gul.worklist()

    await asking.answer("pi-nausea", 2)
    worst = (await gul.worklist())[0]

    assert (before.id, before.tier) == (worst.id, "urgent-1h")
    assert (worst.tier, worst.evidence) == ("emergency", "pi-temp=37.6 pi-nausea=2")
    assert worst.answer_by < before.answer_by


@pytest.mark.parametrize(("plan", "is_said"), [("capecitabine-14-7", True), ("opioid-pain-followup", False)])
async def test_advice_before_the_next_tablet_is_for_who_takes_it(meet_alone: Meet, plan: str, is_said: bool):
    gul = await meet_alone("zh-Hans")
    await treated(gul, plan)
    asking = await asked(gul, "q-capecitabine")

    replies = await asking.answer("pi-handfoot", 4)

    assert (said(gul, "before-next-dose") in [each.text for each in replies]) == is_said


async def test_a_level_they_were_told_of_is_not_said_again_for_each_answer(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-weekly")

    told = [[each.text for each in await asking.answer(item, value)] for item, value in (("pi-nausea", 3), ("pi-mouth", 3))]

    today = said(gul, "same-day", emergency_number="120")
    assert [today in each for each in told] == [True, False]
    assert [(card.flag, card.times, card.evidence) for card in await gul.worklist()] == [
        ("check-in", 2, "pi-mouth=3 pi-nausea=3")
    ]


async def test_what_is_left_open_is_no_answer_and_sets_nothing_off(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-nadir")

    await gul.say("没有体温表")
    skipped, _ = await gul.say("不知道")

    assert skipped.text == said(gul, "skipped")
    assert await asking.rows() == {"pi-temp": (False, "not-measured", "patient"), "pi-chills": (False, "skip", "patient")}
    assert await gul.worklist() == []


@pytest.mark.parametrize("typed", ["55", "3", "130斤"])
async def test_a_number_nobody_can_have_is_never_bent(meet_alone: Meet, typed: str):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-nadir")

    replies = await gul.say(typed)

    assert replies[-1].text == question(gul, "pi-temp", "q-chemo-nadir")
    assert await asking.rows() == {}


async def test_a_number_that_is_far_too_long_is_told_back_as_it_was_written(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await asked(gul, "q-pain")

    odd, *_ = await gul.say("8" * 50)

    assert "8" * 50 in odd.text


async def test_a_temperature_where_a_count_is_asked_is_asked_back(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-capecitabine")

    what, again = await gul.say("38.5")

    assert (what.text, again.text) == (gul.words("number-what", number="38.5"), question(gul, "pi-diarrhea", "q-capecitabine"))
    assert await asking.rows() == {}
