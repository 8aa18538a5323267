"""How a message is said now: as a voice note with its words, or as a template that opens the window.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from care.channels.base import Cause, Choice, Contact, Plan, Said, SendFailed, Sound, Step, Way, Why
from care.channels.whatsapp.cutting import cut, split
from care.channels.whatsapp.templates import Templates, fill, find_template
from care.kit.cutting import in_utf16

Json = dict[str, Any]
WINDOW = timedelta(hours=24)
IN_TIME = timedelta(minutes=1)  # it must still be open when Meta reads the message
TEXT_MOST, BESIDE_BUTTONS_MOST = 4096, 1024
BUTTONS, BUTTON_MOST = 3, 20
ROWS, ROW_MOST, ROW_DETAIL_MOST = 10, 24, 72
OPEN_LIST = "☰"  # stands on the button of a list where a message has no title; not a word


def plan_said(said: Said, contact: Contact, now: datetime, templates: Templates) -> Plan:
    """Raises SendFailed(WINDOW_CLOSED) when no template fits either."""
    phone = next((each for each in contact.aliases if each.isdecimal()), "")
    if is_open(contact, now):
        return Plan(tuple(_steps(said, contact.address, phone, list(_inside(said)))))
    template = find_template(said, templates)
    if template is None:
        raise SendFailed(Cause.WINDOW_CLOSED)
    return Plan(tuple(_steps(said, contact.address, phone, [(Way.NOTICE, fill(template, said), None)])), Why.WINDOW_CLOSED)


def is_open(contact: Contact, now: datetime) -> bool:
    return contact.opened_at is not None and now < contact.opened_at + WINDOW - IN_TIME


def _steps(said: Said, address: str, phone: str, parts: Sequence[tuple[Way, Json, Sound | None]]) -> Iterator[Step]:
    """Only the first has the message's own key: a status of the words beside it must not count as the message's."""
    for number, (way, message, sound) in enumerate(parts):
        key = f"{said.key}+{number}" if number else said.key
        yield Step(way, address, key, {"message": message, "phone": phone}, sound=sound)


def _inside(said: Said) -> Iterator[tuple[Way, Json, Sound | None]]:
    if said.sound:
        yield Way.VOICE, {"type": "audio", "audio": {"voice": True}}, said.sound
    words = said.text if said.sound or not said.link else f"{said.text}\n\n{said.link}"
    for message in write(words, said.choices, said.title):
        yield Way.TEXT, message, None


def write(text: str, choices: Sequence[Choice], title: str) -> Iterator[Json]:
    """A text in as many messages as it needs, its buttons under the last."""
    if not choices:
        yield from (_plain(piece) for piece in split(text, TEXT_MOST))
        return
    last = (split(text, BESIDE_BUTTONS_MOST) or [title or OPEN_LIST])[-1]
    yield from (_plain(piece) for piece in split(text.rstrip().removesuffix(last), TEXT_MOST))
    if len(choices) <= BUTTONS and all(in_utf16(choice.label) <= BUTTON_MOST for choice in choices):
        yield _with_buttons(last, choices)
        return
    for rows in batched(choices, ROWS):
        yield _with_list(last, rows, title)
        last = title or OPEN_LIST


def _plain(text: str) -> Json:
    # No preview: for one, Meta's servers would open the patient's secret address before the patient does.
    return {"type": "text", "text": {"body": text, "preview_url": False}}


def _with_buttons(text: str, choices: Sequence[Choice]) -> Json:
    buttons = [{"type": "reply", "reply": {"id": each.payload, "title": each.label}} for each in choices]
    return {"type": "interactive", "interactive": {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}}}


def _with_list(text: str, choices: Sequence[Choice], title: str) -> Json:
    action = {"button": cut(title or OPEN_LIST, BUTTON_MOST), "sections": [{"rows": [_row(each) for each in choices]}]}
    return {"type": "interactive", "interactive": {"type": "list", "body": {"text": text}, "action": action}}


def _row(choice: Choice) -> Json:
    """A label that is too long for its line is told whole below it."""
    row = {"id": choice.payload, "title": cut(choice.label, ROW_MOST)}
    return row if row["title"] == choice.label else row | {"description": cut(choice.label, ROW_DETAIL_MOST)}
