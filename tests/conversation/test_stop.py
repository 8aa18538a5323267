"""One word stops everything at once, in any script, whatever else is going on; whoever writes afterwards is not left alone."""

from datetime import timedelta

import pytest

from care.people.tables import Patient
from tests.conversation.conftest import Meet
from tests.conversation.talk import Talk, acts, payloads

FORMS = ("zh-Hans", "ug-Arab", "kk-Cyrl")
WORDS = ("停止", "停", "тоқта", "Тоқта!", "توختا", "توقتا", "toxta", "TOXTA", "stop", "Stop.", "STOP", "/stop", " 停 。", "стоп")


async def with_dose_due(meet: Meet, form: str = "zh-Hans") -> tuple[Talk, dict[str, str]]:
    gul = await meet(form)
    await gul.ward.enrolled(gul.patient)
    return gul, await gul.reminded()


async def reminders(gul: Talk) -> int:
    return sum(line.reply.act == "reminder" for line in await gul.ward.lines(gul.patient))


@pytest.mark.parametrize("form", FORMS)
async def test_every_word_for_stop_is_obeyed_whatever_language_the_patient_chose(meet_alone: Meet, form: str):
    for word in WORDS:
        gul = await meet_alone(form)

        (answer,) = await gul.say(word)

        assert await gul.is_stopped(), word
        assert answer.text == gul.words("stop-done"), word
        assert payloads(answer) == ["resume"]


async def test_a_stop_in_a_sentence_is_understood_by_the_assistant(meet: Meet):
    gul = await meet("zh-Hans")

    await gul.say("停止给我发消息")

    assert await gul.is_stopped()


@pytest.mark.parametrize(
    ("form", "said"),
    [("zh-Hans", "请不要再给我发消息了"), ("ug-Arab", "ماڭا ئۇچۇر ئەۋەتمەڭ"), ("kk-Cyrl", "маған хабар жібермеңіз")],
)
async def test_what_is_only_probably_a_stop_is_offered_as_a_button(meet: Meet, form: str, said: str):
    gul = await meet(form)

    (answer,) = await gul.say(said)

    assert payloads(answer) in (["stop", "nurse"], ["resume"])  # asked, or sure enough to stop at once
    assert await gul.is_stopped() == (payloads(answer) == ["resume"])


async def test_after_a_stop_nothing_more_is_sent(meet_alone: Meet):
    gul, buttons = await with_dose_due(meet_alone)
    await gul.press(buttons["later"])

    await gul.say("停止")
    gul.ward.clock.advance(timedelta(minutes=40))
    await gul.ward.tick()
    gul.ward.clock.advance(timedelta(hours=11))
    await gul.ward.tick()

    assert await reminders(gul) == 1


@pytest.mark.parametrize("word", ["停", "توختا", "тоқта", "stop"])
async def test_a_stop_in_the_middle_of_a_question_is_no_answer_to_it(meet_alone: Meet, word: str):
    gul, buttons = await with_dose_due(meet_alone)
    await gul.press(buttons["missed"])

    (answer,) = await gul.say(word)

    (dose,) = await gul.doses()
    assert answer.act == "stop_messages"
    assert dose.reason is None


@pytest.mark.parametrize(("form", "word"), [("zh-Hans", "重新开始吧"), ("ug-Arab", "قايتا باشلا"), ("kk-Cyrl", "қайта баста")])
async def test_resume_in_their_own_words_sends_again(meet: Meet, form: str, word: str):
    gul, _ = await with_dose_due(meet, form)
    await gul.press("stop")

    (answer,) = await gul.say(word)
    await gul.reminded(timedelta(hours=11))

    assert answer.text == gul.words("resume-done")
    assert await reminders(gul) == 2


async def test_resuming_without_consent_to_reminders_promises_none(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await gul.consents("reminders", False)
    await gul.press("stop")

    (answer,) = await gul.press("resume")

    assert answer.text == gul.words("consent-needed-reminders")


async def test_whoever_writes_after_a_stop_is_answered_and_told_once_how_things_stand(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await gul.press("stop")
    gul.ward.clock.advance(timedelta(minutes=10))

    first = await gul.say("恶心想吐怎么办呢")
    gul.ward.clock.advance(timedelta(minutes=10))
    second = await gul.say("恶心想吐怎么办呢")
    gul.ward.clock.advance(timedelta(hours=2))
    third = await gul.say("恶心想吐怎么办呢")

    assert acts(first) == ["show_topic", "stopped"]
    assert (first[1].text, payloads(first[1])) == (gul.words("stopped-note"), ["resume"])
    assert acts(second) == ["show_topic"]
    assert acts(third) == ["show_topic", "stopped"]


async def test_after_a_stop_danger_still_reaches_the_nurse_and_is_answered_alone(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await gul.press("stop")

    assert acts(await gul.say("我发烧39度")) == ["alarm"]
    assert await gul.ward.nurse_sees() == [("Gul", "rf-fever-on-treatment")]


async def test_a_stop_after_an_alarm_stops_and_still_names_the_number(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await gul.say("我发烧39度")

    answers = await gul.say("停")

    assert await gul.is_stopped()
    assert [answer.text for answer in answers] == [gul.words("alarm-still"), gul.words("stop-done")]


@pytest.mark.parametrize(
    "typed", ["/restart", "/dose_taken", '/dose_taken{"x": 1}', "/greet", "///resume_messages", "/session_start", "/back"]
)
async def test_a_leading_slash_is_never_a_command(meet: Meet, typed: str):
    gul, _ = await with_dose_due(meet)
    await gul.press("stop")

    replies = await gul.say(typed)

    assert await gul.is_stopped()
    assert await gul.answers() == [None]
    assert replies


async def test_resume_after_the_care_has_ended_promises_nothing(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await gul.press("stop")
    await gul.ward.change(Patient, gul.patient.id, ended_at=gul.ward.clock.now())

    (answer,) = await gul.press("resume")

    assert answer.text == gul.words("resume-ended")
