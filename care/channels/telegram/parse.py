"""One update of Telegram's as what a patient did (https://core.telegram.org/bots/api#update).

Only private chats are heard: whatever is said in a group is said before strangers.
"""

import json
import re
from datetime import timedelta
from typing import Any

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, Update

from care.channels.base import Act, Inbound, Unreadable

START = re.compile(r"/start(?:@\w+)?(?:\s+(?P<code>[A-Za-z0-9_-]{1,64}))?\s*", re.ASCII)
# A corrected word may be the fever that matters; a change of hours ago may be a preview of a link, and "taken" is no longer
# about the dose it stood under.
HEARD_AGAIN = timedelta(minutes=15)
# What the library raises on a shape it does not know.
STRANGE = (AttributeError, LookupError, OSError, OverflowError, RecursionError, TypeError, ValueError)


def read_update(body: bytes) -> list[Inbound]:
    """None or one: an update carries one event.  Raises Unreadable."""
    try:
        update = Update.de_json(json.loads(body))
        key = str(_is(int, update.update_id))
        heard = _hear(key, update)
    except STRANGE:
        raise Unreadable from None
    return [heard] if heard else []


def _hear(key: str, update: Update) -> Inbound | None:
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
    """None for what no person says: a pinned message, a changed picture of the chat."""
    if not (address := _address(message.chat)):
        return None
    words = _words(message.text or message.caption or "")
    told: dict[str, Any] = {"key": key, "address": address, "at": message.date}
    if message.text:
        start = START.fullmatch(words)
        return Inbound(act=Act.ARRIVE, code=start["code"] or "", **told) if start else Inbound(act=Act.WRITE, text=words, **told)
    if sound := message.voice or message.audio:
        return Inbound(act=Act.SPEAK, text=words, media=_is(str, sound.file_id), **told)
    if picture := _picture(message):
        return Inbound(act=Act.SHOW, text=words, media=picture, **told)
    return Inbound(act=Act.SEND, text=words, **told) if message.effective_attachment else None


def _hear_change(key: str, message: Message) -> Inbound | None:
    """A message corrected soon after it was written is a new one; any other change is nothing a patient says."""
    if not message.text or not message.edit_date or message.edit_date - message.date > HEARD_AGAIN:
        return None
    return _hear_message(key, message)


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


def _picture(message: Message) -> str:
    """The largest of its sizes; a picture sent as a file is one too."""
    if message.photo:
        return str(_is(str, max(message.photo, key=lambda size: size.width * size.height).file_id))
    if message.document and (message.document.mime_type or "").startswith("image/"):
        return str(_is(str, message.document.file_id))
    return ""


def _address(chat: Chat) -> str:
    """Empty for a group or a channel."""
    return str(_is(int, chat.id)) if chat.type == Chat.PRIVATE else ""


def _words(said: Any) -> str:
    """Raises ValueError for half a letter, which no database and no model takes."""
    _is(str, said).encode("utf-8")
    return str(said)


def _is(kind: type, value: Any) -> Any:
    """The library checks no types.  Raises TypeError."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError
    return value
