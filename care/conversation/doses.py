"""What a patient says about a dose: taken, later, missed and why."""

from datetime import timedelta

from care.alarms.service import raise_alert
from care.conversation.answers import answer_in, pages_of
from care.conversation.context import Turn
from care.conversation.upcoming import next_dose
from care.messages.reply import Reply, Wording
from care.people.clocks import local
from care.plans.missed import watch_doses
from care.plans.occurrences import (
    EARLY,
    answer,
    find_occurrence,
    last_answered_dose,
    missed_with,
    open_dose,
    said_together,
    snooze,
    subject_of,
)
from care.plans.tables import Occurrence

SIDE_EFFECT = ("side-effect", "vomited", "felt-too-ill", "swallowing")
NOT_EARLY = timedelta()  # only "taken" is said before its hour: nothing is put off or missed that is not due
CONFUSED = "confused-about-instructions"
NO_SUPPLY = ("no-supply", "pharmacy-none", "cost")


async def dose_meant(turn: Turn, occurrence_id: str = "", early: timedelta = EARLY) -> Occurrence | None:
    """The dose a button names, the one we asked about, or the one that is open now."""
    if occurrence_id:
        return await find_occurrence(turn.work, turn.patient.id, occurrence_id)
    asked, waiting = await dose_asked_about(turn), await open_dose(turn.work, turn.patient.id, early)
    return waiting if asked is None or _fell_due_since(turn, asked, waiting) else asked


async def dose_asked_about(turn: Turn) -> Occurrence | None:
    """The missed dose whose reason we wait for."""
    asked = turn.dialog.about.get("occurrence", "")
    return await find_occurrence(turn.work, turn.patient.id, asked) if asked else None


def _fell_due_since(turn: Turn, asked: Occurrence, waiting: Occurrence | None) -> bool:
    """A reminder came after our question: a word now is about that dose, not about the old one."""
    return bool(waiting and asked.answered_at and asked.answered_at < waiting.due_at <= turn.work.now)


async def dose_taken(turn: Turn, occurrence_id: str = "") -> list[Reply]:
    """Of several medicines said in one reminder those that nothing was said of yet."""
    dose = await dose_meant(turn, occurrence_id)
    turn.expect("none")
    before = None if occurrence_id else await last_answered_dose(turn.work, turn.patient.id)
    # Said twice it is one dose: the second word never reaches back to an older one that was left unanswered.
    if before and before.answer == "taken" and (dose is None or dose.due_at < before.due_at):
        return [turn.say("dose-taken-already", "dose_taken", hour=before.hour)]
    if dose is None:
        return [turn.say("dose-none-due", "dose_taken", turn.menu())]
    doses = await said_together(turn.work, dose)
    doses = [each for each in doses if each.answer is None] or doses  # one of two that was missed is not taken by this
    new = [await answer(turn.work, each, "taken") for each in doses]
    return [turn.say("dose-taken-thanks" if any(new) else "dose-taken-already", "dose_taken", hour=dose.hour)]


async def dose_later(turn: Turn, occurrence_id: str = "") -> list[Reply]:
    dose = await dose_meant(turn, occurrence_id, NOT_EARLY)
    if dose is None:
        return [turn.say("dose-none-due", "dose_snooze", turn.menu())]
    again_at = await snooze(turn.work, dose) if turn.patient.stopped_at is None else None
    if again_at is None:
        return [turn.say("dose-later-too-late", "dose_snooze", (turn.button("button-nurse", "nurse"),))]
    hour = f"{local(again_at, turn.patient.zone):%H:%M}"
    return [turn.say("dose-later", "dose_snooze", hour=hour, clock=turn.words.clock())]


async def dose_missed(turn: Turn, occurrence_id: str = "") -> list[Reply]:
    """Of several medicines said in one reminder it is asked which: the others may have been taken."""
    dose = await dose_meant(turn, occurrence_id, NOT_EARLY)
    if dose is None:
        return [turn.say("dose-none-due", "dose_missed", turn.menu())]
    together = await said_together(turn.work, dose)
    if len(together) > 1:
        named = [(one.id, await subject_of(turn.work, turn.library, one)) for one in together]
        each = [turn.button(subject, f"dose:missed-one:{id_}") for id_, subject in named]
        return [
            turn.say("dose-missed-which", "dose_missed", (*each, turn.button("button-missed-all", f"dose:missed-all:{dose.id}")))
        ]
    return await _missed(turn, [dose])


async def dose_missed_one(turn: Turn, occurrence_id: str = "") -> list[Reply]:
    dose = await dose_meant(turn, occurrence_id)
    return await (_missed(turn, [dose]) if dose else dose_missed(turn))


async def dose_missed_all(turn: Turn, occurrence_id: str = "") -> list[Reply]:
    dose = await dose_meant(turn, occurrence_id)
    return await (_missed(turn, await said_together(turn.work, dose)) if dose else dose_missed(turn))


async def _missed(turn: Turn, doses: list[Occurrence]) -> list[Reply]:
    await miss(turn, doses)
    return [ask_reason(turn, doses[0])]


def ask_reason(turn: Turn, dose: Occurrence) -> Reply:
    turn.expect("reason", occurrence=dose.id)
    return turn.say("dose-missed-ask-reason", "dose_missed", turn.words.reason_buttons(dose.id))


async def miss(turn: Turn, doses: list[Occurrence], reason: str | None = None) -> None:
    """Doses that were not taken, and a nurse where the rules see too many of them.  A reason told later is no new miss."""
    new = [dose for dose in doses if dose.answer != "missed"]
    for dose in doses:
        await answer(turn.work, dose, "missed", reason)
    if new:
        await watch_doses(turn.work, turn.library, turn.patient, new)


async def give_reason(turn: Turn, reason: str, occurrence_id: str = "") -> list[Reply]:
    """Keep why a dose was missed; what a person must look at goes to a nurse."""
    dose = await (dose_meant(turn, occurrence_id) if occurrence_id else dose_asked_about(turn))
    turn.expect("none")
    if dose is None or f"reason-{reason}" not in turn.library.catalogue.values:
        return [turn.say("dose-none-due", "dose_missed", turn.menu())]
    await miss(turn, await missed_with(turn.work, dose) if dose.answer == "missed" else [dose], reason)
    return await answer_reason(turn, reason)


async def answer_reason(turn: Turn, reason: str) -> list[Reply]:
    """What follows from a reason: kind words, and a nurse where a person must look."""
    phrase, flag = _follow_up(reason)
    if flag:
        await raise_alert(turn.work, turn.patient, flag, "same-day", "dose")
    wording = Wording(turn.form).add(turn.phrase(phrase))
    if reason == CONFUSED:  # the plan again, to be read or heard
        wording.add(*await next_dose(turn))
    if phrase != "dose-missed-thanks":
        wording.add(turn.phrase("reminder-dont-double"))
    return [wording.reply("dose_missed", buttons=(turn.button("button-nurse", "nurse"),))]


async def keep_reason(turn: Turn) -> None:
    """Why a dose was missed, told in words that are an alarm too ("it ran out"): the alarm answers, the reason is kept."""
    reason = reason_in(turn) if turn.dialog.expecting == "reason" else None
    dose = await dose_asked_about(turn) if reason else None
    if dose:
        await miss(turn, [dose], reason)


def _follow_up(reason: str) -> tuple[str, str | None]:
    """The phrase that answers a reason, and the worklist entry it opens (facts: clinical, section 7)."""
    if reason in SIDE_EFFECT:
        return "dose-missed-side-effect", "missed-side-effect"
    if reason in NO_SUPPLY:
        return "dose-missed-no-supply", "missed-no-supply"
    if reason == "told-by-clinician-to-stop":
        return "dose-missed-told-to-stop", "missed-told-to-stop"
    if reason == CONFUSED:
        return "dose-missed-confused", "missed-confused"
    return "dose-missed-thanks", None


def reason_in(turn: Turn) -> str | None:
    """The reason a patient typed in their own words; None when none of the known words is in it."""
    pages = pages_of(turn)
    return answer_in(turn, pages.reasons.values) if pages else None
