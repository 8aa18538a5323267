"""Reads what Meta posts: several messages and statuses at once, in any order, some of them again.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from care.channels.base import Act, Cause, Inbound, Unreadable
from care.channels.whatsapp.causes import cause_of, code_of
from care.kit.logs import get_log

Json = dict[str, Any]
OPENS = "message"  # whatever a person does but a reaction lets us write for 24 hours
CODE = re.compile(r"[A-HJ-NP-Z2-9]{8,10}")  # of a patient's card: what `invite` put before them, and they sent
STATUSES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
# A thumb under our message is no answer; a message taken back and an opened chat are no words.
IGNORED = ("reaction", "system", "revoke", "request_welcome")
# What Meta may tell us besides; named in the log, for somebody should look at the vendor's own pages then.
OTHERS = (
    *("account_alerts", "account_review_update", "account_update", "business_capability_update", "security", "standby"),
    *("message_template_quality_update", "message_template_status_update", "template_category_update"),
    *("phone_number_name_update", "phone_number_quality_update", "user_preferences"),
)
MOVED = ("user_changed_number", "user_changed_user_id", "customer_changed_number")
KINDS = {"audio": Act.SPEAK, "voice": Act.SPEAK, "image": Act.SHOW}
BROKEN = (ValueError, LookupError, TypeError, AttributeError, OverflowError)
log = get_log("whatsapp")


def read_post(body: bytes, phone_id: str = "") -> list[Inbound]:
    """Everything in it that can be read, in order.  Raises Unreadable when nothing can.

    `phone_id`: Meta's id of our number.  All numbers of an account are posted to one address.
    """
    try:
        entries = json.loads(body)["entry"]
    except (*BROKEN, RecursionError) as wrong:
        raise Unreadable from wrong
    found = list(_each(entries, partial(_hear_entry, phone_id)))
    heard = [each for each in found if each]
    if len(heard) < len(found):
        log.error("post.partly-unreadable", channel="whatsapp", count=len(found) - len(heard))
        if not heard:
            raise Unreadable
    return heard


def _each(items: Any, read: Callable[[Any], Iterator[Inbound | None]]) -> Iterator[Inbound | None]:
    """What each of them says, None for one that cannot be read: Meta posts many at once, of many people."""
    for item in items if isinstance(items, list) else [items]:
        try:
            yield from read(item)
        except BROKEN:
            yield None


def _hear_entry(phone_id: str, entry: Json) -> Iterator[Inbound | None]:
    yield from _each(entry.get("changes", []), partial(_hear_change, phone_id))


def _hear_change(phone_id: str, change: Json) -> Iterator[Inbound | None]:
    field = change.get("field", "messages")
    if field != "messages":
        log.warning("post.not-heard", channel="whatsapp", kind=field if field in OTHERS else "another")
        return
    value = change["value"]
    if _is_others(value, phone_id):
        log.info("post.not-heard", channel="whatsapp", kind="another number")
        return
    yield from _each(value.get("messages") or [], partial(_hear_message, value))
    yield from _each(value.get("statuses") or [], partial(_hear_status, value))
    for error in value.get("errors") or ():
        log.warning("vendor.complained", channel="whatsapp", error=_code(error))


def _is_others(value: Json, phone_id: str) -> bool:
    """Whether it was said to another number; what does not say to whom is ours."""
    meant = (value.get("metadata") or {}).get("phone_number_id")
    return bool(phone_id and meant) and str(meant) != phone_id


def _hear_message(value: Json, message: Json) -> Iterator[Inbound]:
    """What is said in a group is not said to us."""
    told = message.get("system")
    if isinstance(told, dict) and told.get("type") in MOVED:
        yield _moved(message, told)
        return
    content = {} if message.get("group_id") else _content(message)
    if content:
        yield _message(message, value, content)


def _hear_status(value: Json, status: Json) -> Iterator[Inbound]:
    if status.get("status") in STATUSES and status.get("recipient_type") != "group":
        yield _status(status, value)


def _message(message: Json, value: Json, content: Json) -> Inbound:
    contact = _contact(value, "from_user_id", "from", message, value["messages"])
    ids = message.get("from_user_id"), contact.get("user_id"), contact.get("wa_id"), message.get("from")
    address, aliases = _names(*ids)
    if not address:
        raise ValueError("nobody sent it")
    at = _moment(message.get("timestamp"))
    return Inbound(_id(message), address=address, aliases=aliases, at=at, opens=OPENS, **content)


def _moved(message: Json, told: Json) -> Inbound:
    """Another number brings another id; words that come under the new names are the same person's."""
    address, aliases = _names(told.get("user_id"), told.get("wa_id"), told.get("new_wa_id"))
    old, olds = _names(told.get("previous_user_id"), message.get("from_user_id"), message.get("from"))
    if not address or not old:
        raise ValueError("nobody moved")
    formerly = tuple(each for each in (old, *olds) if each not in (address, *aliases))
    return Inbound(_id(message), Act.MOVE, address, _moment(message.get("timestamp")), aliases=aliases, formerly=formerly)


def _status(status: Json, value: Json) -> Inbound:
    """`played` counts as read, under a key of its own.  A number without WhatsApp has no id of Meta's."""
    contact = _contact(value, "recipient_user_id", "recipient_id", status, value["statuses"])
    ids = status.get("recipient_user_id"), contact.get("user_id"), contact.get("wa_id"), status.get("recipient_id")
    address, aliases = _names(*ids)
    came, id_ = status["status"], _id(status)
    return Inbound(
        f"{id_}:{came}",
        Act.STATUS,
        address,
        _moment(status.get("timestamp")),
        aliases=aliases,
        provider_id=id_,
        our_key=_text(status.get("biz_opaque_callback_data")),
        status=STATUSES[came],
        cause=_cause(status) if came == "failed" else "",
    )


def _contact(value: Json, id_: str, phone: str, of: Json, among: list[Json]) -> Json:
    """Who a message or status is of, among the people of its batch.

    One person's number and id may differ by a digit, so the only contact of a batch is meant all the same, unless several
    wrote: to take one patient's words for another's would be worse than not to know the second name.
    """
    own, number = _text(of.get(id_)), _text(of.get(phone))
    contacts = [each for each in value.get("contacts") or () if isinstance(each, dict) and _may_be(each, own)]
    for each in contacts:
        if {own, number} & {_text(each.get("user_id")), _text(each.get("wa_id"))} - {""}:
            return each
    people = {_text(each.get(id_) or each.get(phone)) for each in among if isinstance(each, dict)}
    return contacts[0] if len(contacts) == len(people) == 1 else {}


def _may_be(contact: Json, own: str) -> bool:
    """Nobody has two ids of Meta's: the message's own says whose it is."""
    return not own or _text(contact.get("user_id")) in ("", own)


def _names(*names: Any) -> tuple[str, tuple[str, ...]]:
    """(address, aliases): Meta's id of the person where there is one, with their telephone numbers beside it."""
    found = list(dict.fromkeys(_text(name).lstrip("+") for name in names if name))
    phones = [name for name in found if name.isdecimal()]
    ids = [name for name in found if not name.isdecimal()]
    address = next(iter([*ids, *phones]), "")
    return address, tuple(phone for phone in phones if phone != address)


def _content(message: Json) -> Json:
    """The fields of an Inbound that a message's kind decides; empty for what is no message."""
    kind = message.get("type")
    part = message.get(kind) if isinstance(kind, str) else None
    part = part if isinstance(part, dict) else {}  # of shared contacts it is a list
    if kind in IGNORED:
        return {}
    if kind == "text":
        return _written(part)
    if kind == "button":
        return _pressed(part.get("payload"), part.get("text"))
    if kind == "interactive":
        reply = part.get(part.get("type") or "")
        return _pressed(reply.get("id"), reply.get("title")) if isinstance(reply, dict) else {"act": Act.SEND}
    if kind == "edit":  # who corrects themselves has said something new, and it may be an alarm
        return _content(part["message"])
    return {"act": _act(kind, part), "media": _text(part.get("id")), "text": _text(part.get("caption"))}


def _act(kind: Any, part: Json) -> Act:
    """A picture or a recording that was sent as a file is one all the same."""
    if kind == "document":
        kind = _text(part.get("mime_type")).partition("/")[0]
    return KINDS.get(kind, Act.SEND) if isinstance(kind, str) else Act.SEND


def _written(part: Json) -> Json:
    """A text that looks like a code stays a text: QANSYRAP is a code's eight letters, and says that somebody bleeds."""
    if not isinstance(part.get("body"), str):
        raise ValueError("no words")
    text = _text(part["body"])
    code = CODE.fullmatch(text.strip())
    return {"act": Act.WRITE, "text": text, "code": code[0] if code else ""}


def _pressed(payload: Any, label: Any) -> Json:
    """A form or a call's answer has no payload; a button that lost its own says what stands on it."""
    if payload:
        return {"act": Act.PRESS, "payload": _text(payload), "text": _text(label)}
    return {"act": Act.WRITE, "text": _text(label)} if label else {"act": Act.SEND}


def _cause(status: Json) -> Cause:
    errors = status.get("errors")
    return cause_of(_code(errors[0])) if errors else Cause.REFUSED


def _code(error: Json) -> int:
    try:
        return code_of(error)
    except ValueError:
        return -1


def _id(item: Json) -> str:
    """Without one a repeat could not be told from a second message."""
    id_ = item["id"]
    if not isinstance(id_, str) or not id_:
        raise ValueError("no id")
    return _text(id_)


def _moment(seconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _text(value: Any) -> str:
    """As text that can be stored: JSON may hold half of a pair of surrogates."""
    return "" if value is None else str(value).encode("utf-8", "replace").decode("utf-8")
