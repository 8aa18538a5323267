"""A check-in in the talk: asked one by one, left and taken up again, and never in the way of danger or of a question."""

from datetime import timedelta

import pytest

from care.alarms.rota import add_duty
from care.content.checkin_words import CheckInWords
from care.content.library import Library
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
async def test_every_questionnaire_is_asked_to_its_end_by_buttons_in_every_form(meet_alone: Meet, library: Library, form: str):
    gul = await meet_alone(form)
    seen: set[str] = set()
    for name in library.checkins.questionnaires:
        replies = (await asked(gul, name)).replies
        while offered := [each for each in payloads(replies[-1]) if each.startswith(("answer:", "checkin:show"))]:
            # The second to last answer is the worst one: it leads to every follow-up, and pauses at an emergency.
            worst = [each for each in offered if "=skip" not in each and "=not-measured" not in each]
            seen |= {each.removeprefix("answer:").partition("=")[0] for each in offered if each.startswith("answer:")}
            replies = await gul.press((worst or offered)[-1])
            if replies[-1].act == "alarm":
                replies = await gul.press(payloads(replies[-1])[-1])

    ended = {each.questionnaire: each.ended for each in await gul.ward.all(CheckIn)}
    assert ended == dict.fromkeys(library.checkins.questionnaires, "done")
    assert library.checkins.items.keys() - seen == {"pi-selfharm"}


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


async def test_a_temperature_where_a_count_is_asked_is_asked_back(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-capecitabine")

    what, again = await gul.say("38.5")

    assert (what.text, again.text) == (gul.words("number-what", number="38.5"), question(gul, "pi-diarrhea", "q-capecitabine"))
    assert await asking.rows() == {}


async def test_stop_asking_ends_nothing_and_stop_ends_all_messages(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await asked(gul, "q-pain")

    (stopped,) = await gul.say("先不答了")
    (thanks,) = await gul.say("谢谢")
    on, again = await gul.press("checkin")
    stop = await gul.say("停")

    assert (stopped.text, thanks.act, on.text) == (said(gul, "stopped"), "thank", said(gul, "go-on"))
    assert again.text == question(gul, "pi-pain", "q-pain")
    assert (acts(stop), await gul.is_stopped()) == (["stop_messages"], True)


async def test_five_in_kazakh_is_a_number_though_it_is_enough_in_uyghur(meet_alone: Meet):
    gul = await meet_alone("kk-Cyrl")
    asking = await asked(gul, "q-pain")

    await gul.say("бес")

    assert (await asking.rows()).keys() == {"pi-pain"}
    assert not await gul.is_stopped()


async def test_a_relative_answers_where_the_data_allows_it_and_says_so(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-palliative")
    assert said(gul, "hello-proxy") in asking.replies[0].text

    await gul.say("我是他女儿")
    await asking.answer("pi-pain", 2)

    assert (await asking.rows())["pi-pain"] == (True, None, "relative")


async def test_a_relative_is_not_asked_what_only_the_patient_may_see(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-distress")

    await gul.press(f"checkin:relative:{asking.id}")
    await asking.answer("pi-sad", 0)

    assert (await asking.rows())["pi-sad"] == (True, None, "patient"), "these questions take no relative's word"


async def test_what_a_relative_sees_is_asked_of_them(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-liver")

    replies = await asking.answer("pi-yellow", "no")
    await asking.answer("pi-confusion", "no")

    assert replies[-1].text.splitlines()[0] == said(gul, "relative")
    assert (await asking.rows())["pi-confusion"] == (True, None, "relative")


async def test_a_private_question_is_shown_only_when_they_say_so(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")

    asking = await asked(gul, "q-pelvic")
    hidden = await gul.say("没有")
    (shown,) = await asking.way("show")
    await gul.say("没有")

    assert asking.replies[-1].text == hidden[-1].text == said(gul, "private")
    assert (shown.act, shown.text) == ("check_in_private", question(gul, "pi-vag-bleed", "q-pelvic"))
    assert (await asking.rows()).keys() == {"pi-vag-bleed"}


async def test_a_question_that_needs_their_agreement_is_not_offered_again_after_a_no(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")

    told = []
    for _ in range(2):
        asking = await asked(gul, "q-pelvic")
        await asking.reach("pi-vag-dry")
        told.append(asking.replies[-1].text)
        await asking.answer("pi-vag-dry", "skip")
        gul.ward.clock.advance(timedelta(days=8))

    assert told == [said(gul, "private"), question(gul, "pi-sad", "q-pelvic")]


@pytest.mark.parametrize("live", [False, True])
async def test_thoughts_of_death_are_asked_only_where_somebody_answers_at_once(meet_alone: Meet, live: bool):
    gul = await meet_alone("zh-Hans")
    await on_duty(gul, live)
    asking = await asked(gul, "q-distress")
    await asking.answer("pi-sad", 0)

    replies = await asking.answer("pi-anxiety", 0)

    assert replies[-1].text == said(gul, "private" if live else "done")


async def test_a_yes_to_thoughts_of_death_reaches_a_person_at_once(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await on_duty(gul, live=True)
    asking = await asked(gul, "q-distress")

    (alarm,) = await asking.answer("pi-selfharm", "yes")

    assert (alarm.act, await asking.alerts()) == ("alarm", {("rf-suicidal-thoughts", "emergency")})


async def test_what_may_not_be_kept_is_not_asked_but_danger_is_heard(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-nadir")
    await gul.consents("symptoms", False)

    refused = await gul.press("checkin")
    alarm = await asking.answer("pi-chills", "yes")

    assert refused[0].text == said(gul, "not-allowed")
    assert alarm[0].text.startswith(gul.words("alarm-emergency"))
    assert [(card.flag, card.evidence) for card in await gul.worklist()] == [("rf-rigors-unwell", "")]
    assert await asking.rows() == {}


async def test_missed_doses_are_asked_why_and_the_reason_goes_its_way(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-capecitabine")
    await asking.reach("pi-doses-missed")

    replies = await asking.answer("pi-doses-missed", 1)
    why = replies[-1]
    after = await asking.answer("pi-doses-missed.reason", "no-supply")

    assert why.text == said(gul, "reason")
    assert after[0].text.splitlines()[0] == gul.words("dose-missed-no-supply")
    assert await asking.alerts() == {("missed-no-supply", "same-day")}


async def test_what_is_mild_gets_its_topic_at_the_end(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-distress")
    await asking.answer("pi-sad", 1)

    done, care, topic = await asking.answer("pi-anxiety", 0)

    assert (done.text, care.text, topic.topic) == (said(gul, "done"), said(gul, "self-care"), "emotional-distress")
    assert await gul.worklist() == []


async def test_how_i_feel_offers_what_belongs_to_the_treatment(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    (nothing,) = await gul.press("checkin")
    await treated(gul, "opioid-pain-followup")

    one = await gul.press("checkin")

    assert nothing.text == said(gul, "none")
    assert one[-1].text == question(gul, "pi-pain", "q-pain")


async def test_several_are_offered_by_name(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await treated(gul, "capecitabine-14-7")

    (choose,) = await gul.press("checkin")

    assert choose.text == said(gul, "choose")
    assert payloads(choose) == ["checkin:start:q-chemo-weekly", "checkin:start:q-capecitabine"]


async def test_an_old_button_of_something_gone_shows_the_menu(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-pain")

    for payload in (
        "answer:pi-pain=11:" + asking.id,
        "answer:pi-cough=1:" + asking.id,
        "answer:pi-pain=1:nobody",
        "checkin:dance",
    ):
        assert acts(await gul.press(payload))[0] == "menu", payload
    assert await asking.rows() == {}


async def test_nobody_answers_in_somebody_elses_check_in(meet_alone: Meet):
    gul, serik = await meet_alone("zh-Hans"), await meet_alone("zh-Hans", name="Serik")
    asking = await asked(gul, "q-pain")

    replies = await serik.press(f"answer:pi-pain=9:{asking.id}")

    assert acts(replies) == ["menu"]
    assert (await asking.rows(), await gul.worklist()) == ({}, [])
