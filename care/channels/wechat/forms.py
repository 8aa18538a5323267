"""The vendor's fixed forms, which alone may be sent outside the window: which there are, and what fills them."""

from typing import Literal

from pydantic import BaseModel, Field

from care.channels.base import Cause, Said, SendFailed
from care.channels.wechat.words import clean, shorten

FIELD_LETTERS = 20
SHORTER_FIELDS = {"name": 10, "phrase": 5}


class Form(BaseModel):
    """One form of the vendor's for one kind of message, as it was granted to the account.

    `fields` says what fills each of its fields: `title` or `text` of the message, any word of its content such as `hour`,
    or fixed words after `=`, such as `=Oncology`.
    """

    template: str = Field(min_length=1)
    by: Literal["notice", "template"] = "notice"
    fields: dict[str, str] = Field(min_length=1)


def fill(form: Form, said: Said) -> dict[str, dict[str, str]]:
    """The vendor refuses a form of which one field is empty (47003), so it is not even tried."""
    words = {**said.content, "title": said.title, "text": said.text}
    filled = {
        name: _field(name, source[1:] if source.startswith("=") else words.get(source)) for name, source in form.fields.items()
    }
    if empty := [name for name, value in filled.items() if not value]:
        raise SendFailed(Cause.WINDOW_CLOSED, f"nothing fills {', '.join(empty)}")
    return {name: {"value": value} for name, value in filled.items()}


def _field(name: str, words: object) -> str:
    kind = name.rstrip("0123456789")
    return shorten(" ".join(clean(str(words or "")).split()), SHORTER_FIELDS.get(kind, FIELD_LETTERS))
