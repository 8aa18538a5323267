"""Medicines of one hour are one message, each in it counts for itself, and no change of one of them takes the others along."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from care.conversation.assistant import RasaAssistant
from care.conversation.turn import Conversation
from care.messages.gate import Gate
from care.plans.adjust import More, order
from care.plans.enrol import Enrolment
from care.plans.materialise import look_at_all_again
from care.plans.occurrences import answer, snooze
from care.plans.pauses import pause
from care.plans.rhythm import set_hours
from tests.conversation.talk import Talk
from tests.plans.conftest import both
from tests.plans.course import act, enrolled, look_ahead, one_tablet, said, tablets, until
from tests.ports import free_port
from tests.ward import NOON, Message, Occurrence, Ward

EVENING = NOON + timedelta(hours=8)  # 20:00 in Beijing


def pain(*hours: str) -> Enrolment:
    """Strong pain medicine by the clock, and the laxative that goes with it in the evening."""
    anchors, slots = {"opioid-start-or-change": "2026-12-01"}, {"regular-dose": list(hours), "laxative": ["20:00"]}
    return Enrolment("opioid-pain-followup", anchors, slots, prescribed={"regular-dose": "11"})


async def three_at_eight(ward: Ward):
    """Capecitabine, pain medicine and laxative, all at 20:00."""
    gul = await ward.patient(form="zh-Hans")
    cape = await enrolled(ward, gul, tablets())
    return gul, cape, await enrolled(ward, gul, pain("08:00", "20:00"))


async def at_eight(ward: Ward) -> dict[str, Occurrence]:
    return {each.activity: each for each in await ward.all(Occurrence) if each.due_at == EVENING and each.kind == "medicine"}


@both
async def test_three_medicines_of_two_plans_are_said_once_with_one_set_of_buttons(ward: Ward):
    gul, *_ = await three_at_eight(ward)

    await until(ward, EVENING + timedelta(minutes=1))

    [line] = await ward.lines(gul)
    words = [ward.library.phrase("zh-Hans", key).text for key in ("medicine-capecitabine", "medicine-laxative", "medicine-pain")]
    assert all(word in line.reply.text for word in words)
    assert [line.reply.text.index(word) for word in words] == sorted(line.reply.text.index(word) for word in words)
    assert [button.payload.split(":")[1] for button in line.reply.buttons] == ["taken", "later", "missed"]
    # Only one of them is taken after food, and the others must not be told so.
    assert ward.library.phrase("zh-Hans", "reminder-medicine-food-some", medicine=words[0]).text in line.reply.text


async def test_what_is_answered_or_paused_meanwhile_is_left_out(ward: Ward):
    gul, cape, _ = await three_at_eight(ward)
    doses = await at_eight(ward)
    async with ward.database.work() as work:
        await answer(work, await work.session.get_one(Occurrence, doses["laxative"].id), "taken")
    await act(ward, pause, gul.id, "hold", ward.nurse_id, cape.id)

    await until(ward, EVENING + timedelta(minutes=1))

    [line] = await ward.lines(gul)
    assert ward.library.phrase("zh-Hans", "medicine-pain").text in line.reply.text
    assert ward.library.phrase("zh-Hans", "medicine-laxative").text not in line.reply.text
    assert ward.library.phrase("zh-Hans", "medicine-capecitabine").text not in line.reply.text


async def test_all_answered_before_their_hour_are_not_said_at_all(ward: Ward):
    gul, *_ = await three_at_eight(ward)
    for dose in (await at_eight(ward)).values():
        async with ward.database.work() as work:
            await answer(work, await work.session.get_one(Occurrence, dose.id), "taken")

    await until(ward, EVENING + timedelta(hours=1))

    assert await ward.lines(gul) == []


async def test_one_of_them_moves_to_another_hour_and_the_others_stay(ward: Ward):
    gul, cape, _ = await three_at_eight(ward)

    await act(ward, set_hours, cape, {"capecitabine": ["09:00", "21:00"]}, ward.nurse_id)
    await until(ward, EVENING + timedelta(minutes=61))

    assert [each for each in await said(ward) if each.endswith(":00")] == ["01 20:00", "01 21:00"]
    first, *_ = await ward.lines(gul)
    assert ward.library.phrase("zh-Hans", "medicine-capecitabine").text not in first.reply.text


async def test_a_medicine_ordered_for_an_hour_that_was_told_already_is_not_put_into_what_was_told(ward: Ward):
    gul = await ward.patient(form="zh-Hans")
    choice = Enrolment("hcc-resection-antiviral", {"surgery-date": "2026-11-01"}, {})
    liver = await enrolled(ward, gul, choice)
    await enrolled(ward, gul, tablets())
    await until(ward, EVENING + timedelta(minutes=1))

    more = More({"antiviral-start": "2026-12-01"}, {"antiviral": ["20:00"]})
    await act(ward, order, liver, ["antiviral"], "HBsAg positive", ward.nurse_id, more)
    await until(ward, EVENING + timedelta(days=1, minutes=1))

    texts = [line.reply.text for line in await ward.lines(gul)]
    antiviral = ward.library.phrase("zh-Hans", "medicine-antiviral").text
    assert [antiviral in text for text in texts].count(True) == 1


async def held_up(ward: Ward) -> Message:
    """Two medicines at 20:00, whose reminder waits until 20:15 for its channel."""
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())
    await enrolled(ward, gul, one_tablet("20:00"))
    [shared] = [each for each in await ward.all(Message) if each.due_at == EVENING and each.kind == "medicine"]
    ward.clock.turn_to(EVENING + timedelta(minutes=1))
    await ward.change(Message, shared.id, next_at=EVENING + timedelta(minutes=15), why="window-closed")
    return shared


async def look_again(ward: Ward) -> None:
    async with ward.database.work() as work:
        await look_at_all_again(work)
    await look_ahead(ward)


@both
async def test_a_look_ahead_leaves_a_reminder_of_two_medicines_its_rest(ward: Ward):
    shared = await held_up(ward)

    await look_again(ward)

    row = await ward.message(shared.id)
    assert (row.next_at, row.why) == (EVENING + timedelta(minutes=15), "window-closed")


async def test_what_is_left_of_two_medicines_has_the_words_of_its_own(ward: Ward):
    shared = await held_up(ward)
    doses = await at_eight(ward)
    [other] = [each for each in doses.values() if each.id != shared.occurrence_id]
    async with ward.database.work() as work:
        await answer(work, await work.session.get_one(Occurrence, shared.occurrence_id), "taken")

    await look_again(ward)

    row = await ward.message(shared.id)
    assert row.occurrence_id == other.id
    assert row.arguments["subject"] != shared.arguments["subject"]


async def test_later_brings_all_of_them_again_in_one_message(ward: Ward):
    gul, *_ = await three_at_eight(ward)
    await until(ward, EVENING + timedelta(minutes=1))
    async with ward.database.work() as work:
        again_at = await snooze(work, await work.session.get_one(Occurrence, (await at_eight(ward))["laxative"].id))

    await until(ward, again_at + timedelta(minutes=1))

    first, again = await ward.lines(gul)
    assert first.reply.text == again.reply.text


@pytest.fixture
async def talk(ward: Ward) -> AsyncIterator[Talk]:
    """A patient who was reminded of three medicines; buttons need no assistant."""
    gul, *_ = await three_at_eight(ward)
    await until(ward, EVENING + timedelta(minutes=1))
    nobody = RasaAssistant(f"http://127.0.0.1:{free_port()}", "nobody")
    yield Talk(ward, Conversation(ward.database, ward.library, nobody, gate=Gate(demo=True)), gul)
    await nobody.close()


async def test_taken_is_all_of_them(talk: Talk):
    [line] = await talk.ward.lines(talk.patient)

    await talk.press(line.reply.buttons[0].payload)

    assert {each.answer for each in (await at_eight(talk.ward)).values()} == {"taken"}


async def test_not_taken_asks_which_and_leaves_the_others_open(talk: Talk):
    [line] = await talk.ward.lines(talk.patient)

    [asked] = await talk.press(line.reply.buttons[2].payload)
    assert [button.payload.split(":")[1] for button in asked.buttons] == ["missed-one"] * 3 + ["missed-all"]
    [reason] = await talk.press(
        next(button.payload for button in asked.buttons if button.label == talk.words("medicine-laxative"))
    )

    assert reason.text.startswith(talk.words("dose-missed-ask-reason"))
    answers = {key: each.answer for key, each in (await at_eight(talk.ward)).items()}
    assert answers == {"capecitabine": None, "regular-dose": None, "laxative": "missed"}


async def test_none_taken_is_all_of_them(talk: Talk):
    [line] = await talk.ward.lines(talk.patient)

    [asked] = await talk.press(line.reply.buttons[2].payload)
    await talk.press(asked.buttons[-1].payload)

    assert {each.answer for each in (await at_eight(talk.ward)).values()} == {"missed"}
    tonight = [
        each for each in await talk.ward.all(Message) if each.kind == "medicine" and each.due_at < EVENING + timedelta(hours=2)
    ]
    assert "due" not in {each.state for each in tonight}
