"""A WeChat service account, in safe mode only (https://developers.weixin.qq.com/doc/service/en/).

Inside the window a recording and its words, outside it one of the forms the account was granted.  The forms cannot speak:
their tap opens our page, where the recording is.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from pydantic import ValidationError
from pydantic_settings import SettingsError

from care.channels.base import (
    Abilities,
    Answer,
    Cause,
    Contact,
    Forged,
    Inbound,
    Media,
    NotConfigured,
    Plan,
    Ports,
    Post,
    Receipt,
    Said,
    SendFailed,
    Sound,
    Step,
    Unreadable,
)
from care.channels.wechat.client import SOCKETS, Client
from care.channels.wechat.crypto import SafeMode
from care.channels.wechat.errors import STALE_MEDIA, Refused
from care.channels.wechat.letters import read_envelope, read_letter
from care.channels.wechat.plan import LONGEST_SOUND_S, plan
from care.channels.wechat.settings import NEEDED, WeChatSettings, variable

CALLS = {
    "custom": "/cgi-bin/message/custom/send",
    "notice": "/cgi-bin/message/subscribe/bizsend",
    "template": "/cgi-bin/message/template/send",
}
BIGGEST_SOUND = 2 * 1024 * 1024
MEDIA_LIFE = timedelta(days=3) - timedelta(hours=1)
LONGEST_TICKET_S = 2_592_000
AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


class WeChat:
    """One service account."""

    name = "wechat"
    can = Abilities(
        voice=True,
        buttons=True,
        takes_key=False,
        sockets=SOCKETS,
        sound="mp3",
        longest_sound_s=LONGEST_SOUND_S,
        servers="CN",
    )

    def __init__(self, settings: WeChatSettings, ports: Ports) -> None:
        self._now = ports.now
        self._notes = ports.notes(self.name)
        self._mode = SafeMode(settings.token.get_secret_value(), settings.aes_key.get_secret_value(), settings.app_id)
        self._forms = settings.forms
        self._client = Client(settings, self._notes, ports.now)
        self._uploading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def verify(self, post: Post) -> None:
        """A plain post signs the hour only, never its body: whoever saw one could send any other."""
        query = post.query
        signed = (query.get("timestamp", ""), query.get("nonce", ""))
        if post.method == "GET" or "signature" in query:
            self._demand(query.get("signature", ""), *signed)
        if post.method != "GET":
            if query.get("encrypt_type") != "aes":
                raise Forged
            self._open(post, signed)

    def greet(self, post: Post) -> Answer:
        return Answer(post.query.get("echostr", ""))

    def parse(self, post: Post) -> list[Inbound]:
        return read_letter(self._mode.open(read_envelope(post.body)))

    def thank(self, post: Post) -> Answer:
        return Answer("success")

    def plan(self, said: Said, contact: Contact, now: datetime) -> Plan:
        return plan(said, contact, now, self._forms)

    async def invite(self, code: str) -> str:
        """Scanning it follows us and brings the code.  It outlives the code: of an old card we can say that it is old."""
        scene = {"scene": {"scene_str": code}}
        question = {"expire_seconds": LONGEST_TICKET_S, "action_name": "QR_STR_SCENE", "action_info": scene}
        reply = await self._client.ask("/cgi-bin/qrcode/create", question)
        return str(reply.get("url", ""))

    async def send(self, step: Step) -> Receipt:
        """A message of the window has no id at the vendor: its receipt carries our own key."""
        says = {"touser": step.address, **step.body["says"]}
        path = CALLS[step.body["call"]]
        reply = await (self._speak(path, says, step.sound) if step.sound else self._client.say(path, says))
        return Receipt(str(reply.get("msgid") or step.key))

    async def fetch_media(self, ref: str) -> Media:
        """The best that can be had: the wide recording comes in a form of its own on some accounts, or not at all."""
        best, *others = ref.split(" ")
        try:
            found = await self._client.download(best)
        except SendFailed as failed:
            if not others or failed.cause != Cause.REFUSED:
                raise
            return await self._client.download(others[0])
        return await self._client.download(others[0]) if others and "speex" in found.media_type else found

    async def close(self) -> None:
        await self._client.close()

    def _demand(self, signature: str, *parts: str) -> None:
        if not self._mode.is_signed(signature, *parts):
            raise Forged

    def _open(self, post: Post, signed: tuple[str, str]) -> None:
        try:
            sealed = read_envelope(post.body)
        except Unreadable:
            raise Forged from None  # nothing in it says that it is the vendor's
        self._demand(post.query.get("msg_signature", ""), *signed, sealed)
        self._mode.open(sealed)

    async def _speak(self, path: str, says: Mapping[str, Any], sound: Sound) -> dict[str, Any]:
        """A media id may die before its time; then the sound is uploaded again, once."""
        media_id = await self._find_media(sound)
        try:
            return await self._client.say(path, {**says, "voice": {"media_id": media_id}})
        except Refused as refused:
            if refused.code != STALE_MEDIA:
                raise
        await self._notes.forget(_note_of(sound), media_id)
        media_id = await self._find_media(sound)
        return await self._client.say(path, {**says, "voice": {"media_id": media_id}})

    async def _find_media(self, sound: Sound) -> str:
        """Its media id; of many who send the same sound at once, one uploads it."""
        lock = self._uploading.setdefault(sound.name, asyncio.Lock())
        async with lock:
            if known := await self._notes.get(_note_of(sound)):
                return known
            content = sound.read()
            if not 0 < len(content) <= BIGGEST_SOUND:
                raise SendFailed(Cause.REFUSED, f"a recording of {len(content)} bytes")
            media_id = await self._client.upload("voice", "sound.mp3", content, "audio/mpeg")
            await self._notes.put(_note_of(sound), media_id, self._now() + MEDIA_LIFE)
            return media_id


def _note_of(sound: Sound) -> str:
    return f"sound {sound.name}"


def make(ports: Ports) -> WeChat | None:
    """None while nothing is set.  Raises NotConfigured."""
    settings = _read_settings()
    missing = [variable(name) for name in NEEDED if not getattr(settings, name)]
    if len(missing) == len(NEEDED):
        return None
    if missing:
        raise NotConfigured(f"WeChat cannot start without {', '.join(missing)}.")
    if not AES_KEY.fullmatch(settings.aes_key.get_secret_value()):
        raise NotConfigured(f"{variable('aes_key')} is not the EncodingAESKey of the console, which has 43 letters and digits.")
    return WeChat(settings, ports)


def _read_settings() -> WeChatSettings:
    """What cannot be read is told by its name only: the value may be a secret."""
    try:
        return WeChatSettings()
    except ValidationError as wrong:
        places = sorted({variable(str(each["loc"][0])) for each in wrong.errors()})
        raise NotConfigured(f"WeChat cannot read {', '.join(places)}.") from None
    except (SettingsError, OSError) as wrong:
        raise NotConfigured(f"WeChat cannot read its settings: {wrong}.") from None
