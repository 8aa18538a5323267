"""What stops Karez from starting is said in one sentence."""

import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from care.supervisor.prepare import CannotStart, check_disk
from tests.supervisor.running import outcome


async def test_a_busy_port_is_named_with_the_setting_that_mends_it(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = await outcome(tmp_path / "home", PORT=str(port))

    assert code == 1
    assert f"Port {port} on 127.0.0.1 is busy" in said
    assert "KAREZ_PORT=<other port>" in said
    assert "Traceback" not in said


async def test_a_missing_python_of_the_assistant_is_said_in_one_sentence(tmp_path: Path):
    code, said = await outcome(tmp_path / "home", BOT=str(tmp_path))

    assert (code, said) == (
        1,
        "The assistant's Python 3.10 environment is missing (bot/.venv). Run `make up`, which installs it.",
    )


def test_a_full_disk_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 5 * 2**20))

    with pytest.raises(CannotStart, match=r"has 5 MB left; Karez needs 300 MB. Free some space"):
        check_disk(tmp_path)
