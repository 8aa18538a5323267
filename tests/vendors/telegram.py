"""Telegram's Bot API as strict as its documentation: chats that must have started, lengths, pace, recordings, webhooks.

Like the Bot API server that Telegram lets others run, it posts webhooks to plain http on any port.
"""

import json
import re
import secrets
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from care.channels.base import Ports, Post
from care.channels.notes import BriefNotes
from care.channels.telegram.channel import HEADER, Telegram
from care.channels.telegram.settings import TelegramSettings
from care.kit.clock import HandClock
from care.kit.cutting import in_utf16
from tests.vendors.base import Vendor
from tests.vendors.stand import Stand

TOKEN, SECRET, GUL = "7000000001:AAE-karez_test_token_of_a_stand-in", "Qash_qash-0123456789", "77001112233"
SHAPE = re.compile(r"\d+:[\w-]{20,}")
NAMES = re.compile(r"[A-Za-z0-9_-]{1,256}")
VOICE_BEGINS = (b"OggS", b"ID3", b"\xff\xf3", b"\xff\xfb")
MOST_VOICE, MOST_UPLOAD = 1024 * 1024, 50 * 1024 * 1024
A_SECOND, BURST = timedelta(seconds=1), 30
REFUSALS = {
    "blocked": (403, "Forbidden: bot was blocked by the user"),
    "deactivated": (403, "Forbidden: user is deactivated"),
    "not-started": (403, "Forbidden: bot can't initiate conversation with a user"),
    "chat-not-found": (400, "Bad Request: chat not found"),
    "strange-text": (400, "Bad Request: can't parse entities: byte offset 3"),
    "flood": (429, "Too Many Requests: retry after 3"),
    "long-flood": (429, "Too Many Requests: retry after 3600"),
    "bad-token": (401, "Unauthorized"),
    "no-such-bot": (404, "Not Found"),
    "conflict": (409, "Conflict: can't use getUpdates method while webhook is active"),
    "too-large": (413, "Request Entity Too Large"),
    "restarting": (500, "Internal Server Error: restart"),
    "gateway": (502, "Bad Gateway"),
}


class No(Exception):
    """A call that is refused."""

    def __init__(self, code: int, words: str, status: int | None = None) -> None:
        super().__init__(words)
        self.code, self.words, self.status = code, words, status or code

    @property
    def answer(self) -> web.Response:
        told: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.words}
        if after := re.search(r"retry after (\d+)", self.words):
            told["parameters"] = {"retry_after": int(after[1])}
        return web.json_response(told, status=self.status)


@dataclass
class TelegramVendor(Vendor):
    """One bot.  Who acts as the patient says, presses, speaks, shows, starts, blocks and returns."""

    hook: str = ""
    secret: str = SECRET
    allowed: list[str] = field(default_factory=list)
    chats: set[str] = field(default_factory=lambda: {GUL})
    blocked: set[str] = field(default_factory=set)
    refusals: deque[str] = field(default_factory=deque)
    uploads: int = 0
    voices: dict[str, int] = field(default_factory=dict)  # seconds by file_id
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # what patients sent, by file_id: path, content
    swept: set[str] = field(default_factory=set)  # paths that are no longer there, though getFile still names them
    held: list[dict[str, Any]] | None = None
    statuses: list[int] = field(default_factory=list)
    turning: set[str] = field(default_factory=set)  # presses nobody has answered: the button turns and turns
    _update_id: int = 870_000_000
    _last: dict[str, datetime] = field(default_factory=dict)
    _recent: deque[datetime] = field(default_factory=deque)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/bot{token}/{method}", self._call), web.get("/file/bot{token}/{path:.+}", self._file)]

    def refuse_next(self, preset: str) -> None:
        """A preset of REFUSALS; `ok-false` and `no-voice` besides."""
        self.refusals.append(preset)

    def forget_voices(self) -> None:
        self.voices.clear()

    # The bot's side

    async def _call(self, request: web.Request) -> web.StreamResponse:
        calls = {
            "sendMessage": self._send_message,
            "sendVoice": self._send_voice,
            "getFile": self._get_file,
            "setWebhook": self._set_webhook,
        }
        try:
            self._check_token(request)
            self._refuse()
            call = calls.get(request.match_info["method"])
            if not call:
                raise No(404, "Not Found")
            asked = await request.json() if request.content_type == "application/json" else dict(await request.post())
            return web.json_response({"ok": True, "result": call(asked)})
        except No as no:
            return no.answer

    @staticmethod
    def _check_token(request: web.Request) -> None:
        token = request.match_info["token"]
        if token != TOKEN:
            raise No(401, "Unauthorized") if SHAPE.fullmatch(token) else No(404, "Not Found")

    def _refuse(self) -> None:
        preset = self.refusals.popleft() if self.refusals else ""
        if preset == "ok-false":
            raise No(400, "Bad Request: chat not found", status=200)
        if preset:
            raise No(*REFUSALS[preset])

    def _send_message(self, asked: dict[str, Any]) -> dict[str, Any]:
        if not asked.get("text", "").strip():
            raise No(400, "Bad Request: message text is empty")
        if in_utf16(asked["text"]) > 4096:
            raise No(400, "Bad Request: message is too long")
        return self._accept(asked, "text", {"text": asked["text"]})

    def _send_voice(self, asked: dict[str, Any]) -> dict[str, Any]:
        if in_utf16(asked.get("caption", "")) > 1024:
            raise No(400, "Bad Request: message caption is too long")
        voice = asked.get("voice")
        if isinstance(voice, str) and voice not in self.voices:
            raise No(400, "Bad Request: wrong file identifier/HTTP URL specified")
        content = b"" if isinstance(voice, str) or voice is None else voice.file.read()
        if not isinstance(voice, str):
            self._check_upload(content)
        seconds = int(asked.get("duration", 0))
        if len(content) > MOST_VOICE:  # taken, and shown as a file
            return self._accept(asked, "document", {"document": {"file_id": "F", "file_unique_id": "F"}})
        file_id = voice if isinstance(voice, str) else f"AwACAgI-{secrets.token_urlsafe(12)}"
        told = {"voice": {"file_id": file_id, "file_unique_id": file_id[-8:], "duration": seconds}}
        answer = self._accept(asked, "voice", told)
        self.voices[file_id] = seconds
        self.sounds[file_id] = content or self.sounds.get(file_id, b"")
        self.uploads += not isinstance(voice, str)
        return answer

    @staticmethod
    def _check_upload(content: bytes) -> None:
        if len(content) > MOST_UPLOAD:
            raise No(413, "Request Entity Too Large")
        if not content:
            raise No(400, "Bad Request: file must be non-empty")
        if not content.startswith(VOICE_BEGINS):
            raise No(400, "Bad Request: can't use file of type Document as VoiceNote")

    def _accept(self, asked: dict[str, Any], what: str, told: dict[str, Any]) -> dict[str, Any]:
        chat = asked.get("chat_id", "")
        if chat in self.blocked:
            raise No(*REFUSALS["blocked"])
        if chat not in self.chats:
            raise No(*REFUSALS["chat-not-found"])
        buttons = self._buttons(asked)
        self._check_pace(chat)
        previews = not _object(asked.get("link_preview_options", {})).get("is_disabled")
        shown = {"text": asked.get("text", asked.get("caption", "")), "buttons": buttons, "previews": previews}
        number = self.take(chat, what, shown | {key: value for key, value in told.items() if key != "text"})
        return {"message_id": number, "date": int(self.clock.now().timestamp()), "chat": _chat(chat), **told}

    @staticmethod
    def _buttons(asked: dict[str, Any]) -> list[tuple[str, str]]:
        rows = _object(asked.get("reply_markup", {})).get("inline_keyboard", [])
        buttons = [(each["text"], each["callback_data"]) for row in rows for each in row]
        if any(not text or not 1 <= len(payload.encode()) <= 64 for text, payload in buttons):
            raise No(400, "Bad Request: BUTTON_DATA_INVALID")
        return buttons

    def _check_pace(self, chat: str) -> None:
        now = self.clock.now()
        while self._recent and now - self._recent[0] >= A_SECOND:
            self._recent.popleft()
        if len(self._recent) >= BURST or now - self._last.get(chat, now - A_SECOND) < A_SECOND:
            raise No(429, "Too Many Requests: retry after 1")
        self._recent.append(now)
        self._last[chat] = now

    def _get_file(self, asked: dict[str, Any]) -> dict[str, Any]:
        file_id = asked.get("file_id", "")
        if file_id not in self.files:
            raise No(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        path, content = self.files[file_id]
        if len(content) > 20 * 1024 * 1024:
            raise No(400, "Bad Request: file is too big")
        return {"file_id": file_id, "file_unique_id": file_id[-8:], "file_size": len(content), "file_path": path}

    async def _file(self, request: web.Request) -> web.StreamResponse:
        found = [content for path, content in self.files.values() if path == request.match_info["path"]]
        if request.match_info["token"] != TOKEN or not found or request.match_info["path"] in self.swept:
            return No(404, "Not Found").answer
        return web.Response(body=found[0], content_type="application/octet-stream")

    def _set_webhook(self, asked: dict[str, Any]) -> bool:
        if not NAMES.fullmatch(asked.get("secret_token", "")):
            raise No(400, "Bad Request: secret token contains unallowed characters")
        if not re.match(r"https?://", asked.get("url", "")):
            raise No(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.hook, self.secret = asked["url"], asked["secret_token"]
        self.allowed = json.loads(asked.get("allowed_updates", "[]"))
        return True

    # The patient's side

    async def says(self, address: str, text: str) -> None:
        await self.post({"message": self._message(address, text=text)})

    async def starts(self, address: str, code: str = "") -> None:
        """Presses Start, with what the QR code held."""
        self.chats.add(address)
        self.blocked.discard(address)
        await self.says(address, f"/start {code}".strip())

    async def presses(self, address: str, payload: str) -> None:
        below = self._message(address, text="...") | {"from": {"id": 7000000001, "is_bot": True, "first_name": "Karez"}}
        press_id = secrets.token_hex(8)
        self.turning.add(press_id)
        press = {"id": press_id, "from": _person(address), "chat_instance": "1", "data": payload, "message": below}
        await self.post({"callback_query": press})

    async def speaks(self, address: str, content: bytes, seconds: int = 3) -> str:
        file_id = self.keep(f"voice/file_{len(self.files)}.oga", content)
        voice = {"file_id": file_id, "file_unique_id": file_id[-8:], "duration": seconds, "mime_type": "audio/ogg"}
        await self.post({"message": self._message(address, voice=voice)})
        return file_id

    async def shows(self, address: str, content: bytes) -> str:
        file_id = self.keep(f"photos/file_{len(self.files)}.jpg", content)
        size = {"file_id": file_id, "file_unique_id": file_id[-8:], "width": 800, "height": 600}
        await self.post({"message": self._message(address, photo=[size])})
        return file_id

    async def blocks(self, address: str) -> None:
        self.blocked.add(address)
        await self.post({"my_chat_member": self._change(address, "member", "kicked")})

    async def returns(self, address: str) -> None:
        self.blocked.discard(address)
        await self.post({"my_chat_member": self._change(address, "kicked", "member")})

    def keep(self, path: str, content: bytes) -> str:
        """A patient's file, under a name the bot may ask for."""
        file_id = f"AgACAgI-{secrets.token_urlsafe(12)}"
        self.files[file_id] = path, content
        return file_id

    def hold(self) -> None:
        """From now on updates wait, to be released in another order."""
        self.held = []

    async def release(self, backwards: bool = False, times: int = 1) -> None:
        held, self.held = self.held or [], None
        for update in (reversed(held) if backwards else held) if times == 1 else held * times:
            await self._deliver(update)

    async def post(self, event: dict[str, Any]) -> None:
        """An update with the next number; only what the bot asked for."""
        self._update_id += 1
        if self.allowed and not set(event) & set(self.allowed):
            return
        update = {"update_id": self._update_id, **event}
        if self.held is not None:
            self.held.append(update)
        else:
            await self._deliver(update)

    async def _deliver(self, update: dict[str, Any]) -> None:
        """Again until it is taken, three times at most."""
        body = json.dumps(update, ensure_ascii=False).encode()
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret, "Content-Type": "application/json"}
        async with aiohttp.ClientSession() as session:
            for _ in range(3):
                async with session.post(self.hook, data=body, headers=headers) as answer:
                    self.statuses.append(answer.status)
                    self._obey(await answer.read())
                    if answer.status < 300:
                        return

    def _obey(self, said: bytes) -> None:
        """The answer to an update may be one call of the bot's; what became of it nobody is told."""
        call = json.loads(said) if said else {}
        if call.get("method") == "answerCallbackQuery":
            self.turning.discard(call.get("callback_query_id", ""))

    def _message(self, address: str, **told: Any) -> dict[str, Any]:
        date = int(self.clock.now().timestamp())
        return {"message_id": self._update_id, "date": date, "from": _person(address), "chat": _chat(address), **told}

    def _change(self, address: str, old: str, new: str) -> dict[str, Any]:
        bot = {"id": 7000000001, "is_bot": True, "first_name": "Karez"}
        was, now = ({"user": bot, "status": status} | _until(status) for status in (old, new))
        date = int(self.clock.now().timestamp())
        told = {"chat": _chat(address), "from": _person(address), "date": date}
        return told | {"old_chat_member": was, "new_chat_member": now}


def _object(told: Any) -> dict[str, Any]:
    """Whole in JSON; written as JSON in the field of a form."""
    found: dict[str, Any] = json.loads(told) if isinstance(told, str) else told
    return found


def _until(status: str) -> dict[str, int]:
    return {"until_date": 0} if status == "kicked" else {}


def _person(address: str) -> dict[str, Any]:
    return {"id": int(address), "is_bot": False, "first_name": "Gul", "language_code": "ru"}


def _chat(address: str) -> dict[str, Any]:
    return {"id": int(address), "type": "private", "first_name": "Gul"}


def settings_for(vendor: TelegramVendor, **more: Any) -> TelegramSettings:
    told = {"base_url": f"{vendor.url}/bot", "base_file_url": f"{vendor.url}/file/bot", "timeout_s": 2.0} | more
    return TelegramSettings(token=SecretStr(TOKEN), bot="karez_test_bot", secret=SecretStr(SECRET), **told)


def channel_for(vendor: TelegramVendor, notes: BriefNotes | None = None, **more: Any) -> Telegram:
    """The channel on the stand-in's clock: waiting for a turn turns it."""
    clock, kept = vendor.clock, notes or BriefNotes(vendor.clock.now)

    async def pause(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))

    ports = Ports(_append, lambda _: kept, clock.now)
    return Telegram(settings_for(vendor, **more), ports, lambda: clock.now().timestamp(), pause)


async def _append(address: str, key: str, content: dict[str, Any]) -> None:
    raise AssertionError("Telegram has no lines of ours")


def signed(body: bytes, query: Mapping[str, str] | None = None) -> Post:
    return Post("POST", query or {}, {HEADER: SECRET}, body)


@asynccontextmanager
async def open_stand(clock: HandClock, tmp_path: Path) -> AsyncIterator[Stand]:
    vendor = TelegramVendor(clock, tmp_path / "telegram.jsonl")
    await vendor.start()
    channel = channel_for(vendor)
    try:
        yield Stand(channel, vendor, signed, GUL, (TOKEN, TOKEN.partition(":")[2], SECRET), signs_body=False)
    finally:
        await channel.close()
        await vendor.stop()
