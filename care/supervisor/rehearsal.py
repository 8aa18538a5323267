"""`karez up --vendors`: a rehearsal against stand-ins of every messaging app, with a home, a clock and accounts of its own."""

import asyncio
import os
import sys
from pathlib import Path

from care.kit.settings import ROOT, Settings, get_settings
from care.supervisor.prepare import CannotStart, check_port, make_home
from care.supervisor.processes import Part, answers
from care.supervisor.up import up

STANDS = "tests.vendors"  # started by name in a process of its own: nothing of the product imports it
# All that a rehearsal takes over.  It must not know the hospital's accounts, database, queue or address: the clock is turned,
# and what falls due is said.
KEPT = (
    *("KAREZ_PORT", "KAREZ_BOT", "KAREZ_BOT_PORT", "KAREZ_BOT_TIMEOUT_S", "KAREZ_CONTENT", "KAREZ_REGION"),
    *("KAREZ_VOICES", "KAREZ_PIPER", "KAREZ_PIPER_VOICES", "KAREZ_TICK_S", "KAREZ_LOG_JSON", "KAREZ_VENDORS_PORT"),
)
REASON = "A rehearsal: every app is played by a process of this machine, and nothing leaves it."


async def rehearse(settings: Settings) -> None:
    """Run Karez until a signal, as `up`.  Raises CannotStart, and what `up` raises."""
    check_port("127.0.0.1", settings.vendors_port, "KAREZ_VENDORS_PORT")
    if not (ROOT / STANDS.replace(".", "/") / "__main__.py").exists():
        raise CannotStart(
            "The stand-ins of the messaging apps (tests/vendors) are not here: rehearse in a checkout of the project."
        )
    folder = settings.home / "rehearsal" / "vendors"
    for each in (settings.home, folder.parent, folder):
        make_home(each)
    own = _enter(folder)
    await _write_accounts(folder, own)
    for file in sorted((folder / "settings").iterdir()):
        os.environ[f"{file.name}_FILE"] = str(file)
    await up(Settings(), [_stands_part(folder, own)])


def _enter(folder: Path) -> Settings:
    """From here on this process and all it starts see the rehearsal's settings only."""
    for name in [each for each in os.environ if each.startswith("KAREZ_") and each not in KEPT]:
        del os.environ[name]
    told = {"HOME": folder.parent, "CLOCK_FILE": folder / "offset", "DEMO": "true", "ABROAD_REASON": REASON}
    os.environ.update({f"KAREZ_{name}": str(value) for name, value in told.items()})
    get_settings.cache_clear()
    return Settings()


async def _write_accounts(folder: Path, settings: Settings) -> None:
    """The stand-ins say under which accounts and addresses they can be reached: one file a setting, named like it."""
    process = await asyncio.create_subprocess_exec(*_command("accounts", folder, settings), cwd=ROOT)
    if await process.wait():
        raise CannotStart("The stand-ins of the messaging apps could not write their accounts; the reason stands above.")


def _command(verb: str, folder: Path, settings: Settings) -> list[str]:
    return [sys.executable, "-m", STANDS, verb, str(folder), settings.address, str(settings.vendors_port)]


def _stands_part(folder: Path, settings: Settings) -> Part:
    page = f"http://127.0.0.1:{settings.vendors_port}/"
    command = _command("serve", folder, settings)
    return Part("vendors", command, ROOT, lambda: answers(page), caged=True, page=f"Apps:     {page}")
