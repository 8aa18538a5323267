"""`karez up`: prepares, starts, says where everything is, and stays until Ctrl-C."""

import asyncio
import signal

from rich.console import Console

from care.content.library import Library
from care.kit.clock import SystemClock, stopwatch_s
from care.kit.settings import Settings
from care.people.vault import check_master_key
from care.speech.choice import choose_voices
from care.supervisor.content import take_into_service
from care.supervisor.demo import DemoPatient, demo_signin, make_demo
from care.supervisor.prepare import (
    check_assistant,
    check_disk,
    check_port,
    first_administrator,
    migrate,
    open_database,
    open_keys,
)
from care.supervisor.processes import Supervisor, parts, sound_part
from care.supervisor.teaching import teach

console = Console(highlight=False, soft_wrap=True)


async def up(settings: Settings) -> None:
    """Run Karez until a signal.

    Raises CannotStart, DidNotStart, TrainingFailed, VoicesWrong or KeyFileBad with a sentence to act on.
    """
    begun = stopwatch_s()
    check_disk(settings.home)
    check_port(settings.host, settings.port, "KAREZ_PORT")
    check_port("127.0.0.1", settings.bot_port, "KAREZ_BOT_PORT")
    check_assistant(settings.bot)
    choose_voices(settings)  # a wrong setting is said here, not by a part that starts again and again
    settings = with_content(settings)
    library = Library.load(settings.content)
    _step("content checked", begun)
    teach(settings, console.print)
    _step("assistant trained", begun)
    (settings.home / "scheduler.heartbeat").unlink(missing_ok=True)
    await migrate_and_greet(settings, library, begun)
    await _run(settings, begun)


def with_content(settings: Settings) -> Settings:
    """The same settings, reading the words in service.  Says it aloud when those are not the ones that were written."""
    content = take_into_service(settings.content, settings.home, SystemClock().now())
    if content.warning:
        console.print(content.warning, style="yellow", markup=False)
    return settings.model_copy(update={"content": content.folder})


async def migrate_and_greet(settings: Settings, library: Library, begun: float) -> None:
    """Database, keys, first administrator and, in demo mode, the demo clinic."""
    database = open_database(settings, SystemClock())
    try:
        await migrate(settings.database_url)
        async with database.look() as work:
            await check_master_key(work)
        _step("database ready", begun)
        token = await first_administrator(database, "Karez", "Asia/Shanghai")
        if token:
            console.print(f"\nFirst sign-in, works once within 30 minutes:\n  {settings.address}/console/welcome?token={token}\n")
        if settings.demo:
            _print_demo(settings, await make_demo(database, library), await demo_signin(database))
    finally:
        await database.close()


def _print_demo(settings: Settings, patients: list[DemoPatient], token: str | None) -> None:
    console.print("Demo patients (nothing shown is clinically reviewed; every message says so):")
    for patient in patients:
        console.print(
            f"  {patient.name:<12} {patient.form:<8} code [bold]{patient.code}[/]  {settings.address}/?code={patient.code}"
        )
    console.print(f"Demo nurse, works once within 30 minutes:\n  {settings.address}/console/welcome?token={token}\n")


async def _run(settings: Settings, begun: float) -> None:
    supervisor = Supervisor(parts(settings, open_keys(settings.home).secret), settings.home / "logs", console.print)
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, supervisor.stopping.set)
    console.print("Starting the assistant, the scheduler and the web door ...")
    try:
        await supervisor.start()
    except BaseException:  # Ctrl-C too: what was started must not be left running
        await supervisor.stop()
        raise
    _step("all ready", begun)
    await supervisor.add(sound_part(settings))
    console.print(f"\n  Patients: {settings.address}/\n  Staff:    {settings.address}/console\n\nCtrl-C stops everything.")
    await supervisor.run()
    console.print("Stopped.")


def _step(what: str, begun: float) -> None:
    console.print(f"[dim]{stopwatch_s() - begun:6.1f} s[/]  {what}")
