"""What can still be read of an update that the library refuses.

It refuses the whole for one part that is not as it knows it, mostly one that nobody here reads: a mark on a word, the message
that is answered, the sender's name.
"""

from collections.abc import Callable
from typing import Any

from telegram import Message

from care.channels.telegram.silent import SILENT

# What the library raises on a shape it does not know.
STRANGE = (AttributeError, LookupError, OSError, OverflowError, RecursionError, TypeError, ValueError)
FILES = ("voice", "audio", "document", "video", "video_note")
READ_OF_A_FILE = ("file_id", "mime_type", "width", "height")
# What the library has to be told of a file.
UNTOLD = {"file_unique_id": "", "duration": 0, "length": 0, "width": 0, "height": 0}


def mend(told: Any, hear: Callable[[Message], object]) -> dict[str, Any]:
    """The update without what cannot be read.  `hear` raises for a message it cannot hear.  Raises one of STRANGE."""
    mended = {**told}
    for kind in ("message", "edited_message"):
        if told.get(kind):
            mended[kind] = _mend_message(told[kind], hear)
    if told.get("callback_query"):
        mended["callback_query"] = _mend_press(told["callback_query"])
    return mended


def _mend_message(told: dict[str, Any], hear: Callable[[Message], object]) -> dict[str, Any]:
    """Each part is tried beside the chat alone: one that is broken takes no other with it."""
    bare = {"message_id": 0, "date": None, "chat": told["chat"]}
    mended = {**bare}
    for name, part in told.items():
        try:
            read = {name: _plain(name, part)}
            hear(Message.de_json(bare | read))
        except STRANGE:
            read = _stands_for(name)
        mended |= read
    return mended


def _plain(name: str, part: Any) -> Any:
    """A file with nothing in it but what is read."""
    if name == "photo":
        return [_plain_file(size) for size in part]
    return _plain_file(part) if name in FILES else part


def _plain_file(part: Any) -> dict[str, Any]:
    return UNTOLD | {name: part[name] for name in READ_OF_A_FILE if name in part}


def _stands_for(name: str) -> dict[str, Any]:
    """In the place of a broken part: what nobody wrote stays that, and a change whose hour is unreadable is fresh."""
    if name in SILENT:
        return {"delete_chat_photo": True}
    return {"edit_date": 0} if name == "edit_date" else {}


def _mend_press(told: dict[str, Any]) -> dict[str, Any]:
    """Who pressed, where, and what the button says.  Of the message it stands under only the chat is read."""
    person = {"id": None, "is_bot": False, "first_name": ""} | (told.get("from") or {})
    under = told.get("message")
    message = {"message_id": 0, "date": 0, "chat": under["chat"]} if under else None
    return {"id": "", "chat_instance": "", "from": person, "message": message, "data": told.get("data")}
