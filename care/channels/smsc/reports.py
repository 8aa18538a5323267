"""What SMSC.kz reports: what became of a message, or a text message somebody sent to a number of ours.

The address in the cabinet is https://.../smsc?secret=WORD&fmt=3&charset=utf-8&sha1.  `fmt=3` asks for JSON, which cannot
be cut unnoticed; the older form is read too.  The signature covers id, phone and status only, hence the word beside it.
https://smsc.kz/api/http/miscellaneous/callback/ and, for the codes, https://smsc.kz/api/http/status_messages/statuses/
"""

import hashlib
import hmac
import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from care.channels.base import Act, Cause, Forged, Inbound, Post, Unreadable
from care.channels.smsc.settings import SmscSettings
from care.kit.ids import fingerprint

KEY, AS_ID = "message:", "message."  # how the key of a message begins; an id takes no colon
WAITING = ("-3", "-2", "-1")
ARRIVED = {"0": "sent", "1": "delivered", "2": "read", "4": "read"}  # 4: the link in it was opened
LOST = {
    "3": Cause.UNREACHABLE,  # its time ran out
    "20": Cause.UNREACHABLE,
    "22": Cause.BAD_ADDRESS,
    "23": Cause.REFUSED,
    "24": Cause.BROKEN,  # money
    "25": Cause.UNREACHABLE,
}
VIRTUAL = "200"  # the account's test mode: nothing was sent, whatever the status says
ERRORS = {
    "1": Cause.BAD_ADDRESS,  # no such subscriber
    "6": Cause.UNREACHABLE,  # switched off
    "11": Cause.BAD_ADDRESS,  # no SMS service
    "12": Cause.UNREACHABLE,  # fault of the telephone
    "13": Cause.UNREACHABLE,  # blocked by the operator, mostly for money
    "21": Cause.BAD_ADDRESS,  # the telephone cannot
    "219": Cause.BAD_ADDRESS,  # another SIM card: perhaps another owner, a nurse must ask
    "220": Cause.UNREACHABLE,  # the operator's queue is full
    "237": Cause.BUSY,  # nobody answered the call
    "238": Cause.REFUSED,  # no template
    "239": Cause.BROKEN,  # our address is not allowed
    "240": Cause.BUSY,  # engaged
    "241": Cause.REFUSED,  # the recording cannot be converted
    "242": Cause.BUSY,  # an answering machine
    "243": Cause.BROKEN,  # no contract
    "244": Cause.BROKEN,  # sending is forbidden to the account
    "246": Cause.BUSY,  # not at this hour
    "247": Cause.BROKEN,  # the account's daily limit
    "248": Cause.BAD_ADDRESS,  # no route
    "249": Cause.BAD_ADDRESS,
    "250": Cause.REFUSED,  # forbidden by our own settings
    "251": Cause.BUSY,  # the number's daily limit
    "252": Cause.OPTED_OUT,  # a forbidden number
    "253": Cause.REFUSED,  # spam filter
    "254": Cause.BROKEN,  # sender not registered
    "255": Cause.REFUSED,  # by the operator
}
FORM = re.compile(r"\w+=|$")  # how it begins; all else must be JSON
LETTERS = ("utf-8", "cp1251")  # SMSC writes the second wherever the cabinet's address has no charset=utf-8
DIGESTS = ("sha1", "md5")  # crc32 proves nothing


def verify(post: Post, settings: SmscSettings) -> None:
    """Raises Forged."""
    word = settings.secret.get_secret_value().encode()
    if not word or not hmac.compare_digest(post.query.get("secret", "").encode("utf-8", "surrogatepass"), word):
        raise Forged
    signing_word = settings.signing_word.get_secret_value()
    if signing_word and not _is_signed(_read_what_can_be_read(post), signing_word):
        raise Forged


def _is_signed(told: dict[str, str], word: str) -> bool:
    names = ("phone", "mes", "to") if "mes" in told else ("id", "phone", "status")
    signed = ":".join([*(told.get(name, "") for name in names), word])
    # The vendor's choice of digests; the word is what keeps it safe.
    right = [_is_digest(told[name], name, signed) for name in DIGESTS if told.get(name)]
    return bool(right) and all(right)


def _is_digest(given: str, name: str, signed: str) -> bool:
    """In whichever letters SMSC wrote what it signed."""
    digests = [hashlib.new(name, each, usedforsecurity=False).hexdigest() for each in _written(signed)]
    return any(hmac.compare_digest(each.encode(), given.lower().encode()) for each in digests)


def _written(text: str) -> Iterator[bytes]:
    for letters in LETTERS:
        with suppress(UnicodeEncodeError):
            yield text.encode(letters)


def parse(post: Post) -> list[Inbound]:
    """One thing a post.  Raises Unreadable."""
    told = read_fields(post)
    return [_read_words(told)] if "mes" in told else _read_status(told)


def _read_words(told: dict[str, str]) -> Inbound:
    phone, text, at = _need(told, "phone"), told["mes"], told.get("time") or told.get("ts", "")
    key = told.get("sms_id") or f"{phone}/{at}/{fingerprint(text)}"
    return Inbound(f"words/{key}", Act.WRITE, number(phone), _moment(told), text=text)


def _read_status(told: dict[str, str]) -> list[Inbound]:
    id_, status, error = _need(told, "id"), _need(told, "status"), told.get("err") or "0"
    if status in WAITING:
        return []
    # A status they have yet to invent is a failure until a receipt says otherwise: a nurse must hear of it.
    cause = "" if status in ARRIVED else ERRORS.get(error, LOST.get(status, Cause.UNKNOWN))
    state = "failed" if cause else "sent" if error == VIRTUAL else ARRIVED[status]
    key, address = f"{id_}/{status}/{error}", number(_need(told, "phone"))
    return [
        Inbound(key, Act.STATUS, address, _moment(told), provider_id=id_, our_key=key_of(id_), status=state, cause=cause),
    ]


def read_fields(post: Post) -> dict[str, str]:
    """The parameters of the address and of the body, JSON or form.  Raises Unreadable."""
    body = post.body.removeprefix(BOM_UTF8).strip()
    for letters in LETTERS:
        with suppress(UnicodeDecodeError):
            told = {**post.query, **_read_body(body.decode(letters), letters)}
            # As text that can be stored: JSON may hold half a letter.
            return {name: value.encode(errors="replace").decode() for name, value in told.items()}
    raise Unreadable


def _read_body(body: str, letters: str) -> dict[str, str]:
    """Raises UnicodeDecodeError where its escapes are of other letters, and Unreadable."""
    if FORM.match(body):
        return dict(parse_qsl(body, keep_blank_values=True, encoding=letters, errors="strict"))
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise Unreadable from wrong
    if not isinstance(told, dict):
        raise Unreadable
    # Null is as good as absent, else "None" would become a patient's words.
    return {name: str(value) for name, value in told.items() if type(value) in (str, int, float)}


def _read_what_can_be_read(post: Post) -> dict[str, str]:
    try:
        return read_fields(post)
    except Unreadable:
        return read_fields(replace(post, body=b""))


def _need(told: dict[str, str], name: str) -> str:
    if not told.get(name):
        raise Unreadable
    return told[name]


def key_of(id_: str) -> str:
    """The key we gave the message (Smsc.send)."""
    return KEY + id_.removeprefix(AS_ID) if id_.startswith(AS_ID) else id_


def number(phone: str) -> str:
    """A telephone number as we keep it, with its plus sign."""
    return f"+{phone.lstrip('+')}"


def _moment(told: dict[str, str]) -> datetime | None:
    """None where it is not in seconds: milliseconds are no documented habit of theirs, and nothing is guessed."""
    try:
        return datetime.fromtimestamp(int(told.get("ts", "")), UTC)
    except (ValueError, OverflowError, OSError):
        return None
