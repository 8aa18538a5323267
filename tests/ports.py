"""Ports for what a story starts, from a range of its worker's own.

A port the system names as free may be anybody's a moment later: one door in a few thousand found its own taken.
"""

import os
import re
import socket
from contextlib import suppress
from itertools import cycle

LOWEST, A_WORKER = 20_000, 1_000  # below those that systems give to whoever asks for any
_WORKER = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)
_next = cycle(range(LOWEST + A_WORKER * _WORKER, LOWEST + A_WORKER * (_WORKER + 1)))


def free_port() -> int:
    """A loopback port nobody listens on, and nobody else of this run is given."""
    return next(port for port in _next if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False
