"""What the assistant's process is given, and what it is not."""

import asyncio
import sys
from pathlib import Path

import pytest

from care.kit.settings import Settings
from care.supervisor.processes import Part, Supervisor, parts
from tests.assistant_process import SECRET

OURS = {"KAREZ_DATABASE": "postgresql+psycopg://karez:a-password@db/karez", "KAREZ_HOME": "/srv/karez", "PGPASSWORD": "x"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place to write in, on a machine whose settings hold a password."""
    for name, value in OURS.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_the_assistant_is_told_its_secret_and_its_port_and_none_of_our_settings(home: Path) -> None:
    assistant, scheduler, web = parts(Settings(home=home, bot_port=5999), SECRET)

    assert {name for name in assistant.sees if name.startswith("KAREZ_")} == {"KAREZ_BOT_SECRET", "KAREZ_BOT_PORT"}
    assert "PGPASSWORD" not in assistant.sees
    assert scheduler.sees["KAREZ_DATABASE"] == web.sees["KAREZ_DATABASE"] == OURS["KAREZ_DATABASE"]


@pytest.mark.parametrize(("caged", "seen"), [(True, set()), (False, set(OURS))])
async def test_a_process_sees_what_its_part_says(home: Path, caged: bool, seen: set[str]) -> None:
    script = "import os; open('seen', 'w').write(' '.join(os.environ))"

    async def has_written() -> bool:
        return await asyncio.to_thread((home / "seen").exists)

    part = Part("script", [sys.executable, "-c", script], home, has_written, caged=caged)
    supervisor = Supervisor([part], home / "logs", str)
    await supervisor._spawn(part)
    assert part.process is not None
    assert await part.process.wait() == 0

    assert set((home / "seen").read_text().split()) & set(OURS) == seen
