"""Danger is heard before the assistant and without it, and stays first afterwards."""

from datetime import timedelta

import pytest

from care.alarms.tables import Alert
from care.conversation.context import Heard
from care.kit.ids import new_id
from tests.conversation.conftest import Meet
from tests.conversation.talk import acts

FEVERS = {
    "zh-Hans": "我发烧38.6度",
    "ug-Arab": "قىزىتمام 38.6 گرادۇس",
    "ug-Latn": "qizitmam 38.6 gradus",
    "kk-Cyrl": "қызуым 38.6 градус",
    "kk-Arab": "قىزۋىم 38.6 گرادۋس",
}
RELATIVES = {
    "zh-Hans": "我妈妈发烧39度",
    "ug-Arab": "ئانامنىڭ قىزىتمىسى 39 گرادۇس",
    "ug-Latn": "anamning qizitmisi 39 gradus",
    "kk-Cyrl": "анамның қызуы 39 градус",
    "kk-Arab": "انامنىڭ قىزۋى 39 گرادۋس",
}


@pytest.mark.parametrize("form", FEVERS)
async def test_a_fever_reaches_the_nurse_while_the_assistant_is_down(meet_alone: Meet, form: str):
    gul = await meet_alone(form)

    (answer,) = await gul.say(FEVERS[form])

    assert answer.act == "alarm"
    assert answer.text.splitlines()[0] == gul.words("alarm-emergency")
    assert answer.text.splitlines()[-1] == gul.words("alarm-nurse-told")
    assert await gul.ward.nurse_sees() == [("Gul", "rf-fever-on-treatment")]
    assert await gul.ward.nurse_sees(gul.ward.other_clinic) == []


@pytest.mark.parametrize("form", RELATIVES)
async def test_a_relative_who_writes_for_the_patient_is_heard_the_same(meet_alone: Meet, form: str):
    gul = await meet_alone(form)

    assert acts(await gul.say(RELATIVES[form])) == ["alarm"]
    assert await gul.ward.nurse_sees() == [("Gul", "rf-fever-on-treatment")]


@pytest.mark.parametrize(
    "text",
    [
        "护士您好，我想问一下复诊的事。قىزىتمام 39 گرادۇس",
        "ياخشىمۇسىز سېسترا، تەكشۈرۈشنى سورىماقچىدىم. مېنىڭ 发烧 39",
        "Сәлеметсіз бе, тексеріс туралы сұрайын деп едім. 发烧39度",
        "我妈妈 qizitmisi 39 gradus 怎么办",
    ],
)
async def test_danger_told_in_a_second_language_within_one_message_is_heard(meet_alone: Meet, text: str):
    gul = await meet_alone("zh-Hans")

    assert acts(await gul.say(text)) == ["alarm"]


async def test_an_alarm_is_answered_without_asking_the_assistant(meet: Meet):
    gul = await meet("zh-Hans")

    (answer,) = await gul.say("我吃了药可是发烧39度，找护士")  # the assistant would hear a dose or a wish for a nurse

    assert answer.act == "alarm"
    assert await gul.ward.nurse_sees() == [("Gul", "rf-fever-on-treatment")]


async def test_after_an_alarm_every_answer_of_the_day_begins_with_the_number(meet: Meet):
    gul = await meet("zh-Hans")
    await gul.say("我发烧39度")

    typed, pressed = await gul.say("谢谢"), await gul.press("menu")
    gul.ward.clock.advance(timedelta(hours=25))
    tomorrow = await gul.say("谢谢")

    assert [reply.text for reply in typed] == [gul.words("alarm-still"), gul.words("thank")]
    assert [reply.text for reply in pressed] == [gul.words("alarm-still"), gul.words("menu")]
    assert [reply.text for reply in tomorrow] == [gul.words("thank")]


async def test_the_same_danger_again_counts_on_one_entry(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    key = new_id()

    await gul.say("我发烧39度", key=key)
    await gul.say("我发烧39度", key=key)
    await gul.say("还是发烧39度")

    (alert,) = await gul.ward.all(Alert)
    assert alert.times == 2


async def test_a_phone_that_lost_the_answer_to_an_alarm_gets_it_without_a_second_alert(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    heard = Heard(new_id(), text="我发烧39度")
    await gul.conversation._keep(gul.conversation._listen(gul.patient.id, heard, "zh-Hans"))  # and then the power fails

    (answer,) = await gul.hear(heard)

    (alert,) = await gul.ward.all(Alert)
    assert (answer.reply.act, alert.times) == ("alarm", 1)
    assert [line.said_by for line in await gul.ward.lines(gul.patient)] == ["patient", "karez"]


async def test_danger_at_the_end_of_a_very_long_message_is_heard_and_quoted(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")

    (answer,) = await gul.say("今天也没什么事，" * 1200 + "我发烧39度。")

    (card,) = await gul.worklist()
    assert (answer.act, card.flag) == ("alarm", "rf-fever-on-treatment")
    assert "39度" in card.evidence
    assert len(card.evidence) <= 4000


async def test_without_consent_the_nurse_is_told_of_the_danger_but_not_the_words(meet_alone: Meet):
    gul = await meet_alone("zh-Hans", consents=False)

    await gul.say("我发烧39度")
    await gul.press("nurse")
    await gul.say("Hello, can anybody read this English sentence?")

    cards = await gul.worklist()
    assert {card.flag for card in cards} == {"rf-fever-on-treatment", "ask-nurse", "other-language"}
    assert [card.evidence for card in cards] == ["", "", ""]
