"""How a message is said now: as a voice note with its words, or as a template that opens the window.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from care.channels.base import Cause, Choice, Contact, Plan, Said, SendFailed, Sound, Step, Way, Why
from care.channels.whatsapp.cutting import cut, split
from care.channels.whatsapp.templates import Templates, fill, find_template
from care.kit.cutting import fits_in_utf16

Json = dict[str, Any]
WINDOW = timedelta(hours=24)
IN_TIME = timedelta(minutes=1)  # it must still be open when Meta reads the message
TEXT_MOST, BESIDE_BUTTONS_MOST = 4096, 1024
BUTTONS, BUTTON_MOST = 3, 20
ROWS, ROW_MOST, ROW_DETAIL_MOST = 10, 24, 72
OPEN_LIST = "☰"  # stands on the button of a list where a message has no title; not a word


def plan_said(said: Said, contact: Contact, now: datetime, templates: Templates) -> Plan:
    """Raises SendFailed(WINDOW_CLOSED) when no template fits either."""
    if is_open(contact, now):
        return Plan(_steps(said, contact, _inside(said)))
    template = find_template(said, templates)
    if template is None:
        raise SendFailed(Cause.WINDOW_CLOSED)
    return Plan(_steps(said, contact, [(Way.NOTICE, fill(template, said), None)]), Why.WINDOW_CLOSED)


def is_open(contact: Contact, now: datetime) -> bool:
    return contact.opened_at is not None and now < contact.opened_at + WINDOW - IN_TIME


def _steps(said: Said, contact: Contact, parts: Sequence[tuple[Way, Json, Sound | None]]) -> tuple[Step, ...]:
    phone = next((each for each in contact.aliases if each.isdecimal()), "") if contact.aliases else ""
    steps, key = [], said.key
    for way, message, sound in parts:
        steps.append(Step(way, contact.address, key, {"message": message, "phone": phone}, 0, sound))
        # Only the first has the message's own key: a status of the words beside it must not count as the message's.
        key = f"{said.key}+{len(steps)}"
    return tuple(steps)


def _inside(said: Said) -> list[tuple[Way, Json, Sound | None]]:
    words = said.text if said.sound or not said.link else f"{said.text}\n\n{said.link}"
    texts: list[tuple[Way, Json, Sound | None]] = [(Way.TEXT, each, None) for each in write(words, said.choices, said.title)]
    return [(Way.VOICE, {"type": "audio", "audio": {"voice": True}}, said.sound), *texts] if said.sound else texts


def write(text: str, choices: Sequence[Choice], title: str) -> list[Json]:
    """A text in as many messages as it needs, its buttons under the last."""
    if not choices:
        return [_plain(piece) for piece in split(text, TEXT_MOST)]
    pieces = split(text, BESIDE_BUTTONS_MOST)
    last = pieces[-1] if pieces else title or OPEN_LIST
    before = [_plain(piece) for piece in split(text.rstrip().removesuffix(last), TEXT_MOST)] if pieces[1:] else []
    if len(choices) <= BUTTONS and all(fits_in_utf16(choice.label, BUTTON_MOST) for choice in choices):
        return [*before, _with_buttons(last, choices)]
    first, *others = batched(choices, ROWS)
    return [*before, _with_list(last, first, title), *(_with_list(title or OPEN_LIST, rows, title) for rows in others)]


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
