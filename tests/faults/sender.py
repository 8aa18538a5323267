"""A nursery of scheduler processes: each line read is a role; written are the process that was born with it, and `ready`.

They are real processes of the scheduler's own parts, told apart from it by the one channel they have and by a shorter lease.
They are forked, because a plain start takes seconds and what is killed twice a second must be back at once.
"""

import asyncio
import ctypes
import os
import signal
import sys

import care.channels
from care.content.library import Library
from care.kit.logs import set_up_logs
from care.kit.settings import ROOT, Settings, get_settings
from care.messages import store
from care.messages.gate import Gate
from care.supervisor.prepare import open_database
from scheduler import clock, dispatch, worker
from scheduler.__main__ import make_metronome
from scheduler.parts import make_clock, make_dispatcher
from scheduler.worker import bind, make_broker, work_until

# The only channel there is here: nothing that is installed can ever load it.
care.channels.__path__[:] = [str(ROOT / "tests" / "faults" / "channels")]

DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def hurry(lease_s: float, claim: int, ack_wait_s: float) -> None:
    """A lease a test can wait for, and batches small enough for many kills.  A call still ends before its lease."""
    assert all((store.LEASE_S, dispatch.SEND_WITHIN_S, clock.CLAIM, worker.ACK_WAIT_S))
    store.LEASE_S, dispatch.SEND_WITHIN_S, clock.CLAIM = lease_s, lease_s * 0.6, claim
    worker.ACK_WAIT_S = ack_wait_s


async def live(role: str, settings: Settings, library: Library) -> None:
    """What `python -m scheduler` does, with the words already read."""
    database = open_database(settings, make_clock(settings))
    dispatcher = make_dispatcher(database, library, Gate.of(settings))
    broker = make_broker(settings.engine)
    broker.is_worker_process = role == "worker"
    dispatch_batch = bind(broker, dispatcher)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await broker.startup()
    await database.ping()
    if role == "worker":
        say("ready")
        await work_until(broker, stopping)
    else:
        metronome = make_metronome(settings, database, dispatcher, dispatch_batch)
        metronome.start()
        say("ready")
        await stopping.wait()
        await metronome.stop()
    await broker.shutdown()
    await database.close()


def say(word: str) -> None:
    os.write(sys.stdout.fileno(), f"{word}\n".encode())  # at once and whole: parent and children share the pipe


def bear(role: str, settings: Settings, library: Library) -> int:
    born = os.fork()
    if born == 0:
        ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        sys.stdin.close()
        code = 1
        try:
            asyncio.run(live(role, settings, library))
            code = 0
        finally:
            os._exit(code)
    return born


def main(lease_s: float, claim: int, ack_wait_s: float) -> None:
    settings = get_settings()
    set_up_logs(settings.log_json)
    hurry(lease_s, claim, ack_wait_s)
    library = Library.load(settings.content)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need no burial
    for line in sys.stdin:
        say(str(bear(line.strip(), settings, library)))


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
