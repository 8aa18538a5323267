"""WeChat's servers on the loopback: tokens, windows, quotas, media that die, forms, and sealed posts to our webhook."""

import json
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from care.channels.base import Ports, Post
from care.channels.notes import BriefNotes
from care.channels.wechat import WeChat
from care.channels.wechat.settings import WeChatSettings
from care.kit.clock import HandClock
from tests.vendors.base import FAULTS, Handler
from tests.vendors.stand import Stand
from tests.vendors.wechat_followers import AES_KEY, APP_ID, GUL, TOKEN, Followers, Person

SECRET = "s3cr3t-of-the-account-0123456789"
FORMS = {
    "medicine": {"template": "notice-medicine", "by": "notice", "fields": {"thing1": "title", "thing2": "=Karez"}},
    "visit": {"template": "template-visit", "by": "template", "fields": {"thing1": "title", "time2": "hour"}},
    "appointment": {
        "template": "notice-visit",
        "by": "notice",
        "fields": {"thing1": "title", "date2": "day", "time3": "hour", "thing4": "clock"},
    },
    "*": {"template": "template-any", "by": "template", "fields": {"thing1": "text"}},
}
ACCESS = "access-token-"
TOKEN_LIFE, RENEWED_BEFORE = timedelta(hours=2), timedelta(minutes=5)
DEDUPED_FOR = timedelta(minutes=10)
NOES = {
    "busy": -1,
    "token": 40001,
    "stranger": 40003,
    "no-voice-file": 40005,
    "media": 40007,
    "escaped": 40033,
    "no-such-form": 40037,
    "secret": 40125,
    "whitelist": 40164,
    "token-over": 42001,
    "unfollowed": 43004,
    "refuses-all": 43019,
    "refuses-form": 43101,
    "too-long": 45002,
    "voice-too-long": 45007,
    "daily-quota": 45009,
    "too-fast": 45011,
    "window-shut": 45015,
    "window-used": 45047,
    "form-field": 47003,
    "no-permission": 48001,
    "blocked": 48002,
    "gone": 50005,
    "unheard-of": 99999,
}
# kbit/s by the index in an MP3 frame's header, for 16 to 24 kHz (MPEG-2) and for 32 to 48 kHz
SLOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
FAST = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
FIELD = re.compile(r"(thing|time|name|phrase|date|character_string|number|keyword)\d+")


class No(Exception):
    """A refusal, as WeChat tells it: in the body of a 200."""


@dataclass
class WeChatServer(Followers):
    """The vendor's interface."""

    forms: dict[str, set[str]] = field(default_factory=dict)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, datetime] = field(default_factory=dict)  # until when each is taken
    token_calls: int = 0
    uploads: list[bytes] = field(default_factory=list)
    noes: deque[int] = field(default_factory=deque)
    faults_before: deque[str] = field(default_factory=deque)  # of the calls that are no messages
    daily_left: int = 100_000
    whitelisted: bool = True
    _seen: dict[tuple[str, str], tuple[datetime, int]] = field(default_factory=dict)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/cgi-bin/stable_token", _told(self._give_token)),
            web.post("/cgi-bin/message/custom/send", _told(self._take_custom)),
            web.post("/cgi-bin/message/subscribe/bizsend", _told(self._take_notice)),
            web.post("/cgi-bin/message/template/send", _told(self._take_template)),
            web.post("/cgi-bin/media/upload", _told(self._take_media)),
            web.get("/cgi-bin/media/get", _told(self._give_media)),
            web.get("/film/{media_id}", self._give_film),
            web.post("/cgi-bin/qrcode/create", _told(self._give_ticket)),
        ]

    def refuse_next(self, preset: str) -> None:
        """The next message meets a fault of the base class, or a refusal; a refused token is refused twice."""
        if preset in FAULTS:
            self.faults.append(preset)
        else:
            self.noes.extend([NOES[preset]] * (2 if preset.startswith("token") else 1))

    def revoke_token(self) -> None:
        """Somebody asked for a token the old way, which kills ours."""
        self.tokens = {}

    @web.middleware
    async def _with_faults(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """`faults` meet messages only, so that a test need not know how many calls come before one."""
        if "/message/" in request.path:
            return await super()._with_faults(request, handler)
        if not self.faults_before:
            return await handler(request)
        self.faults.appendleft(self.faults_before.popleft())
        return await super()._with_faults(request, handler)

    async def _give_token(self, request: web.Request) -> dict[str, Any]:
        self.token_calls += 1
        asked = _read_json(await request.read())
        if not self.whitelisted:
            raise No(40164)
        if asked.get("grant_type") != "client_credential" or asked.get("appid") != APP_ID:
            raise No(40013)
        if asked.get("secret") != SECRET:
            raise No(40125)
        now = self.clock.now()
        fresh = [token for token, until in self.tokens.items() if now < until - RENEWED_BEFORE]
        token = fresh[0] if fresh else f"{ACCESS}{self.token_calls}-".ljust(512, "t")
        self.tokens.setdefault(token, now + TOKEN_LIFE)
        return {"access_token": token, "expires_in": int((self.tokens[token] - now).total_seconds())}

    def _check_token(self, request: web.Request) -> None:
        token = request.query.get("access_token")
        if not token:
            raise No(41001)
        if token not in self.tokens:
            raise No(40001)
        if self.clock.now() >= self.tokens[token]:
            raise No(42001)

    async def _open(self, request: web.Request) -> tuple[dict[str, Any], Person]:
        """(the message, its reader), once everything that is checked for every message has been."""
        raw = await request.read()
        self._check_token(request)
        if self.noes:
            raise No(self.noes.popleft())
        message = _read_json(raw)
        person = self.people.get(str(message.get("touser")))
        if not person:
            raise No(40003)
        if not person.follows:
            raise No(43004)
        if self.daily_left <= 0:
            raise No(45009)
        return message, person

    async def _take_custom(self, request: web.Request) -> dict[str, Any]:
        message, person = await self._open(request)
        kind = str(message.get("msgtype"))
        if kind not in CHECKS:
            raise No(40008)
        CHECKS[kind](self, message[kind])
        if not person.until or self.clock.now() >= person.until:
            raise No(45015)
        if person.left <= 0:
            raise No(45047)
        person.left -= 1
        self._accept(message, "voice" if kind == "voice" else "text")
        return {"errcode": 0, "errmsg": "ok"}

    def _accept(self, message: dict[str, Any], what: str) -> int:
        self.daily_left -= 1
        return self.take(message["touser"], what, message)

    def _check_text(self, told: Any) -> None:
        if not told["content"]:
            raise No(44004)
        _check_bytes(told["content"])

    def _check_voice(self, told: Any) -> None:
        _, kind, until = self.media.get(told["media_id"], (b"", "", self.clock.now()))
        if kind != "voice" or self.clock.now() >= until:
            raise No(40007)

    def _check_news(self, told: Any) -> None:
        if len(told["articles"]) != 1:
            raise No(45008)

    def _check_menu(self, told: Any) -> None:
        _check_bytes(told["head_content"] + told["tail_content"] + "".join(each["content"] for each in told["list"]))

    async def _take_notice(self, request: web.Request) -> dict[str, Any]:
        message, person = await self._open(request)
        self._check_form(message, person)
        return {"errcode": 0, "errmsg": "ok", "msgid": self._accept(message, "notice")}

    async def _take_template(self, request: web.Request) -> dict[str, Any]:
        message, person = await self._open(request)
        self._check_form(message, person)
        copy_of = str(message["touser"]), str(message.get("client_msg_id", ""))
        at, number = self._seen.get(copy_of, (None, 0))
        if not copy_of[1] or not at or self.clock.now() >= at + DEDUPED_FOR:
            number = self._accept(message, "notice")
            self._seen[copy_of] = self.clock.now(), number
        return {"errcode": 0, "errmsg": "ok", "msgid": number}

    def _check_form(self, message: dict[str, Any], person: Person) -> None:
        wanted = self.forms.get(str(message.get("template_id")))
        if wanted is None:
            raise No(40037)
        values = {name: str(told.get("value", "")) for name, told in message["data"].items()}
        fits = all(FIELD.fullmatch(name) and 0 < len(value) <= 20 and "\n" not in value for name, value in values.items())
        if set(values) != wanted or not fits:
            raise No(47003)
        if message["template_id"] in person.refuses:
            raise No(43101)

    async def _take_media(self, request: web.Request) -> dict[str, Any]:
        sent = (await request.post())["media"]
        assert isinstance(sent, web.FileField)
        content = sent.file.read()
        self.uploads.append(content)
        self._check_token(request)
        if not content:
            raise No(44001)
        if len(content) > 2 * 1024 * 1024:
            raise No(45001)
        if measure_s(content) > 60:
            raise No(45007)
        return {"type": request.query["type"], "media_id": self.keep(content, "voice"), "created_at": 0}

    async def _give_media(self, request: web.Request) -> dict[str, Any] | web.Response:
        self._check_token(request)
        content, kind, until = self.media.get(request.query["media_id"], (b"", "", self.clock.now()))
        if self.clock.now() >= until:
            raise No(40007)
        if kind == "video":
            return {"video_url": f"{self.url}/film/{request.query['media_id']}"}
        return web.Response(body=content, content_type=kind if "/" in kind else "audio/mpeg")

    async def _give_film(self, request: web.Request) -> web.Response:
        return web.Response(body=self.media[request.match_info["media_id"]][0], content_type="video/mp4")

    async def _give_ticket(self, request: web.Request) -> dict[str, Any]:
        raw = await request.read()
        self._check_token(request)
        asked = _read_json(raw)
        scene = asked["action_info"]["scene"]["scene_str"]
        if asked["action_name"] != "QR_STR_SCENE" or not 1 <= len(scene) <= 64 or not 0 < asked["expire_seconds"] <= 2_592_000:
            raise No(40053)
        self.tickets.append(asked)
        ticket = f"ticket-{len(self.tickets)}"
        return {"ticket": ticket, "expire_seconds": asked["expire_seconds"], "url": f"http://weixin.example/q/{ticket}"}


CHECKS: dict[str, Callable[[WeChatServer, Any], None]] = {
    "text": WeChatServer._check_text,
    "voice": WeChatServer._check_voice,
    "news": WeChatServer._check_news,
    "msgmenu": WeChatServer._check_menu,
}


def _told(handler: Callable[[web.Request], Awaitable[dict[str, Any] | web.Response]]) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            reply = await handler(request)
        except No as no:
            reply = {"errcode": no.args[0], "errmsg": f"refused rid: {request.rel_url.path}"}
        # As the vendor does it: JSON under the name of plain text.
        return web.Response(text=json.dumps(reply), content_type="text/plain") if isinstance(reply, dict) else reply

    return answer


def _read_json(raw: bytes) -> dict[str, Any]:
    """Its JSON must be raw UTF-8: an escaped letter is shown to the patient as it stands, so it is refused."""
    if re.search(rb"\\u[0-9a-fA-F]{4}", raw):
        raise No(40033)
    try:
        told = json.loads(raw)
    except ValueError:
        raise No(47001) from None
    return told if isinstance(told, dict) else {}


def _check_bytes(text: str) -> None:
    if len(text.encode()) > 2048:
        raise No(45002)


def measure_s(content: bytes) -> float:
    """How long an MP3 of one bit rate plays.  Raises No(40005) for what is none.  A tag may stand before it."""
    if content.startswith(b"ID3"):
        content = content[10 + sum(part << shift for part, shift in zip(content[6:10], (21, 14, 7, 0), strict=True)) :]
    if content[:2] not in (b"\xff\xf3", b"\xff\xf2", b"\xff\xfb", b"\xff\xfa"):
        raise No(40005)
    rate = (FAST if content[1] & 0x08 else SLOW)[content[2] >> 4]
    return len(content) * 8 / (rate * 1000)


def make_mp3(seconds: float) -> bytes:
    """Bytes that begin and weigh like an MP3 of 32 kbit/s and 16 kHz."""
    return b"\xff\xf3\x48\xc4".ljust(int(seconds * 4000), b"\0")


@asynccontextmanager
async def open_stand(clock: HandClock, tmp_path: Path) -> AsyncIterator[Stand]:
    """Gul follows the account and has just paid something, after which the vendor counts nothing for two days."""
    vendor = WeChatServer(clock, tmp_path / "wechat.jsonl")
    vendor.forms = {form["template"]: set(form["fields"]) for form in FORMS.values()}
    vendor.did(GUL, "pay")
    base = await vendor.start()
    channel = open_channel(base, BriefNotes(clock.now), clock)
    yield Stand(channel, vendor, lambda body, query: post_of(vendor, body, query), GUL, (SECRET, TOKEN, AES_KEY, ACCESS))
    await channel.close()
    await vendor.stop()


def open_channel(base: str, notes: BriefNotes, clock: HandClock) -> WeChat:
    """As another process would open it, with the notes all share."""
    account = {"app_id": APP_ID, "secret": SECRET, "token": TOKEN, "aes_key": AES_KEY}
    settings = WeChatSettings(**account, base=base, forms=json.dumps(FORMS))
    return WeChat(settings, Ports(_append, lambda _: notes, clock.now))


async def _append(address: str, key: str, content: dict[str, Any]) -> None:
    raise NotImplementedError


def post_of(vendor: WeChatServer, letter: bytes, query: Mapping[str, str] | None = None) -> Post:
    """The post in which the vendor would have sent a letter."""
    signed, body = vendor.seal(letter)
    return Post("POST", {**signed, **(query or {})}, {}, body)
