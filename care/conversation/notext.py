"""A text that cannot be said now: not written in this language, or held at the gate.  Never silence: a kind word, and a nurse."""

from dataclasses import replace
from datetime import date

from care.alarms.service import raise_alert
from care.content.library import Library
from care.conversation.context import Turn
from care.messages.gate import Gate, pass_gate
from care.messages.reply import Reply
from care.people.clocks import local


def no_text(turn: Turn) -> Reply:
    """That we have no words for this now, and that a nurse was told."""
    return turn.say("no-text", "no_text", (turn.button("button-nurse", "nurse"), turn.button("button-menu", "menu")))


async def let_out(turn: Turn, library: Library, gate: Gate, replies: list[Reply]) -> list[Reply]:
    """The replies as they may go out.  In place of what is held stands the kind word; of an alarm, the bare number."""
    today = local(turn.work.now, turn.patient.zone).date()
    passed = [(reply, pass_gate(reply, library, gate, today)) for reply in replies]
    said = [out for _, out in passed if out and out.act != "no_text"]
    held = [reply for reply, out in passed if out is None]
    if any(reply.act == "alarm" for reply in held):
        # Unsigned words may not go out, but the number of the ambulance is no wording: it always does.
        said.insert(0, _number_only(turn))
    if any(reply.act != "alarm" for reply in held) or any(reply.act == "no_text" for reply in replies):
        await raise_alert(turn.work, turn.patient, "no-text", "same-day", "assistant", await turn.evidence())
        said += _kind_word(turn, library, gate, today)
    return said


def _kind_word(turn: Turn, library: Library, gate: Gate, today: date) -> list[Reply]:
    """Signed once is enough for this one: held like the others it would leave the silence it is there to break."""
    out = pass_gate(no_text(turn), library, replace(gate, stale="send"), today)
    return [out] if out else []


def _number_only(turn: Turn) -> Reply:
    return Reply(text=turn.emergency_number, form=turn.form, act="alarm", spoken=turn.emergency_number)
