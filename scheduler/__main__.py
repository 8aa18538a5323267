"""`python -m scheduler`: the metronome, sending by itself or through NATS; `python -m scheduler worker`: a sender only."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable

from care.channels.base import NotConfigured
from care.kit.database import Database
from care.kit.logs import get_log, set_up_logs
from care.kit.settings import Settings, get_settings
from care.messages.gate import Gate
from care.studio.serving import Follower, Served, serve
from care.supervisor.prepare import open_database
from scheduler.clock import Metronome
from scheduler.dispatch import Dispatcher
from scheduler.guard import JumpGuard
from scheduler.parts import make_clock, make_dispatcher, share_the_interpreter
from scheduler.worker import Dispatch, bind, make_broker, work_until
from scheduler.zones import follow_zones

ROLES = ("clock", "worker")
log = get_log("scheduler")


def make_metronome(settings: Settings, database: Database, dispatcher: Dispatcher, dispatch: Dispatch) -> Metronome:
    # In a rehearsal the clock is turned on purpose, and whoever turns it has confirmed it.
    guard = None if settings.clock_file else JumpGuard(settings.home / "scheduler.held")
    keyed = frozenset(name for name, channel in dispatcher.channels.items() if channel.can.takes_key)
    heartbeat = settings.home / "scheduler.heartbeat"
    return Metronome(database, dispatcher.library, dispatch, heartbeat, settings.tick_s, keyed, guard)


def taking(dispatcher: Dispatcher, metronome: Metronome) -> Callable[[Served], Awaitable[None]]:
    """Messages that become due from now on are said in other words."""

    async def take(served: Served) -> None:
        dispatcher.library = metronome.library = served.library

    return take


async def run(role: str) -> None:
    """Run until SIGTERM or Ctrl-C; what is under way is finished within 20 s."""
    settings = get_settings()
    share_the_interpreter()
    database = open_database(settings, make_clock(settings))
    served = await serve(database, settings)
    dispatcher = make_dispatcher(database, served.library, Gate.of(settings), settings.senders, settings)
    broker = make_broker(settings.engine)
    broker.is_worker_process = role == "worker"
    dispatch = bind(broker, dispatcher)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await broker.startup()
    log.info("scheduler.started", kind=role)
    metronome = make_metronome(settings, database, dispatcher, dispatch)
    following = asyncio.create_task(Follower(database, settings, served, taking(dispatcher, metronome)).run())
    if role == "worker":
        await work_until(broker, stopping)
    else:
        await follow_zones(database, settings.home / "zones.txt")
        metronome.start()
        await stopping.wait()
        await metronome.stop()
    following.cancel()
    await broker.shutdown()
    await database.close()
    log.info("scheduler.stopped", kind=role)


def main(arguments: list[str]) -> None:
    role = arguments[0] if arguments else "clock"
    if role not in ROLES:
        sys.exit(f"python -m scheduler: {role!r} is not a role; write one of: {', '.join(ROLES)}")
    set_up_logs(get_settings().log_json)
    try:
        asyncio.run(run(role))
    except NotConfigured as wrong:
        sys.exit(str(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
