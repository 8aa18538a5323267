"""Check-ins in the talk: begun, answered by buttons or words, left and taken up again; nothing in between ends them."""

from dataclasses import replace

from care.content.checkin_words import CheckInWords
from care.conversation import checkin_rows as rows
from care.conversation.checkin_alerts import Outcome, weigh
from care.conversation.checkin_asking import Asking, take_up
from care.conversation.checkin_due import from_occurrence, of_treatment
from care.conversation.checkin_rules import number
from care.conversation.checkin_saying import SHOWN, ask, bubble, close, hello, plain, who_else
from care.conversation.checkin_steps import Said, Step
from care.conversation.context import Turn
from care.conversation.doses import answer_reason
from care.conversation.tables import CheckIn
from care.messages.reply import Button, Reply
from care.people.consent import allows
from care.plans.occurrences import find_occurrence

ASKED = "check-in asked"  # the question stands at the end of this turn's answer already


async def ask_for(turn: Turn) -> list[Reply]:
    """ "How I feel": on with what stands open, else what is due, else what belongs to their treatment."""
    if not await _may_keep(turn):
        return [_not_allowed(turn)]
    for row in await rows.open_check_ins(turn.work, turn.patient.id):
        if asking := await take_up(turn, row):
            return await _begin(asking)
    offered = await of_treatment(turn.work, turn.library, turn.patient.id)
    if len(offered) == 1:
        return await start(turn, offered[0].id)
    words = CheckInWords(turn.library, turn.form)
    titles = tuple(Button(words.title(each).text, f"checkin:start:{each.id}") for each in offered)
    otherwise = (turn.button("button-nurse", "nurse"), turn.button("button-menu", "menu"))
    return [plain(turn, "choose" if titles else "none", titles or otherwise)]


async def start(turn: Turn, meant: str) -> list[Reply]:
    """Begin a questionnaire, by its name or by the occurrence that is due; one that stands open is gone on with."""
    if not await _may_keep(turn):
        return [_not_allowed(turn)]
    row = await _row_of(turn, meant)
    asking = await take_up(turn, row) if row else None
    return await _begin(asking) if asking else await ask_for(turn)


async def _row_of(turn: Turn, meant: str) -> CheckIn | None:
    occurrence = await find_occurrence(turn.work, turn.patient.id, meant)
    if occurrence:
        row = await from_occurrence(turn.work, turn.library, turn.patient, occurrence)
        if row is None or not rows.is_over(turn.work, row):
            return row
        meant = row.questionnaire
    if meant not in turn.library.checkins.questionnaires:
        return None
    standing = await rows.open_check_ins(turn.work, turn.patient.id)
    mine = next((each for each in standing if each.questionnaire == meant), None)
    return mine or await rows.make(turn.work, turn.patient, meant, turn.work.now)


async def _begin(asking: Asking) -> list[Reply]:
    turn, row = asking.turn, asking.row
    turn.expect("none")
    opening = bubble(asking, "go-on", who_else(asking)) if row.begun_at else await hello(asking)
    row.begun_at = row.begun_at or turn.work.now
    return [opening, *_ask_next(asking)]


def _ask_next(asking: Asking) -> list[Reply]:
    """The next question; the last words when there is none."""
    turn, step = asking.turn, asking.next()
    turn.facts[ASKED] = True
    if step is None:
        asking.row.ended = "done"
        if turn.dialog.check_in_id in (None, asking.row.id):
            turn.dialog.check_in_id = None
        else:
            turn.facts[ASKED] = False  # a correction in another check-in: the question that stands is asked again
        return close(asking, "done")
    turn.dialog.check_in_id = asking.row.id
    asking.row.ended = "over" if asking.row.ended == "over" else None
    return [ask(asking, step)]


async def go_on(turn: Turn, check_in_id: str = "") -> list[Reply]:
    """Exactly where it stood, however long ago that was."""
    row = await rows.find_check_in(turn.work, turn.patient.id, check_in_id) if check_in_id else None
    asking = await take_up(turn, row) if row and not rows.is_over(turn.work, row) else None
    if asking is None or not await _may_keep(turn):
        return await ask_for(turn)
    return await _begin(asking)


async def answer(turn: Turn, check_in_id: str, name: str, value: str) -> list[Reply] | None:
    """A pressed answer; None when no question of ours has it.  Pressed long after, it says how they are now."""
    row = await rows.find_check_in(turn.work, turn.patient.id, check_in_id)
    if row and rows.is_over(turn.work, row):
        row = await _row_of(turn, row.questionnaire)
    asking = await take_up(turn, row) if row else None
    step = asking.step(name) if asking else None
    if asking is None or step is None or not can_be(turn, step, value):
        return None
    asking.row.begun_at = asking.row.begun_at or turn.work.now
    return await take(asking, step, value)


def can_be(turn: Turn, step: Step, value: str) -> bool:
    """Whether a question can be answered so."""
    item = step.item
    if value == "skip" or (value == "not-measured" and item.only_if_measured and not step.asks_reason):
        return True
    if step.asks_reason:
        return f"reason-{value}" in turn.library.catalogue.values
    read = number(value)
    if item.limits is None or read is None:
        return value in item.values
    return item.limits[0] <= read <= item.limits[1] and (item.kind == "number" or isinstance(read, int))


async def take(asking: Asking, step: Step, value: str) -> list[Reply]:
    """An answer to one question: kept, weighed at once, and the next one asked, unless it is an emergency."""
    turn = asking.turn
    may_keep, outcome = await keep(asking, step, value)
    if not may_keep:
        turn.dialog.check_in_id = None
        return [*outcome.replies, _not_allowed(turn)]
    if outcome.is_emergency:
        pause(asking)
        return outcome.replies
    following = _ask_next(asking)
    noted = await _noted(asking, step, value, bool(outcome.replies) or asking.row.ended is not None)
    return [*noted, *outcome.replies, *following]


async def keep(asking: Asking, step: Step, value: str, heard: frozenset[str] = frozenset()) -> tuple[bool, Outcome]:
    """Write an answer and run the rules.  Whether it may be kept does not decide whether danger is heard."""
    turn = asking.turn
    # Said again is meant again: or what was answered a week ago would hide that it is so today.
    before = {name: said for name, said in asking.values.items() if (name, said) != (step.name, value)}
    left_open = value if value in ("skip", "not-measured") else ""
    by_relative = asking.row.by_relative or step.item.who == "relative"
    said = Said(None if left_open else value, left_open, by_relative)
    asking.said = {**asking.said, step.name: said}
    may_keep = await _may_keep(turn)
    if may_keep:
        await rows.write(turn.work, asking.row, step.name, said)
    return may_keep, await weigh(asking, before, heard)


async def _noted(asking: Asking, step: Step, value: str, is_told: bool) -> list[Reply]:
    """That it was written down; not where something else says so already."""
    if value == "skip":
        return [bubble(asking, "skipped")]
    if step.asks_reason:
        return await answer_reason(asking.turn, value)
    return [] if is_told else [bubble(asking, "noted")]


def pause(asking: Asking) -> None:
    """Nothing more is asked by itself; a button goes on."""
    asking.turn.dialog.check_in_id = None
    if asking.next() is None:
        asking.row.ended = "done"


async def stop_asking(asking: Asking) -> list[Reply]:
    asking.turn.dialog.check_in_id = None
    return close(asking, "stopped")


def show(asking: Asking) -> list[Reply]:
    """The private question: nobody else looks on now."""
    step = asking.next()
    asking.turn.expect("none", **({SHOWN: step.item.id} if step else {}))
    return _ask_next(asking)


def answered_by(asking: Asking, relative: bool) -> list[Reply]:
    """Who answers says so; a questionnaire that takes no relative's word is only asked on."""
    if asking.questionnaire.proxy:
        asking.row.by_relative = relative
        asking.audience = replace(asking.audience, by_relative=relative)
    return _ask_next(asking)


async def standing(turn: Turn) -> Asking | None:
    """The check-in they are in the middle of, as long as its questions wait for nothing else of ours."""
    if turn.dialog.check_in_id is None or turn.dialog.expecting != "none":
        return None
    row = await rows.find_check_in(turn.work, turn.patient.id, turn.dialog.check_in_id)
    if row is None:
        turn.dialog.check_in_id = None
        return None
    return await take_up(turn, row)  # also one whose time ended while they were answering: what was asked may be answered


async def ask_on(turn: Turn, replies: list[Reply]) -> list[Reply]:
    """After an answer to something else the question that stands is asked again."""
    if turn.dialog.check_in_id is None or turn.facts.get(ASKED) or not replies:
        return replies
    if any(reply.act == "stop_messages" for reply in replies):
        turn.dialog.check_in_id = None
        return replies
    asking = await standing(turn)
    return [*replies, *_ask_next(asking)] if asking else replies


async def _may_keep(turn: Turn) -> bool:
    return await allows(turn.work, turn.patient.id, "symptoms")


def _not_allowed(turn: Turn) -> Reply:
    """What may not be kept is not asked."""
    return plain(turn, "not-allowed", (turn.button("button-nurse", "nurse"),))
