"""Meta's Graph API for one WhatsApp number: its window, its pace, its templates and its media, all as strict as documented."""

import secrets
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import ClientSession, web

from care.channels.base import Ports, Post
from care.channels.notes import BriefNotes
from care.channels.whatsapp import WhatsApp
from care.channels.whatsapp.settings import WhatsAppSettings
from care.kit.clock import HandClock
from tests.vendors import whatsapp_hooks as hooks
from tests.vendors.base import FAULTS, Vendor
from tests.vendors.stand import Stand
from tests.vendors.whatsapp_hooks import METADATA, Event, Json, Person
from tests.vendors.whatsapp_rules import Form, Refusal, check_content

TOKEN, SECRET, WORD = "EAAtoken", "app-secret", "word-of-ours"
WINDOW, PAIR, SOUND_LIVES = timedelta(hours=24), timedelta(seconds=6), timedelta(days=30)
MEDIA_MOST = 16 * 1024 * 1024
# What `refuse_next` knows: a name for what is wrong, and Meta's code.
PRESETS = {
    **{"window-closed": 131047, "undeliverable": 131026, "not-on-list": 131030, "no-ids": 131062},
    **{"pair": 131056, "throughput": 130429, "app-calls": 4, "account-calls": 80007},
    **{"overloaded": 131016, "something-wrong": 131000, "maintenance": 131057},
    **{"opted-out": 131050, "spam": 131048, "had-enough": 131049},
    **{"places": 132000, "no-template": 132001, "too-long": 132005, "place": 132008, "format": 132012},
    **{"paused": 132015, "disabled": 132016, "kind": 131051, "download": 131052, "upload": 131053},
    **{"token": 190, "permission": 10, "no-permission": 200, "other-permission": 299},
    **{"blocked": 368, "locked": 131031, "country": 130497, "payment": 131042},
    **{"never-heard-of": 139999, "never-heard-of-500": 139998},
}
STATUS = {190: 401, 10: 403, 4: 429, 80007: 429, 130429: 429, 131000: 500, 131016: 503, 139998: 500}


@dataclass(frozen=True)
class Upload:
    content: bytes
    media_type: str
    at: datetime


@dataclass
class Cloud(Vendor):
    """One number of ours, the people who use WhatsApp, and what is on its way from them to `hook`."""

    people: list[Person] = field(default_factory=list)
    templates: dict[tuple[str, str], Form] = field(default_factory=dict)
    media: dict[str, Upload] = field(default_factory=dict)
    token: str = TOKEN
    hook: str = ""
    holds: bool = False  # what people do waits until `deliver`
    pending: list[Event] = field(default_factory=list)
    uploads: int = 0
    _refusals: deque[int] = field(default_factory=deque)
    _sent: dict[str, tuple[Person, str]] = field(default_factory=dict)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v23.0/{number}/messages", self._guarded(self._message)),
            web.post("/v23.0/{number}/media", self._guarded(self._upload)),
            web.get("/v23.0/{media}", self._guarded(self._media)),
            web.get("/download/{media}", self._guarded(self._download)),
        ]

    def refuse_next(self, preset: str) -> None:
        """The next message, whatever it is; a fault of the base class by its name."""
        if preset in FAULTS:
            self.faults.append(preset)
        else:
            self._refusals.append(PRESETS[preset])

    def _guarded(self, handler: Any) -> Any:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                self._check_caller(request)
                return web.json_response(await handler(request)) if handler != self._download else await handler(request)
            except Refusal as refusal:
                return web.json_response({"error": refusal.error}, status=STATUS.get(refusal.code, 400))

        return guarded

    def _check_caller(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refusal(190, "Error validating access token")
        if request.match_info.get("number", METADATA["phone_number_id"]) != METADATA["phone_number_id"]:
            raise Refusal(100, "Object with this id does not exist")

    async def _message(self, request: web.Request) -> Json:
        body = await request.json()
        if self._refusals:
            raise Refusal(self._refusals.popleft(), f"of {body.get('to') or body.get('recipient')}")
        person = self._recipient(body)
        what = check_content(body, self.templates)
        self._check_moment(person, what)
        if what == "voice":
            self._check_sound(body["audio"])
        person.last_at = self.clock.now()
        id_ = f"wamid.{self.take(person.id, what, body)}"
        self._sent[id_] = person, body.get("biz_opaque_callback_data", "")
        named = {"wa_id": person.phone} if "to" in body else {"user_id": person.id}
        contact = {"input": body.get("to") or body["recipient"], **named}
        return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": id_}]}

    def _recipient(self, body: Json) -> Person:
        by_id = "recipient" in body
        if by_id == ("to" in body):
            raise Refusal(131008, "one of to and recipient")
        wanted = body["recipient"] if by_id else body["to"]
        person = next((each for each in self.people if wanted == (each.id if by_id else each.phone)), None)
        if person is None:
            raise Refusal(131026, "Message undeliverable")
        if by_id and not person.takes_ids:
            raise Refusal(131062, "Business-scoped User ID recipients are not supported for this message")
        return person

    def _check_moment(self, person: Person, what: str) -> None:
        now = self.clock.now()
        if what != "notice" and (person.opened_at is None or now >= person.opened_at + WINDOW):
            raise Refusal(131047, "more than 24 hours have passed")
        if person.last_at and now - person.last_at < PAIR:
            raise Refusal(131056, "too many messages to this recipient")

    def _check_sound(self, audio: Json) -> None:
        upload = self.media.get(audio["id"])
        if upload is None or self.clock.now() >= upload.at + SOUND_LIVES:
            raise Refusal(131053, "no such media")
        if upload.media_type != "audio/ogg" or not upload.content.startswith(b"OggS"):
            raise Refusal(131053, "a voice note is an Ogg file with Opus in it")

    async def _upload(self, request: web.Request) -> Json:
        form = await request.post()
        file = form.get("file")
        if form.get("messaging_product") != "whatsapp" or not isinstance(file, web.FileField):
            raise Refusal(100, "messaging_product and file")
        content = file.file.read()
        if not content or len(content) > MEDIA_MOST:
            raise Refusal(131053, "size of the file")
        self.uploads += 1
        return {"id": self.keep(content, file.content_type)}

    def keep(self, content: bytes, media_type: str) -> str:
        """Media ids are numbers."""
        id_ = str(1_000_000_000_000_000 + len(self.media))
        self.media[id_] = Upload(content, media_type, self.clock.now())
        return id_

    async def _media(self, request: web.Request) -> Json:
        id_ = request.match_info["media"]
        if id_ not in self.media:
            raise Refusal(100, "Object with this id does not exist")
        upload = self.media[id_]
        url = f"{self.url}/download/{id_}?until={int(self.clock.now().timestamp()) + 300}"
        return {"messaging_product": "whatsapp", "url": url, "mime_type": upload.media_type, "id": id_}

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """The address lives five minutes."""
        if int(request.query["until"]) < self.clock.now().timestamp():
            return web.Response(status=404)
        return web.Response(body=self.media[request.match_info["media"]].content)

    # What people do

    async def says(self, address: str, text: str) -> None:
        await self.does(address, {"type": "text", "text": {"body": text}})

    async def speaks(self, address: str, sound: bytes) -> str:
        """The id of the recording."""
        id_ = self.keep(sound, "audio/ogg; codecs=opus")
        await self.does(address, {"type": "audio", "audio": {"id": id_, "mime_type": "audio/ogg; codecs=opus", "voice": True}})
        return id_

    async def taps(self, address: str, payload: str, label: str = "x", of_template: bool = False) -> None:
        """A button of ours, or of a template."""
        reply = {"type": "button_reply", "button_reply": {"id": payload, "title": label}}
        button = {"type": "button", "button": {"payload": payload, "text": label}}
        await self.does(address, button if of_template else {"type": "interactive", "interactive": reply})

    async def does(self, address: str, content: Json) -> None:
        """Whatever it is, it opens the window."""
        person = next(each for each in self.people if address in (each.id, each.phone))
        person.opened_at = self.clock.now()
        await self._happen(hooks.message(person, f"wamid.in-{secrets.token_hex(8)}", self.clock.now(), content))

    async def reports(self, id_: str, *came: str, code: int = 0) -> None:
        """What became of a message of ours; `code` with failed."""
        person, key = self._sent[id_]
        error = Refusal(code, "told later").error if code else None
        for each in came:
            await self._happen(hooks.status(person, id_, self.clock.now(), each, key, error))

    async def _happen(self, event: Event) -> None:
        self.pending.append(event)
        if self.hook and not self.holds:
            await self.deliver()

    async def deliver(self, batch: int = 1, copies: int = 1, order: Random | None = None) -> list[int]:
        """Posts what is pending: so many in one post, each so often, shuffled by `order`.  The answers' statuses."""
        events = self.pending * copies
        self.pending = []
        if order:
            order.shuffle(events)
        answers = []
        async with ClientSession() as http:
            for some in batched(events, batch):
                body = hooks.post_of(some)
                headers = {"X-Hub-Signature-256": hooks.sign(SECRET, body), "Content-Type": "application/json"}
                async with http.post(self.hook, data=body, headers=headers) as answer:
                    answers.append(answer.status)
        return answers


TEMPLATES = """{
  "medicine": {"kk-Cyrl": {"name": "medicine_kk", "language": "kk", "body": ["title"], "buttons": ["listen", "choice"]},
               "zh": {"name": "medicine_zh", "language": "zh_CN", "body": ["title"], "buttons": ["listen", "url"],
                      "url": "https://karez.example/l/"}},
  "*": {"ru": {"name": "news_ru", "language": "ru", "buttons": []}}
}"""
FORMS = {
    ("medicine_kk", "kk"): Form(1, ("quick_reply", "quick_reply")),
    ("medicine_zh", "zh_CN"): Form(1, ("quick_reply", "url")),
    ("news_ru", "ru"): Form(0, ()),
}
GUL, SERIK = "KZ.13491208655302741918", "KZ.20981165443309871122"
PEOPLE = [
    Person(GUL, "77011234567"),
    Person(SERIK, "77019876543", shows_phone=False),
    Person("US.ENT.11815799212886844830", "15550001122"),
]


def settings_for(url: str, **other: str) -> WhatsAppSettings:
    known = {"token": TOKEN, "phone_id": METADATA["phone_number_id"], "number": "+1 555 078 3881", "app_secret": SECRET}
    known |= {"verify_token": WORD, "templates": TEMPLATES, "base_url": f"{url}/v23.0"}
    return WhatsAppSettings(**{**known, **other})  # type: ignore[arg-type]


@asynccontextmanager
async def open_stand(clock: HandClock, tmp_path: Path) -> AsyncIterator[Stand]:
    """With Gul, who has just written; waiting for her turn turns the clock."""
    people = [Person(GUL, "77011234567", opened_at=clock.now())]
    vendor = Cloud(clock, tmp_path / "whatsapp.jsonl", people=people, templates=dict(FORMS))
    channel = open_channel(clock, settings_for(await vendor.start()))
    yield Stand(channel, vendor, _post, GUL, (TOKEN, SECRET, WORD))
    await channel.close()
    await vendor.stop()


def open_channel(clock: HandClock, settings: WhatsAppSettings) -> WhatsApp:
    notes = BriefNotes(clock.now)

    async def sleep(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))

    async def append(address: str, key: str, content: dict[str, Any]) -> None:
        raise AssertionError("nothing is appended")

    ports = Ports(append, lambda _: notes, clock.now)
    return WhatsApp(settings, ports, sleep, lambda: clock.now().timestamp())


def _post(body: bytes, query: Mapping[str, str]) -> Post:
    return Post("POST", query, {"x-hub-signature-256": hooks.sign(SECRET, body)}, body)
