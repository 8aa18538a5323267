"""Questions: the topic when it is sure, a choice when it is not, a nurse when nobody understands."""

import pytest

from tests.conversation.conftest import Meet
from tests.conversation.talk import payloads

NAUSEA = {
    "zh-Hans": "我妈妈恶心想吐怎么办",
    "ug-Arab": "ئانامنىڭ كۆڭلى ئېلىشىۋاتىدۇ قانداق قىلاي",
    "ug-Latn": "anamning kongli elishiwatidu qandaq qilay",
    "kk-Cyrl": "анамның жүрегі айниды не істеймін",
    "kk-Arab": "انامنىڭ جۇرەگى اينيدى نە ىستەيمىن",
}
NURSE = {
    "zh-Hans": "我想和护士说话",
    "ug-Arab": "سېسترا بىلەن سۆزلەشسەم بولامدۇ",
    "kk-Cyrl": "медбикемен сөйлесейін",
    "kk-Arab": "مەدبيكەمەن سويلەسكىم كەلەدى",
}
ADVICE = {
    "zh-Hans": "我能不能把药减半",
    "ug-Arab": "دورىنى توختاتسام بولامدۇ",
    "kk-Cyrl": "дәріні тоқтатсам бола ма",
}
NONSENSE = {"zh-Hans": "嗡嗡嗡", "ug-Arab": "دۇڭ دۇڭ", "kk-Cyrl": "дүңк дүңк"}


@pytest.mark.parametrize("form", NAUSEA)
async def test_a_relatives_question_gets_the_whole_topic_in_the_patients_form(meet: Meet, form: str):
    gul = await meet(form)

    answer = (await gul.say(NAUSEA[form]))[-1]

    topic = gul.ward.library.topic(form, "nausea-vomiting")
    assert (answer.topic, answer.form) == ("nausea-vomiting", form)
    assert answer.text.startswith(topic.title.text)
    assert "120" in answer.text
    assert "$" not in answer.text + answer.spoken
    assert payloads(answer) == ["nurse", "menu"]


async def test_an_unsure_question_offers_three_topics_and_a_nurse(meet: Meet):
    gul = await meet("zh-Hans")

    (choice,) = await gul.say("它会怎么样")
    (topic,) = await gul.press(payloads(choice)[1])

    assert (choice.act, choice.text) == ("choose_topic", gul.words("topic-choose"))
    assert [payload.split(":")[0] for payload in payloads(choice)] == ["topic"] * 3 + ["nurse"]
    assert f"topic:{topic.topic}" == payloads(choice)[1]


@pytest.mark.parametrize("form", NONSENSE)
async def test_not_understood_offers_topics_then_the_menu_and_then_calls_a_nurse(meet: Meet, form: str):
    gul = await meet(form)

    (first,) = await gul.say(NONSENSE[form])
    (second,) = await gul.say(NONSENSE[form])
    before = await gul.ward.nurse_sees()
    (third,) = await gul.say(NONSENSE[form])

    assert (first.text, payloads(first)[-1]) == (gul.words("not-understood"), "nurse")
    assert (second.text, payloads(second)[0]) == (gul.words("not-understood-menu"), "topics")
    assert before == []
    assert third.text == gul.words("not-understood-nurse")
    assert [(card.flag, card.evidence) for card in await gul.worklist()] == [("not-understood", NONSENSE[form])]


async def test_being_understood_in_between_starts_the_count_again(meet: Meet):
    gul = await meet("zh-Hans")

    await gul.say("嗡嗡嗡")
    await gul.say("谢谢")
    (answer,) = await gul.say("嗡嗡嗡")

    assert answer.text == gul.words("not-understood")


@pytest.mark.parametrize("form", NURSE)
async def test_asking_for_a_nurse_puts_the_wish_on_the_worklist(meet: Meet, form: str):
    gul = await meet(form)

    (answer,) = await gul.say(NURSE[form])

    assert answer.text == gul.words("nurse-told")
    assert [(card.flag, card.tier, card.evidence) for card in await gul.worklist()] == [("ask-nurse", "same-day", NURSE[form])]


@pytest.mark.parametrize("form", ADVICE)
async def test_medicine_advice_is_declined_and_a_nurse_told(meet: Meet, form: str):
    gul = await meet(form)

    (answer,) = await gul.say(ADVICE[form])

    assert answer.text == gul.words("medicine-advice-declined")
    assert not any(character.isdigit() for character in answer.text)
    assert [card.flag for card in await gul.worklist()] == ["medicine-advice"]


async def test_what_is_next_names_the_hour_with_its_clock(meet: Meet):
    gul = await meet("zh-Hans")
    await gul.ward.enrolled(gul.patient)

    (answer,) = await gul.say("下次什么时候吃药")

    assert "12:30" in answer.text
    assert gul.words("clock-beijing") in answer.text


async def test_changing_an_appointment_is_the_nurses_to_do(meet: Meet):
    gul = await meet("zh-Hans")

    (answer,) = await gul.say("我那天来不了，想换个日子检查")

    assert answer.text == gul.words("appointment-change-noted")
    assert [card.flag for card in await gul.worklist()] == ["appointment"]
