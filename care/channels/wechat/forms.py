"""The vendor's fixed forms, which alone may be sent outside the window: which there are, and what fills them."""

from typing import Literal

from pydantic import BaseModel, Field

from care.channels.base import Said
from care.channels.wechat.words import clean, shorten

FIELD_LETTERS = 20
SHORTER_FIELDS = {"name": 10, "phrase": 5}


class Form(BaseModel):
    """One form of the vendor's for one kind of message, as it was granted to the account.

    `fields` says what fills each of its fields: `title` or `text` of the message, any word of its content such as `hour`,
    `day` or `clock`, or fixed words after `=`, such as `=Oncology`.
    """

    template: str = Field(min_length=1)
    by: Literal["notice", "template"] = "notice"
    fields: dict[str, str] = Field(min_length=1)


def fill(form: Form, said: Said) -> dict[str, dict[str, str]]:
    """What stands in each field; nothing where one would stay empty."""
    words = {**said.content, "title": said.title, "text": said.text}
    filled = {
        name: _field(name, source[1:] if source.startswith("=") else words.get(source)) for name, source in form.fields.items()
    }
    return {name: {"value": value} for name, value in filled.items()} if all(filled.values()) else {}


def _field(name: str, words: object) -> str:
    kind = name.rstrip("0123456789")
    return shorten(" ".join(clean(str(words or "")).split()), SHORTER_FIELDS.get(kind, FIELD_LETTERS))
