"""Who sits before a window: the nurse at her desk, and a patient with a phone 360 pixels wide."""

from dataclasses import dataclass
from typing import Any

from care.people import consent
from care.people.linking import make_code
from care.people.staff import make_signin_link
from care.people.tables import Patient
from tests.browser.chromium import Window
from tests.web import PASSWORD, Web

LOGIN = "aynur"
# form, its own name, a patient's name, a question about nausea, a fever
PEOPLE = {
    "zh": ("zh-Hans", "中文", "王桂英", "吃了药恶心怎么办", "我发烧38.6度"),
    "ug": ("ug-Arab", "ئۇيغۇرچە", "ئايگۈل", "كۆڭلۈم ئېلىشسا قانداق قىلىمەن", "قىزىتمام 38.6 گە چىقتى"),
    "kk": ("kk-Cyrl", "Қазақша", "Гүлнар", "жүрегім айнып тұр не істеймін", "Қызуым 38,5 болды"),
    "kk-Arab": ("kk-Arab", "قازاقشا", "گۇلنار", "جۇرەگىم اينىپ تۇر نە ىستەيمىن", "قىزۋىم 38,5 بولدى"),
}
PHONE, DESK = (360, 740), (1280, 800)
SOUND_OF = "return [arguments[0].duration, arguments[0].currentTime, arguments[0].paused]"
HAS_PLAYED = "return arguments[0].currentTime > 0.2"
SET_VALUE = "arguments[0].value = arguments[1]"


@dataclass
class Nurse(Window):
    """Signs in once, enrols, reads."""

    async def sign_in(self, web: Web, language: str) -> None:
        async with web.ward.database.work() as work:
            token = await make_signin_link(work, web.ward.nurse_id)
        await self.go(f"/console/welcome?token={token}&lang={language}")
        await self.fill("[name=password]", PASSWORD)
        await self.click("form .main")
        await self.find("#list")

    async def come_back(self) -> None:
        """Sign in with name and password: whoever was away for half an hour is asked again."""
        await self.go("/console/sign-in")
        await self.fill("[name=login]", LOGIN)
        await self.fill("[name=password]", PASSWORD)
        await self.click("form .main")
        await self.find("#list")

    async def begin_enrolment(self, name: str, form: str, hours: tuple[str, str]) -> None:
        """Fill in the form and look at the first week."""
        await self.go("/console/enrol?template=capecitabine-14-7")
        await self.fill("[name=name]", name)
        await self.click(f"[name=form][value={form}]")
        await self.click("[name=zone][value='Asia/Shanghai']")
        for number, hour in enumerate(hours, 1):
            slot = await self.find(f"[name=slots-capecitabine-{number}]")
            await self.run(SET_VALUE, slot, hour)  # typing into a clock field depends on the browser's language
        await self.click("[name=step][value=preview]")
        await self.find(".preview")

    async def enrol(self) -> str:
        """Save what was previewed.  Returns the linking code."""
        await self.click("[name=step][value=save]")
        await self.click("form[action$='/code'] .main")
        return await self.text("#code")


@dataclass
class Caller(Window):
    """A patient with the web app open on a phone."""

    async def choose(self, name: str) -> None:
        """Choose a language by its own name."""
        await self.go("/")
        await self.click(".language", name)
        await self.find("#code")

    async def link(self, code: str) -> None:
        await self.fill("#code", code)
        await self.click("#link")
        await self.find(".purpose")

    async def agree(self) -> None:
        """Say yes to every purpose, one after the other."""
        for purpose in await self.run("return Array.from(document.querySelectorAll('.purpose'), (each) => each.dataset.purpose)"):
            await self.click(f"[data-purpose={purpose}] .answer:first-child")
        await self.click("#consent-done")
        await self.find("#say")

    async def join(self, web: Web, patient: Patient, form: str) -> None:
        """Come into the chat with a fresh code, after every question of consent was answered at the desk."""
        async with web.ward.database.work() as work:
            code = await make_code(work, patient, web.ward.nurse_id)
            for purpose in consent.PURPOSES:
                await consent.record(work, patient, purpose, True, "w", "web")
        await self.go(f"/?code={code}")
        await self.click(f"[data-form={form}]")
        await self.click("#link")
        await self.find("[data-act=menu]")

    async def say(self, words: str) -> None:
        await self.fill("#text", words)
        await self.click("#send")

    async def hear(self, css: str) -> float:
        """Press play and listen for a moment.  Returns how long the sound is."""
        await self.click(f"{css} .play")
        player: Any = await self.run("return Array.from(document.querySelectorAll(arguments[0])).pop()", f"{css} audio")
        await self.until(HAS_PLAYED, player)
        seconds, _, paused = await self.run(SOUND_OF, player)
        assert not paused
        await self.click(f"{css} .play")
        return float(seconds)
