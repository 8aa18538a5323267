"""Aliyun's texts and calls on the loopback: signatures byte for byte, approved things only, its limits a number."""

import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from aiohttp import ClientSession, web
from pydantic import SecretStr

from care.channels.aliyun import Aliyun
from care.channels.aliyun.settings import AliyunSettings
from care.channels.base import Post
from care.kit.clock import HandClock
from tests.vendors.base import FAULTS, Vendor
from tests.vendors.smsc import ports_of
from tests.vendors.stand import Stand

KEY_SECRET, SECRET = "aliyun-secret-0123456789", "aliyun-address-word"
SETTINGS = AliyunSettings(
    access_key_id="LTAI-key-of-tests",
    access_key_secret=SecretStr(KEY_SECRET),
    secret=SecretStr(SECRET),
    sign_name="Karez",
    templates=json.dumps(
        {
            "medicine": {"code": "SMS_1", "parameters": {"what": "title", "token": "token"}},
            "visit": {"code": "SMS_2", "parameters": {"token": "token"}},
        }
    ),
    calls="visit alarm",
    voices=json.dumps({"visit/ug-Arab": "visit-ug.wav", "thanks/ug-Arab": "thanks-ug.wav", "sound-9": "alarm-kk.wav"}),
    show_number="057156780000",
    calls_a_day=20,
)
PRESETS = {
    "too-often": (200, "isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5"),
    "throttled": (400, "Throttling.User", "Request was denied due to user flow control."),
    "bad-number": (200, "isv.MOBILE_NUMBER_ILLEGAL", "-"),
    "no-money": (200, "isv.AMOUNT_NOT_ENOUGH", "-"),
    "account-abnormal": (200, "isv.ACCOUNT_ABNORMAL", "-"),
    "wrong-signature": (400, "SignatureDoesNotMatch", "-"),
    "no-permission": (403, "Forbidden.RAM", "-"),
    "daily-cap": (200, "isv.DAY_LIMIT_CONTROL", "-"),
    "unknown-template": (200, "isv.SMS_TEMPLATE_ILLEGAL", "-"),
    "unknown-sign-name": (200, "isv.SMS_SIGNATURE_ILLEGAL", "-"),
    "black-word": (200, "isv.BLACK_KEY_CONTROL_LIMIT", "-"),
    "refuses-us": (200, "isv.CUSTOMER_REFUSED", "-"),
    "system-error": (200, "isp.SYSTEM_ERROR", "-"),
    "unavailable": (503, "ServiceUnavailable", "-"),
    "nonce-used": (400, "SignatureNonceUsed", "-"),
}
SIGNED = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
NUMBER = re.compile(r"1[3-9]\d{9}")
BEIJING = timezone(timedelta(hours=8))
TEXTS_A_DAY = 50  # notifications for each signature, template and number, by the calendar
CALLS = (
    (timedelta(minutes=1), 1, "触发分钟级流控"),
    (timedelta(hours=1), 5, "触发小时级流控"),
    (timedelta(hours=24), 20, "触发天级流控"),
)
LONGEST_VARIABLE = 35
LONGEST_CALL_KEY = 15
OLDEST = timedelta(minutes=15)


class Wrong(Exception):
    """One of the vendor's codes, with its status and words."""

    def __init__(self, code: str, words: str = "-", status: int = 200) -> None:
        super().__init__(code)
        self.code, self.words, self.status = code, words, status


@dataclass
class AliyunVendor(Vendor):
    """One account with what was approved for it."""

    key_id: str = SETTINGS.access_key_id
    key_secret: str = KEY_SECRET
    secret: str = SECRET
    sign_names: frozenset[str] = frozenset({SETTINGS.sign_name})
    templates: dict[str, set[str]] = field(default_factory=lambda: {"SMS_1": {"what", "token"}, "SMS_2": {"token"}})
    voices: frozenset[str] = frozenset(SETTINGS.voices.values())
    numbers: frozenset[str] = frozenset({SETTINGS.show_number})
    money: float = 10_000.0
    refusals: deque[tuple[int, str, str]] = field(default_factory=deque)
    nonces: set[str] = field(default_factory=set)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/", self._serve)]

    def refuse_next(self, preset: str) -> None:
        if preset in FAULTS:
            self.faults.append(preset)
        else:
            self.refusals.append(PRESETS[preset])

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            await self._check_signature(request)
            if self.refusals:
                status, code, words = self.refusals.popleft()
                raise Wrong(code, words, status)
            asked = dict(parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True, strict_parsing=True))
            told = self._do(request.headers["x-acs-action"], asked)
        except Wrong as wrong:
            said = {"RequestId": "R-1", "Code": wrong.code, "Message": wrong.words}
            return web.json_response(said, status=wrong.status)
        return web.json_response({"RequestId": "R-1", "Code": "OK", "Message": "OK", **told})

    async def _check_signature(self, request: web.Request) -> None:
        """Written from the page, with nothing of the signer's."""
        headers, body = request.headers, await request.read()
        if headers["x-acs-content-sha256"] != hashlib.sha256(body).hexdigest() or headers["x-acs-version"] != "2017-05-25":
            raise Wrong("InvalidParameter", status=400)
        given = "".join(f"{name}:{headers[name].strip()}\n" for name in SIGNED.split(";"))
        pairs = parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
        query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(pairs))
        lines = f"POST\n/\n{query}\n{given}\n{SIGNED}\n{headers['x-acs-content-sha256']}"
        signed = f"ACS3-HMAC-SHA256\n{hashlib.sha256(lines.encode()).hexdigest()}"
        signature = hmac.digest(self.key_secret.encode(), signed.encode(), "sha256").hex()
        wanted = f"ACS3-HMAC-SHA256 Credential={self.key_id},SignedHeaders={SIGNED},Signature={signature}"
        if headers["authorization"] != wanted:
            raise Wrong("SignatureDoesNotMatch", status=400)
        self._check_freshness(headers["x-acs-date"], headers["x-acs-signature-nonce"])

    def _check_freshness(self, date: str, nonce: str) -> None:
        at = datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(self.clock.now() - at) > OLDEST:
            raise Wrong("InvalidTimeStamp.Expired", status=400)
        if nonce in self.nonces:
            raise Wrong("SignatureNonceUsed", status=400)
        self.nonces.add(nonce)

    def _do(self, action: str, asked: dict[str, str]) -> dict[str, str]:
        known = {"SendSms": self._text, "SingleCallByVoice": self._call, "IvrCall": self._call}
        if action not in known:
            raise Wrong("InvalidAction.NotFound", status=404)
        return known[action](asked)

    def _text(self, asked: dict[str, str]) -> dict[str, str]:
        to = _home(asked.get("PhoneNumbers", ""))
        if asked.get("SignName") not in self.sign_names:
            raise Wrong("isv.SMS_SIGNATURE_ILLEGAL")
        self._check_template(asked)
        today = self.clock.now().astimezone(BEIJING).date()
        of_today = [each for each in self._taken("text", to) if each.at.astimezone(BEIJING).date() == today]
        if len([each for each in of_today if each.body["TemplateCode"] == asked["TemplateCode"]]) >= TEXTS_A_DAY:
            raise Wrong("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:50")
        self._pay()
        return {"BizId": f"{self.take(to, 'text', asked)}^0"}

    def _check_template(self, asked: dict[str, str]) -> None:
        if asked.get("TemplateCode") not in self.templates:
            raise Wrong("isv.SMS_TEMPLATE_ILLEGAL")
        filled = json.loads(asked.get("TemplateParam", "{}"))
        if set(filled) != self.templates[asked["TemplateCode"]]:
            raise Wrong("isv.TEMPLATE_MISSING_PARAMETERS")
        if any("://" in value for value in filled.values()):
            raise Wrong("isv.PARAM_NOT_SUPPORT_URL")
        if any(not 0 < len(value) <= LONGEST_VARIABLE for value in filled.values()):
            raise Wrong("isv.PARAM_LENGTH_LIMIT")

    def _call(self, asked: dict[str, str]) -> dict[str, str]:
        to = _home(asked.get("CalledNumber", ""))
        played = [value for name, value in asked.items() if name.endswith("Code")]
        if not played or set(played) - self.voices or asked.get("PlayTimes") not in ("1", "2", "3"):
            raise Wrong("isv.INVALID_PARAMETERS")
        if asked.get("CalledShowNumber", "") not in self.numbers or not 0 < len(asked.get("OutId", "-")) <= LONGEST_CALL_KEY:
            raise Wrong("isv.INVALID_PARAMETERS")
        for span, most, words in CALLS:
            if sum(self.clock.now() - each.at < span for each in self._taken("call", to)) >= most:
                raise Wrong("isv.BUSINESS_LIMIT_CONTROL", words)
        self._pay()
        return {"CallId": f"{self.take(to, 'call', asked)}^1"}

    def _taken(self, what: str, to: str) -> list[Any]:
        return [each for each in self.taken if each.what == what and each.to == to]

    def _pay(self) -> None:
        if self.money < 1:
            raise Wrong("isv.AMOUNT_NOT_ENOUGH")
        self.money -= 1

    async def reports(self, hook: str, rows: list[dict[str, Any]], times: int = 1) -> list[Any]:
        """Many things in one request, as Aliyun pushes them; what was answered."""
        post = self.sign(json.dumps(rows, ensure_ascii=False).encode(), {})
        async with ClientSession() as session:
            answers = []
            for _ in range(times):
                async with session.post(hook, params=post.query, data=post.body, headers=post.headers) as answer:
                    answers.append((answer.status, await answer.text()))
            return answers

    async def presses(self, hook: str, call_id: str, out_id: str, number: str, key: str) -> list[Any]:
        """The patient answers the call and presses a key: two reports, the second when the call is over."""
        at = self.clock.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        about = {"call_id": call_id, "out_id": out_id, "dtmf": key}
        during = {**about, "status_code": "300000", "status_time": at}
        after = {**about, "status_code": "200000", "end_time": at, "callee": number, "duration": "20"}
        return [await self.reports(hook, [during]), await self.reports(hook, [after])]

    async def says(self, hook: str, address: str, text: str) -> list[Any]:
        """A text message that comes back."""
        at = self.clock.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        told = {"phone_number": _home(address.removeprefix("+86")), "send_time": at, "content": text}
        return await self.reports(hook, [{**told, "sequence_id": str(len(self.taken)), "dest_code": "1"}])

    def sign(self, body: bytes, query: Mapping[str, str]) -> Post:
        """Nothing is signed: a word in the address is all there is."""
        return Post("POST", {**query, "secret": self.secret}, {"content-type": "application/json"}, body)


def _home(number: str) -> str:
    if not NUMBER.fullmatch(number):
        raise Wrong("isv.MOBILE_NUMBER_ILLEGAL")
    return number


@asynccontextmanager
async def open_stand(clock: HandClock, tmp_path: Path) -> AsyncIterator[Stand]:
    vendor = AliyunVendor(clock, tmp_path / "aliyun.jsonl")
    url = await vendor.start()
    channel = Aliyun(SETTINGS.model_copy(update={"sms_url": url, "voice_url": url}), ports_of(clock))
    yield Stand(channel, vendor, vendor.sign, "+8613800001111", (KEY_SECRET, SECRET), signs_body=False)
    await channel.close()
    await vendor.stop()
