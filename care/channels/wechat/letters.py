"""Reads what WeChat posts: the sealed envelope, and the letter in it.

https://developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_standard_messages.html
https://developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_event_pushes.html
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast
from xml.etree.ElementTree import Element

from defusedxml import ElementTree  # type: ignore[import-untyped]

from care.channels.base import Act, Cause, Inbound, Unreadable
from care.channels.wechat.errors import cause_of

QR_PREFIX = "qrscene_"
NO_SUCH_WORDS = "【收到不支持的消息类型，暂无法显示】"  # house: letters - the vendor's own, in place of a sticker
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TYPED = re.compile(r"(?<=<Content><!\[CDATA\[).*(?=\]\]></Content>)", re.DOTALL)


def read_xml(body: bytes) -> Element:
    """Raises Unreadable; a document with a type of its own (how XML bombs begin) is none of WeChat's."""
    try:
        return _parse(body)
    except SyntaxError:
        with suppress(SyntaxError):
            return _parse(_mend(body))
    except (ValueError, LookupError):  # a bomb; an encoding nobody has
        pass
    raise Unreadable


def _parse(body: bytes | str) -> Element:
    return cast(Element, ElementTree.fromstring(body, forbid_dtd=True))


def _mend(body: bytes) -> str:
    """WeChat passes on what a telephone can type and XML forbids: control characters, half a letter, an end of CDATA."""
    words = NOT_XML.sub("", body.decode("utf-8", "replace"))
    return TYPED.sub(lambda typed: typed[0].replace("]]>", "]]]]><![CDATA[>"), words)


def read_envelope(body: bytes) -> str:
    """The sealed letter.  Nobody signed what stands beside it (in compatible mode a plain copy): that is left unread."""
    return _word(read_xml(body), "Encrypt")


def read_letter(letter: bytes) -> list[Inbound]:
    """Everything in it.  Raises Unreadable."""
    root = read_xml(letter)
    kind = _need(root, "MsgType")
    bare = Inbound("", Act.SEND, _need(root, "FromUserName"), _read_time(root))
    if kind == "event":
        return _read_event(root, bare)
    bare = replace(bare, key=_message_key(root, bare, kind), opens="message")
    return [MESSAGES.get(kind, _read_other)(root, bare)]


def _word(root: Element, name: str) -> str:
    return (root.findtext(name) or "").strip()


def _need(root: Element, name: str) -> str:
    if not (found := _word(root, name)):
        raise Unreadable
    return found


def _read_time(root: Element) -> datetime | None:
    """None for an hour nobody can read: the words beside it are heard all the same."""
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(int(_word(root, "CreateTime")), UTC)
    return None


def _message_key(root: Element, bare: Inbound, kind: str) -> str:
    number = _word(root, "MsgId")
    return f"message {number}" if number else f"message {bare.address} {_word(root, 'CreateTime')} {kind}"


def _read_text(root: Element, bare: Inbound) -> Inbound:
    text, button = root.findtext("Content") or "", _word(root, "bizmsgmenuid")
    if button:
        return replace(bare, act=Act.PRESS, payload=button, text=text, opens="menu")
    return bare if text == NO_SUCH_WORDS else replace(bare, act=Act.WRITE, text=text)


def _read_voice(root: Element, bare: Inbound) -> Inbound:
    return _read_media(root, bare, Act.SPEAK)


def _read_image(root: Element, bare: Inbound) -> Inbound:
    return _read_media(root, bare, Act.SHOW)


def _read_film(root: Element, bare: Inbound) -> Inbound:
    return _read_media(root, bare, Act.SEND)


def _read_media(root: Element, bare: Inbound, act: Act) -> Inbound:
    """What WeChat keeps of it, the best first: the wide recording (16 kHz) before the telephone's 8 kHz.

    Without any there is nothing to fetch, but the patient did send something.
    """
    kept = [each for each in (_word(root, "MediaId16K"), _word(root, "MediaId")) if each not in ("", "null")]
    return replace(bare, act=act, media=" ".join(kept)) if kept else bare


def _read_other(root: Element, bare: Inbound) -> Inbound:
    """A place, a page, or a kind the vendor has added since: the patient did send something, and no word of it is theirs."""
    return bare


MESSAGES: dict[str, Callable[[Element, Inbound], Inbound]] = {
    "text": _read_text,
    "voice": _read_voice,
    "image": _read_image,
    "video": _read_film,
    "shortvideo": _read_film,
}


def _read_event(root: Element, bare: Inbound) -> list[Inbound]:
    """Events have no number.  What became of two notices of one second differs by the notices' own."""
    event = _need(root, "Event").lower()
    about = " ".join(filter(None, (_word(root, "EventKey"), _word(root, "MsgID"))))
    bare = replace(bare, key=f"event {bare.address} {_word(root, 'CreateTime')} {event} {about}".rstrip())
    if event == "subscribe_msg_sent_event":
        return list(_read_notice_fates(root, bare))
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


# Not here: VIEW and other menu kinds, which open nothing; who closes a box that popped up has taken nothing back; and who
# switches off one of our forms still speaks with us, so the next notice is refused (43101) and goes another way.
EVENTS: dict[str, Callable[[Element, Inbound], Inbound]] = {
    "subscribe": _read_follow,
    "scan": _read_scan,
    "unsubscribe": _read_leave,
    "click": _read_click,
    "scancode_push": _read_click,
    "scancode_waitmsg": _read_click,
    "templatesendjobfinish": _read_fate,
}


def _read_notice_fates(root: Element, bare: Inbound) -> Iterator[Inbound]:
    """Of notices, each by its own number; one without says nothing of any."""
    for each in root.iterfind(".//List"):
        if number := _word(each, "MsgID"):
            fate = replace(bare, key=f"{bare.key} {number}", act=Act.STATUS, provider_id=number)
            cause = _read_cause(_word(each, "ErrorCode"))
            yield replace(fate, status="failed", cause=cause) if cause else replace(fate, status="delivered")


def _read_cause(code: str) -> str:
    if code == "0":
        return ""
    return cause_of(int(code)) if re.fullmatch(r"-?[0-9]{1,9}", code) else Cause.UNKNOWN
