"""The assistant is down: danger is heard, a stop is obeyed, buttons work, and a nurse reads the rest."""

import pytest

from care.languages.normalise import isolate
from care.languages.table import form as form_of
from tests.web import Web

FEVER = {
    "zh-Hans": "我发烧38.6度",
    "ug-Arab": "قىزىتمام 38.6 گە چىقىپ كەتتى",
    "kk-Cyrl": "қызуым 38,6 болып тұр",
    "kk-Arab": "قىزۋىم 38,6 بولىپ تۇر",
    "ug-Latn": "qizitmam 38.6 ge chiqip ketti",
}
STOP = {"zh-Hans": "停止", "ug-Arab": "توختات", "kk-Cyrl": "тоқтат", "kk-Arab": "توقتات"}


async def phone_of(web: Web, form: str):
    return await web.phone(await web.ward.patient(form=form))


@pytest.mark.parametrize(("form", "text"), FEVER.items(), ids=FEVER)
async def test_a_fever_is_answered_with_the_number_and_stands_on_the_worklist(web_alone: Web, form: str, text: str):
    phone, desk = await phone_of(web_alone, form), await web_alone.desk()

    (answer,) = await phone.say(text)
    page = (await desk.get("/console")).text

    assert (answer["act"], answer["language"], answer["script"]) == ("alarm", form_of(form).language, form_of(form).script)
    assert "120" in answer["text"]
    assert "rf-fever-on-treatment" in page
    assert text in page


@pytest.mark.parametrize(("form", "text"), STOP.items(), ids=STOP)
async def test_a_stop_is_obeyed(web_alone: Web, form: str, text: str):
    phone = await phone_of(web_alone, form)

    (answer,) = await phone.say(text)

    assert answer["act"] == "stop_messages"
    assert [button["payload"] for button in answer["buttons"]] == ["resume"]


async def test_the_stop_of_the_page_needs_no_words(web_alone: Web):
    ward = web_alone.ward
    gul = await ward.patient()
    phone = await web_alone.phone(gul)
    reminder = await ward.due(gul)

    answer = await phone.post("/v1/stop")
    await ward.tick()

    assert [line["act"] for line in answer.json["messages"]] == ["stop_messages"]
    assert await ward.state(reminder) == ("muted", "stopped")


async def test_every_button_of_the_menu_still_works(web_alone: Web):
    phone = await phone_of(web_alone, "kk-Cyrl")
    (menu,) = await phone.say(payload="menu")
    acts = {"topics": "topics", "next": "next_visit", "nurse": "talk_to_nurse", "language": "change_language"}

    said = {button["payload"]: (await phone.say(payload=button["payload"]))[0]["act"] for button in menu["buttons"]}

    assert said == {**acts, "checkin": "check_in", "stop": "stop_messages"}


async def test_a_topic_can_be_read_and_heard_by_its_button(web_alone: Web):
    phone = await phone_of(web_alone, "ug-Arab")
    (kinds,) = await phone.say(payload="topics")
    (topics,) = await phone.say(payload=kinds["buttons"][0]["payload"])

    (topic,) = await phone.say(payload=topics["buttons"][0]["payload"])

    assert topic["act"] == "show_topic"
    assert topic["audio"]["seconds"] > 5


UNKNOWN = {
    "zh-Hans": "隔壁床的人昨天回家了我想问问",
    "ug-Arab": "قوشنا كارىۋاتتىكى كىشى تۈنۈگۈن ئۆيىگە قايتتى",
    "kk-Cyrl": "көрші төсектегі кісі кеше үйіне қайтты",
    "kk-Arab": "كورشى توسەكتەگى كىسى كەشە ۇيىنە قايتتى",
}


@pytest.mark.parametrize(("form", "text"), UNKNOWN.items(), ids=UNKNOWN)
async def test_what_nobody_understands_is_read_by_a_nurse_and_the_patient_is_told_so(web_alone: Web, form: str, text: str):
    phone, desk = await phone_of(web_alone, form), await web_alone.desk()
    told = web_alone.ward.library.phrase(form, "assistant-down", emergency_number="120").text

    (answer,) = await phone.say(text)

    assert answer["text"] == (isolate(told) if form_of(form).direction == "rtl" else told)
    assert len(answer["buttons"]) == 6
    assert await web_alone.ward.nurse_sees() == [("Gul", "assistant-down")]
    assert text in (await desk.get("/console")).text


async def test_the_door_says_it_is_ready_while_only_the_assistant_is_missing(web_alone: Web):
    """A door taken out of service for it would take the alarm rules with it."""
    answer = await web_alone.stranger().get("/readyz")

    assert (answer.status, answer.json) == (200, {"ready": True, "reasons": []})
