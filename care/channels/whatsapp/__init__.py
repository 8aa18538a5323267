"""WhatsApp, by Meta's Cloud API: a person is Meta's id of them for us (`KZ.1349...`), with or without a number beside it.

https://developers.facebook.com/documentation/business-messaging/whatsapp
"""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from urllib.parse import quote
from weakref import WeakValueDictionary

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
    Sound,
    Step,
)
from care.channels.whatsapp.causes import NO_IDS, SOUND_GONE, Refused
from care.channels.whatsapp.graph import WITHIN_S, Graph, Json
from care.channels.whatsapp.hearing import read_post
from care.channels.whatsapp.saying import plan_said
from care.channels.whatsapp.settings import WhatsAppSettings, read_settings
from care.channels.whatsapp.spacing import Spacing
from care.kit.clock import stopwatch_s

PREPARE_WITHIN_S = 6.5  # for the upload and the person's turn; the rest of WITHIN_S is for the message itself
LEAST_S = 0.5
BETWEEN_DIGITS = str.maketrans("", "", "+ -()")
SOUND_LIVES = timedelta(days=29)  # Meta keeps an upload for 30


class WhatsApp:
    """One number of the hospital's.  `sleep` and `stopwatch` stand for the real ones in tests."""

    name = "whatsapp"
    # Who waits for their own turn holds a socket's place for 6 seconds: at 80 a second that is so many at once.
    # A voice note of more than 512 KB loses its play button, and 150 s at 24 kbit/s are 450 KB.
    can = Abilities(
        voice=True,
        buttons=True,
        takes_key=False,
        sockets=600,
        per_second=80,
        sound="opus",
        longest_sound_s=150,
        servers="abroad",
    )

    def __init__(
        self,
        settings: WhatsAppSettings,
        ports: Ports,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        stopwatch: Callable[[], float] = stopwatch_s,
    ) -> None:
        self._settings, self._templates = settings, settings.read_templates()
        self._now, self._notes = ports.now, ports.notes(self.name)
        self._graph, self._spacing, self._sleep = Graph(settings), Spacing(stopwatch), sleep
        self._uploading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def verify(self, post: Post) -> None:
        """A POST by the signature over its raw bytes; a GET, which Meta does not sign, by the word we made up."""
        if post.method == "GET":
            is_ours = post.query.get("hub.mode") == "subscribe"
            is_ours &= _are_equal(post.query.get("hub.verify_token", ""), self._settings.verify_token)
        else:
            signed = hmac.new(self._settings.app_secret.encode(), post.body, hashlib.sha256).hexdigest()
            is_ours = _are_equal(post.headers.get("x-hub-signature-256", ""), f"sha256={signed}")
        if not is_ours:
            raise Forged

    def greet(self, post: Post) -> Answer:
        return Answer(post.query.get("hub.challenge", ""))

    def parse(self, post: Post) -> list[Inbound]:
        return read_post(post.body, self._settings.phone_id)

    def thank(self, post: Post) -> Answer:
        return Answer()

    def plan(self, said: Said, contact: Contact, now: datetime) -> Plan:
        return plan_said(said, contact, now, self._templates)

    async def invite(self, code: str) -> str:
        """Opens a chat with us in which the code is already written; the person still has to send it."""
        number = "".join(digit for digit in self._settings.number if digit.isdecimal())
        return f"https://wa.me/{number}?text={quote(code)}"

    async def send(self, step: Step) -> Receipt:
        """Waits up to 6 s for the person's turn.  Raises SendFailed; anything else means that nobody knows."""
        began_s = stopwatch_s()
        message = _write(step)
        if step.sound:
            message["audio"] = {**message["audio"], "id": await _in_time(self._media_id(step.sound), began_s)}
        if wait_s := self._spacing.take(step.address):
            await _in_time(self._sleep(wait_s), began_s)
        try:
            return await self._post(step, message, began_s)
        except Refused as refused:
            mended = await _in_time(self._mend(step, message, refused.code), began_s)
            if mended is None:
                raise
        return await self._post(step, mended, began_s)

    async def fetch_media(self, ref: str) -> Media:
        return await self._graph.fetch(ref)

    async def close(self) -> None:
        await self._graph.close()

    async def _post(self, step: Step, message: Json, began_s: float) -> Receipt:
        left_s = max(LEAST_S, WITHIN_S - (stopwatch_s() - began_s))
        try:
            return Receipt(await self._graph.send(message, left_s))
        finally:
            self._spacing.is_through(step.address)

    async def _mend(self, step: Step, message: Json, code: int) -> Json | None:
        """What to send instead, where Meta named what was wrong and we have another; it did not take the first."""
        if code == NO_IDS and step.body["phone"] and "recipient" in message:
            return {name: part for name, part in message.items() if name != "recipient"} | {"to": step.body["phone"]}
        if code in SOUND_GONE and step.sound:
            await self._notes.forget(self._note(step.sound), message["audio"]["id"])
            return message | {"audio": {**message["audio"], "id": await self._media_id(step.sound)}}
        return None

    async def _media_id(self, sound: Sound) -> str:
        """Meta's id of the sound, which is uploaded once for all patients."""
        async with self._uploading.setdefault(sound.name, asyncio.Lock()):
            known = await self._notes.get(self._note(sound))
            if known:
                return known
            id_ = await self._graph.upload(await asyncio.to_thread(sound.read))
            await self._notes.put(self._note(sound), id_, self._now() + SOUND_LIVES)
        return id_

    def _note(self, sound: Sound) -> str:
        """Ids hold for one number."""
        return f"{self._settings.phone_id}:{sound.name}"


def make(ports: Ports) -> WhatsApp | None:
    settings = read_settings()
    return WhatsApp(settings, ports) if settings else None


async def _in_time[Ready](preparing: Awaitable[Ready], began_s: float) -> Ready:
    """What comes before the wire, cut off while there is still time for the message.  Raises SendFailed: nothing was sent."""
    try:
        async with asyncio.timeout(max(LEAST_S, PREPARE_WITHIN_S - (stopwatch_s() - began_s))):
            return await preparing
    except TimeoutError as late:
        raise SendFailed(Cause.UNREACHABLE) from late


def _write(step: Step) -> Json:
    """The message as Meta reads it, but for the id of a sound."""
    kind, address = _recipient(step.address)
    message: Json = {"messaging_product": "whatsapp", "recipient_type": "individual", kind: address}
    message["biz_opaque_callback_data"] = step.key
    message.update(step.body["message"])
    return message


def _recipient(address: str) -> tuple[str, str]:
    """A telephone number is called `to`, however it was typed; Meta's own id is the `recipient`, and begins with a country."""
    number = "" if address[:1].isalpha() else address.translate(BETWEEN_DIGITS)
    return ("to", number) if number.isdecimal() else ("recipient", address)


def _are_equal(said: str, known: str) -> bool:
    """In constant time, whatever letters somebody put into a header."""
    return hmac.compare_digest(said.encode("utf-8", "surrogatepass"), known.encode())
