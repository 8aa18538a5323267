"""The assistant's process for a command or a test: the one that runs already, or one for as long as it is needed."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from care.kit.settings import Settings
from care.supervisor.prepare import check_assistant, make_home, open_keys
from care.supervisor.processes import Supervisor, answers, parts
from care.supervisor.teaching import teach_folder


@asynccontextmanager
async def running_assistant(settings: Settings) -> AsyncIterator[tuple[str, str]]:
    """(address, shared secret) of a healthy assistant; one started here ends with the block."""
    make_home(settings.home)
    secret = open_keys(settings.home).secret
    if await answers(f"{settings.bot_url}/webhooks/karez/health"):
        yield settings.bot_url, secret
        return
    check_assistant(settings.bot)
    await asyncio.to_thread(teach_folder, settings.content, settings.bot, _silent)
    async with _own_assistant(settings, secret) as url:
        yield url, secret


@asynccontextmanager
async def candidate_assistant(settings: Settings, model: Path) -> AsyncIterator[tuple[str, str]]:
    """The same with a model that is not in service, beside the one that is."""
    secret = open_keys(settings.home).secret
    async with _own_assistant(settings, secret, {"KAREZ_BOT_MODEL": str(model)}) as url:
        yield url, secret


@asynccontextmanager
async def _own_assistant(settings: Settings, secret: str, told: dict[str, str] | None = None) -> AsyncIterator[str]:
    own = settings.model_copy(update={"bot_port": free_port()})
    part = parts(own, secret)[0]
    # Named apart: its log is no log of the assistant that serves patients, and no newer model makes it start again.
    part.name, part.made_from = "candidate" if told else part.name, lambda: ""
    part.environment |= told or {}
    supervisor = Supervisor([part], settings.home / "logs", _silent)
    try:
        await supervisor.start()
        yield own.bot_url
    finally:
        await supervisor.stop()


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _silent(said: object) -> None:
    """Commands whose output is data stay quiet about their means."""
