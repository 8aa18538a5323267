"""The morning after: one gentle question about yesterday's doses nobody said anything of, and what becomes of the answers."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from care.content.library import Library
from care.kit.settings import ROOT
from care.messages.reply import Reply
from tests.content.breaking import change
from tests.conversation.conftest import Meet
from tests.conversation.talk import Talk, payloads
from tests.plans.course import enrolled, one_tablet, said, tablets, until
from tests.ward import Message

EVENING = datetime(2026, 12, 1, 15, 30, tzinfo=UTC)  # 23:30 in Beijing: both windows of the day are over
MORNING = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)  # 10:00


async def met(meet: Meet, *hours: str, form: str = "zh-Hans") -> Talk:
    """A patient with doses at some hours; it is noon, so that earlier ones begin tomorrow."""
    gul = await meet(form)
    await enrolled(gul.ward, gul.patient, tablets(hours=hours) if len(hours) == 2 else one_tablet(*hours))
    return gul


async def question(gul: Talk) -> Reply:
    """What was said last: the question of the morning."""
    return (await gul.ward.lines(gul.patient))[-1].reply


async def questions(gul: Talk) -> list[Message]:
    return [each for each in await gul.ward.all(Message) if each.kind == "question" and each.state == "sent"]


@pytest.mark.parametrize("form", ["zh-Hans", "ug-Arab", "kk-Cyrl", "kk-Arab"])
async def test_silence_is_asked_about_once_in_the_morning_with_the_reasons(meet_alone: Meet, form: str):
    gul = await met(meet_alone, "13:00", form=form)

    await until(gul.ward, MORNING + timedelta(hours=1))

    reply = await question(gul)
    assert len(await questions(gul)) == 1
    assert "13:00" in reply.text
    assert payloads(reply)[0].startswith("dose:taken-all:")
    assert [each.split(":")[1] for each in payloads(reply)[1:3]] == ["forgot", "side-effect"]


async def test_two_doses_of_a_day_are_one_question(meet_alone: Meet):
    gul = await met(meet_alone, "12:30", "22:50")

    await until(gul.ward, MORNING + timedelta(hours=1))

    text = (await question(gul)).text
    assert len(await questions(gul)) == 1
    assert ("12:30" in text, "22:50" in text) == (True, True)


async def test_who_answered_is_not_asked(meet_alone: Meet):
    gul = await met(meet_alone, "13:00")
    buttons = await gul.reminded(timedelta(hours=1))
    await gul.press(buttons["taken"])

    await until(gul.ward, MORNING + timedelta(hours=1))

    assert await questions(gul) == []


async def test_only_what_is_still_open_is_asked(meet_alone: Meet):
    gul = await met(meet_alone, "12:30", "22:50")
    await gul.press((await gul.reminded())["taken"])

    await until(gul.ward, MORNING + timedelta(hours=1))

    reply = await question(gul)
    assert "22:50" in reply.text
    assert "12:30" not in reply.text


async def test_a_dose_put_off_and_then_forgotten_is_asked_about_too(meet_alone: Meet):
    gul = await met(meet_alone, "13:00")
    await gul.press((await gul.reminded(timedelta(hours=1)))["later"])

    await until(gul.ward, MORNING + timedelta(hours=1))

    assert len(await questions(gul)) == 1


async def test_taken_yesterday_belongs_to_the_dose_that_was_due(meet_alone: Meet):
    gul = await met(meet_alone, "12:30", "22:50")
    await until(gul.ward, MORNING + timedelta(hours=1))

    (answer,) = await gul.press(payloads(await question(gul))[0])

    assert answer.text == gul.words("question-thanks")
    assert await gul.answers() == ["taken", "taken"]


@pytest.mark.parametrize(("verb", "answers"), [("药吃过了", ["taken"]), ("今天的药没吃", ["missed"])])
async def test_a_typed_word_after_the_question_is_about_yesterday(meet: Meet, verb: str, answers: list[str]):
    gul = await met(meet, "13:00")
    await until(gul.ward, MORNING + timedelta(minutes=1))

    await gul.say(verb)

    assert await gul.answers() == answers


async def test_none_was_taken_asks_why_once_for_all(meet_alone: Meet):
    gul = await met(meet_alone, "12:30", "22:50")
    await until(gul.ward, MORNING + timedelta(hours=1))

    (why,) = await gul.press(payloads(await question(gul))[2])
    await gul.press(payloads(why)[0])

    assert [(dose.answer, dose.reason) for dose in await gul.doses()] == [("missed", "forgot")] * 2


async def test_some_were_taken_is_asked_one_by_one(meet_alone: Meet):
    gul = await met(meet_alone, "12:30", "22:50")
    await until(gul.ward, MORNING + timedelta(hours=1))

    (first,) = await gul.press(payloads(await question(gul))[1])
    (why,) = await gul.press(payloads(first)[1])
    thanks, second = await gul.press(payloads(why)[0])
    (done,) = await gul.press(payloads(second)[0])

    assert ("12:30" in first.text, "22:50" in second.text) == (True, True)
    assert thanks.text == gul.words("dose-missed-thanks")
    assert done.text == gul.words("question-thanks")
    assert await gul.answers() == ["missed", "taken"]


async def test_there_are_at_most_two_medicine_messages_a_dose_and_the_question(meet_alone: Meet):
    gul = await met(meet_alone, "13:00")

    await until(gul.ward, MORNING + timedelta(hours=1))

    assert await said(gul.ward) == ["01 13:00", "01 13:45"]
    assert len(await questions(gul)) == 1


async def test_a_plan_may_leave_a_step_out(meet_alone: Meet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    gul = await meet_alone("zh-Hans")
    shutil.copytree(ROOT / "content", tmp_path / "content")
    change(tmp_path / "content" / "plans" / "nsclc-egfr-tki.yml", "aim: ", "ladder: {without: [question]}\naim: ")
    monkeypatch.setattr(gul.ward.library, "plans", Library.load(tmp_path / "content").plans)
    await enrolled(gul.ward, gul.patient, one_tablet("13:00"))

    await until(gul.ward, MORNING + timedelta(hours=1))

    assert await questions(gul) == []


async def asked_one_by_one(meet: Meet) -> tuple[Talk, Reply]:
    """Two doses of yesterday; "some of them" was pressed, and the first is asked about."""
    gul = await met(meet, "12:30", "22:50")
    await until(gul.ward, MORNING + timedelta(minutes=1))
    (first,) = await gul.press(payloads(await question(gul))[1])
    return gul, first


@pytest.mark.parametrize(("typed", "answers"), [("吃了", ["taken", None]), ("没吃", ["missed", None])])
async def test_a_typed_word_is_about_the_one_dose_that_is_asked_about(meet_alone: Meet, typed: str, answers: list[str | None]):
    gul, first = await asked_one_by_one(meet_alone)
    assert "12:30" in first.text

    await gul.say(typed)

    assert await gul.answers() == answers


async def test_the_second_one_is_asked_about_and_heard_too(meet_alone: Meet):
    gul, first = await asked_one_by_one(meet_alone)
    (second,) = await gul.press(payloads(first)[0])
    assert "22:50" in second.text

    await gul.say("吃了")

    assert await gul.answers() == ["taken", "taken"]


@pytest.mark.parametrize(("first", "then", "answer"), [(0, 2, "missed"), (2, 0, "taken")])
async def test_the_question_of_the_morning_may_be_answered_anew(meet_alone: Meet, first: int, then: int, answer: str):
    gul = await met(meet_alone, "12:30", "22:50")
    await until(gul.ward, MORNING + timedelta(minutes=1))
    buttons = payloads(await question(gul))
    await gul.press(buttons[first])

    await gul.press(buttons[then])

    assert await gul.answers() == [answer, answer]


async def test_of_one_dose_too(meet_alone: Meet):
    gul = await met(meet_alone, "13:00")
    await until(gul.ward, MORNING + timedelta(minutes=1))
    buttons = payloads(await question(gul))
    await gul.press(buttons[1])

    await gul.press(buttons[0])

    assert await gul.answers() == ["taken"]


async def test_an_old_question_names_its_day_and_not_yesterday(meet_alone: Meet):
    gul = await met(meet_alone, "12:30", "22:50")
    await until(gul.ward, MORNING + timedelta(minutes=1))
    buttons = payloads(await question(gul))
    gul.ward.clock.advance(timedelta(days=3))

    (one,) = await gul.press(buttons[1])

    assert one.text.startswith("12月1日 12:30")


async def test_taken_after_todays_reminder_is_todays_not_the_one_that_was_asked_about(meet_alone: Meet):
    gul = await met(meet_alone, "12:30", "22:50")
    await until(gul.ward, MORNING + timedelta(hours=2, minutes=15))
    await gul.press(payloads(await question(gul))[1])  # "some of them", at 12:15
    await until(gul.ward, MORNING + timedelta(hours=2, minutes=35))

    await gul.say("吃了")

    assert {f"{dose.due_at:%d %H}": dose.answer for dose in await gul.doses()} == {"01 04": None, "01 14": None, "02 04": "taken"}
