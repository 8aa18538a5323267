"""SMSC.kz on the loopback: as strict as its pages say, and quick to run out of money."""

import hashlib
import json
import re
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession, web
from pydantic import SecretStr

from care.channels.base import Ports, Post
from care.channels.notes import BriefNotes
from care.channels.smsc import Smsc
from care.channels.smsc.settings import SmscSettings
from care.kit.clock import HandClock
from tests.vendors.base import FAULTS, Vendor
from tests.vendors.stand import Stand

APIKEY, SECRET, SIGNING_WORD = "smsc-key-0123456789", "smsc-address-word", "smsc-signing-word"
SETTINGS = SmscSettings(
    apikey=SecretStr(APIKEY), secret=SecretStr(SECRET), signing_word=SecretStr(SIGNING_WORD), calls="medicine", calls_a_day=20
)
# The vendor's own numbers: smsc.kz/api/http/send/sms/sms_answer/
PRESETS = {
    "bad-parameters": 1,
    "wrong-key": 2,
    "no-money": 3,
    "address-blocked": 4,
    "bad-date": 5,
    "forbidden": 6,
    "bad-number": 7,
    "undeliverable": 8,
    "too-often": 9,
    "new-code": 77,
}
WITH_AN_ID = (3, 6, 7, 8)
TAKES = {"apikey", "phones", "mes", "id", "sender", "fmt", "charset", "call", "file1"}
OF_AN_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
NUMBER = re.compile(r"\+7\d{10}")
LONGEST_TEXT = 1000
MINUTE = timedelta(minutes=1)
MP3 = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")


class Wrong(Exception):
    """One of the vendor's numbers."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class SmscVendor(Vendor):
    """One account.  `minds_repeats`: whether the same request within a minute is refused, as the real one does."""

    apikey: str = APIKEY
    secret: str = SECRET
    signing_word: str = SIGNING_WORD
    senders: frozenset[str] = frozenset({"Karez"})
    money: float = 10_000.0
    minds_repeats: bool = True
    refusals: deque[int] = field(default_factory=deque)
    seen: dict[str, datetime] = field(default_factory=dict)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/rest/send/", self._rest), web.post("/sys/send.php", self._send)]

    def refuse_next(self, preset: str) -> None:
        if preset in FAULTS:
            self.faults.append(preset)
        else:
            self.refusals.append(PRESETS[preset])

    async def _rest(self, request: web.Request) -> web.Response:
        try:
            asked = json.loads((await request.read()).decode())
        except ValueError:
            return _error(1)
        return self._answer(asked) if request.content_type == "application/json" else _error(1)

    async def _send(self, request: web.Request) -> web.Response:
        asked: dict[str, Any] = dict(await request.post())
        if isinstance(asked.get("file1"), web.FileField):
            asked["file1"] = asked["file1"].file.read()
        return self._answer(asked)

    def _answer(self, asked: dict[str, Any]) -> web.Response:
        try:
            id_, parts = self._accept(asked)
        except Wrong as wrong:
            return _error(wrong.code, asked.get("id"))
        return web.json_response({"id": id_, "cnt": parts, "balance": f"{self.money:.2f}"})

    def _accept(self, asked: dict[str, Any]) -> tuple[str, int]:
        if self.refusals:
            raise Wrong(self.refusals.popleft())
        if asked.get("apikey") != self.apikey:
            raise Wrong(2)
        self._check(asked)
        self._mind_repeats(asked)
        parts = 1 if asked.get("call") else count(asked["mes"])
        if self.money < parts:
            raise Wrong(3)
        self.money -= parts
        kept = {name: value for name, value in asked.items() if name not in ("apikey", "file1")}
        number = self.take(asked["phones"], "call" if asked.get("call") else "text", kept)
        if asked.get("call"):
            self.sounds[str(number)] = asked["file1"]
        return asked.get("id") or str(number), parts

    def _check(self, asked: dict[str, Any]) -> None:
        is_call = str(asked.get("call")) == "1"
        if set(asked) - TAKES or str(asked.get("fmt")) != "3" or asked.get("charset") != "utf-8":
            raise Wrong(1)
        if "id" in asked and not OF_AN_ID.fullmatch(str(asked["id"])):
            raise Wrong(1)
        if not NUMBER.fullmatch(str(asked.get("phones"))):
            raise Wrong(7)
        if is_call and not asked.get("file1", b"").startswith(MP3):
            raise Wrong(1)
        if not is_call and not 0 < len(asked.get("mes", "")) <= LONGEST_TEXT:
            raise Wrong(1)
        if asked.get("sender", "Karez") not in self.senders:
            raise Wrong(6)

    def _mind_repeats(self, asked: dict[str, Any]) -> None:
        same = hashlib.sha256(repr(sorted(asked.items())).encode()).hexdigest()
        before, self.seen[same] = self.seen.get(same), self.clock.now()
        if self.minds_repeats and before and self.clock.now() - before < MINUTE:
            raise Wrong(9)

    async def reports(self, hook: str, told: Mapping[str, Any], times: int = 1, as_form: bool = False) -> list[int]:
        """What became of a message, posted signed to our address; the answers' statuses."""
        body = urlencode(told).encode() if as_form else json.dumps(told).encode()
        post = self.sign(body, {}, told)
        async with ClientSession() as session:
            statuses = []
            for _ in range(times):
                async with session.post(hook, params=post.query, data=post.body) as answer:
                    statuses.append(answer.status)
            return statuses

    async def says(self, hook: str, address: str, text: str) -> list[int]:
        """A text message to a number of ours."""
        told = {"phone": address.lstrip("+"), "mes": text, "to": "77000000000", "sms_id": len(self.taken), "ts": 1796104800}
        return await self.reports(hook, told)

    def sign(self, body: bytes, query: Mapping[str, str], told: Mapping[str, Any] | None = None) -> Post:
        fields = told if told is not None else _read(body)
        names = ("phone", "mes", "to") if "mes" in fields else ("id", "phone", "status")
        signed = ":".join([*(str(fields.get(name, "")) for name in names), self.signing_word])
        proof = {"secret": self.secret, "sha1": hashlib.sha1(signed.encode()).hexdigest()}
        return Post("POST", {**query, **proof}, {"content-type": "application/json"}, body)


def count(text: str) -> int:
    """Parts, coarsely: enough to be paid for."""
    wide = any(letter > "\u00ff" for letter in text)
    alone, part = (70, 67) if wide else (160, 153)
    return 1 if len(text) <= alone else -(-len(text) // part)


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _error(code: int, id_: object = None) -> web.Response:
    told: dict[str, object] = {"error": "an error in its own words", "error_code": code}
    return web.json_response({**told, "id": id_} if code in WITH_AN_ID and id_ else told)


@asynccontextmanager
async def open_stand(clock: HandClock, tmp_path: Path) -> AsyncIterator[Stand]:
    """Repeats are not minded: the suite says the same to one person again and again."""
    vendor = SmscVendor(clock, tmp_path / "smsc.jsonl", minds_repeats=False)
    url = await vendor.start()
    channel = Smsc(SETTINGS.model_copy(update={"base_url": url, "reserve_url": ""}), ports_of(clock))
    yield Stand(channel, vendor, vendor.sign, "+77011234567", (APIKEY, SECRET, SIGNING_WORD), signs_body=False)
    await channel.close()
    await vendor.stop()


def ports_of(clock: HandClock) -> Ports:
    async def append(address: str, key: str, content: dict[str, Any]) -> None:
        raise NotImplementedError

    notes = BriefNotes(clock.now)
    return Ports(append, lambda _: notes, clock.now)
