"""Keeps the tests' own process on this machine: whoever looks up or calls another host gets an error at once."""

import sys
from ipaddress import ip_address
from typing import Any

AT_HOME = (None, "", "localhost", b"localhost")


def is_here(host: object) -> bool:
    if host in AT_HOME:
        return True
    try:
        return ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def stay_at_home(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path of a Unix socket is here
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not is_here(host):
        raise RuntimeError(f"tests stay at home: {host} is another machine")


def close_the_door() -> None:
    """For the rest of this process: Python has no way to take such a hook back."""
    sys.addaudithook(stay_at_home)
