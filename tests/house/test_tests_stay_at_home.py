"""Tests reach no host but this machine: vendors are played by servers on the loopback.

Why: a test that needs a stranger's server fails with it, tells it about us, and one day sends a patient a real message.
Mend: start a small server on 127.0.0.1 with a free port; names that must not answer end in .example or .invalid.
"""

import asyncio
import re
import socket
from collections.abc import Iterator

import pytest

from tests.house.house import Finding, Source, judge, sources

HOST = re.compile(r"\b(?:https?|wss?|nats|postgresql(?:\+\w+)?|amqp|redis)://(?:[^\s/@'\"{}]*@)?(\[[^\]]*\]|[^\s/:'\"`)>?#@]+)")
# Here, made up while the test runs, a name without a dot that nobody can look up, one that is reserved for examples, or the
# name of a kind of XML, which nobody calls.
NOWHERE = re.compile(
    r"(?:127\.0\.0\.1|\[::1\]|\{.*|[\w-]+|(?:[\w-]+\.)+(?:example|invalid|test)|example\.(?:org|com|net)|www\.w3\.org|\.+)$"
)
ELSEWHERE = "192.0.2.1"  # a documentation address: whoever tries to reach it wants to leave this machine


def strange_hosts(source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines, 1):
        for host in HOST.findall(line):
            if not NOWHERE.match(host):
                yield Finding(source.file, number, f"names the host {host}")


def test_tests_stay_at_home() -> None:
    tests = [each for each in sources("tests") if each.file != "tests/house/test_tests_stay_at_home.py"]

    judge(__doc__, [each for source in tests for each in strange_hosts(source)])


def test_an_address_of_a_vendor_is_found() -> None:
    sample = (
        'a = "http://127.0.0.1:80/x"\nb = f"http://{host}"\nc = "https://api.telegram.org/bot"\nd = "https://karez.example/"\n'
    )

    assert [each.line for each in strange_hosts(Source("tests/sample.py", sample))] == [3]


async def test_no_test_can_leave_this_machine() -> None:
    with pytest.raises(RuntimeError, match="stay at home"):
        socket.create_connection((ELSEWHERE, 80), timeout=1)
    with pytest.raises(RuntimeError, match="stay at home"):
        await asyncio.get_running_loop().getaddrinfo("karez.example", 443)
