"""What a nurse reads of check-ins: question and answer in her own words, by day, whatever the patient speaks."""

import re
from html import unescape
from typing import Any

import pytest

from care.people.staff import create_staff
from tests.web import Phone, Web

TAGS = re.compile(r"<[^>]+>|[\u2066-\u2069]")


def read(page: str, begin: str = 'id="check-ins"', end: str = "</section>") -> str:
    """A part of a page as somebody reads it."""
    part = page[page.index(begin) :]
    return " ".join(unescape(TAGS.sub(" ", part[: part.index(end)])).split())


async def agreed(web: Web) -> tuple[Phone, str]:
    """A Uyghur patient who agreed that what they say is kept."""
    gul = await web.ward.patient(form="ug-Arab")
    return await web.phone(gul), gul.id


async def pressed(phone: Phone, label: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """They press the button with these words."""
    payload = next(each["payload"] for each in lines[-1]["buttons"] if each["label"] == label)
    return await phone.say(payload=payload)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh", ["疼痛问答", "疼痛，0 到 10 分 7", "白天犯困 比较困，打个盹就好", "加了几次止痛药 患者不答这一题", "正在回答"]),
        ("en", ["Pain check", "Worst pain in 24 hours 7", "Sleepy in the day 2", "left open by the patient", "being answered"]),
        ("kk", ["Ауырғаны туралы сұрақтар", "Күндіз ұйқы басуы келді, мызғып алсам болды", "науқас жауап бермеді"]),
    ],
)
async def test_a_nurse_reads_uyghur_answers_in_her_own_language(web_alone: Web, locale: str, words: list[str]):
    phone, patient_id = await agreed(web_alone)
    await phone.say(payload="checkin:start:q-pain")
    await phone.say("7")
    await phone.say("بىلمەيمەن")
    await phone.say("خېلى")

    desk = await web_alone.desk()
    page = (await desk.get(f"/console/patients/{patient_id}?lang={locale}")).text

    assert [each for each in words if each not in read(page)] == []


async def test_the_worklist_says_in_words_what_an_alert_rests_on(web_alone: Web):
    phone, _ = await agreed(web_alone)
    lines = await phone.say(payload="checkin:start:q-chemo-nadir")
    lines = await phone.say("37.6")
    await pressed(phone, "ھەئە", lines)

    desk = await web_alone.desk()

    assert "发冷打颤: 有" in read((await desk.get("/console?lang=zh")).text, "data-flag=", "</article>")


async def test_a_pressed_answer_stands_in_the_talk_in_words(web_alone: Web):
    phone, patient_id = await agreed(web_alone)
    lines = await phone.say(payload="checkin:start:q-pain")
    await phone.say(payload=lines[-1]["buttons"][4]["payload"])
    await phone.say(payload=lines[-1]["buttons"][-2]["payload"])

    desk = await web_alone.desk()
    talk = read((await desk.get(f"/console/patients/{patient_id}?lang=zh")).text, 'class="sheet talk"', "</section>")

    assert "疼痛，0 到 10 分 : 4" in talk
    assert "疼痛，0 到 10 分 : 患者不答这一题" in talk


async def test_another_clinic_sees_nothing_of_it(web_alone: Web):
    phone, patient_id = await agreed(web_alone)
    await phone.say(payload="checkin:start:q-pain")
    await phone.say("9")

    async with web_alone.ward.database.work() as work:
        serik = await create_staff(work, web_alone.ward.other_clinic.id, "serik", "Serik", "nurse")
    desk = await web_alone.desk(serik.id)

    assert (await desk.get(f"/console/patients/{patient_id}")).status == 404
    assert "疼痛" not in (await desk.get("/console?lang=zh")).text


async def test_live_response_is_off_until_the_clinic_says_so(web_alone: Web):
    desk = await web_alone.desk()
    before = (await desk.get("/console/rota?lang=en")).text
    await desk.submit("/console/rota/live-response", on="/console/rota", live="1")
    after = (await desk.get("/console/rota?lang=en")).text
    await desk.submit("/console/rota/live-response", on="/console/rota")

    live = re.compile(r'name="live" value="1"( checked)?')
    assert [bool(live.search(page)[1]) for page in (before, after, (await desk.get("/console/rota")).text)] == [
        *(False, True, False),
    ]


async def test_the_sound_of_a_private_question_is_marked_not_to_play_by_itself(web_alone: Web):
    phone, _ = await agreed(web_alone)
    lines = await phone.say(payload="checkin:start:q-pelvic")

    shown = await phone.say(payload=lines[-1]["buttons"][0]["payload"])

    assert [line["act"] for line in shown] == ["check_in_private"]


async def test_answers_stand_in_words_also_where_typed_words_raised_the_flag_first(web_alone: Web):
    phone, _ = await agreed(web_alone)
    await phone.say("قىزىتمام بار 39")
    await phone.say(payload="checkin:start:q-chemo-nadir")
    await phone.say("38.5")

    page = (await (await web_alone.desk()).get("/console?lang=zh")).text

    assert "pi-temp" not in page
