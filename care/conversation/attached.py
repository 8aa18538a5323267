"""A voice message or a picture: no machine of ours understands one, so a nurse hears or sees it, and the patient is told so."""

from care.alarms.service import raise_alert
from care.conversation.context import Heard, Turn
from care.messages.reply import Reply

# Which flag a nurse sees, what the patient is told, and which consent keeping it needs.
PHRASES = {"sound": "media-voice", "picture": "media-picture", "other": "media-other"}
FLAGS = {"sound": "voice-message", "picture": "picture"}
PURPOSE = {"sound": "voice", "picture": "symptoms"}


async def take_attachment(turn: Turn, heard: Heard) -> list[Reply]:
    """Whoever has not agreed that it is kept is told so; a nurse knows of it either way, for it may be a cry for help."""
    if heard.attached in FLAGS:
        await raise_alert(turn.work, turn.patient, FLAGS[heard.attached], "same-day", "assistant")
        if heard.attachment is None:
            return [turn.say(PHRASES["other"], "media_came")]
        if not heard.attachment:
            agree = turn.button("button-agree", f"consent:{PURPOSE[heard.attached]}:yes")
            return [turn.say("media-not-kept", "media_not_kept", (agree, turn.button("button-nurse", "nurse")))]
    return [turn.say(PHRASES[heard.attached], "media_came")]
