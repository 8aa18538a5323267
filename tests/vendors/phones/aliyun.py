"""A telephone in China on the page: Aliyun's approved texts, and calls that take a key."""

import json
from typing import Any

from tests.vendors import aliyun
from tests.vendors.base import Taken
from tests.vendors.phones.base import App, Bubble, Window
from tests.vendors.phones.samples import say_phrase

FORMS = ("ug-Arab", "kk-Cyrl", "kk-Arab", "zh-Hans")
KINDS = ("medicine", "appointment", "lab", "education", "self-care", "refill", "checkin", "topic", "question", "reply")
TEMPLATES = {each: {"code": "SMS_1", "parameters": {"what": "title", "token": "token"}} for each in KINDS}
RECORDED = ("medicine", "appointment", "thanks")  # what the hospital would have recorded, and Aliyun reviewed
PHRASES = {"medicine": "notice-title", "appointment": "notice-title", "thanks": "consent-thanks"}
NOBODY_ANSWERED = "200003"


class AliyunApp(App):
    """A text is delivered at once; a call rings until somebody takes it, and hears the key that is pressed."""

    name, title = "aliyun", "SMS and calls, China"
    addresses = ("13800001101", "13800001102", "13800001103")
    presets = tuple(aliyun.PRESETS)
    usual = (("busy", "throttled"), ("blocked", "refuses-us"))
    takes_keys = True
    acts = ("write",)
    vendor: aliyun.AliyunVendor

    def set_up(self) -> None:
        self.vendor.voices = frozenset(_voices().values())

    @classmethod
    def accounts(cls, url: str, door: str) -> dict[str, str]:
        account = {
            "ACCESS_KEY_ID": aliyun.SETTINGS.access_key_id,
            "ACCESS_KEY_SECRET": aliyun.KEY_SECRET,
            "SECRET": aliyun.SECRET,
        }
        account |= {"SIGN_NAME": "Karez", "SHOW_NUMBER": aliyun.SETTINGS.show_number, "CALLS": "medicine appointment"}
        lists = {"TEMPLATES": json.dumps(TEMPLATES), "VOICES": json.dumps(_voices()), "CALLS_A_DAY": "20"}
        return {**account, **lists, "SMS_URL": url, "VOICE_URL": url}

    def show_taken(self, taken: Taken, number: int) -> Bubble:
        if taken.what == "call":
            voice = taken.body.get("StartCode") or taken.body["VoiceCode"]
            return Bubble(taken.at, "", kind="call", sound=voice, number=number, rings=True)
        filled = json.loads(taken.body["TemplateParam"])
        words = f"【{taken.body['SignName']}】{filled.get('what', '')}"
        return Bubble(taken.at, words, kind="notice", link=f"{self.door}/listen/{filled['token']}", number=number)

    def sound(self, name: str) -> bytes:
        """What was recorded for a kind of message: the phrase that names it, by a machine."""
        kind, _, form = name.removesuffix(".wav").partition("-")
        return say_phrase(PHRASES[kind], form) if kind in PHRASES and form in FORMS else b""

    def window(self, address: str) -> Window:
        return Window(f"no window; {self.vendor.money:.0f} on the account")

    async def write(self, address: str, text: str) -> None:
        await self.vendor.says(self.hook, address, text)

    async def arrived(self, taken: Taken, number: int) -> None:
        if taken.what == "text":
            at = self._now()
            told = {"phone_number": taken.to, "send_time": at, "report_time": at, "success": True, "err_code": "DELIVERED"}
            await self.vendor.reports(
                self.hook, [told | {"biz_id": f"{number}^0", "out_id": taken.body["OutId"], "sms_size": "1"}]
            )

    async def call(self, bubble: Bubble, key: str) -> None:
        taken = self.vendor.taken[bubble.number - 1]
        call_id, out_id = f"{bubble.number}^1", taken.body["OutId"]
        if key in ("answer", "miss"):
            code = "200000" if key == "answer" else NOBODY_ANSWERED
            told: dict[str, Any] = {"call_id": call_id, "out_id": out_id, "status_code": code, "end_time": self._now()}
            await self.vendor.reports(self.hook, [told | {"callee": taken.to, "duration": "20" if key == "answer" else "0"}])
        else:
            await self.vendor.presses(self.hook, call_id, out_id, taken.to, key)

    def _now(self) -> str:
        return self.vendor.clock.now().astimezone(aliyun.BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _voices() -> dict[str, str]:
    return {f"{kind}/{form}": f"{kind}-{form}.wav" for kind in RECORDED for form in FORMS}
