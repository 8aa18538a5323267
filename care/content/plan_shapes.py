"""What a plan template's file must hold."""

from collections.abc import Iterator
from typing import Any

from care.content.shape import Fault, either, fields, flag, many, number, one_of, only, scrap, text, whole

KINDS = ("medicine", "appointment", "lab", "education", "self-care", "refill", "checkin", "topic")
WRITTEN = KINDS[:6]  # check-ins and topics have lists of their own
LADDER = ("question", "relative", "nurse", "phone")  # steps after the reminder and its repeat, which have fields of their own
FIRST = ("always", "running-out")  # when one dose without a word is enough for the relative
CONFIDENCE = ("verified", "secondary", "general")
AIMS = ("cure", "comfort")


def day(where: str, found: Any) -> Iterator[Fault]:
    """A whole number of days, before the anchor too."""
    if not isinstance(found, int) or isinstance(found, bool):
        yield where, f"is `{str(found)[:40]}`", "write a whole number of days, with a minus if before the anchor"


USUAL = fields(count=whole, min_gap_hours=number)
PRESCRIBED = fields(may={"usual": many(USUAL)}, as_prescribed=flag)
FIXED = fields(may={"max_gap_hours": number}, count=whole, min_gap_hours=number, default=many(text))


def slots(where: str, found: Any) -> Iterator[Fault]:
    """The template's own number of doses, or only the clinician's."""
    yield from (PRESCRIBED if isinstance(found, dict) and "as_prescribed" in found else FIXED)(where, found)


SCHEDULE = fields(
    may={
        "cycle_days": whole,
        "cycles": whole,
        "on_days": either(many(whole), scrap),
        "offsets_days": many(day),
        "offsets_months": many(whole),
        "every_days": whole,
        "from_day": whole,
        "every_months": whole,
        "from_month": whole,
        "until_month": whole,
        "rrule": text,
        "start_day": whole,
        "relative_to": either(many(text), text),
    }
)
STEPS = many(one_of(*LADDER))
ACTIVITY = fields(
    may={
        "ladder": only({"without": STEPS, "act_on_first": one_of(*FIRST)}),
        "slots": slots,
        "hour": text,
        "ask_hour": flag,
        "reminders": many(text),
        "again_after_min": whole,
        "window_days": whole,
        "needs_confirmation": flag,
        "only_if_ordered": flag,
        "after_food": flag,
        "source": text,
    },
    key=text,
    kind=one_of(*WRITTEN),
    anchor=text,
    schedule=SCHEDULE,
    phrase=text,
    subject=text,
    useful_for_min=whole,
    confidence=one_of(*CONFIDENCE),
)
GUIDELINE = fields(source=text, name=text, year=scrap, confidence=one_of(*CONFIDENCE))
CHECKIN = fields(may={"source": text}, questionnaire=text, anchor=text, schedule=SCHEDULE, confidence=one_of(*CONFIDENCE))
PLAN = fields(
    may={
        "ladder": only(without=STEPS),
        "checkins": many(CHECKIN, at_least=0),
        "drip": many(fields(day=day, topic=text), at_least=0),
        "red_flags": many(text, at_least=0),
    },
    id=text,
    version=scrap,
    title=fields(en=text),
    aim=one_of(*AIMS),
    guidelines=many(GUIDELINE),
    anchors=many(text),
    activities=many(ACTIVITY),
)
