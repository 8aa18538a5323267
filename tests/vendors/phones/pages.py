"""The page: a telephone, its windows, faults to inject and the clock.  Plain HTML that a few lines of script keep fresh."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web

from care.languages.identify import identify
from care.languages.table import FORMS
from tests.vendors.phones.base import App, Bubble
from tests.vendors.phones.samples import photograph, voice_message
from tests.vendors.phones.street import Street

HERE = Path(__file__).parent / "page"
LONGEST_TURN_H = 24 * 60
MOST_SHOWN = 300
ADDRESS = re.compile(r"(https?://\S+)")
BEGINNINGS = {b"OggS": "audio/ogg", b"RIFF": "audio/wav", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
STREET: web.AppKey[Street] = web.AppKey("street", Street)
templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True)
class Phone:
    """One telephone in one app, as an address of the page names it."""

    street: Street
    app: App
    number: int  # from 0

    @property
    def row(self) -> tuple[str, int]:
        return self.app.name, self.number

    @property
    def address(self) -> str:
        return self.app.addresses[self.number]

    @property
    def path(self) -> str:
        return f"/{self.app.name}/{self.number + 1}"


def written_in(text: str) -> dict[str, str]:
    """lang and dir of a text: what it is written in, whatever the page is."""
    found = identify(text)
    for each in FORMS.values():
        if each.language == found.language and each.script == found.script:
            return {"lang": each.tag, "dir": each.direction}
    return {"lang": "", "dir": "auto"}


templates.globals["written_in"] = written_in
templates.globals["pieces"] = ADDRESS.split


def phone_of(request: web.Request) -> Phone:
    street, name, number = request.app[STREET], request.match_info["app"], request.match_info["number"]
    if name not in street.apps or number not in ("1", "2", "3"):
        raise web.HTTPNotFound
    return Phone(street, street.apps[name], int(number) - 1)


def page(template: str, **facts: Any) -> web.Response:
    return web.Response(text=templates.get_template(template).render(**facts), content_type="text/html")


async def front(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/telegram/1")


async def show(request: web.Request) -> web.StreamResponse:
    """The whole page; with `after`, what is new since so many bubbles, for the script."""
    phone = phone_of(request)
    bubbles = phone.street.bubbles(phone.row)
    facts = {"phone": phone, "street": phone.street, "app": phone.app, "window": phone.app.window(phone.address)}
    if "after" not in request.query:
        first = max(0, len(bubbles) - MOST_SHOWN)
        return page("phone.html", bubbles=bubbles[first:], count=len(bubbles), **facts)
    new = bubbles[int(request.query["after"]) :]
    told = {name: templates.get_template(f"{name}.html").render(bubbles=new, **facts) for name in ("bubbles", "state")}
    return web.json_response({"count": len(bubbles), **told})


async def play(request: web.Request) -> web.StreamResponse:
    phone = phone_of(request)
    content = phone.app.sound(request.match_info["name"])
    if not content:
        raise web.HTTPNotFound
    media_type = next((found for start, found in BEGINNINGS.items() if content.startswith(start)), "audio/mpeg")
    return web.Response(body=content, content_type=media_type)


async def act(request: web.Request) -> web.StreamResponse:
    """The patient does something."""
    phone, form, doing = phone_of(request), await request.post(), request.match_info["act"]
    if doing not in ACTS:
        raise web.HTTPNotFound
    await ACTS[doing](phone, form)
    phone.street.keep()
    raise web.HTTPSeeOther(phone.path)


async def scan(phone: Phone, form: Any) -> None:
    code = str(form["text"]).strip()
    if code:
        phone.street.note(phone.row, code, "card scanned")
        await phone.street.post(phone.app.scan(phone.address, code))


async def write(phone: Phone, form: Any) -> None:
    text = str(form["text"]).strip()
    if text:
        phone.street.note(phone.row, text)
        await phone.street.post(phone.app.write(phone.address, text))


async def press(phone: Phone, form: Any) -> None:
    bubble, payload = _bubble(phone, form), str(form["payload"])
    label = next((label for label, each in bubble.buttons if each == payload), "")
    phone.street.note(phone.row, label, "button")
    await phone.street.post(phone.app.press(phone.address, bubble, payload))


async def call(phone: Phone, form: Any) -> None:
    key = str(form["payload"])
    phone.street.note(phone.row, key, "call")
    await phone.street.post(phone.app.call(_bubble(phone, form), key))


async def speak(phone: Phone, form: Any) -> None:
    phone.street.note(phone.row, "", "voice message")
    await phone.street.post(phone.app.speak(phone.address, _file(form) or voice_message()))


async def show_picture(phone: Phone, form: Any) -> None:
    phone.street.note(phone.row, "", "photo")
    await phone.street.post(phone.app.picture(phone.address, _file(form) or photograph()))


async def leave(phone: Phone, form: Any) -> None:
    phone.street.note(phone.row, "", "left")
    await phone.street.post(phone.app.leave(phone.address))


async def come(phone: Phone, form: Any) -> None:
    phone.street.note(phone.row, "", "came back")
    await phone.street.post(phone.app.come(phone.address))


async def inject(phone: Phone, form: Any) -> None:
    if form["fault"] in phone.app.faults:
        phone.app.inject(str(form["fault"]))


async def switch(phone: Phone, form: Any) -> None:
    await phone.street.switch(phone.app.name)


async def turn(phone: Phone, form: Any) -> None:
    phone.street.turn(timedelta(hours=min(float(form["hours"]), LONGEST_TURN_H)))


ACTS = {
    **{"scan": scan, "write": write, "press": press, "call": call, "speak": speak, "show": show_picture},
    **{"leave": leave, "come": come, "inject": inject, "switch": switch, "turn": turn},
}


def _bubble(phone: Phone, form: Any) -> Bubble:
    number = int(form["number"])
    taken = phone.app.vendor.taken
    if not 0 < number <= len(taken):
        raise web.HTTPNotFound
    return phone.app.show_taken(taken[number - 1], number)


def _file(form: Any) -> bytes:
    """What was chosen instead of the sample."""
    chosen = form.get("file")
    return chosen.file.read() if isinstance(chosen, web.FileField) else b""


@web.middleware
async def stay_here(request: web.Request, handler: Any) -> web.StreamResponse:
    """Another page in the same browser may neither act here nor read along under a name that points to this machine."""
    host = request.headers.get("Host", "")
    if host.partition(":")[0] not in ("127.0.0.1", "localhost"):
        raise web.HTTPForbidden
    if request.method == "POST" and request.headers.get("Origin", f"http://{host}") != f"http://{host}":
        raise web.HTTPForbidden
    answer: web.StreamResponse = await handler(request)
    return answer


def make_app(street: Street) -> web.Application:
    app = web.Application(middlewares=[stay_here], client_max_size=20 * 1024 * 1024)
    app[STREET] = street
    app.add_routes(
        [
            web.get("/", front),
            web.static("/page", HERE),
            web.get("/{app}/{number}", show),
            web.get("/{app}/{number}/sound/{name}", play),
            web.post("/{app}/{number}/{act}", act),
        ]
    )
    return app
