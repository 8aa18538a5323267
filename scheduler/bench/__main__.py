"""`python -m scheduler.bench sink LATENCY_MS CAP`, `... vendor`, or `... <kind> SETTINGS`: one process of a measurement.

A sender says `ready`, waits for a line, sends, and says what it cost as one JSON line.  Ours (`clock`, `worker`) send by
themselves when their clock says so, until that line tells them to end.
"""

import asyncio
import json
import sys
from typing import Any

from care.content.library import Library
from care.kit.clock import stopwatch_s
from care.kit.collecting import settle_memory
from care.kit.logs import set_up_logs
from care.kit.settings import get_settings
from care.messages.gate import Gate
from care.supervisor.prepare import open_database
from scheduler.bench import adapters, vendor
from scheduler.bench.counting import Writes, processor_s
from scheduler.bench.post import Post
from scheduler.bench.rivals import RIVALS, make_rival
from scheduler.bench.sink import receive
from scheduler.bench.told_clock import ToldClock
from scheduler.clock import Metronome
from scheduler.dispatch import Dispatcher
from scheduler.parts import share_the_interpreter
from scheduler.worker import bind, make_broker, work_until


def tell(said: object) -> None:
    print(json.dumps(said) if not isinstance(said, str) else said, flush=True)  # noqa: T201 - read by the process that started us


async def told_to_go_on() -> None:
    await asyncio.to_thread(sys.stdin.readline)


async def send_as(kind: str, given: dict[str, Any]) -> None:
    settings = get_settings()
    clock = ToldClock(settings.home / "offset")
    database = open_database(settings, clock)
    post, writes = Post(given["url"], given["sockets"], given.get("per_second")), Writes(database.engine)
    began = 0.0
    if kind in RIVALS:
        rival = make_rival(kind, database, post, given)
        await rival.prepare()
        settle_memory()
        tell("ready")
        await told_to_go_on()
        began, writes.before_s = stopwatch_s(), processor_s()
        await rival.send()
    else:
        dispatcher = Dispatcher(database, Library.load(settings.content), {post.name: post}, Gate.of(settings), settings.senders)
        settle_memory()
        share_the_interpreter()
        writes.before_s = processor_s()
        await run_ours(kind, dispatcher)
    tell(writes.told() | {"began": began, "ended": stopwatch_s()})
    await post.close()
    await database.close()


async def run_ours(kind: str, dispatcher: Dispatcher) -> None:
    """As `python -m scheduler` runs, but through the channel of the measurement."""
    settings = get_settings()
    broker = make_broker(settings.engine)
    broker.is_worker_process = kind == "worker"
    dispatch, stopping = bind(broker, dispatcher), asyncio.Event()
    await broker.startup()
    if kind == "worker":
        working = asyncio.create_task(work_until(broker, stopping))
        tell("ready")
        await told_to_go_on()
        stopping.set()
        await working
    else:
        heartbeat = settings.home / f"heartbeat-{dispatcher.name}"
        keyed = frozenset(dispatcher.channels)
        metronome = Metronome(dispatcher.database, dispatcher.library, dispatch, heartbeat, settings.tick_s, keyed)
        metronome.start()
        tell("ready")
        await told_to_go_on()
        await metronome.stop()
    await broker.shutdown()


def main(arguments: list[str]) -> None:
    kind, *given = arguments
    set_up_logs(get_settings().log_json)
    if kind == "sink":
        asyncio.run(receive(float(given[0]), int(given[1])))
    elif kind == "vendor":
        asyncio.run(vendor.receive())
    elif kind == "adapter":
        tell(asyncio.run(adapters.measure(json.loads(given[0]))))
    else:
        asyncio.run(send_as(kind, json.loads(given[0])))


if __name__ == "__main__":
    main(sys.argv[1:])
