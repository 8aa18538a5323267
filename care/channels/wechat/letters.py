"""Reads what WeChat posts: the sealed envelope, and the letter in it.

https://developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_standard_messages.html
https://developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_event_pushes.html
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast
from xml.etree.ElementTree import Element

from defusedxml import ElementTree  # type: ignore[import-untyped]

from care.channels.base import Act, Cause, Inbound, Unreadable
from care.channels.wechat.errors import cause_of

QR_PREFIX = "qrscene_"


def read_xml(body: bytes) -> Element:
    """Raises Unreadable; a document with a type of its own (how XML bombs begin) is none of WeChat's."""
    try:
        return cast(Element, ElementTree.fromstring(body, forbid_dtd=True))
    except (SyntaxError, ValueError, LookupError):  # cut off; a bomb; an encoding nobody has
        raise Unreadable from None


def read_envelope(body: bytes) -> str:
    """The sealed letter.  Nobody signed what stands beside it (in compatible mode a plain copy): that is left unread."""
    return _word(read_xml(body), "Encrypt")


def read_letter(letter: bytes, notices: Collection[str]) -> list[Inbound]:
    """Everything in it.  `notices`: the forms we send, whose refusal is a refusal of us.  Raises Unreadable."""
    root = read_xml(letter)
    kind = _need(root, "MsgType")
    bare = Inbound("", Act.SEND, _need(root, "FromUserName"), _read_time(root))
    if kind == "event":
        return _read_event(root, bare, notices)
    bare = replace(bare, key=_message_key(root, bare, kind), opens="message")
    return [MESSAGES.get(kind, _read_other)(root, bare)]


def _word(root: Element, name: str) -> str:
    return (root.findtext(name) or "").strip()


def _need(root: Element, name: str) -> str:
    if not (found := _word(root, name)):
        raise Unreadable
    return found


def _read_time(root: Element) -> datetime:
    try:
        return datetime.fromtimestamp(int(_need(root, "CreateTime")), UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable from None


def _message_key(root: Element, bare: Inbound, kind: str) -> str:
    number = _word(root, "MsgId")
    return f"message {number}" if number else f"message {bare.address} {_word(root, 'CreateTime')} {kind}"


def _read_text(root: Element, bare: Inbound) -> Inbound:
    text, button = root.findtext("Content") or "", _word(root, "bizmsgmenuid")
    if button:
        return replace(bare, act=Act.PRESS, payload=button, text=text, opens="menu")
    return replace(bare, act=Act.WRITE, text=text)


def _read_voice(root: Element, bare: Inbound) -> Inbound:
    # The wide recording (16 kHz) is the one that can be understood later; the other has the telephone's 8 kHz.
    return replace(bare, act=Act.SPEAK, media=_word(root, "MediaId16K") or _need(root, "MediaId"))


def _read_image(root: Element, bare: Inbound) -> Inbound:
    return replace(bare, act=Act.SHOW, media=_need(root, "MediaId"))


def _read_film(root: Element, bare: Inbound) -> Inbound:
    return replace(bare, media=_need(root, "MediaId"))


def _read_place(root: Element, bare: Inbound) -> Inbound:
    return replace(bare, text=_word(root, "Label"))


def _read_link(root: Element, bare: Inbound) -> Inbound:
    return replace(bare, text="\n".join(filter(None, (_word(root, "Title"), _word(root, "Url")))))


def _read_other(root: Element, bare: Inbound) -> Inbound:
    """Of a kind the vendor has added since: the patient did say something."""
    return bare


MESSAGES: dict[str, Callable[[Element, Inbound], Inbound]] = {
    "text": _read_text,
    "voice": _read_voice,
    "image": _read_image,
    "video": _read_film,
    "shortvideo": _read_film,
    "location": _read_place,
    "link": _read_link,
}


def _read_event(root: Element, bare: Inbound, notices: Collection[str]) -> list[Inbound]:
    """Events have no number.  What became of two notices of one second differs by the notices' own."""
    event = _need(root, "Event").lower()
    about = " ".join(filter(None, (_word(root, "EventKey"), _word(root, "MsgID"))))
    bare = replace(bare, key=f"event {bare.address} {_word(root, 'CreateTime')} {event} {about}".rstrip())
    if event in LISTS:
        found = [LISTS[event](each, bare, notices) for each in root.iterfind(".//List")]
        return [replace(each, key=f"{bare.key} {number}") for number, each in enumerate(found) if each]
    return [EVENTS[event](root, bare)] if event in EVENTS else []


def _read_follow(root: Element, bare: Inbound) -> Inbound:
    key = _word(root, "EventKey")
    code = key.removeprefix(QR_PREFIX) if key.startswith(QR_PREFIX) else ""
    return replace(bare, act=Act.ARRIVE, code=code, opens="follow")


def _read_scan(root: Element, bare: Inbound) -> Inbound:
    return replace(bare, act=Act.ARRIVE, code=_word(root, "EventKey"), opens="scan")


def _read_leave(root: Element, bare: Inbound) -> Inbound:
    return replace(bare, act=Act.LEAVE)


def _read_click(root: Element, bare: Inbound) -> Inbound:
    return replace(bare, act=Act.PRESS, payload=_need(root, "EventKey"), opens="menu")


def _read_fate(root: Element, bare: Inbound) -> Inbound:
    """Of a template message: success, "failed:user block" or "failed: system failed"."""
    said = _word(root, "Status").lower()
    bare = replace(bare, act=Act.STATUS, provider_id=_need(root, "MsgID"))
    if said == "success":
        return replace(bare, status="delivered")
    return replace(bare, status="failed", cause=Cause.OPTED_OUT if "block" in said else Cause.UNREACHABLE)


# VIEW and the other menu kinds are not here: they say nothing to us and open nothing.
EVENTS: dict[str, Callable[[Element, Inbound], Inbound]] = {
    "subscribe": _read_follow,
    "scan": _read_scan,
    "unsubscribe": _read_leave,
    "click": _read_click,
    "scancode_push": _read_click,
    "scancode_waitmsg": _read_click,
    "templatesendjobfinish": _read_fate,
}


def _read_notice_fate(each: Element, bare: Inbound, notices: Collection[str]) -> Inbound | None:
    code = _word(each, "ErrorCode")
    bare = replace(bare, act=Act.STATUS, provider_id=_need(each, "MsgID"))
    if code == "0":
        return replace(bare, status="delivered")
    return replace(bare, status="failed", cause=cause_of(int(code)) if code.isdecimal() else Cause.UNKNOWN)


def _read_refusal(each: Element, bare: Inbound, notices: Collection[str]) -> Inbound | None:
    """The patient has switched one of our forms off; there is no event for switching it on again."""
    refused = _word(each, "SubscribeStatusString").lower() == "reject" and _word(each, "TemplateId") in notices
    return replace(bare, act=Act.LEAVE) if refused else None


# subscribe_msg_popup_event is not here: who closes a box that popped up has taken nothing back, and nothing opens.
LISTS: dict[str, Callable[[Element, Inbound, Collection[str]], Inbound | None]] = {
    "subscribe_msg_sent_event": _read_notice_fate,
    "subscribe_msg_change_event": _read_refusal,
}
