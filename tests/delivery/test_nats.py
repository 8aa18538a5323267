"""The regional shape: one clock, several worker processes, NATS JetStream between them."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scheduler.worker import UnknownEngine, make_broker
from tests.delivery.processes import environment_of, exit_code, running, show_time, until_sent, until_started
from tests.postgresql import need
from tests.ward import Ward


@contextmanager
def running_nats(folder: Path) -> Iterator[str]:
    """The address of a fresh server on the loopback interface."""
    program = shutil.which("nats-server")
    need(program, "nats-server is not installed (apt install nats-server)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(program), "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        yield f"nats://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[str]:
    with running_nats(tmp_path / "jetstream") as address:
        yield address


def wait_for_port(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("nats-server does not listen")


@pytest.mark.nats
async def test_two_workers_share_what_the_clock_claims_and_send_each_once(ward: Ward, url: str, nats: str):
    show_time(ward)
    patients = [await ward.patient(name) for name in ("Gul", "Ana", "Pati")]
    wanted = {f"message:{await ward.due(patient)}" for patient in patients for _ in range(10)}
    environment = environment_of(ward.home, url, ENGINE=nats)
    with running(environment) as clock, running(environment, "worker") as one, running(environment, "worker") as two:
        await until_started(environment, 3)
        await until_sent(ward)
        for process in (clock, one, two):
            process.send_signal(signal.SIGTERM)
        assert [await exit_code(process) for process in (clock, one, two)] == [0, 0, 0]

    said = [line.key for patient in patients for line in await ward.lines(patient)]
    assert sorted(said) == sorted(wanted)


def test_an_engine_that_is_neither_memory_nor_nats_is_refused_with_a_sentence():
    with pytest.raises(UnknownEngine, match="KAREZ_ENGINE is 'redis://x'; write `memory` or"):
        make_broker("redis://x")
