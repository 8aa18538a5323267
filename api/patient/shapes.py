"""The shapes of /v1: what comes in is exact, what goes out is listed field by field."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from care.people.consent import PURPOSES


class Exact(BaseModel):
    """Refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class LinkRequest(Exact):
    code: str = Field(max_length=40)
    form: str = Field(max_length=12)


class ConsentRequest(Exact):
    purpose: Literal[PURPOSES]  # type: ignore[valid-type]  # the closed list of care.people.consent
    given: bool = Field(strict=True)  # a law asks for a clear yes: 1 or "on" is a program's guess


class ChatRequest(Exact):
    """One thing said: words or a pressed button.  `key` is the app's own id of it, for safe retries."""

    text: str | None = None
    payload: str | None = Field(None, max_length=120)
    key: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{8,60}$")


class FormView(BaseModel):
    tag: str
    language: str
    script: str
    direction: str
    name: str


class AudioView(BaseModel):
    url: str
    seconds: float
    voice: str
    label: str


class ButtonView(BaseModel):
    label: str
    payload: str


class MessageView(BaseModel):
    """One line of the conversation (design, section 5)."""

    id: int
    said_by: str
    at: str
    text: str
    language: str
    script: str
    direction: str
    act: str
    topic: str | None
    notice: str
    audio: AudioView | None
    buttons: list[ButtonView]


class Messages(BaseModel):
    messages: list[MessageView]


class PurposeView(BaseModel):
    purpose: str
    text: str
    given: bool | None
    audio: AudioView | None


class ConsentView(BaseModel):
    intro: str
    intro_audio: AudioView | None
    purposes: list[PurposeView]


class Linked(BaseModel):
    token: str
    form: FormView
