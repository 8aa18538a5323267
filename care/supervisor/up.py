"""`karez up`: prepares, starts, says where everything is, and stays until Ctrl-C."""

import asyncio
import signal
from collections.abc import Sequence

from rich.console import Console

from care.content.library import Library
from care.kit.clock import clock_of, stopwatch_s
from care.kit.settings import Settings
from care.people.vault import check_master_key
from care.speech.choice import choose_voices
from care.studio.serving import Served, serve
from care.supervisor.content import take_all_into_service, take_into_service
from care.supervisor.demo import DemoPatient, demo_signin, make_demo
from care.supervisor.prepare import (
    check_assistant,
    check_channels,
    check_disk,
    check_port,
    first_administrator,
    is_new,
    migrate,
    open_database,
    open_keys,
)
from care.supervisor.processes import Part, Supervisor, parts, sound_part
from care.supervisor.teaching import teach

console = Console(highlight=False, soft_wrap=True)


async def up(settings: Settings, beside: Sequence[Part] = ()) -> None:
    """Run Karez until a signal, and what a rehearsal needs `beside` it.

    Raises CannotStart, DidNotStart, TrainingFailed, VoicesWrong or KeyFileBad with a sentence to act on.
    """
    begun = stopwatch_s()
    check_disk(settings.home)
    check_port(settings.host, settings.port, "KAREZ_PORT")
    check_port("127.0.0.1", settings.bot_port, "KAREZ_BOT_PORT")
    check_assistant(settings.bot)
    await check_channels(settings)
    choose_voices(settings)  # a wrong setting is said here, not by a part that starts again and again
    (settings.home / "scheduler.heartbeat").unlink(missing_ok=True)
    settings, served = await with_content(settings)
    _step("content checked", begun)
    files = served.library if served.folder == settings.content else Library.load(settings.content)
    teach(files, served.library, settings.bot, console.print)
    _step("assistant trained", begun)
    await greet(settings, served.library, begun)
    await _run(settings, beside, begun)


async def with_content(settings: Settings) -> tuple[Settings, Served]:
    """The same settings, reading the files in service, and the words to speak: those with what the studio published.

    Says it aloud when they are not the ones that were written.
    """
    fresh = is_new(settings)
    # Bad files refuse a first start before anything is made, and nobody has published anything yet.
    content = take_into_service(settings.content, settings.home, clock_of(settings.clock_file).now()) if fresh else None
    database = open_database(settings, clock_of(settings.clock_file))
    try:
        await migrate(settings.database_url)
        content = content or await take_all_into_service(database, settings)
        if content.warning:
            console.print(content.warning, style="yellow", markup=False)
        settings = settings.model_copy(update={"content": content.folder})
        return settings, await serve(database, settings)
    finally:
        await database.close()


async def greet(settings: Settings, library: Library, begun: float) -> None:
    """Keys, first administrator and, in demo mode, the demo clinic."""
    database = open_database(settings, clock_of(settings.clock_file))
    try:
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


async def _run(settings: Settings, beside: Sequence[Part], begun: float) -> None:
    ours = parts(settings, open_keys(settings.home).secret)
    supervisor = Supervisor([*beside, *ours], settings.home / "logs", console.print)
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, supervisor.stopping.set)
    console.print("Starting the assistant, the scheduler and the web door ...")
    try:
        await supervisor.start()
    except BaseException:  # Ctrl-C too: what was started must not be left running
        await supervisor.stop()
        raise
    _step("all ready", begun)
    if settings.sound_ahead:
        await supervisor.add(sound_part(settings))
    console.print(f"\n  Patients: {settings.address}/\n  Staff:    {settings.address}/console")
    for part in beside:
        console.print(f"  {part.page}")
    console.print("\nCtrl-C stops everything.")
    await supervisor.run()
    console.print("Stopped.")


def _step(what: str, begun: float) -> None:
    console.print(f"[dim]{stopwatch_s() - begun:6.1f} s[/]  {what}")
