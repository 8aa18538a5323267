"""What the stories of WeChat share: its stand-in with Gul among its followers, and a webhook of ours that hears."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

from care.channels.base import Choice, Contact, Forged, Inbound, Plan, Post, Receipt, Said, Sound
from care.channels.notes import BriefNotes
from care.channels.wechat import WeChat
from care.kit.clock import HandClock
from care.messages.windows import after
from tests.vendors.wechat import FORMS, WeChatServer, make_mp3, open_channel
from tests.vendors.wechat_followers import GUL

MORNING = datetime(2026, 12, 1, 2, tzinfo=UTC)
LINK = "https://karez.example/l/x"


@dataclass
class Desk:
    """One process of ours and the vendor; `contact` is Gul as the core would keep her."""

    vendor: WeChatServer
    channel: WeChat
    notes: BriefNotes
    clock: HandClock
    contact: Contact = field(default_factory=lambda: Contact(GUL))
    heard: list[Inbound] = field(default_factory=list)

    def she_did(self, act: str) -> None:
        """Both sides hear of it."""
        self.vendor.did(GUL, act)
        self.contact = after(self.channel, self.contact, Contact(GUL, self.clock.now(), act))

    def plan(self, said: Said) -> Plan:
        return self.channel.plan(said, self.contact, self.clock.now())

    async def say(self, said: Said) -> list[Receipt]:
        """The whole of it, spending as the core does."""
        receipts = []
        for step in self.plan(said).steps:
            receipts.append(await self.channel.send(step))
            self.contact = Contact(GUL, self.contact.opened_at, self.contact.opened_by, self.contact.spent + step.spends)
        return receipts

    def second_process(self) -> WeChat:
        return open_channel(self.vendor.url, self.notes, self.clock)

    @property
    def said(self) -> list[str]:
        return [each.what for each in self.vendor.taken]


@asynccontextmanager
async def open_desk() -> AsyncIterator[Desk]:
    clock = HandClock(MORNING)
    vendor = WeChatServer(clock)
    vendor.forms = {form["template"]: set(form["fields"]) for form in FORMS.values()}
    vendor.did(GUL, "message")
    vendor.people[GUL].left = 0
    notes = BriefNotes(clock.now)
    desk = Desk(vendor, open_channel(await vendor.start(), notes, clock), notes, clock)
    yield desk
    await desk.channel.close()
    await vendor.stop()


@asynccontextmanager
async def open_webhook(desk: Desk) -> AsyncIterator[None]:
    """Answers as the web door does: verified, read, thanked."""

    async def hear(request: web.Request) -> web.Response:
        post = Post(request.method, dict(request.query), {}, await request.read())
        try:
            desk.channel.verify(post)
        except Forged:
            return web.Response(status=403)
        desk.heard += desk.channel.parse(post)
        return web.Response(text=desk.channel.thank(post).text)

    app = web.Application()
    app.router.add_post("/hooks/wechat", hear)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    desk.vendor.webhook = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/wechat"
    yield
    await runner.cleanup()


def medicine(key: str = "m1", seconds: float | None = 12, text: str = "Dora waqti boldi.", choices: bool = True) -> Said:
    """A reminder, spoken unless `seconds` is None."""
    sound = Sound("dora-waqti", seconds, lambda: make_mp3(seconds)) if seconds else None
    buttons = (Choice("Ichtim", "dose:1:taken"), Choice("Keyin", "dose:1:later")) if choices else ()
    return Said(key, text, kind="medicine", title="Dora", choices=buttons, sound=sound, link=LINK)


def visit(key: str = "v1") -> Said:
    """A notice of tomorrow's visit, whose form names an hour."""
    return Said(key, "Ete doxturgha bérish.", kind="visit", title="Doxturgha bérish", link=LINK, content={"hour": "09:30"})


def later(desk: Desk, **by: float) -> None:
    desk.clock.advance(timedelta(**by))
