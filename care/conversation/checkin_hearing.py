"""Words and buttons that reach a check-in: what is its answer, what is about it, and what is about something else."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from care.alarms.listen import RedFlag
from care.conversation import checkin_rows as rows
from care.conversation.answers import LONGEST
from care.conversation.assistant import Understood
from care.conversation.checkin_asking import Asking, take_up
from care.conversation.checkin_reading import Read, is_body_heat, languages, read_answer
from care.conversation.checkin_saying import ask, bubble, is_hidden, way
from care.conversation.checkin_steps import Step
from care.conversation.checkins import (
    ASKED,
    answer,
    answered_by,
    ask_for,
    ask_on,
    go_on,
    keep,
    pause,
    show,
    standing,
    start,
    stop_asking,
    take,
)
from care.conversation.context import Turn
from care.conversation.payloads import Payload
from care.conversation.phrasebook import STOP, Phrasebook
from care.languages.reading import canonical
from care.messages.reply import Reply

SURE = 0.5  # of another meaning: below it words that answer our question are its answer
ABOUT_THEM = ("report_symptom", "out_of_scope")  # meanings an answer may have too
LEFT = "check-in left"  # the one that stood open when a new talk began


async def _show(asking: Asking) -> list[Reply]:
    return show(asking)


async def _by_relative(asking: Asking) -> list[Reply]:
    return answered_by(asking, relative=True)


async def _by_patient(asking: Asking) -> list[Reply]:
    return answered_by(asking, relative=False)


# What can be said of the check-in one is in the middle of (content/<language>/checkins.yml, `ways`).
WITHIN: dict[str, Callable[[Asking], Awaitable[list[Reply]]]] = {
    "stop": stop_asking,
    "show": _show,
    "relative": _by_relative,
    "myself": _by_patient,
}


def leave(turn: Turn) -> None:
    """A new talk begins: what was asked before is not answered by its first words."""
    if turn.is_new_talk and turn.dialog.check_in_id:
        turn.facts[LEFT], turn.dialog.check_in_id = turn.dialog.check_in_id, None


async def press_check_in(turn: Turn, payload: Payload) -> list[Reply] | None:
    """A button of a check-in; None when it means nothing any more."""
    if payload.verb == "answer":
        name, _, value = payload.argument.partition("=")
        return await answer(turn, payload.occurrence, name, value)
    if payload.argument == "start":
        return await start(turn, payload.occurrence)
    if payload.argument == "go-on":
        return await go_on(turn, payload.occurrence)
    if payload.argument in WITHIN:
        row = await rows.find_check_in(turn.work, turn.patient.id, payload.occurrence)
        asking = await take_up(turn, row) if row and not rows.is_over(turn.work, row) else None
        return await WITHIN[payload.argument](asking) if asking else await ask_for(turn)
    return None if payload.argument else await ask_for(turn)


async def hear_check_in(turn: Turn, understood: Understood | None) -> list[Reply] | None:
    """What typed words say to a check-in; None when they are about something else."""
    if len(turn.text) > LONGEST or not turn.text.strip():
        return None
    if (named := _way(turn)) and (replies := await _go(turn, named)):
        return replies
    asking = await standing(turn)
    step = asking.next() if asking else None
    if asking is None or step is None:
        return None
    read = _read(asking, step)
    if read is None or (not read.is_whole and _is_something_else(turn, understood)):
        return None
    if read.odd:
        return _ask_number_again(asking, step, read)
    return await take(asking, step, read.value)


async def hear_number(turn: Turn, phrasebook: Phrasebook) -> list[Reply] | None:
    """A number in their own language that is a word for "stop" in another one; None when it is none, and then they are obeyed."""
    asking = await standing(turn)
    step = asking.next() if asking else None
    if asking is None or step is None or step.item.values or step.asks_reason:
        return None
    own = asking.words.language
    is_stop = phrasebook.intent(canonical(turn.text, own), own) == STOP
    return None if is_stop or not asking.words.is_whole(step.item, turn.text) else await hear_check_in(turn, None)


def _way(turn: Turn) -> str | None:
    meant = (words.way_meant(canonical(turn.text, words.language)) for words in languages(turn))
    return next(filter(None, meant), None)


async def _go(turn: Turn, named: str) -> list[Reply] | None:
    if named == "start":
        return await ask_for(turn)
    asking = await standing(turn)
    if named == "go-on":
        return await go_on(turn, str(turn.facts.get(LEFT, ""))) if asking or turn.facts.get(LEFT) else None
    return await WITHIN[named](asking) if asking else None


def _read(asking: Asking, step: Step) -> Read | None:
    """A private question that was not shown yet can only be left open."""
    read = read_answer(asking.turn, step)
    return None if read and is_hidden(asking, step) and read.value != "skip" else read


def _is_something_else(turn: Turn, understood: Understood | None) -> bool:
    """Words that hold an answer may still be a question, or speak of a dose: then the assistant is surer of that."""
    if understood is None or understood.intent in ABOUT_THEM:
        return False
    return understood.acts != ("not_understood",) and understood.confidence >= SURE


def _ask_number_again(asking: Asking, step: Step, read: Read) -> list[Reply] | None:
    """Never bent into the limits; one that may be a temperature is left to whoever asks back about that."""
    if is_body_heat(read.value) and step.item.kind != "number":
        return None
    asking.turn.facts[ASKED] = True
    return [bubble(asking, "out-of-range", number=read.value), ask(asking, step)]


DOSES = ("dose_taken", "dose_missed", "dose_snooze")


async def guesses_dose(turn: Turn, understood: Understood, phrasebook: Phrasebook) -> bool:
    """Whether words were only guessed to be about a dose, while a question of ours stands: "cannot see" is no missed tablet."""
    if set(understood.acts).isdisjoint(DOSES) or phrasebook.understand(turn.reading.canonical, turn.reading.language):
        return False
    return await standing(turn) is not None


async def not_an_answer(turn: Turn) -> list[Reply] | None:
    """Nobody understood them while a question stands: it is asked again; of a talk long ago, gone on with.

    None where no question stands, or after the second time: then it goes the way of everything not understood.
    """
    if turn.facts.get(LEFT):
        return await go_on(turn, str(turn.facts[LEFT]))
    asking = await standing(turn)
    if asking is None or turn.dialog.misses >= 2:
        return None
    turn.understood = False
    return [bubble(asking, "ask-again")]


async def hear_danger(turn: Turn, flags: list[RedFlag]) -> bool:
    """Words that are an alarm may be the answer too: it is kept.  Whether it makes an emergency of a lesser flag."""
    asking = await standing(turn)
    step = asking.next() if asking else None
    read = _read(asking, step) if asking and step and len(turn.text) <= LONGEST else None
    if asking is None or step is None or read is None or read.odd or not read.is_whole:
        return False
    _, outcome = await keep(asking, step, read.value, frozenset(flag.id for flag in flags))
    return outcome.is_emergency


async def after_danger(turn: Turn, replies: list[Reply], is_emergency: bool) -> list[Reply]:
    """After an alarm the question comes again; after an emergency only a button goes on with it."""
    asking = await standing(turn)
    if asking is None or not is_emergency:
        return await ask_on(turn, replies)
    pause(asking)
    return [replace(each, buttons=(*each.buttons, way(asking, "go-on"))) if each.act == "alarm" else each for each in replies]
