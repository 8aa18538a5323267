"""Two stories that begin at the same moment never open a door at the same port."""

import os
import socket
import subprocess
import sys

from tests.ports import A_WORKER, LOWEST, free_port

ASK = "from tests.ports import free_port; print(*(free_port() for _ in range(20)))"


def ports_of(worker: str) -> set[int]:
    seen = os.environ | {"PYTEST_XDIST_WORKER": worker}
    return set(map(int, subprocess.run([sys.executable, "-c", ASK], env=seen, capture_output=True, check=True).stdout.split()))


def test_no_port_is_given_twice_to_one_worker_or_to_two() -> None:
    first, second = ports_of("gw5"), ports_of("gw6")

    assert len(first) == len(second) == 20
    assert not first & second


def test_a_port_somebody_listens_on_is_passed_over() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken := free_port()))
        other.listen()
        given = {free_port() for _ in range(A_WORKER - 1)}

    assert taken not in given
    assert all(LOWEST <= port < 32_768 for port in given)
