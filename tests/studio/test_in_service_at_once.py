"""What is published is said within seconds by whoever runs, known word for word at once, and never in the middle of a turn."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from timeit import timeit

import aiohttp
import pytest

from api.state import Door
from care.content.library import Library
from care.content.training import Sample, collect
from care.conversation.asking import By
from care.conversation.assistant import Understood
from care.conversation.context import Heard
from care.conversation.meaning import what_is_understood
from care.conversation.phrasebook import Phrasebook
from care.conversation.turn import Conversation
from care.kit.settings import Settings
from care.languages.reading import canonical
from care.languages.table import form
from care.messages.gate import Gate
from care.studio.drafts import save
from care.studio.folders import note_of
from care.studio.serving import Follower, Served
from care.studio.topics import add_topic
from scheduler.__main__ import taking
from tests.assistant_process import RunningAssistant
from tests.content.test_in_service_commands import web_door
from tests.ports import free_port
from tests.studio.people import FEVER, NEW, Studio
from tests.web import Web, open_web

# house: letters 2 - what a patient asks, in words nobody was taught
QUESTION = "ئېغىزنىڭ قۇرۇپ كېتىشى دېگەن نېمە ئۇ"
ALIKE = "ئېغىز قۇرۇش دېگەن نېمە"


async def dry_mouth(studio: Studio) -> str:
    """A new topic, published in Uyghur.  Returns its draft."""
    await studio.do(add_topic, "dry-mouth", "side-effects", ["nci-sideeffects"], [], ["*"])
    draft = await studio.begun("ug", "topics/dry-mouth.md")
    text = (studio.written / "ug" / FEVER).read_text("utf-8")
    text = text.replace("id: fever-infection", "id: dry-mouth").replace("follows: zh@1", "revision: 1")
    header, body = text.split("questions:\n")[0], text.split("---\n", 2)[2]
    await studio.do(save, draft, 0, f"{header}questions:\n- {QUESTION}\n---\n{body}")
    await studio.sign(draft)
    await studio.publish(draft)
    return draft


@pytest.fixture
async def web(studio: Studio, audio: Path, assistant: RunningAssistant) -> AsyncIterator[Web]:
    """The ward's door with the real assistant behind it, speaking the words of the studio."""
    async with open_web(studio.ward, audio, assistant, content=studio.settings.content) as opened:
        yield opened


@pytest.mark.rasa
async def test_the_question_of_a_new_topic_is_answered_before_anybody_was_taught(studio: Studio, web: Web):
    phone = await web.phone(await studio.ward.patient())
    follower = web.door.follow(await studio.served())
    before = await phone.say(QUESTION)

    await dry_mouth(studio)
    assert await follower.look()
    (after,) = await phone.say(QUESTION)

    assert [each["topic"] for each in before] != ["dry-mouth"]
    assert (after["act"], after["topic"]) == ("show_topic", "dry-mouth")


@pytest.mark.rasa
async def test_an_editor_sees_who_would_understand_a_sentence_and_as_what(studio: Studio, web: Web):
    await dry_mouth(studio)
    await web.door.follow(await studio.served()).look()
    await web.door.take(await studio.served())
    conversation = web.door.conversation

    new, known, danger = [await what_is_understood(conversation, text) for text in (QUESTION, "恶心想吐怎么办", "我发烧39度")]

    assert (new.by, new.intent, new.topics, new.act) == (By.NEWER, "ask_topic", (("dry-mouth", 1.0),), "show_topic")
    assert (known.by, known.language, known.script, known.topics[0][0]) == (By.ASSISTANT, "zh", "Hans", "nausea-vomiting")
    assert 0 < known.topics[0][1] <= 1
    assert [flag.id for flag in danger.flags] == ["rf-fever-on-treatment"]


async def test_while_the_assistant_is_down_the_editor_is_told_who_answers(studio: Studio, audio: Path):
    known = studio.ward.library.languages["zh"].topics["fatigue"].values["questions"][0]
    async with open_web(studio.ward, audio) as alone:
        found = [await what_is_understood(alone.door.conversation, text) for text in (known, "停止", "😀")]

    assert [each.by for each in found] == [By.PHRASEBOOK, By.STOP, By.NOBODY]


class Slow:
    """An assistant that thinks until it is allowed to answer."""

    def __init__(self) -> None:
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def understand(self, text: str, language: str, conversation: str, now: object) -> Understood:
        self.asked.set()
        await self.may_answer.wait()
        return Understood(("show_topic",), "ask_topic", 0.9, (("fever-infection", 0.9),))

    async def close(self) -> None:
        pass


async def test_a_turn_that_has_begun_ends_with_the_words_it_began_with(studio: Studio, audio: Path):
    slow, before = Slow(), await studio.served()
    settings = studio.settings.model_copy(update={"demo": True})
    conversation = Conversation(studio.ward.database, before.library, slow, gate=Gate.of(settings))
    door = Door(settings, studio.ward.database, before.library, conversation, None)  # type: ignore[arg-type]
    gul = await studio.ward.patient()
    begun = asyncio.create_task(door.conversation.turn(gul.id, Heard(key="1", text="قىزىتما ھەققىدە سۆزلەپ بېرىڭ")))
    await slow.asked.wait()

    await studio.published()
    await door.take(await studio.served())
    slow.may_answer.set()

    (line,) = await begun
    (later,) = await door.conversation.turn(gul.id, Heard(key="2", payload="topic:fever-infection"))
    assert NEW["ug"] not in line.shown.splitlines()[0]
    assert NEW["ug"] in later.shown.splitlines()[0]


async def test_reminders_that_become_due_later_are_said_in_the_new_words(studio: Studio):
    ward = studio.ward
    dispatcher = ward.dispatcher()
    metronome = ward.metronome()
    follower = Follower(ward.database, studio.settings, await studio.served(), taking(dispatcher, metronome))

    await studio.published()
    await follower.look()

    title = metronome.library.languages["ug"].topics["fever-infection"].values["title"]
    assert dispatcher.library is metronome.library
    assert title.split()[0] == NEW["ug"]


async def test_a_running_web_door_speaks_published_words_within_seconds(studio: Studio, home: Path):
    settings = Settings(content=studio.settings.content, home=home, port=free_port())
    draft = await studio.begun("ug", "phrases.yml")
    title = studio.ward.library.words("ug-Arab")["web-title"]
    await studio.change(draft, f"web-title: {title}", f"web-title: {NEW['ug']} {title}")
    await studio.sign(draft)
    async with asyncio.timeout(120), web_door(settings):
        assert (await words_of(settings))["web-title"] == title

        await studio.publish(draft)

        while (await words_of(settings))["web-title"] == title:  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(0.2)


async def words_of(settings: Settings) -> dict[str, str]:
    async with aiohttp.ClientSession() as http, http.get(f"{settings.address}/v1/words/ug-Arab") as reply:
        return dict(await reply.json())


def test_only_sentences_that_came_after_the_last_teaching_are_known_before_the_assistant_is_asked(library: Library):
    samples = frozenset(collect(library))
    old = next(each for each in samples if each[0] == "ask_topic" and each[1] == "fatigue")
    moved: Sample = (old[0], "fever-infection", old[2])
    language = next(each for each in library.languages if Phrasebook.of(library).understand(old[2], each))

    assert Phrasebook(library, samples).newer(old[2], language) is None
    assert Phrasebook(library).newer(old[2], language) is None
    for known in (samples - {old}, (samples - {old}) | {moved}):
        newer = Phrasebook(library, known).newer(old[2], language)
        assert newer is not None
        assert newer.topics == (("fatigue", 1.0),)


def test_asking_for_newer_sentences_costs_a_turn_nothing_anybody_could_measure(library: Library):
    book = Phrasebook.of(library, frozenset())
    asked = canonical(ALIKE, form("ug-Arab").language)

    assert timeit(lambda: book.newer(asked, "ug"), number=1_000) / 1_000 < 0.000_1  # seconds


async def test_a_copy_knows_where_its_words_are_written(studio: Studio):
    await studio.published()
    served: Served = await studio.served()

    note = note_of(served.folder)

    assert note is not None
    assert Path(note.written) == studio.written
