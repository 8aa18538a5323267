"""A link to listen on both kinds of database: found, heard once, told to the nurse, counted when wrong."""

from datetime import timedelta

from care.messages.listening import MESSAGE, TRIES, TRIES_WITHIN, find_link, heard_lines, make_link, mark_heard, note_wrong
from care.messages.reply import Reply
from tests.ward import Ward

WEEK = timedelta(days=7)
SAID = Reply("سالام", "ug-Arab", "reminder", spoken="سالام", recording="greet@0a1b2c3d0a1b2c3d", notice="!")


async def link(ward: Ward, key: str = "", life: timedelta = WEEK) -> tuple[str, str, str]:
    """(patient, message, token)"""
    gul = await ward.patient()
    message = await ward.due(gul, state="sent")
    async with ward.database.work() as work:
        path = await make_link(work, gul, SAID, key or MESSAGE + message, life)
    return gul.id, message, path.removeprefix("/listen/")


async def test_what_was_said_is_found_until_its_end(ward: Ward):
    _, _, token = await link(ward)
    async with ward.database.look() as work:
        found, nobodys = await find_link(work, token), await find_link(work, token[::-1])
    ward.clock.advance(WEEK)
    async with ward.database.look() as work:
        old = await find_link(work, token)

    assert nobodys is None
    assert found
    assert (found.form, found.spoken, found.recording, found.notice) == ("ug-Arab", "سالام", "greet@0a1b2c3d0a1b2c3d", "!")
    assert old
    assert (old.form, old.spoken) == ("ug-Arab", "")


async def test_listening_is_noted_once_and_a_message_counts_as_read(ward: Ward):
    patient, message, token = await link(ward)
    first = ward.clock.now()
    for _ in range(2):
        async with ward.database.work() as work:
            await mark_heard(work, token)
        ward.clock.advance(timedelta(minutes=5))

    async with ward.database.look() as work:
        assert await heard_lines(work, patient) == {MESSAGE + message: first}
    assert await ward.state(message) == ("read", None)


async def test_an_answer_in_the_talk_is_noted_and_no_message_touched(ward: Ward):
    patient, message, token = await link(ward, key="abc:0")
    async with ward.database.work() as work:
        await mark_heard(work, token)

    async with ward.database.look() as work:
        assert list(await heard_lines(work, patient)) == ["abc:0"]
    assert (await ward.state(message))[0] == "sent"


async def test_an_old_or_a_wrong_link_notes_nothing(ward: Ward):
    patient, _, token = await link(ward)
    ward.clock.advance(WEEK)
    async with ward.database.work() as work:
        await mark_heard(work, token)
        await mark_heard(work, "nobody")

    async with ward.database.look() as work:
        assert await heard_lines(work, patient) == {}


async def test_wrong_links_of_one_place_are_counted_for_a_quarter_of_an_hour(ward: Ward):
    async def tried(address: str) -> bool:
        async with ward.database.work() as work:
            return await note_wrong(work, address)

    counted = [await tried("10.0.0.1") for _ in range(TRIES + 1)]
    elsewhere = await tried("10.0.0.2")
    ward.clock.advance(TRIES_WITHIN + timedelta(seconds=1))

    assert counted == [True] * TRIES + [False]
    assert (elsewhere, await tried("10.0.0.1")) == (True, True)
