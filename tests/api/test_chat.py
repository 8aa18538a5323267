"""Talking through /v1 with the real assistant."""

from tests.web import Web


async def test_a_question_gets_its_topic_in_the_patients_language_with_sound(web: Web):
    gul = await web.ward.patient(form="ug-Arab")
    phone = await web.phone(gul)

    (answer,) = await phone.say("كۆڭلۈم ئېلىشسا قانداق قىلىمەن")

    assert (answer["topic"], answer["language"], answer["direction"]) == ("nausea-vomiting", "ug", "rtl")
    assert answer["audio"]["seconds"] > 5
    assert answer["notice"]


async def test_the_nurse_sees_a_fever_at_once(web: Web):
    gul = await web.ward.patient(form="zh-Hans")
    phone = await web.phone(gul)
    desk = await web.desk()

    (answer,) = await phone.say("我发烧38.6度")

    assert answer["act"] == "alarm"
    assert "120" in answer["text"]
    assert "rf-fever-on-treatment" in (await desk.get("/console")).text
