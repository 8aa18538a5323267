"""How one message can be said in WeChat now: a recording, words, a card, or one of the vendor's forms.

https://developers.weixin.qq.com/doc/service/en/api/customer/message/api_sendcustommessage.html
https://developers.weixin.qq.com/doc/service/en/api/notify/template/api_sendtemplatemessage.html
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from care.channels.base import Cause, Choice, Contact, Plan, Said, SendFailed, Sound, Step, Way
from care.channels.wechat.forms import FIELD_LETTERS, Form, fill
from care.channels.wechat.window import count_left, shuts_at
from care.channels.wechat.words import clean, shorten, split

LONGEST_SOUND_S = 60.0
TEXT_BYTES = 2048
LEAST_BYTES = 200  # of a piece of text above its buttons
CARD_LETTERS = 120
Says = Mapping[str, Any]


def plan(said: Said, contact: Contact, now: datetime, forms: Mapping[str, Form]) -> Plan:
    """Inside the window as much as it still allows, outside a form.  Raises SendFailed: another channel must."""
    left = count_left(contact, now)
    inside = _plan_inside(said, contact.address, left) if left else None
    return inside or _plan_form(said, contact.address, forms, "quota-used" if now < shuts_at(contact) else "window-closed")


def _plan_inside(said: Said, address: str, left: int) -> Plan | None:
    """None: what is left does not do."""
    sound = said.sound if said.sound and said.sound.seconds <= LONGEST_SOUND_S else None
    beside = _write(said, "") if sound else []
    if sound and (1 + len(beside) <= left or not said.link):
        # Where not all of it can go and no link would speak instead, whoever asked to hear it hears it.
        fits = beside if 1 + len(beside) <= left else []
        voice = _step(said, address, Way.VOICE, {"msgtype": "voice"}, sound)
        return Plan((voice, *_texts(said, address, fits)), "" if fits == beside else "quota-used")
    why = "quota-used" if sound else "no-sound" if said.sound else ""
    alone = _write(said, said.link)
    if 0 < len(alone) <= left:
        return Plan(_texts(said, address, alone), why)
    return Plan(_texts(said, address, [_card(said)]), "quota-used") if said.link else None


def _texts(said: Said, address: str, says: Iterable[Says]) -> tuple[Step, ...]:
    return tuple(_step(said, address, Way.TEXT, each) for each in says)


def _step(said: Said, address: str, way: Way, says: Says, sound: Sound | None = None) -> Step:
    return Step(way, address, said.key, {"call": "custom", "says": says}, spends=1, sound=sound)


def _write(said: Said, link: str) -> list[Says]:
    """The words, the link and the buttons, in as many messages as they need; the buttons come with the last."""
    room = TEXT_BYTES - sum(len(choice.label.encode()) for choice in said.choices)
    if room < LEAST_BYTES:
        raise SendFailed(Cause.REFUSED, "the buttons leave no room for words")
    pieces = split("\n".join(filter(None, (clean(said.text), link))), room)
    if not said.choices:
        return [_text(each) for each in pieces]
    return [*(_text(each) for each in pieces[:-1]), _menu(pieces[-1] if pieces else "", said.choices)]


def _text(words: str) -> Says:
    return {"msgtype": "text", "text": {"content": words}}


def _menu(words: str, choices: Iterable[Choice]) -> Says:
    buttons = [{"id": each.payload, "content": clean(each.label)} for each in choices]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": words, "list": buttons, "tail_content": ""}}


def _card(said: Said) -> Says:
    """One message that opens our page, where more is to be read than what is left can carry."""
    words = clean(said.text)
    article = {"title": clean(said.title) or shorten(words, FIELD_LETTERS), "description": shorten(words, CARD_LETTERS)}
    return {"msgtype": "news", "news": {"articles": [{**article, "url": said.link}]}}


def _plan_form(said: Said, address: str, forms: Mapping[str, Form], why: str) -> Plan:
    form, data = _find_form(said, forms)
    says: dict[str, Any] = {"template_id": form.template, "data": data}
    if said.link:
        says["page" if form.by == "notice" else "url"] = said.link
    if form.by == "template":
        says["client_msg_id"] = said.key
    return Plan((Step(Way.NOTICE, address, said.key, {"call": form.by, "says": says}),), why)


def _find_form(said: Said, forms: Mapping[str, Form]) -> tuple[Form, Mapping[str, Any]]:
    """The one of its kind, or that of every kind, whose every field the message fills: an empty one is refused (47003)."""
    for form in filter(None, (forms.get(said.kind), forms.get("*"))):
        if data := fill(form, said):
            return form, data
    raise SendFailed(Cause.WINDOW_CLOSED, "no form that this message fills")
