"""Pressed buttons: they reach the acts directly, so they work while the assistant is down."""

import re
from collections.abc import Awaitable, Callable

from care.conversation import acts
from care.conversation.again import LISTEN, say_again
from care.conversation.checkin_hearing import press_check_in
from care.conversation.consenting import take_consent, welcome
from care.conversation.context import Turn
from care.conversation.doses import dose_later, dose_missed, dose_missed_all, dose_missed_one, dose_taken
from care.conversation.morning import QUESTION_VERBS, reason_told
from care.conversation.payloads import Payload
from care.conversation.symptoms import DEGREES, how_bad, take_temperature
from care.conversation.topics import show_topic
from care.conversation.upcoming import next_visit
from care.messages.reply import Reply
from care.people.consent import PURPOSES

PLAIN = {
    "menu": acts.show_menu,
    "nurse": acts.talk_to_nurse,
    "next": next_visit,
    "language": acts.change_language,
    "stop": acts.stop_messages,
    "resume": acts.resume_messages,
    "arrive": welcome,
}
OneDose = Callable[[Turn, str], Awaitable[list[Reply]]]
DOSES: dict[str, OneDose] = {"taken": dose_taken, "later": dose_later, "missed": dose_missed}
DOSES |= {"missed-one": dose_missed_one, "missed-all": dose_missed_all, **QUESTION_VERBS}
DECIMAL = re.compile(r"\d{2}(\.\d{1,2})?")
CHECK_IN = ("checkin", "answer")
SAID = {"yes": True, "no": False}
SOUND = {"on": acts.audio_on, "off": acts.audio_off}


async def press(turn: Turn, payload: Payload | None) -> list[Reply]:
    """What a button does.  One that no longer means anything shows the menu."""
    if payload is None:
        return await acts.show_menu(turn)
    if payload.verb in PLAIN:
        return await PLAIN[payload.verb](turn)
    if payload.verb == "dose" and payload.argument in DOSES:
        return await DOSES[payload.argument](turn, payload.occurrence)
    if payload.verb == "reason":
        return await reason_told(turn, payload.argument, payload.occurrence)
    if payload.verb == "topic" and payload.argument in turn.library.topic_list:
        return [show_topic(turn, payload.argument)]
    if payload.verb == "topics":
        return await acts.list_topics(turn, payload.argument)
    if payload.verb == "bad" and payload.argument in DEGREES:
        return await how_bad(turn, payload.argument, payload.occurrence)
    if payload.verb == "degrees" and DECIMAL.fullmatch(payload.argument):
        return await take_temperature(turn, float(payload.argument))
    if payload.verb == "number":
        return [turn.say("number-other", "not_understood", turn.menu())]
    if payload.verb == "form":
        return await acts.set_form(turn, payload.argument)
    if payload.verb == "audio" and payload.argument in SOUND:
        return await SOUND[payload.argument](turn)
    if payload.verb == "consent" and payload.argument in PURPOSES and payload.occurrence in SAID:
        return await take_consent(turn, payload.argument, SAID[payload.occurrence])
    if payload.verb == LISTEN and (again := await say_again(turn, payload.occurrence)):
        return [again]
    if payload.verb in CHECK_IN and (replies := await press_check_in(turn, payload)):
        return replies
    return await acts.show_menu(turn)
