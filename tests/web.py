"""The real web door on a free loopback port, and its visitors: staff at a desk with a cookie, a patient's phone with a token."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn

from api.app import build_app
from api.serve import make_server
from api.state import Door
from care.channels.base import Channel
from care.conversation.assistant import RasaAssistant
from care.conversation.turn import Conversation
from care.kit.settings import Settings
from care.messages.gate import Gate
from care.people import consent
from care.people.linking import make_code
from care.people.staff import make_signin_link
from care.people.tables import Patient
from care.speech.speaker import Speaker
from tests.assistant_process import PATIENCE_S, RunningAssistant
from tests.ports import free_port
from tests.ward import Ward

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
ENDS_WITHIN_S = 10.0
PASSWORD = "a short sentence works well"


@dataclass
class Answer:
    """One HTTP answer, read whole."""

    status: int
    text: str
    headers: Mapping[str, str]
    json: Any = None


@dataclass
class Visitor:
    """One browser or phone: its cookies, and the headers it always sends."""

    url: str
    http: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        headers = self.headers | more.pop("headers", {})
        async with self.http.request(method, self.url + path, headers=headers, allow_redirects=False, **more) as reply:
            body = await reply.read()
            is_json = reply.content_type == "application/json" and body
            text = "" if reply.content_type.startswith("audio/") else body.decode()
            return Answer(reply.status, text, reply.headers, await reply.json() if is_json else None)

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, **more: Any) -> Answer:
        return await self.ask("POST", path, **more)


@dataclass
class Desk(Visitor):
    """A signed-in member of staff."""

    csrf: str = ""  # the secret of the forms it is shown

    async def submit(self, path: str, on: str = "/console", **fields: str) -> Answer:
        """Send a form as the page `on` would, with its secret; it is looked up once, for all forms have the same."""
        if not self.csrf:
            found = CSRF.search((await self.get(on)).text)
            assert found, f"{on} shows no form"
            self.csrf = found[1]
        return await self.post(path, data={"csrf": self.csrf, **fields})


@dataclass
class Phone(Visitor):
    """A linked patient's phone."""

    async def say(self, text: str | None = None, **more: Any) -> list[dict[str, Any]]:
        """Type something, or press a button (`payload=...`).  Returns what was answered."""
        answer = await self.post("/v1/chat/messages", json={"text": text, **more} if text is not None else more)
        assert answer.status == 200, answer.text
        return list(answer.json["messages"])

    async def lines(self, after: int = 0) -> list[dict[str, Any]]:
        return list((await self.get(f"/v1/chat/messages?after={after}")).json["messages"])


@dataclass
class Web:
    """The door of one ward, and ways to come in."""

    url: str
    ward: Ward
    door: Door
    visitors: list[aiohttp.ClientSession] = field(default_factory=list)

    def stranger(self) -> Visitor:
        return Visitor(self.url, self._http())

    async def desk(self, staff_id: str | None = None) -> Desk:
        """The ward's nurse, or another member of staff, signed in by a one-time link."""
        async with self.ward.database.work() as work:
            token = await make_signin_link(work, staff_id or self.ward.nurse_id)
        desk = Desk(self.url, self._http())
        answer = await desk.post("/console/welcome", data={"token": token, "password": PASSWORD})
        assert answer.status == 303, answer.text
        return desk

    async def phone(self, patient: Patient, consents: bool = True) -> Phone:
        """A phone linked by a fresh code; `consents` says yes to reminders and to symptoms."""
        async with self.ward.database.work() as work:
            code = await make_code(work, patient, self.ward.nurse_id)
            for purpose in ("reminders", "symptoms") if consents else ():
                await consent.record(work, patient, purpose, True, "w", "web")
        phone = Phone(self.url, self._http())
        linked = await phone.post("/v1/link", json={"code": code, "form": patient.form})
        phone.headers = {"authorization": f"Bearer {linked.json['token']}"}
        return phone

    def _http(self) -> aiohttp.ClientSession:
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of a bare address, as browsers keep them
        self.visitors.append(aiohttp.ClientSession(cookie_jar=jar))
        return self.visitors[-1]


@asynccontextmanager
async def open_web(
    ward: Ward,
    audio: Path,
    assistant: RunningAssistant | None = None,
    channels: Mapping[str, Channel] | None = None,
    **changed: Any,
) -> AsyncIterator[Web]:
    """The web door over a ward's database and clock.  Without `assistant` nobody listens on the assistant's port."""
    database = ward.database.engine.url.render_as_string(hide_password=False)
    settings = Settings(
        **{"home": ward.home, "database": database, "port": free_port(), "bot_port": free_port(), "demo": True, **changed}
    )
    bot = RasaAssistant(assistant.url, assistant.secret, PATIENCE_S) if assistant else RasaAssistant(settings.bot_url, "nobody")
    conversation = Conversation(ward.database, ward.library, bot, settings.region, Gate.of(settings))
    speaker = Speaker(settings.content, audio, ward.library.speeches)
    door = Door(settings, ward.database, ward.library, conversation, speaker, channels=channels or {})
    async with serving(make_server(build_app(door), settings)):
        web = Web(settings.address, ward, door)
        try:
            yield web
        finally:
            for session in web.visitors:
                await session.close()


@asynccontextmanager
async def serving(server: uvicorn.Server) -> AsyncIterator[None]:
    """What `server.serve()` does, step by step: by itself it asks ten times a second whether it may end, and then sleeps."""
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    ticking = asyncio.create_task(server.main_loop())
    try:
        yield
    finally:
        ticking.cancel()
        await _end(server)


async def _end(server: uvicorn.Server) -> None:
    """Nobody comes in any more, answers under way are given, then the app ends."""
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    async with asyncio.timeout(ENDS_WITHIN_S):
        while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110 - sets of uvicorn's own
            await asyncio.sleep(0.001)
        for listening in server.servers:
            await listening.wait_closed()
    await server.lifespan.shutdown()
