"""The channel itself: a voice note with its words as caption, long words beside it, and whoever blocks us has said stop."""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from care.channels.base import (
    Abilities,
    Answer,
    Cause,
    Contact,
    Forged,
    Inbound,
    Media,
    Plan,
    Ports,
    Post,
    Receipt,
    Said,
    SendFailed,
    Step,
    Way,
    Why,
)
from care.channels.telegram.client import Line, Lost, Refused, Unreached
from care.channels.telegram.failures import failed
from care.channels.telegram.parse import read_press, read_update
from care.channels.telegram.settings import TelegramSettings
from care.channels.telegram.sounds import Sounds
from care.channels.telegram.turns import Turns
from care.kit.clock import stopwatch_s
from care.kit.cutting import cut, fits_in_utf16, in_utf16

MOST_TEXT, MOST_CAPTION, MOST_PAYLOAD = 4096, 1024, 64  # UTF-16 units; bytes
LONGEST_SOUND_S = 300.0  # 1 MB at 24 kbit/s and some to spare: what is larger arrives as a file
APART_S, LONGEST_WAIT_S = 1.0, 2.0  # between two messages to one chat; longer than that and the message comes again
HEADER = "x-telegram-bot-api-secret-token"
HEARD = ["message", "edited_message", "callback_query", "my_chat_member"]
NO_PREVIEW = {"is_disabled": True}  # Telegram would open the patient's own listening page to draw one
TYPES = {"oga": "audio/ogg", "ogg": "audio/ogg", "mp3": "audio/mpeg", "m4a": "audio/mp4", "jpg": "image/jpeg", "png": "image/png"}


class Telegram:
    """Anything may be said at any time once the patient has pressed Start.  `watch`, `pause`: see Turns."""

    name = "telegram"
    can = Abilities(
        voice=True,
        buttons=True,
        takes_key=False,
        sockets=32,
        per_second=30,
        sound="opus",
        longest_sound_s=LONGEST_SOUND_S,
        servers="abroad",
    )

    def __init__(
        self,
        settings: TelegramSettings,
        ports: Ports,
        watch: Callable[[], float] = stopwatch_s,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        # The library's lower levels print whole calls: the words, the chat, and the token in the address.
        logging.getLogger("telegram").setLevel(logging.WARNING)
        self._settings = settings
        self._secret = settings.secret.get_secret_value()
        self._line = Line(settings, self.can.sockets)
        self._sounds = Sounds(self._line, ports.notes(self.name), ports.now)
        self._turns = Turns(APART_S, watch, pause)

    def verify(self, post: Post) -> None:
        told = post.headers.get(HEADER, "")
        if post.method != "POST" or not hmac.compare_digest(told.encode(errors="replace"), self._secret.encode()):
            raise Forged

    def greet(self, post: Post) -> Answer:
        raise Forged  # Telegram never asks

    def parse(self, post: Post) -> list[Inbound]:
        return read_update(post.body)

    def thank(self, post: Post) -> Answer:
        """A pressed button turns on the patient's telephone until it is answered, and the answer may stand in the thanks.

        https://core.telegram.org/bots/api#making-requests-when-getting-updates
        """
        press = read_press(post.body)
        if not press:
            return Answer()
        return Answer(json.dumps({"method": "answerCallbackQuery", "callback_query_id": press}), "application/json")

    async def invite(self, code: str) -> str:
        return f"https://t.me/{self._settings.bot}?start={code}"

    def plan(self, said: Said, contact: Contact, now: datetime) -> Plan:
        """Raises SendFailed(OUR_BUG) for what Telegram never takes: no words, or a button that says too much."""
        if any(not 1 <= len(each.payload.encode()) <= MOST_PAYLOAD or not each.label for each in said.choices):
            raise SendFailed(Cause.OUR_BUG)
        sound = said.sound if said.sound and said.sound.seconds <= LONGEST_SOUND_S else None
        words = said.text if sound or not said.link else f"{said.text}\n{said.link}"
        parts = _share(words.strip(), sound is not None)
        if not parts:
            raise SendFailed(Cause.OUR_BUG)
        bodies: list[dict[str, Any]] = [{"text": part, "choices": []} for part in parts]
        bodies[-1]["choices"] = [(each.label, each.payload) for each in said.choices]
        steps = [Step(Way.TEXT, contact.address, said.key, body) for body in bodies]
        if sound:
            steps[0] = steps[0]._replace(way=Way.VOICE, sound=sound)
        return Plan(tuple(steps), Why.NO_SOUND if said.sound and not sound else Why.USUAL)

    async def send(self, step: Step) -> Receipt:
        wait_s = await self._turns.take(step.address, LONGEST_WAIT_S)
        if wait_s:
            raise SendFailed(Cause.BUSY, again_after=timedelta(seconds=wait_s), of_one=True)
        try:
            sent = await self._call(step)
        except (Refused, Unreached) as no:
            raise failed(no) from None
        return Receipt(str(sent["message_id"]))

    async def _call(self, step: Step) -> dict[str, Any]:
        asked: dict[str, Any] = {"chat_id": step.address, **_buttons(step)}
        if step.sound:
            asked |= {"caption": step.body["text"], "duration": round(step.sound.seconds)}
            return await self._sounds.send(step.sound, asked)
        return await self._line.call("sendMessage", asked | {"text": step.body["text"], "link_preview_options": NO_PREVIEW})

    async def fetch_media(self, ref: str) -> Media:
        """A lost answer is no riddle here: it may be asked for again."""
        try:
            path = (await self._line.bot.get_file(ref)).file_path or ""
            # The library would open a file of this machine if Telegram, or whoever plays it, named one.
            if not path.startswith(self._line.bot.base_file_url):
                raise SendFailed(Cause.REFUSED)
            content = await self._line.bot.request.retrieve(path)
        except (Refused, Unreached, Lost) as no:
            raise failed(no, of_a_file=True) from None
        return Media(content, TYPES.get(path.rpartition(".")[2].lower(), "application/octet-stream"))

    async def set_webhook(self, public_url: str) -> None:
        """Tell Telegram where to post (`public_url`: all of it) and the secret to say.  Raises SendFailed with its words."""
        try:
            await self._line.bot.set_webhook(public_url, secret_token=self._secret, allowed_updates=HEARD)
        except (Refused, Unreached, Lost) as no:
            raise failed(no) from None

    async def close(self) -> None:
        await self._line.close()


def _share(words: str, spoken: bool) -> list[str]:
    """The words call by call: as the caption of a recording, after one that is too short for them, or alone."""
    if fits_in_utf16(words, MOST_CAPTION if spoken else MOST_TEXT):
        return [words] if words or spoken else []
    parts = cut(words, MOST_TEXT, in_utf16)
    return ["", *parts] if spoken else parts


def _buttons(step: Step) -> dict[str, Any]:
    """One below the other: two words of Kazakh do not fit beside two others."""
    rows = [[{"text": label, "callback_data": payload}] for label, payload in step.body["choices"]]
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}
