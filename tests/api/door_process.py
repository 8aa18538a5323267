"""The web door as `karez up` starts it: a process of its own, with its own logs."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from care.kit.clock import SystemClock
from tests.ports import free_port
from tests.ward import Ward
from tests.web import Phone, Visitor

PATIENCE_S = 30.0


@dataclass
class DoorProcess:
    """A running door; `written` is all it wrote, once it has ended."""

    url: str
    process: asyncio.subprocess.Process
    http: aiohttp.ClientSession
    written: str = ""

    def visitor(self) -> Visitor:
        return Visitor(self.url, self.http)

    async def phone(self, code: str, form: str) -> Phone:
        phone = Phone(self.url, self.http)
        linked = await phone.post("/v1/link", json={"code": code, "form": form})
        phone.headers = {"authorization": f"Bearer {linked.json['token']}"}
        return phone

    async def end(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(self.process.communicate(), PATIENCE_S)
        self.written = (out + err).decode()
        return self.written


@asynccontextmanager
async def running_door(ward: Ward) -> AsyncIterator[DoorProcess]:
    """`python -m api` over a ward's home folder, its clock set to the ward's."""
    offset = (ward.clock.now() - SystemClock().now()).total_seconds()
    (ward.home / "clock").write_text(str(offset))
    port = free_port()
    settings = {"HOME": ward.home, "PORT": port, "BOT_PORT": free_port(), "CLOCK_FILE": ward.home / "clock"}
    settings |= {"DEMO": 1, "LOG_JSON": 1}
    environment = os.environ | {f"KAREZ_{name}": str(value) for name, value in settings.items()}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "api", env=environment, stdout=pipe, stderr=pipe)
    async with aiohttp.ClientSession() as http:
        door = DoorProcess(f"http://127.0.0.1:{port}", process, http)
        try:
            await asyncio.wait_for(_is_open(door), PATIENCE_S)
            yield door
        finally:
            if process.returncode is None:
                await door.end()


async def _is_open(door: DoorProcess) -> None:
    while True:
        if door.process.returncode is not None:
            raise AssertionError(f"the web door ended while starting: {(await door.process.communicate())[1].decode()}")
        try:
            await door.visitor().get("/healthz")
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.1)
        else:
            return
