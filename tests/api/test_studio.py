"""The studio's pages by hand: who may enter, two people at one text, refusals in plain words, sound that is none."""

import io
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import aiohttp
import pytest

from care.speech.encode import encode
from care.speech.voices import Pcm
from care.supervisor.progress import Report, only_one
from tests.content.conftest import few_words, once, words
from tests.studio.people import FEVER, Studio, open_studio
from tests.ward import Ward
from tests.web import CSRF, Answer, Desk, Web, open_web

__all__ = ["few_words", "once", "words"]
PAGE = f"/studio/text/ug/{FEVER}"
DRAFT = re.compile(r'action="(/studio/draft/[0-9a-f]+)/save"')
SEEN = re.compile(r'name="seen" value="(\d+)"')
TITLE = re.compile(r'name="said.title" [^>]*value="([^"]*)"')
CODE = re.compile(r'data-code="([^"]+)"')
RATE = 8_000


@pytest.fixture
async def studio(ward: Ward, words: Path) -> Studio:
    return await open_studio(ward, words)


@pytest.fixture
async def web(ward: Ward, studio: Studio, audio: Path) -> AsyncIterator[Web]:
    async with open_web(ward, audio, content=studio.settings.content) as opened:
        yield opened


@pytest.fixture
async def aliya(web: Web, studio: Studio) -> Desk:
    return await web.desk(studio.people["aliya"].staff_id)


async def begun(desk: Desk, path: str = PAGE) -> tuple[str, str, str]:
    """(address of the draft, edition, title) as the page shows them."""
    text = (await desk.get(path)).text
    draft, seen, title = DRAFT.search(text), SEEN.search(text), TITLE.search(text)
    assert draft
    assert seen
    assert title
    return draft[1], seen[1], unescape(title[1])


async def send(desk: Desk, action: str, **fields: str) -> Answer:
    return await desk.submit(action, PAGE, **fields)


async def upload(desk: Desk, sound: bytes, **fields: str) -> Answer:
    draft, seen, _ = await begun(desk)
    csrf = CSRF.search((await desk.get(PAGE)).text)
    assert csrf
    form = aiohttp.FormData({"csrf": csrf[1], "seen": seen, **fields})
    form.add_field("sound", io.BytesIO(sound), filename="take")
    return await desk.post(f"{draft}/recordings", data=form)


def a_tone(seconds: float) -> bytes:
    samples = b"".join(
        (3_000 if at % 20 < 10 else -3_000).to_bytes(2, "little", signed=True) for at in range(int(seconds * RATE))
    )
    return encode(Pcm(samples, RATE), "opus")


async def test_who_writes_comes_to_the_texts_and_a_nurse_does_not(web: Web, studio: Studio, aliya: Desk) -> None:
    nurse = await web.desk()

    assert (await aliya.get("/studio")).status == 200
    assert (await nurse.get("/studio")).status == 403
    assert (await aliya.get("/console")).status == 403
    assert (await web.stranger().get("/studio")).headers["location"] == "/console/sign-in"
    assert (await (await web.desk(studio.people["stranger"].staff_id)).get("/studio")).status == 403


async def test_two_people_who_save_the_same_text_both_keep_their_words(web: Web, studio: Studio, aliya: Desk) -> None:
    rena = await web.desk(studio.people["rena"].staff_id)
    draft, seen, title = await begun(aliya)

    mine = await send(aliya, f"{draft}/save", seen=seen, **{"said.title": f"{title} 1"})
    hers = await send(rena, f"{draft}/save", seen=seen, **{"said.title": f"{title} 2"})

    assert (mine.status, hers.status) == (303, 409)
    assert f"{title} 1" in unescape(hers.text)
    assert f"{title} 2" in unescape(hers.text)
    assert (await begun(aliya))[2] == f"{title} 1"
    assert 'name="edition" value="2"' in (await rena.get(f"{draft}/history")).text


async def test_what_is_typed_is_checked_and_shown_before_it_is_saved(aliya: Desk) -> None:
    draft, seen, title = await begun(aliya)

    wrong = await send(aliya, f"{draft}/look", seen=seen, **{"said.title": "<script>x</script>", "said.body": "39.9"})
    right = await send(aliya, f"{draft}/look", seen=seen, **{"said.title": title})

    problems = [(each["kind"], each["field"]) for each in wrong.json["problems"]]
    assert ("error", "title") in problems
    assert ("error", "body") in problems
    assert [each["tag"] for each in right.json["shown"]] == ["ug-Arab", "ug-Latn"]
    assert right.json["shown"][0]["direction"] == "rtl"
    assert (await begun(aliya))[1] == seen, "looking saves nothing"


async def test_a_refusal_is_a_sentence_and_changes_nothing(aliya: Desk) -> None:
    draft, seen, title = await begun(aliya)

    signed = await send(aliya, f"{draft}/sign", seen=seen, until="2028-01-01")
    published = await send(aliya, f"{draft}/publish", seen=seen)
    back = await send(aliya, f"{draft}/submit", seen="7")

    codes = [CODE.findall(each.text)[0] for each in (signed, published, back)]
    assert codes == ["not-allowed:role", "wrong-state", "seen"]
    assert [signed.status, published.status, back.status] == [403, 409, 409]
    assert (await begun(aliya))[2] == title


async def test_a_recording_is_kept_and_what_is_none_is_refused_by_its_reason(aliya: Desk) -> None:
    kept = await upload(aliya, a_tone(3), until="2")
    nothing = await upload(aliya, b"<html>no sound</html>")
    silence = await upload(aliya, encode(Pcm(bytes(4 * RATE), RATE), "opus"))
    nine_minutes = await upload(aliya, a_tone(540))
    far_too_much = await aliya.post("/studio/draft/x/recordings", data=io.BytesIO(bytes(25 * 1024 * 1024)))

    assert (kept.status, kept.json) == (200, {"seconds": 2.0})
    assert [each.json["code"] for each in (nothing, silence, nine_minutes)] == [
        "bad-sound:not-audio",
        "bad-sound:silent",
        "bad-sound:too-long",
    ]
    assert far_too_much.status == 413
    assert (await aliya.get(PAGE)).text.count('class="recording"') == 1


async def test_a_new_topic_names_every_field_that_is_wrong_and_then_begins(aliya: Desk, web: Web) -> None:
    source, kind = next(iter(web.door.library.sources)), web.door.library.topic_list["fever-infection"]["category"]

    bad = await aliya.submit("/studio/new", "/studio/new", id="Bad Name", category=kind, language="ug")
    good = await aliya.submit(
        "/studio/new", "/studio/new", id="dry-skin", category=kind, language="ug", **{f"sources.{source}": "1"}
    )

    assert (bad.status, bad.text.count('class="problem"')) == (422, 2)
    assert good.headers["location"] == "/studio/text/ug/topics/dry-skin.md"
    assert (await aliya.get("/studio/text/ug/topics/dry-skin.md")).status == 200
    assert 'data-place="topics/dry-skin.md"' in (await aliya.get("/studio")).text


async def test_phrases_are_edited_one_by_one_and_the_file_keeps_its_other_bytes(studio: Studio, aliya: Desk) -> None:
    page = "/studio/text/ug/phrases.yml"
    text = (await aliya.get(page)).text
    draft, seen = DRAFT.search(text), SEEN.search(text)
    assert draft
    assert seen
    before = (studio.written / "ug" / "phrases.yml").read_text("utf-8")

    saved = await aliya.submit(f"{draft[1]}/save", page, seen=seen[1], **{"said.button-menu": "x"})

    after = await studio.text(draft[1].rpartition("/")[2])
    assert saved.status == 303
    changed = [new for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    assert [line.partition(":")[0] for line in changed] == ["button-menu"]


async def test_the_page_of_teaching_says_what_fell_short_and_that_the_old_assistant_stays(aliya: Desk, ward: Ward) -> None:
    fresh = await aliya.get("/studio/teaching")
    with only_one(ward.home):
        report = Report(ward.home, "2026-12-01T04:00:00+00:00")
    report.end("failed", fallen=({"what": "heard", "form": "ug-Arab", "value": 0.97, "floor": 0.98, "at_most": False},))

    told = await aliya.get("/studio/teaching")

    assert (fresh.status, 'id="teach"' in fresh.text) == (200, True)
    assert 'data-state="failed"' in told.text
    assert "0.970" in told.text


async def test_a_sentence_is_understood_as_a_patients_would_be(aliya: Desk) -> None:
    asked = await aliya.submit("/studio/understand", PAGE, text="38.6 C")

    assert asked.status == 200
    assert "data-intent" in asked.text
