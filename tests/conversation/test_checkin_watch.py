"""Silence: a check-in nobody answers is seen by a nurse, by the rule of the data; and doses missed again and again."""

from datetime import timedelta

import pytest

from care.alarms.service import acknowledge, worklist
from care.content.checkin_words import CheckInWords
from care.content.library import Library
from care.conversation.checkin_due import questionnaire_of
from care.conversation.tables import CheckIn
from care.messages.tables import Message
from care.plans.tables import CarePlan, Occurrence
from tests.conversation.checkin import asked, falls_due, treated
from tests.conversation.conftest import Meet
from tests.conversation.talk import Talk, payloads

MISSED = ("check-missed", "next-working-day")


async def days_pass(gul: Talk, days: float) -> None:
    gul.ward.clock.advance(timedelta(days=days))
    await gul.ward.tick()


async def alerts(gul: Talk) -> list[tuple[str, str]]:
    return [(card.flag, card.tier) for card in await gul.worklist() if card.flag in ("check-missed", "doses-missed")]


async def falls_silent(gul: Talk, plan: str, times: int) -> None:
    """So many check-ins fall due, a week between them, and nobody says a word."""
    for _ in range(times):
        await falls_due(gul, plan, "q-pain-1")
        await days_pass(gul, 0.1)
        await days_pass(gul, 7)


@pytest.mark.parametrize(
    ("template", "cycle", "times", "told"),
    [
        ("opioid-pain-followup", 1, 1, False),
        ("opioid-pain-followup", 1, 2, True),
        ("opioid-pain-followup", 9, 2, True),
        ("capecitabine-14-7", 1, 1, False),
        ("capecitabine-14-7", 2, 2, True),
        ("capecitabine-14-7", 3, 2, False),
        ("colorectal-surveillance", 1, 3, False),
    ],
)
async def test_silence_is_told_where_the_rule_says(meet_alone: Meet, template: str, cycle: int, times: int, told: bool):
    gul = await meet_alone("zh-Hans")
    plan = await treated(gul, template, cycle)

    await falls_silent(gul, plan, times)

    assert await alerts(gul) == ([MISSED] if told else [])


async def test_an_answer_or_a_word_that_leaves_it_open_breaks_the_silence(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    plan = await treated(gul, "opioid-pain-followup")
    await falls_silent(gul, plan, 1)
    await (await asked(gul, "q-pain")).answer("pi-pain", "skip")

    await falls_silent(gul, plan, 1)

    assert await alerts(gul) == []


async def test_the_next_one_ends_the_one_before(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    plan = await treated(gul, "opioid-pain-followup")
    for _ in range(3):
        await falls_due(gul, plan, "q-pain-1")
        await days_pass(gul, 1)

    assert sorted(str(each.ended) for each in await gul.ward.all(CheckIn)) == ["None", "over", "over"]
    assert await alerts(gul) == [MISSED]


async def test_what_nobody_could_say_is_no_silence(meet_alone: Meet):
    for refused in ("symptoms", "reminders", "stop", "pause"):
        gul = await meet_alone("zh-Hans", name=refused)
        plan = await treated(gul, "opioid-pain-followup")
        if refused == "stop":
            await gul.press("stop")
        elif refused == "pause":
            await gul.ward.change(CarePlan, plan, paused_at=gul.ward.clock.now())
        else:
            await gul.consents(refused, False)
        await falls_silent(gul, plan, 2)

    assert await gul.ward.all(CheckIn) == []


async def test_a_check_in_that_is_due_is_begun_by_its_button_and_is_the_same_row(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    plan = await treated(gul, "opioid-pain-followup")
    occurrence = await falls_due(gul, plan, "q-pain-1")
    await gul.ward.tick()

    hello, first = await gul.press(f"checkin:start:{occurrence}")
    again = await gul.press(f"checkin:start:{occurrence}")

    (row,) = await gul.ward.all(CheckIn)
    assert (row.occurrence_id, row.begun_at) == (occurrence, gul.ward.clock.now())
    assert again[-1].text == first.text != hello.text


async def miss(gul: Talk, plan: str, answers: str) -> None:
    """A dose falls due each half day and is answered: m(issed), t(aken), or nothing."""
    for each in answers:
        dose = await falls_due(gul, plan, "capecitabine", kind="medicine", slot=gul.ward.clock.now().hour)
        if each != "-":
            await gul.press(f"dose:{'missed' if each == 'm' else 'taken'}:{dose}")
        gul.ward.clock.advance(timedelta(hours=12))


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ("tm", False),
        ("mm", True),
        ("mtm", False),
        ("m-m", False),
        ("mtmtm", True),
        ("m" + 28 * "t" + "mtm", False),
        ("----", False),
    ],
)
async def test_missed_doses_are_counted_in_the_plans_own_record(meet_alone: Meet, answers: str, told: bool):
    gul = await meet_alone("zh-Hans")
    plan = await treated(gul, "capecitabine-14-7")

    await miss(gul, plan, answers)

    assert await alerts(gul) == ([("doses-missed", "next-working-day")] if told else [])
    assert len(await gul.ward.all(Occurrence)) == len(answers)


async def test_two_medicines_missed_at_one_hour_are_missed_once(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    plan = await treated(gul, "hcc-resection-antiviral")
    for _ in range(2):
        for medicine in ("antiviral", "capecitabine"):
            dose = await falls_due(gul, plan, medicine, kind="medicine")
            await gul.press(f"dose:missed:{dose}")
        gul.ward.clock.advance(timedelta(days=1))
        await gul.press(f"dose:taken:{await falls_due(gul, plan, 'antiviral', kind='medicine')}")
        await gul.press(f"dose:taken:{await falls_due(gul, plan, 'capecitabine', kind='medicine')}")
        gul.ward.clock.advance(timedelta(days=1))

    assert await alerts(gul) == []


async def test_a_check_in_of_the_plan_is_announced_and_begun_by_its_button(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await gul.ward.enrolled(gul.patient)  # from day 1 on: the first questions are those of day 2
    gul.ward.clock.advance(timedelta(hours=23))
    await gul.ward.tick()
    (announced,) = [line.reply for line in await gul.ward.lines(gul.patient) if payloads(line.reply)[0].startswith("checkin:")]

    _, first = await gul.press(payloads(announced)[0])

    checkins = gul.ward.library.checkins
    words = CheckInWords(gul.ward.library, "zh-Hans")
    title = words.title(checkins.questionnaires["q-capecitabine"]).text
    assert announced.text == gul.words("reminder-check-in", title=title)
    assert first.text == words.ask(checkins.items["pi-diarrhea"], checkins.questionnaires["q-capecitabine"]).text
    assert [(row.occurrence_id is not None, row.questionnaire) for row in await gul.ward.all(CheckIn)] == [
        (True, "q-capecitabine")
    ]


async def test_nothing_is_announced_to_who_does_not_agree_that_it_is_kept(meet_alone: Meet):
    gul = await meet_alone("zh-Hans", consents=False)
    await gul.ward.enrolled(gul.patient)
    gul.ward.clock.advance(timedelta(hours=23))
    await gul.ward.tick()

    sent = {(each.kind, each.state, each.why) for each in await gul.ward.all(Message) if each.due_at <= gul.ward.clock.now()}
    assert ("checkin", "cleared", "no-consent") in sent
    assert await gul.ward.all(CheckIn) == []


def test_every_check_in_of_every_plan_is_one_that_can_be_asked(library: Library):
    for plan in library.plans.values():
        for each in plan.checkins:
            occurrence = Occurrence(kind=each.kind, activity=each.key)
            asked_for = questionnaire_of(library, occurrence)
            assert asked_for is library.checkins.questionnaires[each.subject]
            assert plan.id in asked_for.plans, each.key


def test_every_questionnaire_falls_due_in_the_plans_it_names(library: Library):
    for each in library.checkins.questionnaires.values():
        for plan in each.plans:
            assert each.id in {activity.subject for activity in library.plans[plan].checkins}, (each.id, plan)


async def missed_days(gul: Talk, days: int) -> None:
    """So many check-ins about pain fall due, one a day, and nobody says a word."""
    plan = await treated(gul, "opioid-pain-followup")
    for _ in range(days):
        await falls_due(gul, plan, "q-pain-1")
        gul.ward.clock.advance(timedelta(days=1))
        await gul.ward.tick()


async def flags(gul: Talk) -> list[str]:
    return [card.flag for card in await gul.worklist()]


async def test_what_was_not_asked_of_who_had_stopped_is_no_silence(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await gul.press("stop")
    await missed_days(gul, 3)
    await gul.press("resume")
    gul.ward.clock.advance(timedelta(minutes=1))
    await gul.ward.tick()

    assert "check-missed" not in await flags(gul)


async def test_what_was_not_asked_before_they_agreed_is_no_silence(meet_alone: Meet):
    gul = await meet_alone("zh-Hans", consents=False)
    await missed_days(gul, 3)
    await gul.consents("symptoms", True)
    gul.ward.clock.advance(timedelta(minutes=1))
    await gul.ward.tick()

    assert "check-missed" not in await flags(gul)


async def test_after_an_outage_the_newest_stands_and_the_others_are_no_silence(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    plan = await treated(gul, "opioid-pain-followup")
    for _ in range(3):
        await falls_due(gul, plan, "q-pain-1")
        gul.ward.clock.advance(timedelta(days=1))
    await gul.ward.tick()

    rows = sorted(await gul.ward.all(CheckIn), key=lambda row: row.due_at)
    assert [row.ended for row in rows] == ["over", "over", None]
    assert "check-missed" not in await flags(gul)


async def test_a_plan_paused_after_it_was_asked_is_no_silence(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    plan = await treated(gul, "opioid-pain-followup")
    for number in (1, 2):
        await falls_due(gul, plan, f"q-pain-{number}")
        gul.ward.clock.advance(timedelta(days=number % 2, hours=1))
        await gul.ward.tick()
    await gul.ward.change(CarePlan, plan, paused_at=gul.ward.clock.now())
    gul.ward.clock.advance(timedelta(days=8))
    await gul.ward.tick()

    assert "check-missed" not in await flags(gul)


async def test_silence_that_a_nurse_has_seen_is_one_line_until_she_closes_it(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    plan = await treated(gul, "opioid-pain-followup")
    for number in range(5):
        await falls_due(gul, plan, f"q-pain-{number}")
        gul.ward.clock.advance(timedelta(days=1))
        await gul.ward.tick()
        async with gul.ward.database.work() as work:
            for card in await worklist(work, gul.ward.clinic.id):
                await acknowledge(work, gul.ward.clinic.id, card.id, gul.ward.nurse_id)

    assert (await flags(gul)).count("check-missed") == 1
