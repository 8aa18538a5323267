"""One update of Telegram's as what a patient did (https://core.telegram.org/bots/api#update).

Only private chats are heard: whatever is said in a group is said before strangers.
"""

import json
import re
from datetime import timedelta
from functools import partial
from typing import Any

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, Update

from care.channels.base import Act, Inbound, Unreadable
from care.channels.telegram.mending import STRANGE, mend
from care.channels.telegram.silent import SILENT
from care.kit.ids import CODE_LENGTH, CODE_LETTERS

HALF = f"[{CODE_LETTERS}]{{{CODE_LENGTH // 2}}}"  # a code is read from the card in two parts, and typed so
START = re.compile(rf"/start(?:\s+(?P<code>[A-Z0-9_-]{{1,64}}|{HALF}\s+{HALF}))?\s*", re.ASCII | re.IGNORECASE)
NAMED = re.compile(r"^(/\w+)@\w+", re.ASCII)  # from a list of commands Telegram may add whose they are: /stop@karez_bot
SOUND, PICTURE = re.compile(r"audio/|application/ogg", re.IGNORECASE), re.compile(r"image/", re.IGNORECASE)
# A corrected word may be the fever that matters; a change of hours ago may be a preview of a link, and "taken" is no longer
# about the dose it stood under.
HEARD_AGAIN = timedelta(minutes=15)


def read_update(body: bytes) -> list[Inbound]:
    """None or one: an update carries one event.  Raises Unreadable."""
    try:
        heard = _hear_whole_or_mended(json.loads(body))
    except STRANGE:
        raise Unreadable from None
    return [heard] if heard else []


def read_press(body: bytes) -> str:
    """By which a pressed button is answered; empty for whatever else came."""
    try:
        return str(_is(str, json.loads(body)["callback_query"]["id"]))
    except STRANGE:
        return ""


def _hear_whole_or_mended(told: Any) -> Inbound | None:
    """A part that nobody reads must not cost the patient their words."""
    try:
        return _hear(Update.de_json(told))
    except STRANGE:
        return _hear(Update.de_json(mend(told, partial(_hear_message, ""))))


def _hear(update: Update) -> Inbound | None:
    key = str(_is(int, update.update_id))
    if update.message:
        return _hear_message(key, update.message)
    if update.edited_message:
        return _hear_change(key, update.edited_message)
    if update.callback_query:
        return _hear_press(key, update.callback_query)
    if update.my_chat_member:
        return _hear_coming_and_going(key, update.my_chat_member)
    return None


def _hear_message(key: str, message: Message) -> Inbound | None:
    """None for what Telegram itself says; whatever else comes a person has sent, though nobody may know its kind."""
    if not (address := _address(message.chat)):
        return None
    told: dict[str, Any] = {"key": key, "address": address, "at": message.date}
    if message.text:
        return _hear_words(NAMED.sub(r"\1", _words(message.text)), told)
    if any(getattr(message, each) for each in SILENT):
        return None
    act, media = _attached(message)
    return Inbound(act=act, text=_words(message.caption or ""), media=media, **told)


def _hear_words(words: str, told: dict[str, Any]) -> Inbound:
    if start := START.fullmatch(words):
        return Inbound(act=Act.ARRIVE, code="".join((start["code"] or "").split()), **told)
    return Inbound(act=Act.WRITE, text=words, **told)


def _hear_change(key: str, message: Message) -> Inbound | None:
    """Words corrected soon after they were written are new ones; any other change is nothing a patient says.

    A Start that was typed over is no second arrival.
    """
    if not (message.text or message.caption) or not message.edit_date:
        return None
    if message.date and message.edit_date - message.date > HEARD_AGAIN:
        return None
    heard = _hear_message(key, message)
    return None if heard and heard.act == Act.ARRIVE else heard


def _hear_press(key: str, press: CallbackQuery) -> Inbound | None:
    """A button.  The message it stands under may be gone for us by now; who pressed is always told."""
    address = _address(press.message.chat) if press.message else str(_is(int, press.from_user.id))
    if not address or not press.data:
        return None
    return Inbound(key, Act.PRESS, address, payload=_words(press.data))


def _hear_coming_and_going(key: str, change: ChatMemberUpdated) -> Inbound | None:
    acts = {"kicked": Act.LEAVE, "member": Act.ARRIVE}
    act, address = acts.get(change.new_chat_member.status), _address(change.chat)
    return Inbound(key, act, address, change.date) if act and address else None


def _attached(message: Message) -> tuple[Act, str]:
    """What came, and the file of it if there is one; a sound or a picture sent as a file is one too."""
    if sound := message.voice or message.audio:
        return Act.SPEAK, _file_id(sound)
    if message.photo:
        return Act.SHOW, _file_id(max(message.photo, key=lambda size: size.width * size.height))
    if message.document:
        return _act_of(message.document.mime_type or ""), _file_id(message.document)
    film = message.video or message.video_note
    return Act.SEND, _file_id(film) if film else ""


def _act_of(media_type: str) -> Act:
    if SOUND.match(media_type):
        return Act.SPEAK
    return Act.SHOW if PICTURE.match(media_type) else Act.SEND


def _file_id(file: Any) -> str:
    """Raises ValueError for half a letter, by which no file can be asked for."""
    name = str(_is(str, file.file_id))
    name.encode()
    return name


def _address(chat: Chat) -> str:
    """Empty for a group or a channel."""
    return str(_is(int, chat.id)) if chat.type == Chat.PRIVATE else ""


def _words(said: Any) -> str:
    """Half a letter, which no database and no model takes, becomes a question mark."""
    return str(_is(str, said)).encode(errors="replace").decode()


def _is(kind: type, value: Any) -> Any:
    """The library checks no types.  Raises TypeError."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError
    return value
