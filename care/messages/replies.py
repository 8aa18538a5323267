"""Answers through an app: said where the patient spoke, as one message, because a vendor counts messages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from care.content.message_rules import REPLY as REPLY  # its words are lines that stand in the conversation already
from care.kit.database import Work, insert_new
from care.kit.ids import new_id_at
from care.messages.reply import Reply
from care.messages.tables import Message
from care.messages.types import State
from care.people.tables import Device

LINES = "lines"  # its phrase
USEFUL = timedelta(hours=1)  # later it would answer something nobody asks any more


def joined(replies: Sequence[Reply]) -> Reply:
    """Several lines as one: the last one's buttons come last, and a recording of one line is not one of all."""
    first = replies[0]
    if len(replies) == 1:
        return first
    return replace(
        first,
        text="\n\n".join(each.text for each in replies if each.text),
        spoken="\n".join(each.spoken for each in replies if each.spoken),
        notice=next((each.notice for each in replies if each.notice), ""),
        buttons=tuple({button.payload: button for each in replies for button in each.buttons}.values()),
        recording="",
    )


async def queue_reply(work: Work, device: Device, line_keys: Sequence[str], urgent: bool = False) -> None:
    """The lines that answer go out to where the patient spoke, due now.  The same lines again make no second message."""
    if not line_keys:
        return
    row = {
        "id": new_id_at(work.now),
        "key": f"{REPLY}:{device.id}:{line_keys[0]}",
        "clinic_id": device.clinic_id,
        "patient_id": device.patient_id,
        "kind": REPLY,
        "phrase": LINES,
        "arguments": {"device": device.id, "channel": device.channel, "lines": list(line_keys)},
        "urgent": urgent,
        "due_at": work.now,
        "next_at": work.now,
        "useful_until": work.now + USEFUL,
        "created_at": work.now,
        "state": State.DUE,
    }
    await insert_new(work, Message, [row], Message.id)
