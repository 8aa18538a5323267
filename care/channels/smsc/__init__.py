"""SMSC.kz: text messages and telephone calls in Kazakhstan (https://smsc.kz/api/http/send/).

A kind of message named in KAREZ_SMSC_CALLS rings and plays its recording, its text beside it; all others are text with the
link of the listening page.  SMSC's own voices are never used: none is known to speak Kazakh or Uyghur.

`id` may be a text of up to 40 letters, digits, `.`, `-` and `_`, so a message carries our own key and every report brings
it back.  It need not be unique: a second message with the same id is sent again (documented so; not tried on an account).
"""

import hashlib
import re
from dataclasses import replace
from datetime import datetime

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
    Why,
)
from care.channels.smsc import reports
from care.channels.smsc.client import Client
from care.channels.smsc.length import count_parts
from care.channels.smsc.settings import SmscSettings
from care.kit.daily import DailyLimit

MOST_PARTS = 6  # 402 letters that are not Latin; SMSC itself takes 1,000
OF_AN_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
BESIDE = "-text"  # behind the key of what stands beside a call, so that its reports are not the call's


class Smsc:
    """Sends; what comes back are reports, for a named sender cannot be answered."""

    name = "smsc"
    can = Abilities(voice=True, buttons=False, takes_key=False, sockets=10, hears=False, by_number=True, servers="KZ")

    def __init__(self, settings: SmscSettings, ports: Ports) -> None:
        self._settings = settings
        self._client = Client(settings)
        self._calls = DailyLimit(ports.notes(self.name), ports.now, settings.secret.get_secret_value(), settings.calls_a_day)
        self.can = replace(Smsc.can, voice=bool(settings.calls))

    def verify(self, post: Post) -> None:
        reports.verify(post, self._settings)

    def greet(self, post: Post) -> Answer:
        self.verify(post)
        return self.thank(post)

    def parse(self, post: Post) -> list[Inbound]:
        return reports.parse(post)

    def thank(self, post: Post) -> Answer:
        return Answer("OK")

    def plan(self, said: Said, contact: Contact, now: datetime) -> Plan:
        text, why = shorten(said)
        is_call = said.sound is not None and said.kind in self._settings.calls.split()
        key = said.key + BESIDE if is_call else said.key
        calls = (Step(Way.CALL, contact.address, said.key, {"call": 1}, sound=said.sound),) if is_call else ()
        texts = (Step(Way.TEXT, contact.address, key, {"mes": text}),) if text else ()
        if not calls and not texts:
            raise SendFailed(Cause.WINDOW_CLOSED)
        return Plan((*calls, *texts), Why.USUAL if is_call else why)

    async def invite(self, code: str) -> str:
        return ""

    async def send(self, step: Step) -> Receipt:
        """What nobody answered the plan asks once more, so a telephone rings only so often a day: BUSY until tomorrow."""
        asked = {"phones": reports.number(step.address), "id": id_for(step.key), **step.body}
        if step.way != Way.CALL or not step.sound:
            return Receipt(await self._client.write(asked))
        wait = await self._calls.take(step.address)
        if wait:
            raise SendFailed(Cause.BUSY, again_after=wait, of_one=True)
        try:
            return Receipt(await self._client.call(asked, step.sound.read()))
        except SendFailed:
            await self._calls.give_back(step.address)  # nothing rang
            raise

    async def fetch_media(self, ref: str) -> Media:
        raise SendFailed(Cause.REFUSED)

    async def close(self) -> None:
        await self._client.close()


def shorten(said: Said) -> tuple[str, Why]:
    """The text with its link, or title and link where that is too long; and why.  Empty when neither can be sent."""
    for words, why in ((said.text, Why.USUAL), (said.title if said.link else "", Why.TOO_LONG)):
        whole = "\n".join(filter(None, (words, said.link)))
        if words and count_parts(whole) <= MOST_PARTS:
            return whole, why
    return "", Why.TOO_LONG


def id_for(key: str) -> str:
    """The key itself where SMSC takes it as an id, with another sign for its colon; `reports.key_of` gives it back."""
    key = reports.AS_ID + key.removeprefix(reports.KEY) if key.startswith(reports.KEY) else key
    return key if OF_AN_ID.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()[:40]


def make(ports: Ports) -> Smsc | None:
    settings = SmscSettings()
    return None if settings.is_empty else Smsc(settings.complete(), ports)
