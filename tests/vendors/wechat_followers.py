"""WeChat's followers: what they do in the app, what it gives us, and the sealed posts our webhook gets of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import ClientError, ClientSession, ClientTimeout

from care.channels.wechat.crypto import SafeMode
from tests.vendors.base import Vendor

APP_ID, TOKEN = "wx0123456789abcdef", "token-of-the-console"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_0123456789ab"
GUL = "oGul-0123456789abcdefghijklm"
GRANTS = {"message": (5, timedelta(hours=48)), "pay": (1_000_000, timedelta(hours=48))} | dict.fromkeys(
    ("menu", "follow", "scan"), (3, timedelta(minutes=1))
)
MEDIA_LIFE = timedelta(days=3)
TRIES = 3


def write_xml(told: dict[str, str]) -> bytes:
    """A letter of flat fields, numbers without CDATA as the vendor writes them."""
    fields = (f"<{name}>{value if value.isdigit() else _cdata(value)}</{name}>" for name, value in told.items())
    return f"<xml>{''.join(fields)}</xml>".encode()


def _cdata(value: str) -> str:
    return f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"


@dataclass
class Person:
    """One follower, and what the window still gives."""

    follows: bool = True
    left: int = 0
    until: datetime | None = None
    refuses: set[str] = field(default_factory=set)


@dataclass
class Followers(Vendor):
    """Patients' acts (`says`, `scans` ...) post to `webhook` when there is one."""

    webhook: str = ""
    people: dict[str, Person] = field(default_factory=dict)
    media: dict[str, tuple[bytes, str, datetime]] = field(default_factory=dict)
    copies: int = 1  # of every post, as when our thanks are lost
    held: list[dict[str, str]] | None = None  # a list collects posts until `release`
    answers: list[tuple[int, str]] = field(default_factory=list)  # what our webhook answered
    patience_s: float = 5.0
    mode: SafeMode = field(default_factory=lambda: SafeMode(TOKEN, AES_KEY, APP_ID))
    _number: int = 0

    def keep(self, content: bytes, kind: str) -> str:
        """A media id, good for three days."""
        media_id = f"media-{len(self.media) + 1}"
        self.media[media_id] = content, kind, self.clock.now() + MEDIA_LIFE
        return media_id

    def did(self, address: str, act: str) -> None:
        """What is left becomes what the act gives, when that is more."""
        person, now = self.people.setdefault(address, Person()), self.clock.now()
        messages, life = GRANTS[act]
        left = person.left if person.until and now < person.until else 0
        if (messages, now + life) > (left, person.until or now):
            person.left, person.until = messages, now + life

    async def says(self, address: str, text: str) -> None:
        await self._message(address, MsgType="text", Content=text)

    async def presses(self, address: str, payload: str, label: str) -> None:
        """A button of a message of ours."""
        await self._message(address, "menu", MsgType="text", Content=label, bizmsgmenuid=payload)

    async def speaks(self, address: str, content: bytes) -> None:
        wide = self.keep(content, "audio/amr")
        narrow = self.keep(b"#!AMR\nnarrow", "audio/amr")
        await self._message(address, MsgType="voice", MediaId=narrow, Format="amr", MediaId16K=wide, Recognition="")

    async def shows(self, address: str, content: bytes) -> None:
        await self._message(address, MsgType="image", PicUrl="", MediaId=self.keep(content, "image/jpeg"))

    async def follows(self, address: str, code: str = "") -> None:
        """`code`: of the card whose QR code was scanned."""
        self.people.setdefault(address, Person()).follows = True
        brought = {"EventKey": f"qrscene_{code}", "Ticket": "t"} if code else {"EventKey": ""}
        await self._event(address, "follow", Event="subscribe", **brought)

    async def unfollows(self, address: str) -> None:
        self.people.setdefault(address, Person()).follows = False
        await self._event(address, "", Event="unsubscribe", EventKey="")

    async def scans(self, address: str, code: str) -> None:
        """By somebody who follows already."""
        await self._event(address, "scan", Event="SCAN", EventKey=code, Ticket="t")

    async def clicks(self, address: str, payload: str) -> None:
        """In the account's own menu."""
        await self._event(address, "menu", Event="CLICK", EventKey=payload)

    async def tells_fate(self, address: str, number: int, status: str = "success") -> None:
        """Of a template message."""
        await self._event(address, "", Event="TEMPLATESENDJOBFINISH", MsgID=str(number), Status=status)

    async def release(self, backwards: bool = False) -> None:
        """Post what was held."""
        waiting, self.held = self.held or [], None
        for each in reversed(waiting) if backwards else waiting:
            await self._post(each)

    async def _message(self, address: str, act: str = "message", **told: str) -> None:
        self.did(address, act)
        self._number += 1
        await self._post({**self._head(address), **told, "MsgId": str(24_000_000_000_000_000 + self._number)})

    async def _event(self, address: str, act: str, **told: str) -> None:
        if act:
            self.did(address, act)
        await self._post({**self._head(address), "MsgType": "event", **told})

    def _head(self, address: str) -> dict[str, str]:
        return {"ToUserName": ACCOUNT, "FromUserName": address, "CreateTime": str(int(self.clock.now().timestamp()))}

    async def _post(self, told: dict[str, str]) -> None:
        if self.held is not None:
            self.held.append(told)
        elif self.webhook:
            for _ in range(self.copies):
                await self.deliver(write_xml(told))

    async def deliver(self, letter: bytes) -> None:
        """Three tries, each with a signature of its own, until we say `success` or nothing."""
        async with ClientSession(timeout=ClientTimeout(total=self.patience_s)) as session:
            for _ in range(TRIES):
                query, body = self.seal(letter)
                try:
                    async with session.post(self.webhook, params=query, data=body) as answer:
                        self.answers.append((answer.status, await answer.text()))
                except (ClientError, TimeoutError) as fault:
                    self.answers.append((0, type(fault).__name__))
                if self.answers[-1] in ((200, "success"), (200, "")):
                    return

    def seal(self, letter: bytes, plain_copy: bytes = b"") -> tuple[dict[str, str], bytes]:
        """(query, body) of a post in safe mode; with `plain_copy` as in compatible mode."""
        self._number += 1
        sealed, stamp, nonce = self.mode.seal(letter), str(int(self.clock.now().timestamp())), str(self._number)
        query = {"signature": self.mode.sign(stamp, nonce), "timestamp": stamp, "nonce": nonce, "openid": GUL}
        query |= {"encrypt_type": "aes", "msg_signature": self.mode.sign(stamp, nonce, sealed)}
        body = f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt>".encode()
        return query, body + plain_copy + b"</xml>"
