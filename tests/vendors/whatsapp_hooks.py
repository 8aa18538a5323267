"""What Meta posts to us about WhatsApp: escaped JSON, signed, several things in one, some of them again."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]
ACCOUNT = "102290129340398"
METADATA = {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"}


@dataclass
class Person:
    """Somebody with WhatsApp.  Whoever took a user name shows no number."""

    id: str
    phone: str
    shows_phone: bool = True
    takes_ids: bool = True  # False: messages to their id are refused (131062)
    opened_at: datetime | None = None
    last_at: datetime | None = None  # of our last message to them

    def contact(self) -> Json:
        shown = {"wa_id": self.phone} if self.shows_phone else {}
        return {"profile": {"name": "Gul"}, "user_id": self.id, **shown}


@dataclass(frozen=True)
class Event:
    """One message or status on its way to us.  A status of somebody without WhatsApp comes without a contact."""

    kind: str  # messages or statuses
    item: Json
    contact: Json | None


def message(person: Person, id_: str, at: datetime, content: Json) -> Event:
    sender = {"from_user_id": person.id} | ({"from": person.phone} if person.shows_phone else {})
    return Event("messages", {**sender, "id": id_, "timestamp": _seconds(at), **content}, person.contact())


def status(person: Person, id_: str, at: datetime, came: str, key: str, error: Json | None = None) -> Event:
    """`failed` tells nothing of the person but the number; the others bring the contact."""
    item: Json = {"id": id_, "status": came, "timestamp": _seconds(at), "recipient_id": person.phone}
    item |= {"recipient_user_id": person.id, "biz_opaque_callback_data": key}
    return Event("statuses", item | ({"errors": [error]} if error else {}), None if error else person.contact())


def post_of(events: Iterable[Event]) -> bytes:
    """All in one body: the messages and the statuses as two changes of one entry, the second half as a second entry."""
    told = list(events)
    middle = (len(told) + 1) // 2
    entries = [_entry(half) for half in (told[:middle], told[middle:]) if half]
    return escape({"object": "whatsapp_business_account", "entry": entries})


def _entry(events: list[Event]) -> Json:
    changes = []
    for kind in dict.fromkeys(event.kind for event in events):
        of_kind = [event for event in events if event.kind == kind]
        contacts = {event.contact["user_id"]: event.contact for event in of_kind if event.contact}
        value = {"messaging_product": "whatsapp", "metadata": METADATA, kind: [event.item for event in of_kind]}
        value |= {"contacts": list(contacts.values())} if contacts else {}
        changes.append({"field": "messages", "value": value})
    return {"id": ACCOUNT, "changes": changes}


def escape(body: Json) -> bytes:
    r"""As Meta writes it: every letter that is not ASCII as \u, every slash as \/."""
    return json.dumps(body).replace("/", "\\/").encode()


def sign(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))
