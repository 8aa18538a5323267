"""What a message to WhatsApp must look like to be taken, kind by kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
TEXT_MOST, BESIDE_BUTTONS_MOST = 4096, 1024


class Refusal(Exception):
    """Meta's error; `details` may name whom it is about."""

    def __init__(self, code: int, details: str) -> None:
        super().__init__(code)
        told = {"messaging_product": "whatsapp", "details": details}
        self.code = code
        self.error = {"message": f"(#{code})", "type": "OAuthException", "code": code, "error_data": told, "fbtrace_id": "A1"}


@dataclass(frozen=True)
class Form:
    """A template as it was approved: how many places its body has, and its buttons."""

    places: int
    buttons: tuple[str, ...]
    state: str = "approved"  # paused, disabled


def check_content(body: Json, templates: Mapping[tuple[str, str], Form]) -> str:
    """What it is: text, voice, buttons, list or notice.  Raises Refusal."""
    _need(body.get("messaging_product") == "whatsapp" and body.get("recipient_type") == "individual", 100, "whatsapp")
    _need(len(body.get("biz_opaque_callback_data", "")) <= 512, 131009, "biz_opaque_callback_data")
    kind = body.get("type")
    part = body.get(str(kind))
    _need(isinstance(part, dict), 131008, "the content is missing")
    match kind:
        case "text":
            return _check_text(part)
        case "audio":
            return _check_audio(part)
        case "interactive":
            return _check_interactive(part)
        case "template":
            return _check_template(part, templates)
    raise Refusal(131051, f"unsupported {kind}")


def _need(is_so: object, code: int, details: str) -> None:
    if not is_so:
        raise Refusal(code, details)


def _size(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _check_text(part: Json) -> str:
    _need(_size(part["body"].strip()) > 0 and _size(part["body"]) <= TEXT_MOST, 131009, "text.body")
    return "text"


def _check_audio(part: Json) -> str:
    _need(part.get("id", "").isdecimal(), 131009, "audio.id is a number")
    _need(part.get("voice") is True and set(part) == {"id", "voice"}, 131009, "audio.voice")
    return "voice"


def _check_interactive(part: Json) -> str:
    _need(_size(part["body"]["text"].strip()) > 0 and _size(part["body"]["text"]) <= BESIDE_BUTTONS_MOST, 131009, "body")
    if part["type"] == "button":
        _check_replies([each["reply"] for each in part["action"]["buttons"]], most=3, title_most=20)
        return "buttons"
    _need(part["type"] == "list", 131009, "interactive.type")
    rows = [row for section in part["action"]["sections"] for row in section["rows"]]
    _check_replies(rows, most=10, title_most=24, id_most=200)
    _need(all(_size(row.get("description", "")) <= 72 for row in rows), 131009, "description")
    _need(0 < _size(part["action"]["button"]) <= 20, 131009, "action.button")
    return "list"


def _check_replies(replies: list[Json], most: int, title_most: int, id_most: int = 256) -> None:
    _need(0 < len(replies) <= most, 131009, "number of replies")
    _need(all(0 < _size(each["title"]) <= title_most for each in replies), 131009, "title")
    _need(all(0 < _size(each["id"]) <= id_most for each in replies), 131009, "id")
    _need(len({each["id"] for each in replies}) == len(replies), 131009, "ids are unique")


def _check_template(part: Json, templates: Mapping[tuple[str, str], Form]) -> str:
    form = templates.get((part["name"], part["language"]["code"]))
    if form is None:
        raise Refusal(132001, "no such template in this language")
    _need(form.state != "paused", 132015, "paused")
    _need(form.state != "disabled", 132016, "disabled")
    bodies = [each for each in part.get("components", []) if each["type"] == "body"]
    buttons = [each for each in part.get("components", []) if each["type"] == "button"]
    _need(len(bodies) + len(buttons) == len(part.get("components", [])), 132012, "a component no template has")
    places = [place for body in bodies for place in body["parameters"]]
    _need(len(places) == form.places, 132000, "number of parameters")
    _need(all(place["type"] == "text" and _is_one_line(place["text"]) for place in places), 132012, "parameter")
    asked = tuple((each["sub_type"], each["index"]) for each in buttons)
    _need(asked == tuple((kind, str(index)) for index, kind in enumerate(form.buttons)), 132000, "buttons")
    wanted = {"quick_reply": "payload", "url": "text"}
    _need(all(each["parameters"][0].get(wanted[each["sub_type"]]) for each in buttons), 131008, "of a button")
    return "notice"


def _is_one_line(text: str) -> bool:
    return bool(text.strip()) and not {"\n", "\t"} & set(text) and "     " not in text and _size(text) <= 1024
