"""What stays true after STOP: the word is obeyed before anything else, and who writes again is told how things stand."""

from datetime import datetime, timedelta

from care.conversation.assistant import Understood
from care.conversation.context import Turn
from care.messages.reply import Reply

STOP = Understood(acts=("stop_messages",), intent="stop_messages", confidence=1.0, topics=())
SAID_AGAIN_AFTER = timedelta(hours=1)  # once a talk is enough: every answer carries it otherwise


def note_stop(turn: Turn, stopped_at: datetime | None, replies: list[Reply]) -> list[Reply]:
    """After the answer: messages are stopped, a nurse still reads.  `stopped_at` is how it stood before this turn."""
    if stopped_at is None or turn.patient.stopped_at is None or any(reply.act == "stop_messages" for reply in replies):
        return replies
    before = turn.turned_before
    if before and before > stopped_at and turn.work.now - before < SAID_AGAIN_AFTER:
        return replies
    return [*replies, turn.say("stopped-note", "stopped", (turn.button("button-resume", "resume"),))]
