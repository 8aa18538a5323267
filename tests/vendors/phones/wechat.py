"""WeChat on the page."""

import json

from tests.vendors import wechat
from tests.vendors.base import Taken
from tests.vendors.phones.base import App, Bubble, Window, label_of

FORMS = {
    "medicine": {"template": "notice-medicine", "by": "notice", "fields": {"thing1": "title", "thing2": "=Karez"}},
    "*": {"template": "template-any", "by": "template", "fields": {"thing1": "title"}},
}


class WeChatApp(App):
    """Five messages in two days after they wrote, three in a minute after a button; then forms, whose tap opens a page."""

    name, title = "wechat", "WeChat"
    addresses = ("oGul-rehearsal-0123456789abc", "oAna-rehearsal-0123456789abc", "oWang-rehearsal-012345678abc")
    presets = tuple(wechat.NOES)
    usual = (("busy", "busy"), ("blocked", "unfollowed"))
    vendor: wechat.WeChatServer

    def set_up(self) -> None:
        self.vendor.webhook = self.hook
        self.vendor.forms = {form["template"]: set(form["fields"]) for form in FORMS.values()}  # type: ignore[misc]

    @classmethod
    def accounts(cls, url: str, door: str) -> dict[str, str]:
        account = {"APP_ID": wechat.APP_ID, "SECRET": wechat.SECRET, "TOKEN": wechat.TOKEN, "AES_KEY": wechat.AES_KEY}
        return {**account, "BASE": url, "FORMS": json.dumps(FORMS)}

    def show_taken(self, taken: Taken, number: int) -> Bubble:
        body = taken.body
        if taken.what == "notice":
            words = "\n".join(each["value"] for each in body["data"].values())
            return Bubble(taken.at, words, kind="notice", link=body.get("page") or body.get("url") or "", number=number)
        if body["msgtype"] == "voice":
            return Bubble(taken.at, "", kind="voice", sound=body["voice"]["media_id"], number=number)
        if body["msgtype"] == "news":
            [card] = body["news"]["articles"]
            return Bubble(taken.at, f"{card['title']}\n{card['description']}", kind="card", link=card["url"], number=number)
        if body["msgtype"] == "msgmenu":
            menu = body["msgmenu"]
            buttons = tuple((each["content"], each["id"]) for each in menu["list"])
            return Bubble(taken.at, menu["head_content"], buttons=buttons, number=number)
        return Bubble(taken.at, body["text"]["content"], number=number)

    def sound(self, name: str) -> bytes:
        return self.vendor.media[name][0] if name in self.vendor.media else b""

    def window(self, address: str) -> Window:
        person = self.vendor.people.get(address)
        if not person or not person.follows:
            return Window("does not follow the account: nothing can go")
        if not person.until or self.vendor.clock.now() >= person.until:
            return Window("closed: only forms can go")
        return Window("open" if person.left else "used up: only forms can go", person.until, person.left)

    async def scan(self, address: str, code: str) -> None:
        person = self.vendor.people.get(address)
        await (self.vendor.scans(address, code) if person and person.follows else self.vendor.follows(address, code))

    async def write(self, address: str, text: str) -> None:
        await self.vendor.says(address, text)

    async def press(self, address: str, bubble: Bubble, payload: str) -> None:
        await self.vendor.presses(address, payload, label_of(bubble, payload))

    async def speak(self, address: str, content: bytes) -> None:
        await self.vendor.speaks(address, content)

    async def picture(self, address: str, content: bytes) -> None:
        await self.vendor.shows(address, content)

    async def leave(self, address: str) -> None:
        await self.vendor.unfollows(address)

    async def come(self, address: str) -> None:
        await self.vendor.follows(address)

    async def arrived(self, taken: Taken, number: int) -> None:
        if taken.what == "notice" and taken.body.get("client_msg_id"):  # nothing is told of a subscription notice
            await self.vendor.tells_fate(taken.to, number)
