"""The command `karez`: what an operator types.  Each command ends with a sentence and a non-zero exit on bad input."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from care.content.types import ContentBroken
from care.kit.crypto import KeyFileBad
from care.kit.logs import set_up_logs
from care.kit.priority import give_way
from care.kit.settings import Settings, get_settings
from care.supervisor.content_cli import content_app
from care.supervisor.exchange_cli import add_exchange

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Health education and treatment follow-up.")
db_app = typer.Typer(no_args_is_help=True, help="The database.")
staff_app = typer.Typer(no_args_is_help=True, help="Who may sign in.")
patient_app = typer.Typer(no_args_is_help=True, help="What is kept of one patient.")
plan_app = typer.Typer(no_args_is_help=True, help="Care plans of patients.")
bench_app = typer.Typer(no_args_is_help=True, help="Measurements, compared side by side in one run.")
app.add_typer(content_app, name="content")
add_exchange(content_app)
app.add_typer(db_app, name="db")
app.add_typer(staff_app, name="staff")
app.add_typer(patient_app, name="patient")
app.add_typer(plan_app, name="plan")
app.add_typer(bench_app, name="bench")
screen = Console(stderr=True, highlight=False, soft_wrap=True)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a command's work; turn what an operator can mend into one sentence and exit 1."""
    from care.content.training import TrainingFailed
    from care.speech.choice import VoicesWrong
    from care.speech.voices import CannotSpeak
    from care.supervisor.cases import CasesBroken
    from care.supervisor.prepare import CannotStart
    from care.supervisor.processes import DidNotStart

    settings = get_settings()
    set_up_logs(settings.log_json)
    try:
        return asyncio.run(work)
    except (CannotStart, DidNotStart, ContentBroken, KeyFileBad, TrainingFailed, CasesBroken, VoicesWrong, CannotSpeak) as wrong:
        screen.print(str(wrong), style="red", markup=False)
        raise typer.Exit(1) from None


async def with_content(settings: Settings) -> Settings:
    """Settings that read the words Karez speaks.  Says so when those are not the ones that were written."""
    from care.supervisor.content import find_spoken

    content = await find_spoken(settings)
    if content.warning:
        screen.print(content.warning, style="yellow", markup=False)
    return settings.model_copy(update={"content": content.folder})


async def with_words(work: Callable[..., Coroutine[Any, Any, None]], *given: object) -> None:
    """Work that is handed such settings first."""
    await work(await with_content(get_settings()), *given)


@app.command()
def up(
    vendors: Annotated[
        bool, typer.Option(help="A rehearsal: stand-ins for the messaging apps, a home and a clock of its own.")
    ] = False,
) -> None:
    """Start the web door, the scheduler and the assistant; Ctrl-C stops them.  Example: KAREZ_DEMO=1 karez up"""
    from care.supervisor.rehearsal import rehearse
    from care.supervisor.up import up as start

    run(rehearse(get_settings()) if vendors else start(get_settings()))


@app.command()
def train(content: Path | None = None) -> None:
    """Learn what changed in content/: assistant, languages, alarms.  Example: karez train"""
    from care.supervisor.teaching import teach_folder

    settings = get_settings()

    async def work() -> None:
        teach_folder(content or (await with_content(settings)).content, settings.bot, screen.print)

    run(work())


@app.command()
def retrain() -> None:
    """Learn from the words in service, and take what was learnt only if it passes the release gate.  Example: karez retrain"""
    from care.supervisor.retrain import retrain as learn

    give_way()  # a patient's turn goes first
    if not run(learn(get_settings(), typer.echo)):
        raise typer.Exit(1)


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest migration.  Example: karez db upgrade"""
    from care.supervisor.prepare import make_home, migrate, open_keys

    settings = get_settings()

    async def work() -> None:
        make_home(settings.home)
        open_keys(settings.home)  # first: a database without a key looks like one whose key was lost, and nothing starts
        await migrate(settings.database_url)

    run(work())


@app.command()
def backup(
    to: Annotated[Path, typer.Option(help="A folder, best on another disk.")],
    keep: Annotated[int, typer.Option(min=1, help="So many of the newest archives stay in it.")] = 200,
) -> None:
    """Write an archive of all that cannot be made again, while Karez runs.  Example: karez backup --to /backup"""
    from care.supervisor.backup import back_up

    settings = get_settings()

    async def work() -> None:
        back_up(settings, to, keep, typer.echo)

    run(work())


@app.command()
def restore(archive: Annotated[Path, typer.Argument(help="A file that `karez backup` wrote.")]) -> None:
    """Put an archive back where nothing is yet, and hold back what fell due.  Example: karez restore karez-2027.tar.gz"""
    from care.supervisor.restoring import restore as put_back

    run(with_words(put_back, archive, typer.echo))


@app.command()
def hold() -> None:
    """Give what has fallen due to the nurses instead of sending it, after a copy was put back by hand.  Example: karez hold"""
    from care.supervisor.restoring import hold_by_hand

    run(with_words(hold_by_hand, typer.echo))


@app.command()
def understand(
    assistant: Annotated[
        bool, typer.Option("--assistant/--without-assistant", help="Ask the assistant for intent and topic.")
    ] = True,
) -> None:
    """Read lines or JSON lines, print one JSON line each.  Example: echo 恶心想吐怎么办 | karez understand"""
    from care.supervisor.explain import explain_stream

    run(with_words(explain_stream, assistant))


@app.command()
def speak(
    text: Annotated[str | None, typer.Argument(help="What to say; without it the sound of the whole library is stored.")] = None,
    lang: Annotated[str, typer.Option(help="The text's language: ug, kk or zh.")] = "",
    to: Annotated[Path | None, typer.Option(help="The file to write: .mp3 or .opus.")] = None,
) -> None:
    """Say one text into a file, or store the library's sound.  Example: karez speak --lang zh "早上八点吃药" --to a.mp3"""
    from care.supervisor.sound import speak_library, speak_text

    if text is not None or lang or to:
        run(speak_text(get_settings(), text or "", lang, to, typer.echo))
    else:
        give_way()  # a patient's turn goes first; `karez up` does this in the background
        run(speak_library(get_settings(), screen.print))


@app.command()
def doctor() -> None:
    """Check this machine and this set-up, and say what to do about what is wrong.  Example: karez doctor"""
    from care.supervisor.doctor import examine

    if not run(examine(get_settings(), screen.print)):
        raise typer.Exit(1)


@app.command()
def inbox(again: Annotated[bool, typer.Option(help="Try once more what nobody could work off.")] = False) -> None:
    """Say what patients sent through the apps and where it stands.  Example: karez inbox --again"""
    from care.supervisor.inbox import tell

    run(tell(get_settings(), again, screen.print))


@app.command()
def audit(
    must_hold: Annotated[str, typer.Option(help="What this command printed earlier: finds a cut-off end.")] = "",
    patient: Annotated[str, typer.Option(help="Say who read or changed this patient's record, by the id.")] = "",
) -> None:
    """Check that nobody changed the record of who read and changed what.  Example: karez audit --patient ID"""
    from care.supervisor.audit_check import check_audit

    run(check_audit(get_settings(), must_hold, patient, typer.echo))


@staff_app.command("add")
def staff_add(
    login: Annotated[str, typer.Argument(help="The name they sign in with.")],
    name: Annotated[str, typer.Option("--name", help="The name others see, and under which they sign texts.")],
    role: Annotated[str, typer.Option("--role", help="nurse, editor, reviewer or admin.")],
    clinic: Annotated[str, typer.Option("--clinic", help="When there are several; the first one otherwise.")] = "",
    locale: Annotated[str, typer.Option("--language", help="Of their pages: zh, ug, kk or en.")] = "zh",
) -> None:
    """Make an account and print its sign-in link.  Example: karez staff add rena --name "Rena" --role reviewer"""
    from care.supervisor.staff import add_staff

    link = run(add_staff(get_settings(), login, name, role, clinic, locale))
    screen.print(f"{name} signs in here, once, within 30 minutes, and chooses a password:", markup=False)
    typer.echo(link)


@patient_app.command("erase")
def patient_erase(
    patient: Annotated[str, typer.Argument(help="The id at the end of the address of the patient's page.")],
    by: Annotated[str, typer.Option("--by", help="Login of the member of staff whose decision it is.")],
    yes: Annotated[bool, typer.Option("--yes", help="Without asking.")] = False,
) -> None:
    """Destroy what names a patient, for good.  Example: karez patient erase 4f0c... --by aynur"""
    from care.supervisor.erasing import erase_patient

    def agrees(who: str) -> bool:
        return yes or typer.confirm(f"Erase {who}? Nobody can bring this back.")

    run(with_words(erase_patient, patient, by, agrees, typer.echo))


@plan_app.command("preview")
def plan_preview(
    patient: Annotated[str, typer.Option("--patient", help="The id at the end of the address of the patient's page.")],
    first: Annotated[str, typer.Option("--from", help="The first day, as 2026-12-01; today without it.")] = "",
    days: Annotated[int, typer.Option("--days", help="How many days, 31 at most.")] = 7,
    language: Annotated[str, typer.Option("--language", help="Of what staff reads beside: en, zh, ug or kk.")] = "en",
    answered: Annotated[bool, typer.Option("--answered/--unanswered", help="Whether the patient answers each reminder.")] = True,
) -> None:
    """Every message that will come, day by day, as Markdown.  Example: karez plan preview --patient 4f0c... --from 2026-12-01"""
    from care.supervisor.preview import preview_plan

    typer.echo(run(preview_plan(get_settings(), patient, first, days, language, answered)), nl=False)


@bench_app.command("understand")
def bench_understand(
    file: Annotated[Path, typer.Argument(help="Sentences with what they mean: a .yml or .jsonl file, or a folder of them.")],
    default: Annotated[bool, typer.Option("--default/--alone", help="Measure Rasa's default pipeline too.")] = True,
) -> None:
    """How well patients are understood, per form.  Example: karez bench understand tests/understanding"""
    from care.supervisor.bench_understand import bench_understand as measure

    run(with_words(measure, file, default, typer.echo))


@bench_app.command("library")
def bench_library_command() -> None:
    """Reading, checking and finding the words, and how they grow to 1,000 topics in six languages."""
    from care.supervisor.bench_library import bench_library

    run(bench_library(get_settings(), typer.echo))


@bench_app.command("chat")
def bench_chat(rounds: int = 500) -> None:
    """One turn through the API against a bare call of the same assistant, at message 5 and at the end."""
    from care.supervisor.bench import bench_chat as measure

    run(measure(get_settings(), rounds, typer.echo))


@bench_app.command("plans")
def bench_plans(
    patients: Annotated[int, typer.Option(min=100, help="So many, each with a plan.")] = 10_000,
    history: Annotated[int, typer.Option(min=0, help="Rows of a year behind them; 0 for none.")] = 0,
) -> None:
    """Looking 48 hours ahead, and an idle tick.  Example: karez bench plans --patients 1000 --history 1000000"""
    from care.supervisor.bench_plans import bench_plans as measure

    run(measure(get_settings(), patients, history, typer.echo))


@bench_app.command("speech")
def bench_speech() -> None:
    """How fast each voice and each kind of file is, and what a stored clip saves.  Example: karez bench speech"""
    from care.supervisor.bench_speech import bench_speech as measure

    run(with_words(measure, typer.echo))


@bench_app.command("reminders")
def bench_reminders_command(
    database: Annotated[str, typer.Option(help="sqlite, or postgresql with NATS.")] = "sqlite",
    workers: Annotated[int, typer.Option(min=1, max=8, help="Processes that send.")] = 1,
    count: Annotated[int, typer.Option(min=100, help="Reminders due at one minute.")] = 2_000,
    latency_ms: Annotated[float, typer.Option(min=0, help="How long the receiver takes.")] = 0,
    sockets: Annotated[int, typer.Option(min=1, max=1000, help="Messages of one process on the wire at once.")] = 128,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    cap: Annotated[int, typer.Option(min=0, help="Messages a second the receiver takes; 0: as many as come.")] = 0,
    only: Annotated[str, typer.Option(help="Some of raw,ours,jobs,mark.")] = "",
) -> None:
    """Thousands due at one minute, side by side with other ways of sending.  Example: karez bench reminders --count 20000"""
    from care.supervisor.bench_reminders import Asked, bench_reminders

    asked = Asked(database, workers, count, latency_ms, rounds, cap, sockets, only)
    run(bench_reminders(get_settings(), asked, typer.echo))


@bench_app.command("channels")
def bench_channels_command(
    seconds: Annotated[float, typer.Option(min=1, help="How long posts come in, a channel.")] = 10,
    per_second: Annotated[float, typer.Option(min=1, help="Posts a second.")] = 50,
    count: Annotated[int, typer.Option(min=100, help="Messages sent in each round.")] = 2_000,
    at_once: Annotated[int, typer.Option(min=1, help="Messages on the wire at once; fewer where the vendor takes fewer.")] = 32,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    only: Annotated[str, typer.Option(help="Some of them, such as telegram,smsc.")] = "",
) -> None:
    """Vendors' posts until we thank, and sending beside a bare loop.  Example: karez bench channels --only telegram"""
    from care.supervisor.bench_channels import Asked, bench_channels

    asked = Asked(seconds, per_second, count, at_once, rounds, tuple(filter(None, only.split(","))))
    run(with_words(bench_channels, asked, typer.echo))


if __name__ == "__main__":
    app()
