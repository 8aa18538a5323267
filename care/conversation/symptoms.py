"""A symptom is told: how bad is it, and what follows: advice, a nurse today, or the emergency number."""

import re
from dataclasses import replace

from care.alarms.listen import RedFlag
from care.alarms.service import raise_alert
from care.conversation.answers import LONGEST, found, pages_of
from care.conversation.context import Turn
from care.conversation.emergencies import answer_alarm, say_alarm
from care.conversation.topics import choose_topic, is_sure, offered, show_topic
from care.languages.fold import fold
from care.messages.reply import Reply

DEGREES = ("mild", "troubling", "severe")
FEVER_TOPIC, FEVER_FLAG = "fever-infection", "rf-fever-on-treatment"
BODY = (30.0, 45.0)  # degrees; a number outside is none of a body
BODY_HEAT = (34.0, 43.0)  # of several numbers, the ones that may be a temperature
NUMBERS, SHORT = re.compile(r"\d+(?:\.\d+)?"), re.compile(r"\d{1,3}(?:\.\d{1,2})?")


async def report_symptom(turn: Turn) -> list[Reply]:
    """Ask how bad it is; of a fever, what the thermometer says."""
    if not is_sure(turn):
        return [choose_topic(turn, offered(turn))]
    topic = turn.topics[0][0]
    if topic == FEVER_TOPIC:
        turn.expect("temperature")
        return [turn.say("temperature-ask", "report_symptom", (turn.button("button-nurse", "nurse"),))]
    turn.expect("severity", topic=topic)
    buttons = [turn.button(f"button-bad-{degree}", f"bad:{degree}:{topic}") for degree in DEGREES]
    return [turn.say("symptom-how-bad", "report_symptom", (*buttons, turn.button("button-nurse", "nurse")))]


async def how_bad(turn: Turn, degree: str, topic: str) -> list[Reply]:
    """Advice for what is mild, a nurse today for what troubles, the emergency number for what cannot be borne."""
    turn.expect("none")
    if degree == "severe":
        await tell_severe(turn)
        return [say_alarm(turn, turn.phrase("symptom-severe"), "emergency")]
    if degree == "troubling":
        await raise_alert(turn.work, turn.patient, "symptom-troubling", "same-day", "button", await turn.evidence())
    phrase = "symptom-troubling" if degree == "troubling" else "symptom-nurse-told"
    advice = [show_topic(turn, topic)] if topic in turn.library.topic_list else []
    return [turn.say(phrase, "report_symptom"), *advice]


def says_severe(turn: Turn) -> bool:
    """Whether words that are an alarm answer our question too: what cannot be borne is an emergency, whatever the flag's tier."""
    return turn.dialog.expecting == "severity" and degree_in(turn) == "severe"


async def tell_severe(turn: Turn) -> None:
    await raise_alert(turn.work, turn.patient, "symptom-severe", "emergency", "button", await turn.evidence())


def degree_in(turn: Turn) -> str | None:
    """How bad they say it is, in a short answer; None when they talk about something else.

    Mild words go first and are taken out: "not severe" holds the word severe.  What is denied to be mild troubles them.
    """
    pages = pages_of(turn)
    if pages is None or len(turn.text) > LONGEST:
        return None
    words, said = pages.severity.values, turn.reading.canonical
    mild = list(found(turn, words["mild"]))
    is_denied = any(_denies(said, stem, turn) for stem in mild)
    for stem in sorted(mild, key=len, reverse=True):
        said = said.replace(stem, " ")
    rest = replace(turn, reading=replace(turn.reading, canonical=said.strip()))
    worse = next((degree for degree in ("severe", "troubling") if any(found(rest, words[degree]))), None)
    return worse or ("troubling" if is_denied else "mild" if mild else None)


def _denies(said: str, mild: str, turn: Turn) -> bool:
    """Whether "not" stands before a word, as in Chinese, or behind it."""
    pages = pages_of(turn)
    denials = pages.severity.values["denials"] if pages else ()
    nots = [fold(str(each), turn.reading.language) for each in denials]
    return any(f"{each}{mild}" in said or f"{mild} {each}" in said for each in nots)


def number_alone(turn: Turn) -> float | None:
    """The number a message consists of, without a letter; of several, "38.5-39", the highest that may be a temperature."""
    if any(char.isalpha() for char in turn.text) or len(turn.text) > LONGEST:
        return None
    written = NUMBERS.findall(turn.reading.normalised)
    numbers = [float(each) for each in written if SHORT.fullmatch(each)]
    if len(written) == 1:
        return numbers[0] if numbers else None
    return max((each for each in numbers if BODY_HEAT[0] <= each <= BODY_HEAT[1]), default=None)


async def take_number(turn: Turn, number: float) -> list[Reply]:
    """A number after we asked for the temperature is the answer; out of the blue it is asked back."""
    if turn.dialog.expecting == "temperature":
        return await take_temperature(turn, number)
    if not BODY[0] <= number <= BODY[1]:
        return [turn.say("number-other", "not_understood", turn.menu())]
    shown = f"{number:g}"
    buttons = (turn.button("button-yes", f"degrees:{shown}"), turn.button("button-no", "number"))
    return [turn.say("number-what", "not_understood", (*buttons, turn.button("button-nurse", "nurse")), number=shown)]


async def take_temperature(turn: Turn, degrees: float) -> list[Reply]:
    """What a temperature means; where it begins to mean something stands in content/numbers.yml with its source."""
    limits = turn.library.temperature
    if not BODY[0] <= degrees <= BODY[1]:
        return [turn.say("temperature-ask", "report_symptom", (turn.button("button-nurse", "nurse"),))]
    turn.expect("none")
    if degrees >= limits["fever_from"]:
        flag = RedFlag(FEVER_FLAG, str(turn.library.alarms[FEVER_FLAG]["tier"]), f"{degrees:g}", "answer")
        await raise_alert(turn.work, turn.patient, flag.id, flag.tier, flag.source, await turn.evidence())
        return answer_alarm(turn, [flag])
    if degrees >= limits["warm_from"]:
        await raise_alert(turn.work, turn.patient, "temperature-warm", "urgent-1h", "answer", await turn.evidence())
        return [turn.say("temperature-warm", "report_symptom", (turn.button("button-nurse", "nurse"),))]
    if degrees < limits["low_below"]:
        await raise_alert(turn.work, turn.patient, "temperature-low", "same-day", "answer", await turn.evidence())
        return [turn.say("temperature-low", "report_symptom", (turn.button("button-nurse", "nurse"),))]
    return [turn.say("temperature-fine", "report_symptom"), show_topic(turn, FEVER_TOPIC)]
