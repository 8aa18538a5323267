"""Two people stand behind each signed text: one who wrote it and another who says that it is right."""

from datetime import date

import pytest

from care.content.review import review, standing
from care.studio.drafts import edition_of, lock, restore, save
from care.studio.history import steps, under_way
from care.studio.pages import page_of
from care.studio.reviewing import send_back, sign, submit
from care.studio.types import BadDay, NeedsComment, NotAllowed, OwnWords, Seen, WrongState
from tests.studio.conftest import both
from tests.studio.people import FEVER, Studio


async def state(studio: Studio, draft_id: str) -> str:
    async with studio.desk() as desk:
        return (await lock(desk, draft_id)).state


@both
async def test_a_signature_names_who_when_until_and_these_words(studio: Studio):
    draft = await studio.begun()
    await studio.change(draft, "title: ", "title: x")
    await studio.sign(draft)

    page = page_of("ug", FEVER, await studio.text(draft))
    signature = review(page)

    assert signature is not None
    assert (signature.by, signature.on, signature.until) == ("Rena", date(2026, 12, 1), date(2027, 12, 1))
    assert standing(page, None, signature.on) == "signed"
    assert await state(studio, draft) == "signed"


async def test_words_of_a_file_need_a_reviewer_and_no_change(studio: Studio):
    draft = await studio.begun()
    await studio.sign(draft)

    assert await state(studio, draft) == "signed"


async def test_whoever_wrote_the_words_last_cannot_sign_them(studio: Studio):
    draft = await studio.begun()
    seen = await studio.change(draft, "title: ", "title: x", by="rena")
    await studio.do(submit, draft, seen, by="rena")

    with pytest.raises(OwnWords):
        await studio.do(sign, draft, seen, studio.year_on, by="rena")
    await studio.do(sign, draft, seen, studio.year_on, by="askar")


@both
async def test_restoring_somebodys_words_does_not_let_them_sign_these(studio: Studio):
    draft = await studio.begun()
    mine = await studio.change(draft, "title: ", "title: x", by="rena")
    theirs = await studio.change(draft, "title: x", "title: y", by="aliya")
    await studio.do(restore, draft, theirs, mine, by="aliya")
    seen = await studio.seen(draft)
    await studio.do(submit, draft, seen)

    with pytest.raises(OwnWords):
        await studio.do(sign, draft, seen, studio.year_on, by="rena")


async def test_a_reviewer_who_adds_a_question_wrote_no_words(studio: Studio):
    draft = await studio.begun()
    await studio.change(draft, "title: ", "title: x")
    await studio.change(draft, "questions:\n", "questions:\n- ھارارەت\n", by="rena")
    await studio.sign(draft)

    assert await state(studio, draft) == "signed"


async def test_another_question_under_signed_words_leaves_them_signed(studio: Studio):
    draft = await studio.begun()
    await studio.sign(draft)
    await studio.change(draft, "questions:\n", "questions:\n- ھارارەت\n")

    assert await state(studio, draft) == "signed"


async def test_another_word_ends_the_signature(studio: Studio):
    draft = await studio.begun()
    await studio.sign(draft)
    await studio.change(draft, "title: ", "title: x")

    assert standing(page_of("ug", FEVER, await studio.text(draft)), None, date(2026, 12, 1)) == "unreviewed"
    assert await state(studio, draft) == "draft"


async def test_an_editor_cannot_sign(studio: Studio):
    draft = await studio.begun()
    await studio.do(submit, draft, 0)

    with pytest.raises(NotAllowed):
        await studio.do(sign, draft, 0, studio.year_on, by="aliya")


async def test_what_nobody_asked_to_review_is_not_signed(studio: Studio):
    draft = await studio.begun()

    with pytest.raises(WrongState) as refused:
        await studio.do(sign, draft, 0, studio.year_on, by="rena")

    assert refused.value.needed == ("in review",)


async def test_a_reviewer_decides_about_what_is_there_not_about_what_was_on_the_screen(studio: Studio):
    draft = await studio.begun()
    await studio.do(submit, draft, 0)
    text = (await studio.text(draft)).replace("title: ", "title: x")
    await studio.do(save, draft, 0, text)
    await studio.do(submit, draft, 1)

    with pytest.raises(Seen) as refused:
        await studio.do(sign, draft, 0, studio.year_on, by="rena")

    assert refused.value.edition == 1


async def test_a_signature_for_a_day_that_is_over_is_refused(studio: Studio):
    draft = await studio.begun()
    await studio.do(submit, draft, 0)

    with pytest.raises(BadDay):
        await studio.do(sign, draft, 0, date(2026, 12, 1), by="rena")


async def test_a_text_is_sent_back_with_what_to_mend(studio: Studio):
    draft = await studio.begun()
    await studio.do(submit, draft, 0)

    with pytest.raises(NeedsComment):
        await studio.do(send_back, draft, 0, " ", by="rena")
    await studio.do(send_back, draft, 0, "38.0, not 38.5", by="rena")

    last = (await studio.do(steps, draft))[0]
    assert (last.what, last.by, last.comment) == ("sent back", "Rena", "38.0, not 38.5")
    assert await state(studio, draft) == "draft"


async def test_what_waits_for_a_second_person_stands_first(studio: Studio):
    waiting, written = await studio.begun("zh"), await studio.begun("ug")
    await studio.change(written, "title: ", "title: x")
    await studio.do(submit, waiting, 0)

    assert [each.id for each in await studio.do(under_way)] == [waiting, written]


async def test_an_edition_that_is_not_there_is_no_text(studio: Studio):
    draft = await studio.begun()
    async with studio.desk() as desk:
        row = await lock(desk, draft)
        with pytest.raises(Exception, match="edition 7"):
            await edition_of(desk, row, 7)
