"""Outside a demonstration only signed words go out; what is held is never silence: a kind word, and a nurse."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from care.content.library import Library
from care.conversation.assistant import RasaAssistant
from care.conversation.turn import Conversation
from care.kit.settings import Stale
from care.messages.gate import Gate
from tests.content.signing import Reviewer
from tests.conversation.talk import Talk, acts, payloads
from tests.ports import free_port
from tests.ward import Ward

FEVER, FEVER_BUTTON = "fever-infection", "topic:fever-infection"
YESTERDAY = date(2026, 11, 30)  # the ward's day is the first of December


@pytest.fixture
def reviewer(library: Library, monkeypatch: pytest.MonkeyPatch) -> Reviewer:
    return Reviewer(library, monkeypatch)


@pytest.fixture
async def gul(ward: Ward) -> AsyncIterator[Talk]:
    """A patient of a hospital that runs no demonstration."""
    bot = RasaAssistant(f"http://127.0.0.1:{free_port()}", "nobody")
    talk = Talk(ward, Conversation(ward.database, ward.library, bot), await ward.patient())
    await talk.consents("symptoms", True)
    yield talk
    await bot.close()


def choose(gul: Talk, stale: Stale) -> None:
    gul.conversation.gate = Gate(stale=stale)


async def test_signed_words_go_out_as_they_are(gul: Talk, reviewer: Reviewer):
    reviewer.sign_all("ug")

    (answer,) = await gul.press(FEVER_BUTTON)

    assert (answer.topic, answer.notice, answer.standing) == (FEVER, "", "signed")
    assert (await gul.ward.lines(gul.patient))[-1].reply.standing == "signed"
    assert await gul.ward.nurse_sees() == []


@pytest.mark.parametrize("why", ["its source moved on", "its last day is over"])
async def test_a_stale_topic_is_held_and_a_nurse_answers(gul: Talk, reviewer: Reviewer, why: str):
    stand_still(gul, reviewer, why)

    (answer,) = await gul.press(FEVER_BUTTON)

    assert (answer.act, answer.text) == ("no_text", gul.words("no-text"))
    assert payloads(answer) == ["nurse", "menu"]
    assert await gul.ward.nurse_sees() == [("Gul", "no-text")]


@pytest.mark.parametrize(("why", "standing"), [("its source moved on", "behind"), ("its last day is over", "expired")])
async def test_an_operator_may_let_the_older_signed_words_out(gul: Talk, reviewer: Reviewer, why: str, standing: str):
    stand_still(gul, reviewer, why)
    choose(gul, "send")

    (answer,) = await gul.press(FEVER_BUTTON)

    assert (answer.topic, answer.notice, answer.standing) == (FEVER, "", standing)
    assert await gul.ward.nurse_sees() == []


def stand_still(gul: Talk, reviewer: Reviewer, why: str) -> None:
    library = gul.ward.library
    reviewer.sign_all("ug")
    if why == "its source moved on":
        reviewer.set(library.languages["zh"].topics[FEVER], "revision", 9)
    else:
        reviewer.sign(library.languages["ug"].topics[FEVER], until=YESTERDAY)


async def test_an_unsigned_topic_among_signed_words_is_held_whatever_the_operator_chose(gul: Talk, reviewer: Reviewer):
    reviewer.sign(gul.ward.library.languages["ug"].phrases)
    choose(gul, "send")

    assert acts(await gul.press(FEVER_BUTTON)) == ["no_text"]


async def test_the_kind_word_itself_is_not_held_for_being_old(gul: Talk, reviewer: Reviewer):
    reviewer.sign_all("ug", until=YESTERDAY)

    assert acts(await gul.say("ياخشىمۇسىز")) == ["no_text"]
    assert [(card.flag, card.evidence) for card in await gul.worklist()] == [("no-text", "ياخشىمۇسىز")]


async def test_where_nothing_was_ever_signed_a_nurse_still_reads_what_was_asked(gul: Talk):
    assert await gul.press("menu") == []
    assert await gul.ward.nurse_sees() == [("Gul", "no-text")]


async def test_in_danger_the_number_goes_out_unsigned(gul: Talk):
    (answer,) = await gul.say("قىزىتمام 38.6 گرادۇس")

    assert (answer.act, answer.text, answer.spoken) == ("alarm", "120", "120")
    assert await gul.ward.nurse_sees() == [("Gul", "rf-fever-on-treatment")]


async def test_a_topic_that_is_not_written_in_their_language_is_not_offered_and_asking_for_it_calls_a_nurse(
    gul: Talk, reviewer: Reviewer, monkeypatch: pytest.MonkeyPatch
):
    reviewer.sign_all("ug")
    uyghur = gul.ward.library.languages["ug"]
    monkeypatch.setattr(uyghur, "topics", {name: page for name, page in uyghur.topics.items() if name != FEVER})

    (offered,) = await gul.press("topics:side-effects")
    (answer,) = await gul.press(FEVER_BUTTON)

    assert FEVER_BUTTON not in payloads(offered)
    assert (answer.act, answer.text) == ("no_text", gul.words("no-text"))
    assert await gul.ward.nurse_sees() == [("Gul", "no-text")]
