"""`python -m scheduler`: the metronome, sending by itself or through NATS; `python -m scheduler worker`: a sender only."""

import asyncio
import json
import signal
import sys
from typing import Any

from taskiq.receiver import Receiver

from care.channels.web import Web
from care.content.library import Library
from care.conversation.record import write_line
from care.kit.clock import Clock, FileClock, SystemClock
from care.kit.database import Database
from care.kit.logs import get_log, set_up_logs
from care.kit.settings import Settings, get_settings
from care.messages.reply import Reply
from care.people.tables import Patient
from care.supervisor.prepare import open_database
from scheduler.clock import Metronome
from scheduler.dispatch import Dispatcher
from scheduler.worker import bind, make_broker

log = get_log("scheduler")


def make_clock(settings: Settings) -> Clock:
    return FileClock(settings.clock_file) if settings.clock_file else SystemClock()


def make_dispatcher(database: Database, library: Library, demo: bool) -> Dispatcher:
    """Sends into the web app's conversation."""

    async def append(patient_id: str, key: str, content: dict[str, Any]) -> None:
        async with database.work() as work:
            patient = await work.session.get_one(Patient, patient_id)
            await write_line(work, patient, Reply.from_json(json.loads(json.dumps(content))), key)

    return Dispatcher(database, library, Web(append), demo)


async def run(role: str) -> None:
    settings = get_settings()
    database = open_database(settings, make_clock(settings))
    dispatcher = make_dispatcher(database, Library.load(settings.content), settings.demo)
    broker = make_broker(settings.engine)
    broker.is_worker_process = role == "worker"
    dispatch = bind(broker, dispatcher)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await broker.startup()
    log.info("scheduler.started", kind=role)
    if role == "worker":
        await Receiver(broker, run_startup=False, max_async_tasks=4).listen(stopping)
    else:
        metronome = Metronome(database, dispatcher.library, dispatch, settings.home / "scheduler.heartbeat", settings.tick_s)
        metronome.start()
        await stopping.wait()
        await metronome.stop()
    await broker.shutdown()
    await database.close()
    log.info("scheduler.stopped", kind=role)


if __name__ == "__main__":
    set_up_logs(get_settings().log_json)
    asyncio.run(run(sys.argv[1] if len(sys.argv) > 1 else "clock"))
