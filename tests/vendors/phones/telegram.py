"""Telegram on the page."""

from tests.vendors import telegram
from tests.vendors.base import Taken
from tests.vendors.phones.base import App, Bubble, Window


class TelegramApp(App):
    """Nothing can be written to whoever has not pressed Start; after it anything, until they block the bot."""

    name, title = "telegram", "Telegram"
    addresses = ("77001112201", "77001112202", "77001112203")
    presets = (*telegram.REFUSALS, "ok-false", "no-voice")
    usual = (("busy", "flood"), ("blocked", "blocked"))
    vendor: telegram.TelegramVendor

    def set_up(self) -> None:
        self.vendor.hook = self.hook

    @classmethod
    def accounts(cls, url: str, door: str) -> dict[str, str]:
        account = {"TOKEN": telegram.TOKEN, "BOT": "karez_rehearsal_bot", "SECRET": telegram.SECRET}
        return {**account, "BASE_URL": f"{url}/bot", "BASE_FILE_URL": f"{url}/file/bot"}

    def show_taken(self, taken: Taken, number: int) -> Bubble:
        body = taken.body
        sound = body["voice"]["file_id"] if taken.what == "voice" else ""
        buttons = tuple((label, payload) for label, payload in body["buttons"])
        return Bubble(taken.at, body["text"], kind=taken.what, buttons=buttons, sound=sound, number=number)

    def window(self, address: str) -> Window:
        if address in self.vendor.blocked:
            return Window("blocked by this patient")
        return Window("open" if address in self.vendor.chats else "not started: a bot cannot write first")

    async def scan(self, address: str, code: str) -> None:
        await self.vendor.starts(address, code)

    async def write(self, address: str, text: str) -> None:
        self.vendor.chats.add(address)
        await self.vendor.says(address, text)

    async def press(self, address: str, bubble: Bubble, payload: str) -> None:
        await self.vendor.presses(address, payload)

    async def speak(self, address: str, content: bytes) -> None:
        await self.vendor.speaks(address, content)

    async def picture(self, address: str, content: bytes) -> None:
        await self.vendor.shows(address, content)

    async def leave(self, address: str) -> None:
        await self.vendor.blocks(address)

    async def come(self, address: str) -> None:
        self.vendor.chats.add(address)
        await self.vendor.returns(address)
