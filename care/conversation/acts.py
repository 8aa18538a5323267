"""What each act of the assistant means: the closed list.  Facts come from the database, words from content/."""

from collections.abc import Awaitable, Callable

from care.alarms.service import raise_alert
from care.conversation.context import Turn
from care.conversation.doses import dose_later
from care.conversation.languages import form_meant, language_buttons
from care.conversation.morning import said_missed, said_taken
from care.conversation.symptoms import report_symptom
from care.conversation.topics import categories, choose_category, choose_topic, is_sure, offered, ranked, show_topic
from care.conversation.upcoming import next_visit
from care.messages.reply import Reply
from care.people.consent import allows

Act = Callable[[Turn], Awaitable[list[Reply]]]
# A guess too unsure to act on is offered as a button: whoever wants to stop must not be asked about nausea.
GUESSED = {"stop_messages": ("button-stop", "stop"), "resume_messages": ("button-resume", "resume")}
GUESSED |= {"change_language": ("button-language", "language"), "ask_next": ("button-next", "next")}


async def greet(turn: Turn) -> list[Reply]:
    return [turn.say("greet", "greet", turn.menu())]


async def thank(turn: Turn) -> list[Reply]:
    return [turn.say("thank", "thank")]


async def give_help(turn: Turn) -> list[Reply]:
    return [turn.say("help", "help", turn.menu())]


async def out_of_scope(turn: Turn) -> list[Reply]:
    return [turn.say("out-of-scope", "out_of_scope", turn.menu())]


async def answer_topic(turn: Turn) -> list[Reply]:
    """One topic when the assistant is sure, three to choose from when it is not."""
    if is_sure(turn):
        return [show_topic(turn, turn.topics[0][0])]
    return [choose_topic(turn, ranked(turn))] if ranked(turn) else await not_understood(turn)


async def change_appointment(turn: Turn) -> list[Reply]:
    await raise_alert(turn.work, turn.patient, "appointment", "next-working-day", "assistant", await turn.evidence())
    return [turn.say("appointment-change-noted", "change_appointment")]


async def talk_to_nurse(turn: Turn) -> list[Reply]:
    await raise_alert(turn.work, turn.patient, "ask-nurse", "same-day", "assistant", await turn.evidence())
    return [turn.say("nurse-told", "talk_to_nurse")]


async def medicine_advice(turn: Turn) -> list[Reply]:
    """Never an answer of our own: declined kindly, and a nurse is told (facts: clinical, section 1)."""
    await raise_alert(turn.work, turn.patient, "medicine-advice", "same-day", "assistant", await turn.evidence())
    return [turn.say("medicine-advice-declined", "medicine_advice", (turn.button("button-nurse", "nurse"),))]


async def stop_messages(turn: Turn) -> list[Reply]:
    turn.patient.stopped_at = turn.patient.stopped_at or turn.work.now
    turn.expect("none")
    return [turn.say("stop-done", "stop_messages", (turn.button("button-resume", "resume"),))]


async def resume_messages(turn: Turn) -> list[Reply]:
    """Starting again is no consent: who has not agreed to reminders is told so, and who has left that nothing comes."""
    turn.patient.stopped_at = None
    if turn.patient.ended_at is not None:
        return [turn.say("resume-ended", "resume_messages", (turn.button("button-nurse", "nurse"),))]
    if not await allows(turn.work, turn.patient.id, "reminders"):
        return [turn.say("consent-needed-reminders", "resume_messages", turn.menu())]
    return [turn.say("resume-done", "resume_messages", turn.menu())]


async def change_language(turn: Turn) -> list[Reply]:
    """The one they named; else every form by its own name, whatever language the page is in."""
    named = form_meant(turn)
    return await set_form(turn, named) if named else ask_language(turn)


def ask_language(turn: Turn) -> list[Reply]:
    turn.expect("language")
    return [turn.say("language-ask", "change_language", language_buttons(turn))]


async def set_form(turn: Turn, tag: str) -> list[Reply]:
    turn.expect("none")
    if tag not in turn.library.forms:
        return ask_language(turn)
    turn.patient.form = tag
    return [turn.say("language-changed", "change_language", turn.menu())]


async def audio_on(turn: Turn) -> list[Reply]:
    turn.patient.audio = True
    return [turn.say("audio-on", "audio_on")]


async def audio_off(turn: Turn) -> list[Reply]:
    turn.patient.audio = False
    return [turn.say("audio-off", "audio_off")]


async def show_menu(turn: Turn) -> list[Reply]:
    return [turn.say("menu", "menu", turn.menu())]


async def list_topics(turn: Turn, category: str = "") -> list[Reply]:
    """The kinds of topics, then the topics of one kind: sixty buttons are no choice."""
    found = categories(turn.library, turn.form).get(category)
    return [choose_topic(turn, found, act="topics", phrase=f"category-{category}") if found else choose_category(turn)]


async def not_understood(turn: Turn) -> list[Reply]:
    """First ask back with three topics; the second time in a row with the menu; the third time a nurse reads it."""
    turn.understood = False
    if turn.dialog.misses == 0 and turn.guess in GUESSED:
        guessed = turn.button(*GUESSED[turn.guess])
        return [turn.say("not-understood", "not_understood", (guessed, turn.button("button-nurse", "nurse")))]
    if turn.dialog.misses == 0:
        return [choose_topic(turn, offered(turn), act="not_understood", phrase="not-understood")]
    if turn.dialog.misses == 1:
        return [turn.say("not-understood-menu", "not_understood", turn.menu())]
    await raise_alert(turn.work, turn.patient, "not-understood", "same-day", "assistant", await turn.evidence())
    return [turn.say("not-understood-nurse", "not_understood", turn.menu())]


# One entry an act of bot/domain.yml, both ways (tests/house).
ACTS: dict[str, Act] = {
    "greet": greet,
    "thank": thank,
    "help": give_help,
    "show_topic": answer_topic,
    "report_symptom": report_symptom,
    "dose_taken": said_taken,
    "dose_missed": said_missed,
    "dose_snooze": dose_later,
    "next_visit": next_visit,
    "change_appointment": change_appointment,
    "talk_to_nurse": talk_to_nurse,
    "stop_messages": stop_messages,
    "resume_messages": resume_messages,
    "change_language": change_language,
    "audio_on": audio_on,
    "audio_off": audio_off,
    "medicine_advice": medicine_advice,
    "out_of_scope": out_of_scope,
    "not_understood": not_understood,
}
