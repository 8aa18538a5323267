"""The listening page: no sign-in, an address nobody can guess, an end, nothing that names anything, and heard when played."""

import io
from datetime import timedelta

import av
import pytest
from sqlalchemy import delete

from care.kit.ids import fingerprint
from care.messages.compose import compose
from care.messages.gate import Gate, pass_gate
from care.messages.listening import TRIES, heard_lines, make_link
from care.messages.reply import Reply
from care.messages.tables import Listening, Message
from care.people.tables import FailedTry, Patient, PatientKey
from tests.web import Answer, Web

WEEK = timedelta(days=7)
NAMING = ("capecitabine", "卡培他滨", "كاپېتسىتابىن", "капецитабин", "12:00", "Gul", "Ward", "癌", "راك", "обыр")


async def reminder(web: Web, form: str = "ug-Arab") -> tuple[Patient, str, Reply]:
    """A reminder of a medicine as a channel sends it."""
    gul = await web.ward.patient(form=form)
    message_id = await web.ward.due(gul)
    message = await web.ward.message(message_id)
    now = web.ward.clock.now()
    reply = pass_gate(compose(web.ward.library, message, gul, now), web.ward.library, Gate(demo=True), now.date())
    assert reply
    return gul, message_id, reply


async def linked(web: Web, form: str = "ug-Arab", life: timedelta = WEEK) -> tuple[Patient, str, str]:
    """(patient, message, path of its listening page)."""
    gul, message_id, reply = await reminder(web, form)
    async with web.ward.database.work() as work:
        return gul, message_id, await make_link(work, gul, reply, f"message:{message_id}", life)


async def heard(web: Web, gul: Patient) -> list[str]:
    async with web.ward.database.look() as work:
        return list(await heard_lines(work, gul.id))


async def fetch(web: Web, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    stranger = web.stranger()
    async with stranger.http.get(web.url + path, headers=headers) as answer:
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, await answer.read()


@pytest.mark.parametrize(("form", "html"), [("ug-Arab", 'lang="ug-Arab" dir="rtl"'), ("kk-Arab", 'lang="kk-Arab" dir="rtl"')])
async def test_anybody_with_the_link_gets_a_page_in_the_language_of_the_message(web_alone: Web, form: str, html: str):
    _, _, path = await linked(web_alone, form)

    page = await web_alone.stranger().get(path)

    assert page.status == 200
    assert html in page.text
    assert web_alone.ward.library.phrase(form, "listen-title").text in page.text


@pytest.mark.parametrize("form", ["zh-Hans", "ug-Arab", "kk-Cyrl", "kk-Arab"])
async def test_nothing_on_the_page_or_in_its_headers_names_an_illness_a_medicine_a_person_or_a_place(web_alone: Web, form: str):
    gul, message_id, path = await linked(web_alone, form)

    pages = [await web_alone.stranger().get(path), await web_alone.stranger().get(path)]  # before and after its sound is there

    for page in pages:
        shown = page.text.replace(path, "") + str(page.headers)
        assert [word for word in (*NAMING, gul.id, message_id) if word in shown] == []


async def test_the_sound_is_the_message_as_mp3_in_pieces(web_alone: Web):
    _, _, path = await linked(web_alone)

    status, headers, body = await fetch(web_alone, f"{path}/sound.mp3")
    with av.open(io.BytesIO(body)) as file:
        seconds = sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
    piece = await fetch(web_alone, f"{path}/sound.mp3", range="bytes=0-99")

    assert (status, headers["content-type"]) == (200, "audio/mpeg")
    assert seconds > 3
    assert (piece[0], piece[2]) == (206, body[:100])


async def test_page_and_sound_are_kept_by_nobody_and_found_by_no_search(web_alone: Web):
    _, _, path = await linked(web_alone)

    for each in (path, f"{path}/sound.mp3", "/listen/" + "x" * 22):
        _, headers, _ = await fetch(web_alone, each)
        assert (headers["cache-control"], headers["x-robots-tag"]) == ("no-store", "noindex, nofollow, noarchive"), each
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "set-cookie" not in headers


async def test_opening_or_fetching_is_not_listening_and_playing_is(web_alone: Web):
    gul, message_id, path = await linked(web_alone)
    await web_alone.stranger().get(path)
    await fetch(web_alone, f"{path}/sound.mp3")
    before = await heard(web_alone, gul), (await web_alone.ward.state(message_id))[0]

    played = await web_alone.stranger().post(f"{path}/heard")

    assert before == ([], "due")
    assert played.status == 204
    assert await heard(web_alone, gul) == [f"message:{message_id}"]
    assert await web_alone.ward.state(message_id) == ("read", None)


async def test_the_first_listening_counts(web_alone: Web):
    gul, _, path = await linked(web_alone)
    first = web_alone.ward.clock.now()
    await web_alone.stranger().post(f"{path}/heard")
    web_alone.ward.clock.advance(timedelta(hours=2))
    await web_alone.stranger().post(f"{path}/heard")

    async with web_alone.ward.database.look() as work:
        assert set((await heard_lines(work, gul.id)).values()) == {first}


async def test_another_site_cannot_make_a_browser_say_it_was_heard(web_alone: Web):
    gul, _, path = await linked(web_alone)

    answer = await web_alone.stranger().post(f"{path}/heard", headers={"origin": "https://evil.example"})

    assert (answer.status, await heard(web_alone, gul)) == (403, [])


async def test_an_old_link_says_so_kindly_in_the_patients_language_and_aloud(web_alone: Web):
    gul, _, path = await linked(web_alone)
    web_alone.ward.clock.advance(WEEK)
    kind = web_alone.ward.library.phrase("ug-Arab", "listen-expired").text

    page = await web_alone.stranger().get(path)
    status, _, old = await fetch(web_alone, f"{path}/sound.mp3")
    await web_alone.stranger().post(f"{path}/heard")

    assert page.status == 410
    assert f"<h1>{kind}</h1>" in page.text
    assert 'dir="rtl"' in page.text
    clip = await web_alone.door.speaker.say(kind, "ug")
    assert clip
    assert (status, old) == (200, clip.paths["mp3"].read_bytes())
    assert await heard(web_alone, gul) == []


async def test_a_wrong_link_says_the_same_in_every_language(web_alone: Web):
    page = await web_alone.stranger().get("/listen/" + "x" * 22)

    assert page.status == 404
    for form in ("ug-Arab", "kk-Cyrl", "zh-Hans"):
        assert web_alone.ward.library.phrase(form, "listen-expired").text in page.text
    assert (await fetch(web_alone, f"/listen/{'x' * 22}/sound.mp3"))[0] == 404
    assert (await web_alone.stranger().post(f"/listen/{'x' * 22}/heard")).status == 204


async def test_guessing_is_refused_and_right_links_behind_the_same_address_still_open(web_alone: Web):
    _, _, path = await linked(web_alone)
    stranger = web_alone.stranger()

    statuses = [(await stranger.get(f"/listen/{number:022}")).status for number in range(TRIES + 3)]

    assert statuses == [404] * TRIES + [429] * 3
    assert len(await web_alone.ward.all(FailedTry)) == TRIES
    assert (await stranger.get(path)).status == 200


async def test_an_erased_patients_link_is_a_wrong_link(web_alone: Web):
    gul, _, path = await linked(web_alone)
    async with web_alone.ward.database.work() as work:
        await work.session.execute(delete(PatientKey).where(PatientKey.patient_id == gul.id))

    assert (await web_alone.stranger().get(path)).status == 404
    assert (await fetch(web_alone, f"{path}/sound.mp3"))[0] == 404


async def test_the_address_is_short_random_and_stands_nowhere_and_the_words_are_sealed(web_alone: Web):
    _, _, path = await linked(web_alone)
    _, _, other = await linked(web_alone)

    (row, _) = await web_alone.ward.all(Listening)
    token = path.removeprefix("/listen/")

    assert len(token) == 22
    assert path != other
    assert fingerprint(token) in {each.fingerprint for each in await web_alone.ward.all(Listening)}
    assert "كاپېتسىتابىن".encode() not in row.said_sealed


async def test_old_links_of_a_patient_go_when_the_next_is_made(web_alone: Web):
    gul, message_id, _ = await linked(web_alone)
    reply = Reply("", "ug-Arab", "reminder", spoken="سالام")
    for days, kept in ((7, 2), (30, 2)):
        web_alone.ward.clock.advance(timedelta(days=days, seconds=1))
        async with web_alone.ward.database.work() as work:
            await make_link(work, gul, reply, f"message:{message_id}", WEEK)
        assert len(await web_alone.ward.all(Listening)) == kept


async def test_the_nurse_sees_that_it_was_listened_to(web_alone: Web):
    gul, message_id, path = await linked(web_alone, "zh-Hans")
    await web_alone.ward.change(Message, message_id, state="due")
    await web_alone.ward.tick()
    desk = await web_alone.desk()
    before = (await desk.get(f"/console/patients/{gul.id}?lang=en")).text
    await web_alone.stranger().post(f"{path}/heard")

    after: Answer = await desk.get(f"/console/patients/{gul.id}?lang=en")

    assert ("Listened" in before, "Listened" in after.text) == (False, True)
