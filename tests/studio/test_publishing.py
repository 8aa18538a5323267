"""What is published speaks at once, everywhere, until it is exported; then the file does.  Nobody overwrites anybody unasked."""

import asyncio
import errno
import shutil

import pytest

from care.content.types import ContentBroken
from care.studio import publishing
from care.studio.drafts import begin, merge, save
from care.studio.export import export
from care.studio.history import steps
from care.studio.serving import Follower, Served
from care.studio.topics import add_topic
from care.studio.types import BadTopic, CannotPublish, DiskFailed, FileChanged, NotAllowed, Seen, WrongState
from tests.content.breaking import change
from tests.studio.conftest import both
from tests.studio.people import BETTER, FEVER, NEW, Studio

UG = f"ug/{FEVER}"


def first_word(served: Served, language: str = "ug") -> str:
    """Of the title of the fever text."""
    return str(served.library.languages[language].topics["fever-infection"].values["title"]).split()[0]


@both
async def test_published_words_speak_and_the_file_is_as_it_was(studio: Studio):
    before = (studio.written / UG).read_text("utf-8")
    await studio.published()

    assert first_word(await studio.served()) == NEW["ug"]
    assert (studio.written / UG).read_text("utf-8") == before


async def test_words_in_review_do_not_speak(studio: Studio):
    draft = await studio.titled()

    with pytest.raises(WrongState):
        await studio.publish(draft)

    assert first_word(await studio.served()) != NEW["ug"]


async def test_an_edition_nobody_signed_is_not_published_by_mistake(studio: Studio):
    draft = await studio.begun()
    await studio.sign(draft)

    with pytest.raises(Seen):
        await publishing.publish(studio.ward.database, studio.settings, studio.people["aliya"], {draft: 0})


@pytest.mark.parametrize("name", ["nurse", "stranger"])
async def test_only_the_keepers_of_the_content_publish(studio: Studio, name: str):
    draft = await studio.begun()
    await studio.sign(draft)

    with pytest.raises(NotAllowed):
        await studio.publish(draft, by=name)


async def test_what_would_break_the_content_is_refused_with_its_line(studio: Studio):
    draft = await studio.begun()
    seen = await studio.change(draft, "title: ", "title: ${name} ")
    await studio.sign(draft)

    with pytest.raises(CannotPublish, match=r"content/ug/topics/fever-infection\.md:3: a placeholder in title is unknown"):
        await studio.publish(draft)

    assert first_word(await studio.served()) != "${name}"
    assert await studio.seen(draft) == seen + 1


async def test_what_is_published_next_lies_over_what_was_before(studio: Studio):
    await studio.published()
    await studio.published("kk")
    await studio.published("ug", BETTER["ug"])

    now = await studio.served()

    assert (first_word(now), first_word(now, "kk")) == (BETTER["ug"], NEW["kk"])


async def test_a_restart_keeps_what_was_published(studio: Studio):
    await studio.published()
    await studio.restart()

    assert first_word(await studio.served()) == NEW["ug"]


async def test_an_unrelated_file_that_is_being_edited_holds_up_nothing(studio: Studio):
    change(studio.written / "kk" / "phrases.yml", "\nmenu: ", "\nmenus: ")

    await studio.published()

    assert first_word(await studio.served()) == NEW["ug"]


async def test_a_full_disk_leaves_the_old_words_in_service(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    draft = await studio.titled()
    await studio.sign(draft)

    def full(*given: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(shutil, "copytree", full)
        with pytest.raises(DiskFailed, match="No space left on device"):
            await studio.publish(draft)

    assert first_word(await studio.served()) != NEW["ug"]
    assert [each.name for each in (studio.ward.home / "content").iterdir() if each.name.startswith("new-")] == []
    await studio.publish(draft)
    assert first_word(await studio.served()) == NEW["ug"]


@both
async def test_two_who_publish_at_once_both_come_into_service(studio: Studio):
    drafts = [await studio.titled(language) for language in ("ug", "kk")]
    for draft in drafts:
        await studio.sign(draft)

    await asyncio.gather(*(studio.publish(draft) for draft in drafts))

    now = await studio.served()
    assert (first_word(now), first_word(now, "kk")) == (NEW["ug"], NEW["kk"])


async def test_a_file_changed_after_the_draft_began_is_never_overwritten(studio: Studio):
    draft = await studio.titled()
    await studio.sign(draft)
    change(studio.written / UG, "summary: ", f"summary: {BETTER['ug']} ")

    with pytest.raises(FileChanged, match=f"content/{UG}"):
        await studio.publish(draft)

    text = (await studio.text(draft)).replace("summary: ", f"summary: {BETTER['ug']} ")
    await studio.do(merge, draft, await studio.seen(draft), text)
    await studio.sign(draft)
    await studio.publish(draft)
    assert BETTER["ug"] in (await studio.served()).library.topic("ug-Arab", "fever-infection").summary.text


async def exported(studio: Studio, **how: str) -> list[str]:
    return (await export(studio.ward.database, studio.written, studio.ward.home, **how)).written


@both
async def test_an_exported_text_is_its_file_and_from_then_on_the_file_speaks(studio: Studio):
    draft = await studio.published()

    assert await exported(studio) == [UG]
    assert (studio.written / UG).read_text("utf-8") == await studio.text(draft)
    assert await exported(studio) == []

    change(studio.written / UG, NEW["ug"], BETTER["ug"])
    await studio.restart()
    assert first_word(await studio.served()) == BETTER["ug"]


async def test_a_file_taken_back_to_what_it_was_before_the_export_is_the_text(studio: Studio):
    before = (studio.written / UG).read_text("utf-8")
    await studio.published()
    await exported(studio)
    (studio.written / UG).write_text(before, "utf-8")
    await studio.restart()

    assert first_word(await studio.served()) != NEW["ug"]


async def test_an_export_changes_nothing_for_a_karez_that_runs(studio: Studio):
    await studio.published()
    await exported(studio)
    await studio.published("kk")

    now = await studio.served()

    assert (first_word(now), first_word(now, "kk")) == (NEW["ug"], NEW["kk"])


async def test_work_under_way_goes_on_after_an_export(studio: Studio):
    draft = await studio.published()
    await studio.change(draft, NEW["ug"], BETTER["ug"])
    await exported(studio)
    await studio.sign(draft)

    await studio.publish(draft)

    assert first_word(await studio.served()) == BETTER["ug"]


async def test_an_export_names_a_file_that_somebody_changed_and_writes_nothing(studio: Studio):
    await studio.published()
    await studio.published("kk")
    change(studio.written / UG, "summary: ", f"summary: {BETTER['ug']} ")
    before = (studio.written / UG).read_text("utf-8")

    with pytest.raises(FileChanged) as refused:
        await exported(studio)

    assert refused.value.files == [f"content/{UG}"]
    assert (studio.written / UG).read_text("utf-8") == before
    assert NEW["kk"] not in (studio.written / "kk" / FEVER).read_text("utf-8")


@pytest.mark.parametrize(("prefer", "wins"), [("studio", NEW["ug"]), ("files", f"summary: {BETTER['ug']} ")])
async def test_whoever_exports_may_say_whose_words_count(studio: Studio, prefer: str, wins: str):
    await studio.published()
    change(studio.written / UG, "summary: ", f"summary: {BETTER['ug']} ")

    await exported(studio, prefer=prefer)
    await studio.restart()

    assert wins in (studio.written / UG).read_text("utf-8")
    assert (first_word(await studio.served()) == NEW["ug"]) == (prefer == "studio")
    assert await exported(studio) == []


async def test_until_it_is_exported_the_studio_speaks_even_where_the_file_was_changed(studio: Studio):
    await studio.published()
    change(studio.written / UG, "title: ", f"title: {BETTER['ug']} ")
    await studio.restart()

    assert first_word(await studio.served()) == NEW["ug"]


async def test_an_export_that_would_leave_broken_files_writes_nothing(studio: Studio):
    await studio.published()
    change(studio.written / "kk" / "phrases.yml", "\nmenu: ", "\nmenus: ")

    with pytest.raises(ContentBroken, match=r"content/kk/phrases\.yml:\d+: nobody asks for the phrase menus"):
        await exported(studio)

    assert NEW["ug"] not in (studio.written / UG).read_text("utf-8")


DRY_MOUTH = ("dry-mouth", "side-effects", ["nci-sideeffects", "ward-leaflet"], [], ["*"], {"ward-leaflet": "Leaflet of ward 3"})


async def written_topic(studio: Studio, language: str = "ug") -> str:
    """The fever text under another id: words that pass every check."""
    draft = await studio.begun(language, "topics/dry-mouth.md")
    text = (studio.written / language / FEVER).read_text("utf-8").replace("id: fever-infection", "id: dry-mouth")
    text = text.replace("follows: zh@1", "revision: 1")
    header, body = text.split("questions:\n")[0], text.split("---\n", 2)[2]
    await studio.do(save, draft, 0, f"{header}questions:\n- ئاغزىم قۇرۇپ كەتتى\n---\n{body}")
    return draft


async def test_a_new_topic_is_offered_in_the_language_it_is_published_in(studio: Studio):
    await studio.do(add_topic, *DRY_MOUTH)
    draft = await written_topic(studio)
    await studio.sign(draft)
    await studio.publish(draft)

    library = (await studio.served()).library

    assert library.has_topic("ug-Arab", "dry-mouth")
    assert not library.has_topic("zh-Hans", "dry-mouth")
    assert library.topic("ug-Arab", "dry-mouth").source.endswith("; Leaflet of ward 3")


async def test_a_new_topic_becomes_a_line_of_the_list_and_nothing_else_in_it_changes(studio: Studio):
    before = (studio.written / "topics.yml").read_text("utf-8")
    await studio.do(add_topic, *DRY_MOUTH)
    draft = await written_topic(studio)
    await studio.sign(draft)
    await studio.publish(draft)
    await exported(studio)
    await studio.restart()

    after = (studio.written / "topics.yml").read_text("utf-8")

    assert (await studio.served()).library.has_topic("ug-Arab", "dry-mouth")
    assert [line for line in after.splitlines() if line not in before.splitlines()] == [
        "- id: dry-mouth",
        "  - '*'",
        "  - ward-leaflet",
        "  ward-leaflet:",
        "    ref: Leaflet of ward 3",
    ] or "dry-mouth" in after
    assert all(line in after for line in before.splitlines())


@pytest.mark.parametrize(
    ("changed", "field", "fault"),
    [
        ({0: "Dry Mouth"}, "id", "bad"),
        ({0: "fever-infection"}, "id", "taken"),
        ({1: "weather"}, "category", "unknown"),
        ({2: []}, "sources", "none"),
        ({2: ["nobody"]}, "sources", "unknown"),
        ({3: ["rf-nothing"]}, "red_flags", "unknown"),
    ],
)
async def test_a_topic_that_cannot_be_listed_says_which_field_is_wrong(
    studio: Studio, changed: dict[int, object], field: str, fault: str
):
    given = [changed.get(place, value) for place, value in enumerate(DRY_MOUTH)]

    with pytest.raises(BadTopic) as refused:
        await studio.do(add_topic, *given)

    assert refused.value.faults == {field: fault}


async def test_files_that_do_not_go_with_what_was_published_leave_the_last_good_words_in_service(studio: Studio):
    await studio.restart()
    await studio.do(add_topic, *DRY_MOUTH)
    draft = await written_topic(studio)
    await studio.sign(draft)
    await studio.publish(draft)
    change(studio.written / "topics.yml", "\n  nci-sideeffects:", "\n  nci-side-effects:")
    text = (studio.written / "topics.yml").read_text("utf-8")
    (studio.written / "topics.yml").write_text(text.replace("- nci-sideeffects\n", "- nci-side-effects\n"), "utf-8")

    taken = await studio.restart()

    assert "source nci-sideeffects of dry-mouth is unknown" in taken.warning
    assert (await studio.served()).library.has_topic("ug-Arab", "dry-mouth")


async def test_a_source_that_moves_on_leaves_its_translations_behind_at_once(studio: Studio):
    await studio.published("zh", meaning_changed=True)

    page = (await studio.served()).library.languages["ug"].topics["fever-infection"]

    assert (await studio.served()).library.proof_of(page).is_behind


async def test_history_says_who_published(studio: Studio):
    draft = await studio.published()

    last = (await studio.do(steps, draft))[0]

    assert (last.what, last.by) == ("published", "Aliya")


async def test_a_process_that_runs_takes_new_words_once(studio: Studio):
    taken: list[Served] = []

    async def take(served: Served) -> None:
        taken.append(served)

    follower = Follower(studio.ward.database, studio.settings, await studio.served(), take)
    assert not await follower.look()

    await studio.published()

    assert (await follower.look(), await follower.look()) == (True, False)
    assert [first_word(each) for each in taken] == [NEW["ug"]]


async def test_a_process_keeps_its_words_when_the_new_ones_cannot_be_read(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    follower = Follower(studio.ward.database, studio.settings, before := await studio.served(), lambda served: asyncio.sleep(0))
    await studio.published()
    for folder in (studio.ward.home / "content").iterdir():
        if folder.is_dir() and folder != studio.settings.content.parent:
            shutil.rmtree(folder)
    (studio.settings.content / UG).unlink()
    (studio.settings.content / "phrases.yml").write_text("broken: [")

    with pytest.raises(ContentBroken):
        await follower.look()

    assert follower.served is before


async def test_a_draft_of_a_text_begins_with_what_was_published(studio: Studio):
    await studio.published()

    draft = await studio.do(begin, "ug", FEVER)

    assert f"title: {NEW['ug']} " in await studio.text(draft.id)
