"""What comes next for a patient: the next medicine and the next visit, in their words."""

from care.content.types import Text
from care.conversation.context import Turn
from care.messages.reply import Reply, Wording
from care.plans.occurrences import next_expected, subject_of
from care.plans.tables import Occurrence


async def next_visit(turn: Turn) -> list[Reply]:
    """The next medicine and the next visit, each with its hour and clock."""
    wording = Wording(turn.form)
    wording.add(*await next_dose(turn))
    visit = await next_expected(turn.work, turn.patient.id, ("appointment", "lab"))
    if visit:
        wording.add(await _next_visit(turn, visit))
    if not wording.texts:
        wording.add(turn.phrase("next-nothing"))
    return [wording.reply("next_visit", buttons=(turn.button("button-nurse", "nurse"),))]


async def next_dose(turn: Turn) -> list[Text]:
    """The line of the plan a patient asks for most: what, and at which hour of which clock.  Nothing when none is near."""
    dose = await next_expected(turn.work, turn.patient.id, ("medicine",))
    if dose is None:
        return []
    medicine = turn.words.authored(await subject_of(turn.work, turn.library, dose))
    day = turn.words.day(dose.local_date)
    return [turn.phrase("next-dose", medicine=medicine, date=day, hour=dose.hour, clock=turn.words.clock(dose.zone))]


async def _next_visit(turn: Turn, visit: Occurrence) -> Text:
    """Around its due date; with its hour once a nurse has booked it."""
    activity = turn.words.authored(await subject_of(turn.work, turn.library, visit))
    if visit.booked_on is None:
        return turn.phrase("next-visit", activity=activity, date=turn.words.day(visit.local_date))
    day = turn.words.day(visit.booked_on)
    return turn.phrase(
        "reminder-visit-tomorrow", activity=activity, date=day, hour=visit.hour, clock=turn.words.clock(visit.zone)
    )
