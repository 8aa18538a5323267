"""The question of the morning after: what a patient says of yesterday's doses, all at once or one by one."""

from datetime import datetime, timedelta

from care.conversation.context import Turn
from care.conversation.doses import NOT_EARLY, ask_reason, dose_asked_about, dose_missed, dose_taken, give_reason, miss
from care.messages.reply import Button, Reply
from care.people.clocks import local
from care.plans.occurrences import answer, asked_this_morning, asked_together, find_occurrence, open_dose, subject_of
from care.plans.tables import Occurrence

ONE = "one dose"  # what the next word is about


async def said_taken(turn: Turn) -> list[Reply]:
    """Typed: of yesterday's doses when we have just asked about them, else of the one that is due."""
    if one := await _one_asked(turn):
        return await one_taken(turn, one)
    asked = await _meant(turn)
    return await taken_all(turn, asked[0].id) if asked else await dose_taken(turn)


async def said_missed(turn: Turn) -> list[Reply]:
    """Typed: of several it is asked which, for one of them may have been taken."""
    if one := await _one_asked(turn):
        return await one_missed(turn, one)
    asked = await _meant(turn)
    if not asked:
        return await dose_missed(turn)
    return await (taken_some if len(asked) > 1 else taken_none)(turn, asked[0].id)


async def reason_told(turn: Turn, reason: str, occurrence_id: str = "") -> list[Reply]:
    """Why a dose was missed; after it the next one of yesterday that nobody answered."""
    dose = occurrence_id or str(turn.dialog.about.get("occurrence", ""))
    return [*await give_reason(turn, reason, occurrence_id), *await ask_next(turn, dose)]


async def _one_asked(turn: Turn) -> str:
    """The dose we have just asked about by itself; none once another one has fallen due: a word is about that one then."""
    if turn.dialog.expecting != ONE:
        return ""
    due = await open_dose(turn.work, turn.patient.id, NOT_EARLY)
    is_new = due is not None and due.due_at > datetime.fromisoformat(turn.dialog.about["at"])
    return "" if is_new else str(turn.dialog.about["one"])


async def _meant(turn: Turn) -> list[Occurrence]:
    """A dose that can still be taken in its time is what a word is about; then the reason we wait for; then yesterday."""
    due = await open_dose(turn.work, turn.patient.id)
    if (due and due.due_at <= turn.work.now < due.useful_until) or await dose_asked_about(turn):
        return []
    return await asked_this_morning(turn.work, turn.patient.id)


async def taken_all(turn: Turn, occurrence_id: str) -> list[Reply]:
    """Each belongs to its own due dose, however late it is said."""
    turn.expect("none")
    for dose in await _doses(turn, occurrence_id, only_open=False):
        await answer(turn.work, dose, "taken")
    return [turn.say("question-thanks", "dose_taken")]


async def taken_none(turn: Turn, occurrence_id: str) -> list[Reply]:
    doses = await _doses(turn, occurrence_id, only_open=False)
    if not doses:
        return [turn.say("question-thanks", "dose_taken")]
    await miss(turn, doses)
    return [ask_reason(turn, doses[0])]


async def taken_some(turn: Turn, occurrence_id: str) -> list[Reply]:
    """Asked one by one: nothing is concluded from what was not said."""
    return await ask_next(turn, occurrence_id) or [turn.say("question-thanks", "dose_taken")]


async def one_taken(turn: Turn, occurrence_id: str) -> list[Reply]:
    dose = await find_occurrence(turn.work, turn.patient.id, occurrence_id)
    if dose is None:
        return await dose_taken(turn)
    turn.expect("none")
    await answer(turn.work, dose, "taken")
    return await taken_some(turn, occurrence_id)


async def one_missed(turn: Turn, occurrence_id: str) -> list[Reply]:
    """Why, and then the next one (`ask_next` after the reason)."""
    dose = await find_occurrence(turn.work, turn.patient.id, occurrence_id)
    if dose is None:
        return await dose_missed(turn)
    await miss(turn, [dose])
    return [ask_reason(turn, dose)]


async def ask_next(turn: Turn, occurrence_id: str) -> list[Reply]:
    """About the first dose of the same question that is still unanswered; nothing when there is none."""
    left = await _doses(turn, occurrence_id)
    if not left:
        return []
    dose = left[0]
    medicine = turn.words.authored(await subject_of(turn.work, turn.library, dose))
    turn.expect(ONE, one=dose.id, at=turn.work.now.isoformat())
    buttons = (_button(turn, "button-taken", "one-taken", dose), _button(turn, "button-missed", "one-missed", dose))
    names = {"medicine": medicine, "hour": dose.hour, "clock": turn.words.clock(dose.zone)}
    if dose.local_date == local(turn.work.now, dose.zone).date() - timedelta(days=1):
        return [turn.say("question-one", "dose_missed", buttons, **names)]
    return [turn.say("question-one-of", "dose_missed", buttons, date=turn.words.day(dose.local_date), **names)]


def _button(turn: Turn, phrase: str, verb: str, dose: Occurrence) -> Button:
    return turn.button(phrase, f"dose:{verb}:{dose.id}")


async def _doses(turn: Turn, occurrence_id: str, only_open: bool = True) -> list[Occurrence]:
    """The doses of the question this one was asked about in, as far as they are unanswered."""
    dose = await find_occurrence(turn.work, turn.patient.id, occurrence_id)
    if dose is None:
        return []
    return await asked_together(turn.work, dose) or ([] if only_open else await asked_together(turn.work, dose, answered=True))


QUESTION_VERBS = {
    "taken-all": taken_all,
    "taken-some": taken_some,
    "taken-none": taken_none,
    "one-taken": one_taken,
    "one-missed": one_missed,
}
