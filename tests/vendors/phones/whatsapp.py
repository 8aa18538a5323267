"""WhatsApp on the page."""

import json
from typing import Any

from tests.vendors import whatsapp
from tests.vendors.base import Taken
from tests.vendors.phones.base import App, Bubble, Window, label_of
from tests.vendors.whatsapp_hooks import METADATA, Person
from tests.vendors.whatsapp_rules import Form

# As a hospital would have them approved: Uyghur has none, and the two scripts of Kazakh need one each.
LANGUAGES = {"kk-Cyrl": "kk", "zh": "zh_CN"}
LISTEN = "▶"  # stands for the label a template was registered with, which is not sent


def _templates(door: str) -> dict[str, dict[str, Any]]:
    def of(kind: str, code: str) -> dict[str, Any]:
        shape = {"body": ["title"], "buttons": ["listen", "url"], "url": f"{door}/listen/"}
        return {"name": f"{kind}_{code.lower()}", "language": code, **shape}

    kinds = {"medicine": "medicine", "*": "news"}
    return {kind: {form: of(name, code) for form, code in LANGUAGES.items()} for kind, name in kinds.items()}


class WhatsAppApp(App):
    """Anything for 24 hours after they wrote; then templates, where there is one in their language."""

    name, title = "whatsapp", "WhatsApp"
    addresses = ("KZ.13491208655302741901", "KZ.13491208655302741902", "KZ.13491208655302741903")
    presets = tuple(whatsapp.PRESETS)
    usual = (("busy", "overloaded"), ("blocked", "undeliverable"))
    vendor: whatsapp.Cloud

    def set_up(self) -> None:
        self.vendor.hook = self.hook
        known = [each for kind in _templates(self.door).values() for each in kind.values()]
        self.vendor.templates = {(each["name"], each["language"]): Form(1, ("quick_reply", "url")) for each in known}

    @classmethod
    def accounts(cls, url: str, door: str) -> dict[str, str]:
        account = {"TOKEN": whatsapp.TOKEN, "PHONE_ID": METADATA["phone_number_id"], "NUMBER": "+1 555 078 3881"}
        account |= {"APP_SECRET": whatsapp.SECRET, "VERIFY_TOKEN": whatsapp.WORD, "BASE_URL": f"{url}/v23.0", "MEDIA_URL": url}
        return {**account, "TEMPLATES": json.dumps(_templates(door))}

    def show_taken(self, taken: Taken, number: int) -> Bubble:
        body, kind = taken.body, taken.what
        if kind == "notice":
            return self._show_template(taken, number)
        if kind == "voice":
            return Bubble(taken.at, "", kind=kind, sound=body["audio"]["id"], number=number)
        if kind == "text":
            return Bubble(taken.at, body["text"]["body"], number=number)
        asked = body["interactive"]
        if kind == "buttons":
            buttons = tuple((each["reply"]["title"], each["reply"]["id"]) for each in asked["action"]["buttons"])
        else:
            rows = [row for section in asked["action"]["sections"] for row in section["rows"]]
            buttons = tuple((row.get("description") or row["title"], row["id"]) for row in rows)
        return Bubble(taken.at, asked["body"]["text"], kind="list" * (kind == "list"), buttons=buttons, number=number)

    def _show_template(self, taken: Taken, number: int) -> Bubble:
        parts = taken.body["template"]["components"]
        words = " ".join(each["text"] for part in parts if part["type"] == "body" for each in part["parameters"])
        payloads = [part["parameters"][0]["payload"] for part in parts if part.get("sub_type") == "quick_reply"]
        links = [part["parameters"][0]["text"] for part in parts if part.get("sub_type") == "url"]
        link = f"{self.door}/listen/{links[0]}" if links else ""
        buttons = tuple((LISTEN, each) for each in payloads)
        return Bubble(taken.at, words, kind="notice", buttons=buttons, link=link, number=number)

    def sound(self, name: str) -> bytes:
        return self.vendor.media[name].content if name in self.vendor.media else b""

    def window(self, address: str) -> Window:
        person = self._known(address)
        if person is None:
            return Window("has blocked the number, or has no WhatsApp: nothing can go")
        until = person.opened_at + whatsapp.WINDOW if person.opened_at else None
        is_open = until and self.vendor.clock.now() < until
        return Window("open", until) if is_open else Window("closed: only templates can go")

    def _known(self, address: str) -> Person | None:
        return next((each for each in self.vendor.people if each.id == address), None)

    def _joined(self, address: str) -> str:
        """Whoever does something there has WhatsApp."""
        if self._known(address) is None:
            self.vendor.people.append(Person(address, f"7701123450{1 + self.addresses.index(address)}"))
        return address

    async def scan(self, address: str, code: str) -> None:
        """The card opens the app with its code already typed."""
        await self.write(address, code)

    async def write(self, address: str, text: str) -> None:
        await self.vendor.says(self._joined(address), text)

    async def press(self, address: str, bubble: Bubble, payload: str) -> None:
        label = label_of(bubble, payload)
        await self.vendor.taps(self._joined(address), payload, label, of_template=bubble.kind == "notice")

    async def speak(self, address: str, content: bytes) -> None:
        await self.vendor.speaks(self._joined(address), content)

    async def picture(self, address: str, content: bytes) -> None:
        id_ = self.vendor.keep(content, "image/png")
        await self.vendor.does(self._joined(address), {"type": "image", "image": {"id": id_, "mime_type": "image/png"}})

    async def leave(self, address: str) -> None:
        """Meta tells nobody of it: a message simply cannot be delivered."""
        self.vendor.people = [each for each in self.vendor.people if each.id != address]

    async def come(self, address: str) -> None:
        self._joined(address)

    async def arrived(self, taken: Taken, number: int) -> None:
        if self._known(taken.to):
            await self.vendor.reports(f"wamid.{number}", "sent", "delivered")
