"""The real assistant for tests: trained if its sources changed, started on a free port, ended by its id."""

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from care.content.library import Library
from care.content.training import train
from care.kit.settings import Settings
from care.supervisor.processes import parts
from tests.ports import free_port

SECRET = "a-secret-of-the-tests-that-is-long-enough"
READY_WITHIN_S = 90
PATIENCE_S = 20.0  # for an answer: stories about what is answered are told beside other tests


@dataclass(frozen=True)
class RunningAssistant:
    url: str
    secret: str
    log: Path


@contextmanager
def running_assistant(home: Path) -> Iterator[RunningAssistant]:
    """The assistant as `karez up` starts it; its log lies in `home`."""
    settings = Settings(home=home, bot_port=free_port())
    train(Library.load(settings.content), settings.bot, print)
    part = parts(settings, SECRET)[0]
    log = home / "assistant.log"
    with log.open("wb") as out:
        process = subprocess.Popen(part.command, cwd=part.folder, env=part.sees, stdout=out, stderr=out)
    try:
        _wait_healthy(process, f"{settings.bot_url}/webhooks/karez/health", log)
        yield RunningAssistant(settings.bot_url, SECRET, log)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(READY_WITHIN_S * 10):
        assert process.poll() is None, f"the assistant ended while starting:\n{log.read_text()[-2000:]}"
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"the assistant is not ready after {READY_WITHIN_S} s:\n{log.read_text()[-2000:]}")
