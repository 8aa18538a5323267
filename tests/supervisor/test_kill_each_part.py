"""Each process is killed once while a patient talks: nothing is lost, nothing is said twice, and the parts come back.

A second start finds everything, and Ctrl-C leaves no process: told in the same story, because a start costs ten seconds.
"""

import asyncio
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from care.kit.ids import new_id
from care.supervisor.processes import answers
from tests.supervisor.running import Karez, is_running, running

TRIES_FOR_S = 60
DUE_AFTER_S = 240  # the demo's first dose is three minutes away


@dataclass
class PatientPhone:
    """Sends each message under a key of its own until it is answered, as the web app does."""

    url: str
    http: aiohttp.ClientSession
    said: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def ask(self, method: str, path: str, **more: Any) -> Any:
        async with asyncio.timeout(TRIES_FOR_S):
            while True:
                try:
                    async with self.http.request(method, self.url + path, **more) as reply:
                        if reply.status < 500:
                            reply.raise_for_status()
                            return await reply.json() if reply.content_length else None
                except aiohttp.ClientConnectionError:
                    pass
                await asyncio.sleep(0.1)

    async def say(self, text: str) -> list[str]:
        self.said.append(text)
        answer = await self.ask("POST", "/v1/chat/messages", json={"text": text, "key": new_id()})
        self.answers += [line["id"] for line in answer["messages"]]
        return [line["act"] for line in answer["messages"]]

    async def lines(self) -> list[dict[str, Any]]:
        return list((await self.ask("GET", "/v1/chat/messages"))["messages"])

    async def link(self, code: str) -> None:
        linked = await self.ask("POST", "/v1/link", json={"code": code, "form": "zh-Hans"})
        self.http.headers["authorization"] = f"Bearer {linked['token']}"
        for purpose in ("reminders", "symptoms"):
            await self.ask("POST", "/v1/consents", json={"purpose": purpose, "given": True})


async def kill(karez: Karez, part: str) -> None:
    os.kill(karez.pids[part], signal.SIGKILL)
    await karez.until_printed(f"{part} ended with -9; starting it again")


async def test_nothing_is_lost_when_each_part_is_killed_once(tmp_path: Path):
    home, clock = tmp_path / "home", tmp_path / "clock"
    async with running(home, DEMO="true", CLOCK_FILE=str(clock)) as karez, aiohttp.ClientSession() as http:
        phone = PatientPhone(karez.url, http)
        await phone.link(karez.code_of("zh-Hans"))
        assert await phone.say("恶心想吐怎么办") == ["show_topic"]

        await kill(karez, "assistant")
        assert await phone.say("我发烧39度") == ["alarm"]
        assert "assistant_down" in await phone.say("这几天手脚发红脱皮是怎么回事呀")

        talking = asyncio.create_task(say_many(phone, 12))
        await asyncio.sleep(0.15)
        await kill(karez, "web")
        await talking

        turn(clock, DUE_AFTER_S)
        await asyncio.sleep(0.5)
        await kill(karez, "scheduler")
        await until_reminded(phone, clock)
        assert "show_topic" in await until_understood(karez, phone)

        lines = await phone.lines()
    assert [line["text"] for line in lines if line["said_by"] == "patient"] == phone.said
    assert {line["id"] for line in lines if line["act"] not in ("reminder", "said")} == set(phone.answers)
    assert sum(is_of_a_dose(line) for line in lines) == 1
    assert len({line["id"] for line in lines}) == len(lines)
    await must_go_on(karez, home, CLOCK_FILE=str(clock))


async def must_go_on(before: Karez, home: Path, **settings: str) -> None:
    """Started once more in the same home, where it makes the sound of everything beside its work."""
    key = (home / "master.key").read_bytes()
    async with running(home, DEMO="true", SOUND_AHEAD="true", **settings) as karez:
        async with asyncio.timeout(TRIES_FOR_S):
            while not sounds_of(home):  # noqa: ASYNC110 - another process makes them
                await asyncio.sleep(0.2)
        assert await karez.press_ctrl_c() == 0

    assert before.printed[-1] == karez.printed[-1] == "Stopped."
    assert not any(is_running(pid) for pid in [*before.pids.values(), *karez.pids.values()])
    assert (home / "master.key").read_bytes() == key
    assert karez.code_of("ug-Arab") != before.code_of("ug-Arab")  # a fresh code for the same patient


def sounds_of(home: Path) -> list[Path]:
    return list(home.glob("audio/*.opus"))


async def say_many(phone: PatientPhone, count: int) -> None:
    for number in range(count):
        assert await phone.say(f"你好{number}")


async def until_reminded(phone: PatientPhone, clock: Path) -> None:
    """Killed in the middle of saying it, it is said again two minutes after its lease: time is made to run ten times faster."""
    for number in range(TRIES_FOR_S):
        if any(is_of_a_dose(line) for line in await phone.lines()):
            return
        turn(clock, DUE_AFTER_S + 10 * number)
        await asyncio.sleep(1)


def is_of_a_dose(line: dict[str, Any]) -> bool:
    """At ten in the morning a topic may be told too."""
    return line["act"] == "reminder" and any(each["payload"].startswith("dose:") for each in line["buttons"])


def turn(clock: Path, by_s: int) -> None:
    clock.write_text(str(by_s))


async def until_understood(karez: Karez, phone: PatientPhone) -> list[str]:
    """The assistant is started again; once it has failed it is left alone for some seconds."""
    health = f"{karez.assistant_url}/webhooks/karez/health"
    for _ in range(TRIES_FOR_S):
        if await answers(health):
            break
        await asyncio.sleep(1)
    acts: list[str] = []
    for _ in range(6):
        acts = await phone.say("便秘吃什么好")
        if "assistant_down" not in acts:
            break
        await asyncio.sleep(3)
    return acts
