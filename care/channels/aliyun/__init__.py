"""Aliyun: text messages and recorded calls in mainland China (https://help.aliyun.com/product/44282.html).

Nothing may be said freely: a text is an approved template with our title and the token of the listening page, a call plays
a recording Aliyun reviewed.  What has neither goes through another channel.  Text to speech knows Chinese and English only.
"""

from dataclasses import replace
from datetime import datetime

from care.channels.aliyun import reports
from care.channels.aliyun.client import Client
from care.channels.aliyun.settings import AliyunSettings
from care.channels.base import (
    Abilities,
    Answer,
    Cause,
    Contact,
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
)
from care.kit.daily import DailyLimit
from care.kit.json_bytes import write_json

TAKEN = "1"  # the key of the first choice
WAIT_FOR_KEY_MS = 5_000
PLAY_TIMES = "2"
# https://help.aliyun.com/document_detail/114037.html: a key of ours with a call has 15 bytes, so only its beginning
# comes back; the call's own id is what a report is known by.
LONGEST_CALL_KEY = 15
BESIDE = "-text"  # behind the key of what stands beside a call, so that its reports are not the call's
Body = dict[str, str]


class Aliyun:
    """Sends templates and recordings; hears reports, keys, and texts that come back."""

    name = "aliyun"
    can = Abilities(voice=True, buttons=False, takes_key=False, by_number=True, servers="CN")

    def __init__(self, settings: AliyunSettings, ports: Ports) -> None:
        self._settings = settings
        self._client = Client(settings, ports.now)
        self._calls = DailyLimit(ports.notes(self.name), ports.now, settings.secret.get_secret_value(), settings.calls_a_day)
        self._called = frozenset(settings.calls.split())
        self.can = replace(Aliyun.can, voice=bool(settings.calls), hears=bool(settings.calls and settings.show_number))

    def verify(self, post: Post) -> None:
        reports.verify(post, self._settings.secret.get_secret_value())

    def greet(self, post: Post) -> Answer:
        self.verify(post)
        return self.thank(post)

    def parse(self, post: Post) -> list[Inbound]:
        return reports.parse(post)

    def thank(self, post: Post) -> Answer:
        return Answer('{"code": 0, "msg": "received"}', "application/json")

    def plan(self, said: Said, contact: Contact, now: datetime) -> Plan:
        call, text = self._call_for(said), self._text_for(said)
        key = said.key + BESIDE if call else said.key
        calls = (Step(Way.CALL, contact.address, said.key, call),) if call else ()
        texts = (Step(Way.NOTICE, contact.address, key, text),) if text else ()
        if not calls and not texts:
            raise SendFailed(Cause.WINDOW_CLOSED)
        return Plan((*calls, *texts))

    async def invite(self, code: str) -> str:
        return ""

    async def send(self, step: Step) -> Receipt:
        """What nobody answered the plan asks once more, so a telephone rings only so often a day: BUSY until tomorrow."""
        if step.way != Way.CALL:
            return Receipt(await self._client.write({"PhoneNumbers": home(step.address), "OutId": step.key, **step.body}))
        wait = await self._calls.take(step.address)
        if wait:
            raise SendFailed(Cause.BUSY, again_after=wait, of_one=True)
        asked = {"CalledNumber": home(step.address), "OutId": step.key[:LONGEST_CALL_KEY], **step.body}
        try:
            return Receipt(await self._client.call(asked.pop("Action"), asked))
        except SendFailed:
            await self._calls.give_back(step.address)  # nothing rang
            raise

    async def fetch_media(self, ref: str) -> Media:
        raise SendFailed(Cause.REFUSED)

    async def close(self) -> None:
        await self._client.close()

    def _text_for(self, said: Said) -> Body | None:
        """None where no template is approved, or this message cannot fill it."""
        templates = self._settings.templates
        template = templates.get(f"{said.kind}/{said.form}") or templates.get(said.kind)
        filled = template.fill(said) if template else None
        if not template or filled is None:
            return None
        words = write_json(filled).decode()
        return {"SignName": self._settings.sign_name, "TemplateCode": template.code, "TemplateParam": words}

    def _call_for(self, said: Said) -> Body | None:
        """By the recording's own name, else by kind and language: never one of another language."""
        if said.kind not in self._called:
            return None
        voices = self._settings.voices
        voice = voices.get(said.sound.name if said.sound else "") or voices.get(f"{said.kind}/{said.form}")
        if not voice:
            return None
        thanks = voices.get(f"thanks/{said.form}")
        shown = {"CalledShowNumber": self._settings.show_number} if self._settings.show_number else {}
        if not (thanks and shown and said.choices):
            return {"Action": "SingleCallByVoice", "VoiceCode": voice, "PlayTimes": PLAY_TIMES, **shown}
        keys = {"MenuKeyMap.1.Key": TAKEN, "MenuKeyMap.1.Code": thanks, "Timeout": str(WAIT_FOR_KEY_MS)}
        return {"Action": "IvrCall", "StartCode": voice, "PlayTimes": PLAY_TIMES, **shown, **keys}


def home(phone: str) -> str:
    """A mainland number as Aliyun wants it: 11 digits.  Others stay as they are, and are refused there."""
    return phone.removeprefix("+86")


def make(ports: Ports) -> Aliyun | None:
    settings = AliyunSettings()
    return None if settings.is_empty else Aliyun(settings.complete(), ports)
