"""A phone becomes a patient's own: a code from paper, a language, and a yes or no to each purpose."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from care.kit.ids import CODE_LETTERS
from care.languages.table import form as form_of
from care.people.consent import PURPOSES
from care.people.linking import CODE_LIFE, TRIES, TRIES_WITHIN, make_code
from care.people.tables import Consent, Device, Patient, PatientKey
from tests.web import Answer, Phone, Visitor, Web

LOOK_ALIKES = str.maketrans("ABCEHKMPTYX", "АВСЕНКМРТУХ")  # the same shapes, typed on a Cyrillic keyboard
FULL_WIDTH = {ord(letter): chr(ord(letter) + 0xFEE0) for letter in CODE_LETTERS}
ARABIC_DIGITS = str.maketrans("23456789", "٢٣٤٥٦٧٨٩")


async def card(web: Web, patient: Patient) -> str:
    async with web.ward.database.work() as work:
        return await make_code(work, patient, web.ward.nurse_id)


async def link(visitor: Visitor, code: str, form: str = "ug-Arab") -> Answer:
    return await visitor.post("/v1/link", json={"code": code, "form": form})


def reason(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


async def test_a_wrong_an_expired_and_a_used_code_say_which(web_alone: Web):
    gul = await web_alone.ward.patient()
    late = await card(web_alone, gul)
    web_alone.ward.clock.advance(CODE_LIFE)
    used = await card(web_alone, gul)
    stranger = web_alone.stranger()
    await link(stranger, used)

    assert reason(await link(stranger, "AAAAAAAA")) == (400, "code-wrong")
    assert reason(await link(stranger, late)) == (400, "code-expired")
    assert reason(await link(stranger, used)) == (400, "code-used")


async def test_guessing_is_stopped_and_the_right_code_waits_a_quarter_of_an_hour(web_alone: Web):
    code, stranger = await card(web_alone, await web_alone.ward.patient()), web_alone.stranger()
    for _ in range(TRIES):
        assert reason(await link(stranger, "AAAAAAAA")) == (400, "code-wrong")

    assert reason(await link(stranger, code)) == (429, "code-too-many-tries")
    web_alone.ward.clock.advance(TRIES_WITHIN + timedelta(seconds=1))
    assert (await link(stranger, code)).status == 200


@pytest.mark.parametrize("table", [LOOK_ALIKES, FULL_WIDTH, ARABIC_DIGITS], ids=["cyrillic", "full-width", "arabic-digits"])
async def test_a_code_typed_on_another_keyboard_is_the_same_code(web_alone: Web, table: dict[int, str]):
    code = await card(web_alone, await web_alone.ward.patient())

    assert (await link(web_alone.stranger(), f" {code[:4]}-{code[4:]} ".translate(table).lower())).status == 200


@pytest.mark.parametrize("code", ["", " ", "'; --", "\u202e", "A" * 40, "🙂" * 8, "../../etc"])
async def test_whatever_is_typed_is_only_a_wrong_code(web_alone: Web, code: str):
    assert reason(await link(web_alone.stranger(), code)) == (400, "code-wrong")


async def test_a_code_longer_than_any_and_a_language_we_do_not_have_are_refused_and_use_nothing_up(web_alone: Web):
    code, stranger = await card(web_alone, await web_alone.ward.patient()), web_alone.stranger()

    assert (await link(stranger, "A" * 41)).status == 422
    assert (await link(stranger, code, "ru-Cyrl")).status == 404
    assert (await link(stranger, code)).status == 200


async def test_the_token_opens_the_talk_and_the_cookie_does_too(web_alone: Web):
    browser = web_alone.stranger()
    linked = await link(browser, await card(web_alone, await web_alone.ward.patient()))
    app = web_alone.stranger()
    app.headers = {"authorization": f"bearer {linked.json['token']}"}

    assert (await browser.get("/v1/chat/messages")).status == (await app.get("/v1/chat/messages")).status == 200
    assert "httponly" in linked.headers["set-cookie"].lower()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer " + "a" * 43, "Bearer ü"])
async def test_an_invented_token_is_a_stranger(web_alone: Web, header: str):
    await web_alone.phone(await web_alone.ward.patient())

    answer = await web_alone.stranger().get("/v1/chat/messages", headers={"authorization": header})

    assert reason(answer) == (401, "unlinked")


async def test_the_language_chosen_on_the_phone_is_the_one_they_are_spoken_to(web_alone: Web):
    gul = await web_alone.ward.patient(form="zh-Hans")

    for tag in [each["tag"] for each in (await web_alone.stranger().get("/v1/forms")).json]:
        phone = Phone(web_alone.url, web_alone.stranger().http)
        linked = await link(phone, await card(web_alone, gul), tag)
        (menu,) = await phone.say(payload="menu")
        assert linked.json["form"]["tag"] == tag
        assert (menu["language"], menu["script"], menu["direction"]) == (
            form_of(tag).language,
            form_of(tag).script,
            form_of(tag).direction,
        )


async def test_the_pages_words_exist_in_every_language_offered(web_alone: Web):
    stranger = web_alone.stranger()
    forms = (await stranger.get("/v1/forms")).json

    words = [(await stranger.get(f"/v1/words/{each['tag']}")).json for each in forms]

    assert len(forms) >= 5
    assert all(set(each) == set(words[0]) and all(each.values()) for each in words)
    assert not any("${" in text for each in words for text in each.values())


async def test_each_purpose_is_asked_alone_read_and_spoken_with_nothing_ticked(web_alone: Web):
    phone = await web_alone.phone(await web_alone.ward.patient(consents=False), consents=False)

    asked = (await phone.get("/v1/consents")).json

    assert [each["purpose"] for each in asked["purposes"]] == list(PURPOSES)
    assert {each["given"] for each in asked["purposes"]} == {None}
    assert len({each["text"] for each in asked["purposes"]}) == len(PURPOSES)
    assert all(each["audio"]["seconds"] > 0 for each in [*asked["purposes"], {"audio": asked["intro_audio"]}])


async def test_a_yes_and_a_no_are_kept_with_the_words_that_were_read_and_can_be_taken_back(web_alone: Web):
    gul = await web_alone.ward.patient(consents=False)
    phone = await web_alone.phone(gul, consents=False)
    for purpose, given in (("reminders", True), ("voice", False), ("reminders", False)):
        assert (await phone.post("/v1/consents", json={"purpose": purpose, "given": given})).status == 204

    said = {each["purpose"]: each["given"] for each in (await phone.get("/v1/consents")).json["purposes"]}
    async with web_alone.ward.database.look() as work:
        acts = list(await work.session.scalars(select(Consent).where(Consent.patient_id == gul.id).order_by(Consent.id)))

    assert (said["reminders"], said["voice"], said["symptoms"]) == (False, False, None)
    assert [(act.purpose, act.given) for act in acts] == [("reminders", True), ("voice", False), ("reminders", False)]
    assert acts[0].wording_hash == acts[2].wording_hash != acts[1].wording_hash


@pytest.mark.parametrize("body", [{"purpose": "research", "given": True}, {"purpose": "reminders"}, {"given": True}, {}])
async def test_a_purpose_nobody_named_and_half_an_answer_are_no_consent(web_alone: Web, body: dict[str, object]):
    phone = await web_alone.phone(await web_alone.ward.patient(consents=False), consents=False)

    assert (await phone.post("/v1/consents", json=body)).status == 422
    assert await web_alone.ward.all(Consent) == []


@pytest.mark.parametrize("given", ["", "maybe", "yes", 1, 2, None, []])
async def test_only_yes_and_no_are_answers(web_alone: Web, given: object):
    phone = await web_alone.phone(await web_alone.ward.patient(consents=False), consents=False)

    assert (await phone.post("/v1/consents", json={"purpose": "reminders", "given": given})).status == 422


async def test_after_a_no_to_reminders_none_is_sent(web_alone: Web):
    ward = web_alone.ward
    gul = await ward.patient()
    phone = await web_alone.phone(gul)
    await phone.post("/v1/consents", json={"purpose": "reminders", "given": False})
    reminder = await ward.due(gul)

    await ward.tick()

    assert await ward.state(reminder) == ("cleared", "no-consent")
    assert await phone.lines() == []


async def test_a_closed_phone_is_a_stranger_on_every_address(web_alone: Web):
    gul = await web_alone.ward.patient()
    phone = await web_alone.phone(gul)
    await phone.say("رەھمەت")  # it is known at the door
    said = len(await web_alone.ward.lines(gul))
    async with web_alone.ward.database.work() as work:
        for device in await work.session.scalars(select(Device)):
            device.closed_at, device.closed_because = work.now, "lost"

    assert [answer.status for answer in await everything(phone)] == [401] * 5
    assert len(await web_alone.ward.lines(gul)) == said


async def test_a_language_chosen_on_one_phone_is_heard_on_the_other_at_once(web_alone: Web):
    gul = await web_alone.ward.patient()
    here, there = await web_alone.phone(gul), await web_alone.phone(gul)
    await here.say("رەھمەت")
    await there.say(payload="form:zh-Hans")

    (answer,) = await here.say(payload="menu")

    assert answer["language"] == "zh"
    assert [line.said_by for line in await web_alone.ward.lines(gul)][-2:] == ["patient", "karez"]


async def test_a_phone_of_an_erased_patient_is_a_stranger_and_not_an_error(web_alone: Web):
    ward = web_alone.ward
    gul, meryem = await ward.patient("Gul"), await ward.patient("Meryem")
    phone, desk = await web_alone.phone(gul), await web_alone.desk()
    await phone.say(payload="nurse")
    await ward.due(gul, state="failed", why="no-channel")
    async with ward.database.work() as work:
        await work.session.execute(delete(PatientKey).where(PatientKey.patient_id == gul.id))

    assert [answer.status for answer in await everything(phone)] == [401] * 5
    assert [(await desk.get(path)).status for path in ("/console", "/console/patients")] == [200, 200]
    assert (await desk.get(f"/console/patients/{gul.id}")).status == 404
    assert (await desk.get(f"/console/patients/{meryem.id}")).status == 200


async def everything(phone: Phone) -> list[Answer]:
    return [
        await phone.get("/v1/chat/messages"),
        await phone.get("/v1/chat/events"),
        await phone.get("/v1/consents"),
        await phone.post("/v1/chat/messages", json={"payload": "menu"}),
        await phone.post("/v1/stop"),
    ]


async def test_after_the_end_of_treatment_nothing_is_sent_but_danger_is_still_heard(web_alone: Web):
    ward = web_alone.ward
    gul = await ward.patient(form="zh-Hans")
    phone = await web_alone.phone(gul)
    await ward.change(Patient, gul.id, ended_at=ward.clock.now())
    reminder = await ward.due(gul)
    await ward.tick()

    (answer,) = await phone.say("我发烧39度")

    assert await ward.state(reminder) == ("cleared", "ended")
    assert answer["act"] == "alarm"
    assert await ward.nurse_sees() == [("Gul", "rf-fever-on-treatment")]
