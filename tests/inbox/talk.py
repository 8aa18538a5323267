"""What the talks through the vendors' stand-ins share: the door, the nurse and the sender, all as they run."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from care.inbox.tables import Received
from care.kit.clock import stopwatch_s
from care.messages.gate import Gate
from care.people.patients import NewPatient, register
from care.people.tables import Device, Patient
from scheduler.clock import Metronome
from scheduler.dispatch import Dispatcher
from scheduler.outbound import Outbound
from scheduler.places import Places
from scheduler.worker import bind, make_broker
from tests.vendors.base import Taken
from tests.vendors.stand import Stand
from tests.ward import Ward
from tests.web import Desk, Web, open_web

PURPOSES = ("reminders", "symptoms", "voice", "family")
CODE = re.compile(r'<p class="code"[^>]*>([A-Z0-9]{8})<')


@dataclass
class Talk:
    """What one person and their nurse do, and what stands in the app."""

    app: ClassVar[str]
    form: ClassVar[str] = "zh-Hans"
    zone: ClassVar[str] = "Asia/Shanghai"
    web: Web
    stand: Stand
    patient: Patient
    desks: list[Desk] = field(default_factory=list)

    @property
    def ward(self) -> Ward:
        return self.web.ward

    @property
    def path(self) -> str:
        return f"/console/patients/{self.patient.id}"

    async def settles(self) -> None:
        """Everything that came in is worked off, and what is due has gone out."""
        begun_s = stopwatch_s()
        while any(each.state == "new" for each in await self.ward.all(Received)):
            assert stopwatch_s() - begun_s < 60, "it is not worked off"
            await asyncio.sleep(0.05)
        await self.metronome().tick()

    def metronome(self) -> Metronome:
        """A scheduler as `karez up` makes it, but for its channels."""
        channels = {self.app: self.stand.channel}
        outbound = Outbound(self.ward.database, channels, Places.of(self.web.door.settings), self.web.door.speaker)
        dispatcher = Dispatcher(self.ward.database, self.ward.library, channels, Gate(demo=True), 1, outbound)
        dispatch = bind(make_broker("memory"), dispatcher)
        return Metronome(self.ward.database, self.ward.library, dispatch, self.ward.home / "heartbeat", keyed=frozenset())

    async def takes(self, act: Any) -> list[Taken]:
        """All that was sent because of it.  Nobody does two things in one moment."""
        self.ward.clock.advance(timedelta(seconds=5))
        self.stand.vendor.taken.clear()
        await act
        await self.settles()
        return list(self.stand.vendor.taken)

    async def does(self, act: Any) -> str:
        """All that was said because of it."""
        return " | ".join(self.words(each) for each in await self.takes(act))

    async def waits(self) -> list[Taken]:
        """Nobody does anything."""
        return await self.takes(asyncio.sleep(0))

    def words(self, each: Taken) -> str:
        return str(each.body.get("text"))

    async def presses(self, payload: str) -> str:
        raise NotImplementedError

    async def desk(self) -> Desk:
        if not self.desks:
            self.desks.append(await self.web.desk())
        return self.desks[0]

    async def card(self) -> str:
        """The nurse prints a card.  Returns its code."""
        page = await (await self.desk()).submit(f"{self.path}/code", self.path)
        found = CODE.search(page.text)
        assert found
        assert f"<bdi>{self.app.capitalize()}</bdi>" in page.text
        return found[1]

    async def nurse_confirms(self) -> str:
        [device] = await self.ward.all(Device)
        return await self.does((await self.desk()).submit(f"{self.path}/contacts/{device.id}/confirm", self.path))

    async def agrees(self, said: str, purposes: Sequence[str] = PURPOSES) -> None:
        """To all that is asked, one after the other; `said`: what begins with the welcome."""
        assert self.phrase("contact-linked") in said
        assert said.count(self.phrase("consent-reminders")) == 1
        for purpose in purposes:
            assert self.phrase(f"consent-{purpose}") in said
            said = await self.presses(f"consent:{purpose}:yes")
        assert self.phrase("consent-thanks") in said

    def phrase(self, key: str, **names: str) -> str:
        return self.ward.library.phrase(self.form, key, **names).text


@asynccontextmanager
async def open_talk[Kind: Talk](kind: type[Kind], stand: Stand, ward: Ward, audio: Path, **changed: Any) -> AsyncIterator[Kind]:
    """A patient called Gul of the ward, whom nobody has linked yet.  `changed`: settings of the door."""
    async with open_web(ward, audio, channels={kind.app: stand.channel}, **changed) as web:
        async with ward.database.work() as work:
            patient = await register(work, ward.clinic.id, ward.nurse_id, NewPatient("Gul", kind.form, kind.zone))
        hook = "webhook" if hasattr(stand.vendor, "webhook") else "hook"
        setattr(stand.vendor, hook, f"{web.url}/hooks/{kind.app}")
        yield kind(web, stand, patient)
