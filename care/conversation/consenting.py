"""Consent asked for in an app: one purpose at a time, nothing taken for granted, and what lies abroad before all others."""

import hashlib

from care.content.library import Library
from care.conversation.context import Turn
from care.messages.reply import Button, Reply, Wording
from care.people import consent

ABROAD = "cross-border"
WEB = "web"  # there the page asks, before the first word
CONSENT = "consent"
OTHER_MATTERS = ("alarm", CONSENT, "linked")  # not beside these
ANSWERS = (("button-agree", "yes"), ("button-decline", "no"))


async def welcome(turn: Turn) -> list[Reply]:
    """They pressed Start, or scanned their card: that it is theirs now, and the first question that was never asked."""
    question = await next_question(turn)
    if question:
        turn.expect(CONSENT if turn.channel != WEB else "none")
        return [turn.say("contact-linked", "linked"), turn.say("consent-intro", "consent"), question]
    return [turn.say("greet", "greet", turn.menu())]


async def ask_if_never(turn: Turn, replies: list[Reply]) -> list[Reply]:
    """After an answer in an app, once a talk: whoever could not be asked whether we may remind them, is.

    A nurse confirms a contact minutes or days after the card was scanned; by then the app may be closed to the question.
    """
    if turn.channel == WEB or turn.patient.stopped_at or any(each.act in OTHER_MATTERS for each in replies):
        return replies
    is_time = turn.dialog.expecting == CONSENT or turn.is_new_talk or turn.turned_before is None
    if not is_time or (await consent.current(turn.work, turn.patient.id))["reminders"] is not None:
        return replies
    if turn.dialog.expecting == CONSENT:
        turn.expect("none")
    return [*replies, turn.say("consent-intro", "consent"), ask_consent(turn.library, turn.form, "reminders")]


async def take_consent(turn: Turn, purpose: str, given: bool) -> list[Reply]:
    """Keep their word, and go on to the next purpose they were never asked about."""
    wording = turn.phrase(f"consent-{purpose}").text
    digest = hashlib.sha256(wording.encode()).hexdigest()
    await consent.record(turn.work, turn.patient, purpose, given, digest, turn.channel)
    turn.expect("none")
    if purpose == ABROAD and turn.abroad and given:
        return await welcome(turn)
    question = await next_question(turn)
    return [question] if question else [turn.say("consent-thanks", "consent", turn.menu())]


async def next_question(turn: Turn) -> Reply | None:
    """The first purpose nobody asked them about; None when there is none.  Of an app at home, abroad is no question."""
    said = await consent.current(turn.work, turn.patient.id)
    purposes = [ABROAD] * turn.abroad + [each for each in consent.PURPOSES if each != ABROAD]
    purpose = next((each for each in purposes if said[each] is None), None)
    return ask_consent(turn.library, turn.form, purpose) if purpose else None


def ask_consent(library: Library, tag: str, purpose: str) -> Reply:
    """One purpose and the two answers to it."""
    buttons = tuple(Button(library.phrase(tag, key).text, f"consent:{purpose}:{answer}") for key, answer in ANSWERS)
    return Wording(tag).add(library.phrase(tag, f"consent-{purpose}")).reply("consent", buttons=buttons)
