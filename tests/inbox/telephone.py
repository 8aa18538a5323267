"""A town of telephones: patients reached by number, the vendor beside them, the door its reports come to, and one sender."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from care.channels.web import make
from care.inbox.tables import Received
from care.kit.clock import stopwatch_s
from care.messages.gate import Gate
from care.messages.tables import Message
from care.people import consent
from care.people.patients import NewPatient, register
from care.people.tables import Device, Patient
from care.plans.tables import Occurrence
from scheduler.clock import Metronome
from scheduler.dispatch import Dispatcher
from scheduler.outbound import Outbound
from scheduler.parts import make_ports
from scheduler.places import Places
from tests.vendors.base import Taken
from tests.vendors.stand import Stand
from tests.ward import Ward
from tests.web import Desk, Web, open_web


@dataclass
class Town:
    """What patients, their nurse and the vendor do; `sender` lives as long as the town and learns of its channels."""

    web: Web
    stand: Stand
    sender: Dispatcher
    region: str
    desk: Desk | None = None
    heard: int = 0  # messages that `takes` has told of

    @property
    def ward(self) -> Ward:
        return self.web.ward

    @property
    def hook(self) -> str:
        return f"{self.web.url}/hooks/{self.stand.channel.name}"

    async def patient(self, name: str, phone: str, form: str, audio: bool = True) -> Patient:
        """Registered with a telephone number, which the nurse then uses; reminders are agreed to on paper."""
        new = NewPatient(name, form, "Asia/Almaty" if self.region == "KZ" else "Asia/Shanghai", phone=phone)
        async with self.ward.database.work() as work:
            patient = await register(work, self.ward.clinic.id, self.ward.nurse_id, new)
            patient.audio = audio
            for purpose in ("reminders", "symptoms"):
                await consent.record(work, patient, purpose, True, "w", "paper")
        desk, path = self.desk or await self.web.desk(), f"/console/patients/{patient.id}"
        self.desk = desk
        assert self.stand.channel.name.capitalize() in (await desk.get(path)).text
        answer = await desk.submit(f"{path}/contacts", path, channel=self.stand.channel.name)
        assert answer.status == 303
        return patient

    async def settles(self) -> None:
        """What came in is worked off, and what is due has gone out."""
        begun_s = stopwatch_s()
        while any(each.state == "new" for each in await self.ward.all(Received)):
            assert stopwatch_s() - begun_s < 20, "it is not worked off"
            await asyncio.sleep(0.05)

        async def dispatch(ids: list[str], owner: str) -> None:
            await self.sender.send_batch(ids, owner)

        await Metronome(self.ward.database, self.ward.library, dispatch, self.ward.home / "heartbeat").tick()

    async def takes(self) -> list[Taken]:
        """What the vendor took since it was last asked."""
        await self.settles()
        taken = self.stand.vendor.taken[self.heard :]
        self.heard += len(taken)
        return taken

    async def answers(self) -> set[str | None]:
        return {each.answer for each in await self.ward.all(Occurrence)}

    async def contacts(self) -> list[tuple[str, str | None]]:
        return [(each.channel, each.closed_because) for each in await self.ward.all(Device)]

    async def states(self) -> set[tuple[str, str, str | None]]:
        """(kind, state, why) of every message that is not still to come."""
        tried = [each for each in await self.ward.all(Message) if each.state != "due" or each.why]
        return {(each.kind, each.state, each.why) for each in tried}

    async def goes_down(self) -> None:
        await self.stand.vendor.stop()

    async def comes_back(self) -> None:
        await self.stand.vendor.start(urlsplit(self.stand.vendor.url).port)


@asynccontextmanager
async def open_town(ward: Ward, audio: Path, stand: Stand, region: str) -> AsyncIterator[Town]:
    """The vendor's channel beside our own app, over one database and one clock."""
    channels: dict[str, Any] = {stand.channel.name: stand.channel}
    async with open_web(ward, audio, channels=channels, region=region) as web:
        places = replace(Places.of(web.door.settings), address=web.url)
        outbound = Outbound(ward.database, channels, places, web.door.speaker)
        both = {**channels, "web": make(make_ports(ward.database))}
        yield Town(web, stand, Dispatcher(ward.database, ward.library, both, Gate(demo=True), outbound=outbound), region)
