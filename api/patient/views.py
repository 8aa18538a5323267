"""Turns lines of the conversation into what the web app shows, sound included."""

from api.patient.shapes import AudioView, ButtonView, FormView, MessageView
from api.state import Door
from care.content.review import recording_of
from care.content.types import Text
from care.conversation.record import LineView
from care.languages.normalise import isolate
from care.languages.table import Form, form

SOUND = {"audio_on": True, "audio_off": False}  # acts that change whether a patient wants sound


def form_view(each: Form) -> FormView:
    return FormView(tag=each.tag, language=each.language, script=each.script, direction=each.direction, name=each.endonym)


def shown(text: str, writing: Form) -> str:
    """Words for a screen: in right-to-left writing digits and Latin names keep their place."""
    return isolate(text) if writing.direction == "rtl" else text


async def message_views(door: Door, lines: list[LineView], audio: bool) -> list[MessageView]:
    """Lines of one answer or page; `audio`: whether the patient wanted sound before the first of them."""
    views = []
    for line in lines:
        audio = SOUND.get(line.reply.act, audio)
        views.append(await message_view(door, line, audio))
    return views


async def message_view(door: Door, line: LineView, audio: bool = True) -> MessageView:
    """One line.  Its sound is found by its words, so a renewed recording is heard on old lines too."""
    reply = line.reply
    writing = form(reply.form)
    has_sound = audio and line.said_by != "patient" and reply.spoken
    return MessageView(
        id=line.id,
        said_by=line.said_by,
        at=line.at.isoformat(),
        text=line.shown,
        language=writing.language,
        script=writing.script,
        direction=writing.direction,
        act=reply.act,
        topic=reply.topic,
        notice=reply.notice,
        audio=await audio_of(door, reply.form, reply.spoken, reply.recording) if has_sound else None,
        buttons=[ButtonView(label=button.label, payload=button.payload) for button in reply.buttons],
    )


async def audio_of(door: Door, tag: str, spoken: str, recording: str = "") -> AudioView | None:
    """The sound of some words; None when no voice can say them now."""
    clip = await door.speaker.say(spoken, form(tag).language, recording, at_once=True)
    if clip is None:
        return None
    label = door.library.phrase(tag, f"voice-{clip.kind}").text
    return AudioView(url=f"/v1/audio/{clip.name}.mp3", seconds=clip.seconds, voice=clip.kind, label=label)


async def audio_of_text(door: Door, text: Text) -> AudioView | None:
    return await audio_of(door, text.form, text.spoken, recording_of(text))
