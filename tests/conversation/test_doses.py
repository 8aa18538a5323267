"""What becomes of a dose when patients answer in their own words, late, twice, or by mistake."""

from datetime import timedelta

import pytest

from care.kit.ids import new_id
from care.messages.tables import Mention
from care.plans.pauses import pause
from tests.conversation.checkin import falls_due, treated
from tests.conversation.conftest import Meet
from tests.conversation.talk import Talk, acts, payloads
from tests.plans.course import said, until
from tests.ward import Message

TAKEN = {
    "zh-Hans": "药吃过了",
    "ug-Arab": "دورامنى ئىچىۋالدىم",
    "ug-Latn": "dorini ichip boldum",
    "kk-Cyrl": "дәрімді ішіп қойдым",
    "kk-Arab": "دارىمدى ءىشىپ قويدىم",
}
LATER = {
    "zh-Hans": "过一会儿再提醒我",
    "ug-Arab": "سەل تۇرۇپ ئىچىمەن",
    "ug-Latn": "keyin ichimen",
    "kk-Cyrl": "сәлден кейін ішемін",
    "kk-Arab": "سالدەن كەيىن ىشەمىن",
}
# "I did not take it" and then why: it ran out; it made me ill; I forgot.
MISSED = {
    "zh-Hans": ("今天的药没吃", "吃了不舒服", "side-effect"),
    "ug-Arab": ("بۈگۈن دورامنى ئىچمىدىم", "كۆڭلۈم ئاينىپ كەتتى", "side-effect"),
    "ug-Latn": ("dora ichmidim", "untup qaldim", "forgot"),
    "kk-Cyrl": ("дәрімді ішпедім", "ұмытып кеттім", "forgot"),
    "kk-Arab": ("دارىمدى ىشپەدىم", "ۇمىتىپ كەتتىم", "forgot"),
}
RELATIVES = {
    "zh-Hans": "我妈妈把药吃了",
    "ug-Arab": "ئاپام دورىسىنى ئىچتى",
    "ug-Latn": "anam dorisini ichti",
    "kk-Cyrl": "анам дәрісін ішті",
}


async def with_plan(meet: Meet, form: str = "zh-Hans"):
    """A patient with two doses a day, at 12:30 and 23:30; it is noon."""
    gul = await meet(form)
    await gul.ward.enrolled(gul.patient)
    return gul


@pytest.mark.parametrize("form", TAKEN)
async def test_taken_in_their_own_words(meet: Meet, form: str):
    gul = await with_plan(meet, form)
    await gul.reminded()

    (answer,) = await gul.say(TAKEN[form])

    assert answer.text == gul.words("dose-taken-thanks", hour="12:30")
    assert await gul.answers() == ["taken"]


@pytest.mark.parametrize("form", RELATIVES)
async def test_a_relative_says_it_was_taken(meet: Meet, form: str):
    gul = await with_plan(meet, form)
    await gul.reminded()

    await gul.say(RELATIVES[form])

    assert await gul.answers() == ["taken"]


@pytest.mark.parametrize("form", LATER)
async def test_later_in_their_own_words_reminds_once_more_in_half_an_hour(meet: Meet, form: str):
    gul = await with_plan(meet, form)
    await gul.reminded()

    (answer,) = await gul.say(LATER[form])
    again = await gul.reminded()

    assert "13:00" in answer.text
    assert await gul.answers() == [None]
    assert list(again) == ["taken", "later", "missed"]


@pytest.mark.parametrize("form", MISSED)
async def test_missed_and_why_in_their_own_words(meet: Meet, form: str):
    gul = await with_plan(meet, form)
    await gul.reminded()
    missed, why, reason = MISSED[form]

    (question,) = await gul.say(missed)
    (thanks,) = await gul.say(why)

    (dose,) = await gul.doses()
    assert question.text == gul.words("dose-missed-ask-reason")
    assert (thanks.act, dose.answer, dose.reason) == ("dose_missed", "missed", reason)
    flags = [card.flag for card in await gul.worklist()]
    assert flags == ([f"missed-{reason}"] if reason != "forgot" else [])


@pytest.mark.parametrize(("form", "why"), [("zh-Hans", "药没了"), ("kk-Cyrl", "дәрім таусылып қалды")])
async def test_a_reason_that_is_an_alarm_too_is_answered_as_one_and_kept(meet: Meet, form: str, why: str):
    gul = await with_plan(meet, form)
    await gul.reminded()
    await gul.say(MISSED[form][0])

    (answer,) = await gul.say(why)

    (dose,) = await gul.doses()
    assert (answer.act, dose.answer, dose.reason) == ("alarm", "missed", "no-supply")
    assert [card.flag for card in await gul.worklist()] == ["rf-medicine-run-out"]


async def test_who_is_confused_hears_the_plan_again(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    buttons = await gul.reminded()
    await gul.press(buttons["missed"])

    (answer,) = await gul.press(f"reason:confused-about-instructions:{(await gul.doses())[0].id}")

    assert "23:30" in answer.text
    assert [card.flag for card in await gul.worklist()] == ["missed-confused"]


async def test_every_reason_can_also_be_pressed_and_never_asks_for_a_double_dose(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    buttons = await gul.reminded()

    (question,) = await gul.press(buttons["missed"])
    for payload in payloads(question):
        (answer,) = await gul.press(payload)
        assert gul.words("reminder-dont-double") in answer.text or answer.text == gul.words("dose-missed-thanks")

    (dose,) = await gul.doses()
    assert (dose.answer, dose.reason) == ("missed", payloads(question)[-1].split(":")[1])


async def test_taken_twice_is_one_dose(meet: Meet):
    gul = await with_plan(meet)
    await gul.reminded()

    first, second = await gul.say("吃了"), await gul.say("药吃过了")

    assert first[0].text == gul.words("dose-taken-thanks", hour="12:30")
    assert second[0].text == gul.words("dose-taken-already", hour="12:30")
    assert await gul.answers() == ["taken"]


async def test_taken_twice_never_confirms_an_older_dose_that_was_left_unanswered(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    await gul.reminded()
    await gul.reminded(timedelta(hours=11))  # 23:30; the dose of 12:30 was never answered

    await gul.say("吃了")
    await gul.say("吃了")

    assert await gul.answers() == [None, "taken"]


async def test_the_button_of_an_older_reminder_still_confirms_that_dose(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    noon = await gul.reminded()
    night = await gul.reminded(timedelta(hours=11))

    await gul.press(night["taken"])
    (answer,) = await gul.press(noon["taken"])

    assert answer.text == gul.words("dose-taken-thanks", hour="12:30")
    assert await gul.answers() == ["taken", "taken"]


async def test_a_dose_confirmed_after_midnight_belongs_to_its_evening(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    await gul.press((await gul.reminded())["taken"])
    await gul.reminded(timedelta(hours=11))
    gul.ward.clock.advance(timedelta(hours=2))

    (answer,) = await gul.say("吃了")

    assert answer.text == gul.words("dose-taken-thanks", hour="23:30")


async def test_taken_in_the_evening_is_not_the_noon_dose_whose_reason_was_never_given(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    await gul.press((await gul.reminded())["missed"])
    await gul.reminded(timedelta(hours=11))

    (answer,) = await gul.say("吃了")

    assert answer.text == gul.words("dose-taken-thanks", hour="23:30")
    assert await gul.answers() == ["missed", "taken"]


async def test_a_dose_that_fell_due_meanwhile_is_meant_even_minutes_after_an_open_question(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    noon = await gul.reminded()
    gul.ward.clock.advance(timedelta(hours=10, minutes=50))
    await gul.press(noon["missed"])
    await gul.reminded(timedelta(minutes=10))

    await gul.say("吃了")

    assert await gul.answers() == ["missed", "taken"]


async def test_missed_and_then_taken_after_all_corrects_the_same_dose(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    await gul.press((await gul.reminded())["missed"])

    await gul.say("吃了")

    assert await gul.answers() == ["taken"]


async def test_later_pressed_twice_in_a_moment_still_reminds_once(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    buttons = await gul.reminded()
    before = len(await gul.ward.lines(gul.patient))

    await gul.press(buttons["later"])
    await gul.press(buttons["later"])
    await gul.reminded()

    reminders = [line for line in (await gul.ward.lines(gul.patient))[before:] if line.reply.act == "reminder"]
    assert len(reminders) == 1


async def test_later_too_late_says_so_instead_of_reminding_into_the_next_dose(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    buttons = await gul.reminded()
    gul.ward.clock.advance(timedelta(hours=3))

    (answer,) = await gul.press(buttons["later"])

    assert answer.text == gul.words("dose-later-too-late")


async def test_taken_calls_back_the_reminder_that_was_still_to_come(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    buttons = await gul.reminded()
    await gul.press(buttons["later"])

    await gul.press(buttons["taken"])
    await gul.reminded()

    states = {
        each.key.rsplit(":", 1)[1][:5]: each.state for each in await gul.ward.all(Message) if each.due_at <= gul.ward.clock.now()
    }
    assert states["later"] == "cleared"


@pytest.mark.parametrize("said", ["吃了", "今天的药没吃", "过一会儿再提醒我"])
async def test_nothing_due_says_so_and_writes_no_answer(meet: Meet, said: str):
    gul = await meet("zh-Hans")

    (answer,) = await gul.say(said)

    assert answer.text == gul.words("dose-none-due")


async def test_the_same_key_again_is_the_same_answer_and_nothing_twice(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    await gul.reminded()
    key = new_id()

    first, again = await gul.say("吃了", key=key), await gul.say("吃了", key=key)

    assert first == again
    assert len(await gul.ward.lines(gul.patient)) == 3  # the reminder, "taken", the answer


@pytest.mark.parametrize(
    "payload", ["dose:taken:nobody", "reason:forgot:nobody", "reason:made-up", "dose:eaten", "topic:made-up", "x"]
)
async def test_a_button_that_means_nothing_any_more_shows_a_way_on(meet_alone: Meet, payload: str):
    gul = await with_plan(meet_alone)
    await gul.reminded()

    (answer,) = await gul.press(payload)

    assert "nurse" in payloads(answer)
    assert await gul.answers() == [None]


async def test_another_patients_button_answers_nothing_of_theirs(meet_alone: Meet):
    gul = await with_plan(meet_alone)
    buttons = await gul.reminded()
    mallory = await meet_alone("zh-Hans", name="Mallory")

    assert acts(await mallory.press(buttons["taken"])) == ["dose_taken"]
    assert await gul.answers() == [None]


EARLIER = timedelta(hours=9, minutes=15)  # 21:45, when the dose of 23:30 may be taken already


async def before_the_evening(meet: Meet) -> Talk:
    """The first dose of the day was taken; the second is due in less than two hours."""
    gul = await with_plan(meet)
    await gul.press((await gul.reminded())["taken"])
    gul.ward.clock.advance(EARLIER)
    return gul


@pytest.mark.parametrize("typed", ["待会儿", "没吃"])
async def test_nothing_but_taken_is_said_of_a_dose_before_its_hour(meet_alone: Meet, typed: str):
    gul = await before_the_evening(meet_alone)

    await gul.say(typed)
    await until(gul.ward, gul.ward.clock.now() + timedelta(hours=2, minutes=30))

    assert [each for each in await said(gul.ward) if each.startswith("01 2")] == ["01 23:30"]
    assert await gul.answers() == ["taken", None]


async def test_one_of_two_medicines_missed_stays_missed_when_the_rest_is_taken(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    plan = await treated(gul, "hcc-resection-antiviral")
    first, second = [await falls_due(gul, plan, each, kind="medicine") for each in ("antiviral", "capecitabine")]
    message = await gul.ward.due(gul.patient)
    async with gul.ward.database.work() as work:
        for each in (first, second):
            named = Mention(occurrence_id=each, step="remind-0", message_id=message, said={"subject": "medicine-your"})
            work.session.add(named)
    (why,) = await gul.press(f"dose:missed-one:{first}")
    await gul.press(payloads(why)[0])

    await gul.press(f"dose:taken:{first}")  # the reminder's own button names both

    assert {dose.id: dose.answer for dose in await gul.doses()} == {first: "missed", second: "taken"}


@pytest.mark.parametrize("quiet", ["paused", "stopped"])
async def test_later_is_not_promised_where_nothing_will_be_said(meet_alone: Meet, quiet: str):
    gul = await with_plan(meet_alone)
    buttons = await gul.reminded()
    if quiet == "stopped":
        await gul.press("stop")
    else:
        async with gul.ward.database.work() as work:
            await pause(work, gul.ward.library, gul.patient.id, "hospital", gul.ward.nurse_id)

    answer, *_ = await gul.press(buttons["later"])

    assert answer.text == gul.words("dose-later-too-late")
