"""What Aliyun reports: what became of texts and calls, the keys that were pressed, and texts that came back.

Pushed as a JSON list, many in one request: SmsReport, SmsUp, VoiceReport, VoiceCallReport.  None of them is signed, so the
address set in the console is https://.../aliyun?secret=WORD.
https://help.aliyun.com/zh/sms/developer-reference/smsreport-2   https://help.aliyun.com/zh/vms/voicereport-7
"""

import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from care.channels.base import Act, Cause, Forged, Inbound, Post, Unreadable
from care.kit.ids import fingerprint
from care.kit.logs import get_log

Json = dict[str, Any]
BEIJING = timezone(timedelta(hours=8))  # of every time Aliyun writes
# 2026-12-01 14:00:00 as their pages say, 20261201140000 as their samples do; either may have milliseconds.
TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d) ?(\d\d):?(\d\d):?(\d\d)(?:[.:]?\d{3})?", re.ASCII)
# https://help.aliyun.com/document_detail/101347.html
TEXT_LOST = {
    "MOBILE_NOT_ON_SERVICE": Cause.UNREACHABLE,  # switched off, out of reach, or without money: they do not say which
    "MOBILE_ACCOUNT_ABNORMAL": Cause.UNREACHABLE,
    "MOBLLE_TERMINAL_ERROR": Cause.UNREACHABLE,  # their spelling
    "REQUEST_SUCCESS": Cause.UNREACHABLE,  # no receipt of the operator's
    "IS_CLOSE": Cause.UNREACHABLE,
    "MOBILE_SEND_LIMIT": Cause.BUSY,
    "MOBILE_IN_BLACK": Cause.OPTED_OUT,
    "USER_REJECT": Cause.OPTED_OUT,
    "INVALID_NUMBER": Cause.BAD_ADDRESS,
    "PARAMS_ILLEGAL": Cause.REFUSED,
    "CONTENT_KEYWORD": Cause.REFUSED,
    "CONTENT_ERROR": Cause.REFUSED,
    "SIGNATURE_BLACKLIST": Cause.REFUSED,
    "NO_ROUTE": Cause.REFUSED,
}
# https://help.aliyun.com/zh/vms/developer-reference/operators-receipt-error-code
# Every other code is the end of the call, also one they have yet to invent: a nurse must hear of it.
UNDER_WAY = ("200100", "200101", "200102", "200103", "200201", "300000")
CALL_DONE = {"200000": "read", "200001": "delivered", "200008": "delivered"}  # heard it all; hung up early; pressed nothing
CALL_LOST = {
    "200002": Cause.BUSY,  # engaged
    "200003": Cause.BUSY,  # nobody answered
    "200004": Cause.BAD_ADDRESS,
    "200005": Cause.BUSY,  # not put through, or refused
    "200006": Cause.REFUSED,  # the recording
    "200007": Cause.BUSY,  # out of reach
    "200010": Cause.BUSY,  # switched off
    "200011": Cause.BAD_ADDRESS,  # the number is out of service
    "200012": Cause.BUSY,
    "200104": Cause.BROKEN,  # our own number
    "200105": Cause.REFUSED,
    "200117": Cause.BROKEN,
    "200118": Cause.BUSY,  # not at this hour
    "200119": Cause.BUSY,  # rung too often
    "200121": Cause.BUSY,  # too many calls at once
}
log = get_log("aliyun")


def verify(post: Post, secret: str) -> None:
    """Raises Forged."""
    given = post.query.get("secret", "").encode("utf-8", "surrogatepass")
    if not secret or not hmac.compare_digest(given, secret.encode()):
        raise Forged


def parse(post: Post) -> list[Inbound]:
    """Everything in it that can be read: one bad item must not silence the patients beside it.  Raises Unreadable."""
    heard, bad = [], 0
    for item in _read_list(post.body):
        try:
            heard += list(_read(item))
        except Unreadable:
            bad += 1
    if bad and not heard:
        raise Unreadable
    if bad:
        log.warning("report.unreadable", channel="aliyun", count=bad)
    return heard


def _read_list(body: bytes) -> list[Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise Unreadable from wrong
    if not isinstance(told, list):
        raise Unreadable
    return told


def _read(told: Any) -> Iterator[Inbound]:
    if not isinstance(told, dict):
        raise Unreadable
    if "call_id" in told:
        yield from _read_call(told)
    elif "content" in told:
        yield _read_words(told)
    else:
        yield _read_text(told)


def _read_words(told: Json) -> Inbound:
    phone, at = _need(told, "phone_number"), _word(told, "send_time")
    if not isinstance(told["content"], str):
        raise Unreadable
    text = _word(told, "content")
    key = _word(told, "sequence_id") or f"{phone}/{at}/{fingerprint(text)}"
    return Inbound(f"words/{key}", Act.WRITE, number(phone), _moment(at), text=text)


def _read_text(told: Json) -> Inbound:
    code, id_ = _word(told, "err_code"), _need(told, "biz_id")
    arrived = told.get("success") in (True, "true")
    return Inbound(
        f"{id_}/{code}",
        Act.STATUS,
        number(_word(told, "phone_number")),
        _moment(_word(told, "report_time")),
        provider_id=id_,
        our_key=_word(told, "out_id"),
        status="delivered" if arrived else "failed",
        cause="" if arrived else TEXT_LOST.get(code, Cause.UNKNOWN),
    )


def _read_call(told: Json) -> Iterator[Inbound]:
    """The key that was pressed, then what became of the call.

    Which answer a key stands for is told by the message it belongs to, so the payload is empty: 1 is its first choice.
    """
    id_, code, pressed = _need(told, "call_id"), _need(told, "status_code"), _key(_word(told, "dtmf"))
    at = _moment(_word(told, "end_time") or _word(told, "status_time"))
    about = Inbound("", Act.STATUS, number(_word(told, "callee")), at, provider_id=id_, our_key=_word(told, "out_id"))
    if pressed:
        yield replace(about, key=f"{id_}/key/{pressed}", act=Act.PRESS, text=pressed)
    if code not in UNDER_WAY:
        status = CALL_DONE.get(code, "failed")
        cause = CALL_LOST.get(code, Cause.UNKNOWN) if status == "failed" else ""
        yield replace(about, key=f"{id_}/{code}", status=status, cause=cause)


def _key(pressed: str) -> str:
    """The one key behind "1#", "1,1" or "11": an impatient or careful thumb means the same by it.  "-" is none."""
    digits = set(re.findall("[0-9]", pressed))
    return digits.pop() if len(digits) == 1 else pressed.strip("-")


def number(phone: str) -> str:
    """A telephone number as we keep it: mainland ones come without their country, and some with zeros before it."""
    bare = phone.lstrip("+0")
    return f"+86{bare}" if len(bare) == 11 and bare.startswith("1") else f"+{bare}" if bare else ""


def _moment(told: str) -> datetime | None:
    """None where nobody can read it: what a patient says matters more than when."""
    found = TIME.fullmatch(told)
    try:
        return datetime.strptime("".join(found.groups()), "%Y%m%d%H%M%S").replace(tzinfo=BEIJING) if found else None
    except ValueError:
        return None


def _word(told: Json, name: str) -> str:
    """A text or a whole number as text that can be stored, for JSON may hold half a letter; empty where it is neither."""
    value = told.get(name)
    return str(value).encode(errors="replace").decode() if type(value) in (str, int) else ""


def _need(told: Json, name: str) -> str:
    word = _word(told, name)
    if not word:
        raise Unreadable
    return word
