"""Every rule of content/checkins/rules.yml, played from the data: an answer that meets it, and the nearest that does not."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from care.content.checkin_types import CheckIns, Condition, Item, Rule
from care.content.library import Library
from care.conversation.checkin_rules import number
from tests.conversation.checkin import asked, questionnaire_with, treated
from tests.conversation.conftest import Meet
from tests.conversation.talk import Talk

PLAIN_SCALE = "pi-nausea"  # no rule of its own listens to it
ILL = {"pi-nausea": 2, "pi-mouth": 2, "pi-fatigue": 2}  # each by itself a rule above self-care
Alert = tuple[str, str]


def rule_named(checkins: CheckIns, name: str) -> Rule:
    return next(rule for rule in checkins.rules if rule.id == name)


def answers_of(item: Item) -> list[str]:
    """Everything a question can be answered with, in its order; a number by tenths."""
    if item.limits is None:
        return list(item.values)
    low, high = item.limits
    step = 1 if item.kind == "number" else 10
    return [f"{tenth / 10:g}" for tenth in range(round(low * 10), round(high * 10) + 1, step)]


def fits(condition: Condition, value: str) -> bool:
    read = number(value)
    return condition.fits(value if read is None else read)


def edges(condition: Condition, item: Item) -> tuple[list[str], list[str]]:
    """Answers at the edge of a condition: those just inside, and those just outside."""
    answers = answers_of(item)
    hits = [fits(condition, each) for each in answers]
    inside = [answers[at] for at, hit in enumerate(hits) if hit and (at == 0 or not hits[at - 1])]
    outside = [answers[at - 1] for at, hit in enumerate(hits) if at and hit and not hits[at - 1]]
    outside += [answers[at] for at, hit in enumerate(hits) if at and hits[at - 1] and not hit]
    return inside, outside


def alert_of(rule: Rule) -> Alert:
    return rule.flag or "check-in", rule.tier


def stories(rule: Rule, item: Item) -> Iterator[tuple[Condition, str, bool]]:
    """Each condition with an answer at its edge, and whether it is met."""
    for condition in rule.when:
        inside, outside = edges(condition, item)
        yield from ((condition, value, True) for value in inside)
        yield from ((condition, value, False) for value in outside)


async def heard(gul: Talk, item: Item, value: str, besides: int) -> set[Alert]:
    """What stands on the worklist after the answer, with so many ill ones beside it."""
    checkins = gul.ward.library.checkins
    name = questionnaire_with(checkins, item.id)
    asking = await asked(gul, name)
    others = [each for each in ILL if each in checkins.questionnaires[name].items and each != item.id]
    for other in others[:besides]:
        await asking.answer(other, ILL[other])
    await asking.answer(item.id, value)
    return await asking.alerts()


async def earlier(gul: Talk, item: Item, questionnaire: str, value: int) -> None:
    """A check-in of last week; whatever it raised, a nurse has dealt with."""
    await (await asked(gul, questionnaire)).answer(item.id, value)
    await gul.settled()
    gul.ward.clock.advance(timedelta(days=8))


def needs(condition: Condition) -> int:
    """How many other ill answers it takes."""
    return condition.answers - 1 + condition.with_another


def met_by_itself(rule: Rule) -> bool:
    """What is compared with the time before is told below, as is what the plan's own record says."""
    return rule.of not in ("check-in", "doses") and not any(
        each.rose_by or each.is_new or each.fell_percent for each in rule.when
    )


async def test_each_rule_is_met_by_its_own_answers_and_not_by_their_neighbours(meet_alone: Meet, library: Library):
    mistaken = []
    for rule in filter(met_by_itself, library.checkins.rules):
        item = library.checkins.items[PLAIN_SCALE if rule.of == "every-scale" else rule.of]
        for condition, value, is_met in stories(rule, item):
            gul = await meet_alone("zh-Hans")
            alerts = await heard(gul, item, value, needs(condition))
            if (alert_of(rule) in alerts) != (is_met and rule.tier != "self-care"):
                mistaken.append((rule.id, value, alerts))
            await gul.settled()

    assert mistaken == []


@pytest.mark.parametrize("name", ["temp-warm-and-ill", "temp-low-and-ill"])
async def test_a_temperature_beside_another_illness_is_more_than_alone(meet_alone: Meet, library: Library, name: str):
    rule = rule_named(library.checkins, name)
    inside, _ = edges(rule.when[0], library.checkins.items[rule.of])
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-weekly")

    await asking.answer("pi-nausea", 1)
    await asking.answer(rule.of, inside[0])
    alone = await asking.alerts()
    await asking.answer("pi-fatigue", 2)

    assert alert_of(rule) not in alone
    assert alert_of(rule) in await asking.alerts()


async def test_what_rose_by_two_is_heard_the_same_day(meet_alone: Meet, library: Library):
    rule = rule_named(library.checkins, "scale-rose")
    assert [each.rose_by for each in rule.when] == [2]
    for then, is_met in ((0, True), (1, False)):
        gul = await meet_alone("zh-Hans", name=f"then {then}")
        await earlier(gul, library.checkins.items[PLAIN_SCALE], "q-chemo-weekly", then)
        asking = await asked(gul, "q-chemo-weekly")
        await asking.answer(PLAIN_SCALE, 2)
        assert await asking.alerts() == {("check-in", "same-day" if is_met else "next-working-day")}
        await gul.settled()


async def test_without_an_answer_then_nothing_rose(meet_alone: Meet, library: Library):
    gul = await meet_alone("zh-Hans")
    await earlier(gul, library.checkins.items[PLAIN_SCALE], "q-chemo-weekly", 0)
    await (await asked(gul, "q-chemo-weekly")).answer(PLAIN_SCALE, "skip")
    gul.ward.clock.advance(timedelta(days=8))

    asking = await asked(gul, "q-chemo-weekly")
    await asking.answer(PLAIN_SCALE, 2)

    assert await asking.alerts() == {("check-in", "next-working-day")}


COUGHS = [(0, 1, True), (0, 0, False), (1, 2, False), (1, 3, True), (None, 3, False)]


@pytest.mark.parametrize("plan", ["nsclc-egfr-tki", ""])
@pytest.mark.parametrize(("then", "now", "is_new"), COUGHS)
async def test_a_new_cough_is_urgent_on_a_targeted_tablet_only(
    meet_alone: Meet, library: Library, plan: str, then: int | None, now: int, is_new: bool
):
    rule = rule_named(library.checkins, "cough-new")
    assert {each.treatment for each in rule.when} == {("targeted", "immune")}
    gul = await meet_alone("zh-Hans")
    if plan:
        await treated(gul, plan)
    if then is not None:
        await earlier(gul, library.checkins.items["pi-cough"], "q-egfr", then)

    asking = await asked(gul, "q-egfr")
    await asking.answer("pi-cough", now)

    assert (alert_of(rule) in await asking.alerts()) == (is_new and bool(plan))


@pytest.mark.parametrize(
    ("days", "now", "fell"),
    [(6, "49", True), (6, "49.1", False), (8, "49", False), (29, "47.5", True), (29, "47.6", False), (31, "47.5", False)],
)
async def test_weight_that_falls(meet_alone: Meet, library: Library, days: int, now: str, fell: bool):
    rule = rule_named(library.checkins, "weight-fell")
    assert [(each.fell_percent, each.within_days) for each in rule.when] == [(2, 7), (5, 30)]
    gul = await meet_alone("zh-Hans")
    await (await asked(gul, "q-colorectal")).answer("pi-weight", "50")
    gul.ward.clock.advance(timedelta(days=days))

    asking = await asked(gul, "q-liver")
    await asking.answer("pi-weight", now)

    assert await asking.alerts() == ({("check-in", "next-working-day")} if fell else set())


async def test_the_most_dangerous_rule_wins_and_nothing_takes_it_back(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-weekly")

    await asking.answer("pi-nausea", 4)
    await asking.answer("pi-nausea", 0)

    assert await asking.alerts() == {("check-in", "urgent-1h")}


async def test_two_ambers_of_a_check_in_are_a_red(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-nadir")

    await asking.answer("pi-fluids", "no")
    replies = await asking.answer("pi-line", "yes")

    assert ("two-ambers", "emergency") in await asking.alerts()
    assert (replies[0].act, replies[0].text.splitlines()[0]) == ("alarm", gul.words("alarm-emergency"))


def test_the_rules_that_look_back_are_told_by_stories_of_their_own(library: Library):
    looking = {rule.id for rule in library.checkins.rules if not met_by_itself(rule)}

    ladder = {"doses-relative", "doses-relative-at-once", "doses-not-confirmed", "doses-silent"}
    assert looking == {"scale-rose", "cough-new", "weight-fell", "check-missed", "doses-missed"} | ladder
