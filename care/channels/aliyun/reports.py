"""What Aliyun reports: what became of texts and calls, the keys that were pressed, and texts that came back.

Pushed as a JSON list, many in one request: SmsReport, SmsUp, VoiceReport, VoiceCallReport.  None of them is signed, so the
address set in the console is https://.../aliyun?secret=WORD.
https://help.aliyun.com/zh/sms/developer-reference/smsreport-2   https://help.aliyun.com/zh/vms/voicereport-7
"""

import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from care.channels.base import Act, Cause, Forged, Inbound, Post, Unreadable

BEIJING = timezone(timedelta(hours=8))  # of every time Aliyun writes
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
    "200104": Cause.BROKEN,  # our own number
    "200105": Cause.REFUSED,
    "200117": Cause.BROKEN,
    "200118": Cause.BUSY,  # not at this hour
    "200121": Cause.BUSY,  # too many calls at once
}


def verify(post: Post, secret: str) -> None:
    """Raises Forged."""
    if not secret or not hmac.compare_digest(post.query.get("secret", "").encode(), secret.encode()):
        raise Forged


def parse(post: Post) -> list[Inbound]:
    """Everything in it.  Raises Unreadable."""
    try:
        told = json.loads(post.body)
        if not isinstance(told, list):
            raise ValueError
        return [heard for each in told for heard in _read(each)]
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise Unreadable from wrong


def _read(told: dict[str, Any]) -> Iterator[Inbound]:
    if "call_id" in told:
        yield from _read_call(told)
    elif "content" in told:
        key = f"words/{told['sequence_id']}"
        yield Inbound(key, Act.WRITE, number(told["phone_number"]), _moment(told["send_time"]), text=told["content"])
    else:
        yield _read_text(told)


def _read_text(told: dict[str, Any]) -> Inbound:
    code, id_ = str(told["err_code"]), str(told["biz_id"])
    arrived = told["success"] in (True, "true")
    return Inbound(
        f"{id_}/{code}",
        Act.STATUS,
        number(told["phone_number"]),
        _moment(told["report_time"]),
        provider_id=id_,
        our_key=told.get("out_id") or "",
        status="delivered" if arrived else "failed",
        cause="" if arrived else TEXT_LOST.get(code, Cause.UNKNOWN),
    )


def _read_call(told: dict[str, Any]) -> Iterator[Inbound]:
    """The key that was pressed, then what became of the call.

    Which answer a key stands for is told by the message it belongs to, so the payload is empty: 1 is its first choice.
    """
    id_, code, pressed = str(told["call_id"]), str(told["status_code"]), str(told.get("dtmf") or "")
    at = _moment(told.get("end_time") or told.get("status_time") or "")
    about = Inbound("", Act.STATUS, number(told.get("callee") or ""), at, provider_id=id_, our_key=told.get("out_id") or "")
    if pressed:
        yield replace(about, key=f"{id_}/key/{pressed}", act=Act.PRESS, text=pressed)
    status = CALL_DONE.get(code) or ("failed" if code in CALL_LOST or "end_time" in told else "")
    if status:  # else it is still ringing
        cause = CALL_LOST.get(code, Cause.UNKNOWN) if status == "failed" else ""
        yield replace(about, key=f"{id_}/{code}", status=status, cause=cause)


def number(phone: str) -> str:
    """A telephone number as we keep it: mainland ones come without their country."""
    bare = phone.lstrip("+")
    return f"+86{bare}" if len(bare) == 11 and bare.startswith("1") else f"+{bare}" if bare else ""


def _moment(told: str) -> datetime | None:
    return datetime.strptime(told, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING) if told else None
