"""Writing in the studio: what anybody saved is kept, whoever else was writing at that moment."""

import pytest

from care.studio.desk import open_desk
from care.studio.drafts import begin, edition_of, lock, merge, restore, save
from care.studio.history import difference, editions, steps, under_way
from care.studio.types import Conflict, NoSuchText, NotAllowed, Saved, Unreadable
from tests.content.breaking import change
from tests.studio.conftest import both
from tests.studio.people import FEVER, Studio


@both
async def test_a_draft_begins_with_the_words_that_speak_now(studio: Studio):
    draft = await studio.begun()

    assert await studio.text(draft) == (studio.written / "ug" / FEVER).read_text("utf-8")
    assert await studio.do(under_way) == []


async def test_two_who_open_the_same_text_share_one_draft(studio: Studio):
    assert await studio.begun(by="aliya") == await studio.begun(by="rena")


async def test_a_save_is_the_newest_edition_and_the_file_stays_as_it_was(studio: Studio):
    before = (studio.written / "ug" / FEVER).read_text("utf-8")
    draft = await studio.begun()

    edition = await studio.change(draft, "title: ", "title: x")

    assert (edition, (await studio.text(draft)).count("title: x")) == (1, 1)
    assert (studio.written / "ug" / FEVER).read_text("utf-8") == before


@both
async def test_the_second_of_two_who_save_sees_both_texts_and_loses_neither(studio: Studio):
    draft = await studio.begun()
    text = await studio.text(draft)
    await studio.do(save, draft, 0, text.replace("title: ", "title: first "), by="aliya")

    answer = await studio.do(save, draft, 0, text.replace("title: ", "title: second "), by="rena")

    assert isinstance(answer, Conflict)
    assert "title: first " in answer.theirs
    assert (answer.edition, answer.by) == (1, studio.people["aliya"].staff_id)
    assert "title: second " in answer.ours
    assert await studio.text(draft, answer.aside) == answer.ours
    assert await studio.seen(draft) == 1


async def test_what_was_set_aside_can_be_restored(studio: Studio):
    draft = await studio.begun()
    text = await studio.text(draft)
    await studio.do(save, draft, 0, text.replace("title: ", "title: first "), by="aliya")
    answer = await studio.do(save, draft, 0, text.replace("title: ", "title: second "), by="rena")

    again = await studio.do(restore, draft, 1, answer.aside, by="rena")

    assert again == Saved(3, "draft")
    assert "title: second " in await studio.text(draft)


async def test_pressing_save_twice_saves_once(studio: Studio):
    draft = await studio.begun()
    text = (await studio.text(draft)).replace("title: ", "title: x")

    first, second = [await studio.do(save, draft, 0, text) for _ in range(2)]

    assert first == second == Saved(1, "draft")


@both
async def test_history_tells_who_saved_what_and_what_changed(studio: Studio):
    draft = await studio.begun()
    await studio.change(draft, "title: ", "title: x", by="aliya")
    await studio.change(draft, "title: x", "title: y", by="rena")

    saved = await studio.do(editions, draft)
    lines = [line for line in await studio.do(difference, draft, 0, 2) if line.sign != " "]

    assert [(each.number, each.by) for each in saved] == [(2, "Rena"), (1, "Aliya"), (0, "")]
    assert [line.sign for line in lines] == ["-", "+"]
    assert lines[1].text.startswith("title: y")
    assert [each.what for each in await studio.do(steps, draft)] == ["saved", "saved", "began"]


async def test_an_older_edition_can_be_restored(studio: Studio):
    draft = await studio.begun()
    text = await studio.text(draft)
    seen = await studio.change(draft, "title: ", "title: x")

    await studio.do(restore, draft, seen, 0)

    assert await studio.text(draft) == text


async def test_a_text_from_a_browser_is_saved_with_one_kind_of_line_and_letter(studio: Studio):
    draft = await studio.begun()
    text = await studio.text(draft)
    typed = "\ufeff" + text.replace("title: ", "title: e\u0301 ").replace("\n", "\r\n") + "\r\n\r\n"

    await studio.do(save, draft, 0, typed)

    assert await studio.text(draft) == text.replace("title: ", "title: é ")


@pytest.mark.parametrize(("old", "new", "line"), [("title: ", "title: [", 3), ("---\nid", "id", 1)])
async def test_a_text_that_is_no_file_is_refused_at_its_line(studio: Studio, old: str, new: str, line: int):
    draft = await studio.begun()
    text = (await studio.text(draft)).replace(old, new, 1)

    with pytest.raises(Unreadable, match=rf"content/ug/topics/fever-infection\.md:{line}: "):
        await studio.do(save, draft, 0, text)


async def test_nobody_types_a_signature_or_a_revision(studio: Studio):
    draft, text = await studio.begun(), await studio.text(await studio.begun())
    forged = text.replace("review: unreviewed", "review: {by: me, on: 2026-01-01, until: 2030-01-01, of: '00000000'}")

    await studio.do(save, draft, 0, forged.replace("zh@1", "zh@9"))

    assert await studio.text(draft) == text


async def test_a_source_whose_meaning_changed_gets_the_next_revision_once(studio: Studio):
    draft = await studio.begun("zh")
    await studio.change(draft, "title: ", "title: x", meaning_changed=True)
    await studio.change(draft, "title: x", "title: y", meaning_changed=True)

    assert "revision: 2\n" in await studio.text(draft)

    await studio.change(draft, "title: y", "title: z")

    assert "revision: 1\n" in await studio.text(draft)


async def test_a_translation_says_which_revision_it_was_brought_up_to(studio: Studio):
    change(studio.written / "zh" / FEVER, "revision: 1", "revision: 3")
    draft = await studio.begun()

    await studio.change(draft, "title: ", "title: x")
    assert "follows: zh@1\n" in await studio.text(draft)

    await studio.change(draft, "title: x", "title: y", follows_now=True)
    assert "follows: zh@3\n" in await studio.text(draft)


async def test_a_text_that_was_the_first_becomes_a_translation_when_its_writer_says_so(studio: Studio):
    change(studio.written / "ug" / FEVER, "follows: zh@1", "revision: 1")
    draft = await studio.begun()

    await studio.change(draft, "title: ", "title: x", follows_now=True)

    assert "follows: zh@1\n" in await studio.text(draft)
    assert "revision:" not in await studio.text(draft)


async def test_a_file_that_changed_meanwhile_is_merged_by_somebody_who_saw_it(studio: Studio):
    draft = await studio.begun()
    seen = await studio.change(draft, "title: ", "title: x")
    change(studio.written / "ug" / FEVER, "summary: ", "summary: new ")
    text = (await studio.text(draft)).replace("summary: ", "summary: new ")

    await studio.do(merge, draft, seen, text)

    async with studio.desk() as desk:
        row = await lock(desk, draft)
        assert (await edition_of(desk, row)).text == text
    assert await studio.begun() == draft


async def test_work_that_is_not_under_way_begins_again_from_the_file_as_it_is(studio: Studio):
    draft = await studio.begun()
    change(studio.written / "ug" / FEVER, "summary: ", "summary: new ")

    assert await studio.begun() == draft
    assert "summary: new " in await studio.text(draft)


@pytest.mark.parametrize(
    ("language", "place"),
    [
        ("ug", "topics/../phrases.yml"),
        ("ug", "topics/none-of-ours.md"),
        ("en", FEVER),
        ("ug", "../zh/phrases.yml"),
        ("", "numbers.yml"),
    ],
)
async def test_a_place_that_is_no_text_has_no_draft(studio: Studio, language: str, place: str):
    with pytest.raises(NoSuchText):
        await studio.do(begin, language, place)


@pytest.mark.parametrize(("name", "reason"), [("nurse", "role"), ("stranger", "clinic")])
async def test_only_editors_of_the_clinic_that_keeps_the_content_come_in(studio: Studio, name: str, reason: str):
    async with studio.ward.database.look() as work:
        with pytest.raises(NotAllowed) as refused:
            await open_desk(work, studio.people[name], studio.written)

    assert refused.value.reason == reason
