"""Says one message again, to whoever pressed "listen" under the vendor's form that told of it."""

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from care.content.standing import Proof, Standing
from care.conversation.context import Turn
from care.conversation.record import MESSAGE, lines_of
from care.messages.replies import REPLY, joined
from care.messages.reply import Reply
from care.messages.tables import Message

LISTEN = "listen"  # the act of what is said again


async def say_again(turn: Turn, message_id: str) -> Reply | None:
    """The same words with their sound and buttons.  None: no message of this patient's was told under that id."""
    mine = select(Message).where(Message.id == message_id, Message.patient_id == turn.patient.id)
    message = await turn.work.session.scalar(mine)
    if message is None:
        return None
    keys = message.arguments["lines"] if message.kind == REPLY else [MESSAGE + message.id]
    said = [line.reply for line in await lines_of(turn.work, turn.patient.id, keys)]
    return replace(joined(said), act=LISTEN, proof=_proof(said)) if said else None


def _proof(said: list[Reply]) -> Proof:
    """What spoke for the words when they were said: the gate decides of them as it did then."""
    standings = {each.standing for each in said}
    until = date.min if Standing.EXPIRED in standings else None
    return Proof("" not in standings and Standing.UNREVIEWED not in standings, Standing.BEHIND in standings, until)
