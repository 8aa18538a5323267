"""The regional shape: one clock, several worker processes, NATS JetStream between them."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from care.supervisor.local_servers import running_nats
from scheduler.worker import UnknownEngine, make_broker
from tests.delivery.processes import environment_of, exit_code, running, show_time, until_sent, until_started
from tests.postgresql import need
from tests.ward import Ward


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[str]:
    """The address of a fresh server on the loopback interface."""
    need(shutil.which("nats-server"), "nats-server is not installed (apt install nats-server)")
    with running_nats(tmp_path) as address:
        yield address


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
