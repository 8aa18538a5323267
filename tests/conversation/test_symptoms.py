"""A symptom is told: how bad is it, and what follows; and numbers that may be a temperature."""

import pytest

from tests.conversation.conftest import Meet
from tests.conversation.talk import acts, payloads

DIARRHOEA = "今天拉了两次稀"
MILD = {"zh-Hans": "不严重，能忍", "ug-Arab": "ئېغىر ئەمەس", "kk-Cyrl": "ауыр емес"}
TROUBLING = {"zh-Hans": "挺难受的", "ug-Arab": "قىيىنلىۋاتىمەن", "kk-Cyrl": "қиналып тұрмын"}
SEVERE = {"zh-Hans": "受不了了", "ug-Arab": "چىدىيالمايمەن", "kk-Cyrl": "шыдай алмаймын"}
FORMS = tuple(MILD)


@pytest.mark.parametrize("form", FORMS)
async def test_what_is_mild_gets_advice_and_no_alert(meet_alone: Meet, form: str):
    gul = await meet_alone(form)
    await gul.asked("severity", topic="diarrhea")

    replies = await gul.say(MILD[form])

    assert (acts(replies), replies[1].topic) == (["report_symptom", "show_topic"], "diarrhea")
    assert await gul.worklist() == []


@pytest.mark.parametrize("form", FORMS)
async def test_what_troubles_reaches_a_nurse_today_and_gets_advice_meanwhile(meet_alone: Meet, form: str):
    gul = await meet_alone(form)
    await gul.asked("severity", topic="diarrhea")

    replies = await gul.say(TROUBLING[form])

    assert (replies[0].text, replies[1].topic) == (gul.words("symptom-troubling"), "diarrhea")
    assert [(card.flag, card.tier) for card in await gul.worklist()] == [("symptom-troubling", "same-day")]


@pytest.mark.parametrize("form", FORMS)
async def test_what_cannot_be_borne_gets_the_emergency_number_first(meet_alone: Meet, form: str):
    gul = await meet_alone(form)
    await gul.asked("severity", topic="diarrhea")

    (reply,) = await gul.say(SEVERE[form])

    assert (reply.act, reply.text.splitlines()[0]) == ("alarm", gul.words("alarm-emergency"))
    first = (await gul.worklist())[0]  # in some languages the words are a red flag of their own, of a lower tier
    assert (first.flag, first.tier) == ("symptom-severe", "emergency")


async def test_the_buttons_say_the_same_as_words(meet: Meet):
    gul = await meet("zh-Hans")

    (question,) = await gul.say(DIARRHOEA)
    replies = await gul.press(payloads(question)[0])

    assert question.text == gul.words("symptom-how-bad")
    assert payloads(question) == ["bad:mild:diarrhea", "bad:troubling:diarrhea", "bad:severe:diarrhea", "nurse"]
    assert replies[1].topic == "diarrhea"


async def test_who_talks_of_something_else_is_not_held_to_the_question(meet: Meet):
    gul = await meet("zh-Hans")
    await gul.say(DIARRHOEA)

    (thanks,) = await gul.say("谢谢")
    (later,) = await gul.say("不严重")

    assert thanks.act == "thank"
    assert later.act != "show_topic"


async def test_a_number_we_asked_for_is_the_temperature(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await gul.asked("temperature")

    (alarm,) = await gul.say("38.5")

    assert alarm.text.startswith(gul.words("alarm-emergency"))
    assert [(card.flag, card.tier, card.source) for card in await gul.worklist()] == [
        ("rf-fever-on-treatment", "emergency", "answer")
    ]


@pytest.mark.parametrize(
    ("typed", "phrase", "flags"),
    [
        ("37.6", "temperature-warm", [("temperature-warm", "urgent-1h")]),
        ("36.6", "temperature-fine", []),
        ("36", "temperature-fine", []),
        ("35.9", "temperature-low", [("temperature-low", "same-day")]),
    ],
)
async def test_a_temperature_below_fever(meet_alone: Meet, typed: str, phrase: str, flags: list[tuple[str, str]]):
    gul = await meet_alone("zh-Hans")
    await gul.asked("temperature")

    replies = await gul.say(typed)

    assert replies[0].text == gul.words(phrase)
    assert [(card.flag, card.tier) for card in await gul.worklist()] == flags


@pytest.mark.parametrize("form", ["zh-Hans", "ug-Arab", "kk-Cyrl", "kk-Arab"])
@pytest.mark.parametrize("typed", ["38.5", "38,5", "٣٨٫٥"])
async def test_a_number_out_of_the_blue_is_asked_back(meet_alone: Meet, form: str, typed: str):
    gul = await meet_alone(form)

    (question,) = await gul.say(typed)

    assert (question.text, payloads(question)) == (gul.words("number-what", number="38.5"), ["degrees:38.5", "number", "nurse"])
    assert await gul.worklist() == []
    assert (await gul.press("degrees:38.5"))[0].text.startswith(gul.words("alarm-emergency"))


@pytest.mark.parametrize(("typed", "number"), [("38.5-39", "39"), ("37.9/38.5", "38.5"), ("38.5 39", "39"), ("38..5", "38")])
async def test_of_several_numbers_the_highest_that_may_be_a_temperature_is_asked_back(meet_alone: Meet, typed: str, number: str):
    gul = await meet_alone("zh-Hans")

    (question,) = await gul.say(typed)

    assert question.text == gul.words("number-what", number=number)


@pytest.mark.parametrize("typed", ["13800003800", "2026-11-30", "120/80"])
async def test_numbers_that_are_no_temperature_are_not_taken_for_one(meet_alone: Meet, typed: str):
    gul = await meet_alone("zh-Hans")

    (answer,) = await gul.say(typed)

    assert answer.text in (gul.words("text-only-pictures"), gul.words("number-other"))


@pytest.mark.parametrize(
    ("form", "typed"),
    [
        *(("zh-Hans", "不轻"), ("zh-Hans", "不算轻"), ("zh-Hans", "不是一点点")),
        *(("kk-Cyrl", "жақсы емес"), ("kk-Cyrl", "жеңіл емес"), ("ug-Arab", "ياخشى ئەمەس"), ("ug-Arab", "ئازراق ئەمەس")),
    ],
)
async def test_what_is_denied_to_be_mild_goes_to_a_nurse(meet_alone: Meet, form: str, typed: str):
    gul = await meet_alone(form)
    await gul.asked("severity", topic="nausea-vomiting")

    await gul.say(typed)

    assert [card.flag for card in await gul.worklist()] == ["symptom-troubling"]


async def test_a_number_no_body_has_is_not_taken_for_a_temperature(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")

    (answer,) = await gul.say("120")

    assert answer.text == gul.words("number-other")


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("我看不懂汉字，换成维吾尔语", "ug-Arab"),
        ("请用哈萨克语跟我说", "kk-Arab"),
        ("换成西里尔字母的哈语", "kk-Cyrl"),
    ],
)
async def test_the_language_named_in_a_sentence_is_taken_at_once(meet: Meet, typed: str, form: str):
    gul = await meet("zh-Hans")

    (answer,) = await gul.say(typed)

    assert (answer.form, (await gul.row()).form) == (form, form)


async def test_a_stranger_is_told_in_languages_many_read_and_may_choose(meet_alone: Meet):
    gul = await meet_alone("kk-Cyrl")

    (answer,) = await gul.say("Здравствуйте, у меня вопрос про лечение, вы можете помочь мне сегодня?")

    assert answer.text.startswith(gul.words("text-other-language"))
    assert "Uyghur, Kazakh and Chinese" in answer.text
    assert "Мы говорим" in answer.text
    assert payloads(answer)[:2] == ["form:ug-Arab", "form:ug-Latn"]
