"""The commands that carry words to translators and back: `karez content export` and `karez content import`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

if TYPE_CHECKING:  # reading words loads half of Karez, and every command of it passes here
    from care.content.exchange.returned import Refused
    from care.content.library import Library
    from care.content.types import Problem

screen = Console(stderr=True, highlight=False, soft_wrap=True)
Content = Annotated[Path | None, typer.Option("--content", help="The folder of words, when it is not the one of the settings.")]


def add_exchange(app: typer.Typer) -> None:
    app.command("export")(content_export)
    app.command("import")(content_import)


def content_export(
    to: Annotated[Path | None, typer.Option("--to", help="The folder to write into.")] = None,
    format_name: Annotated[
        Literal["xliff", "po", "csv"] | None, typer.Option("--format", help="What the translators' program reads.")
    ] = None,
    studio: Annotated[bool, typer.Option("--studio", help="Write what the studio published into content/ instead.")] = False,
    prefer: Annotated[
        Literal["studio", "files"] | None, typer.Option("--prefer", help="Whose words count where both changed one file.")
    ] = None,
    language: Annotated[list[str] | None, typer.Option("--language", help="Only into this language; may be given again.")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only topics, phrases or alarms; may be given again.")] = None,
    content: Content = None,
) -> None:
    """Write the words for translators, or those of the studio into content/.

    Examples: karez content export --to for-translators --format po --language ug; karez content export --studio
    """
    if studio:
        return _export_studio(content, prefer)
    if to is None or format_name is None:
        raise _stop("Say where to and in which form: --to FOLDER --format xliff, po or csv; or --studio.")
    return _export_for_translators(to, format_name, language, only, content)


def _export_studio(content: Path | None, prefer: Literal["studio", "files"] | None) -> None:
    import asyncio

    from care.content.types import ContentBroken
    from care.kit.settings import get_settings
    from care.supervisor.prepare import CannotStart
    from care.supervisor.studio_export import export_studio

    settings = get_settings().model_copy(update={"content": _folder(content)})
    try:
        done = asyncio.run(export_studio(settings, prefer or ""))
    except (CannotStart, ContentBroken) as wrong:
        raise _stop(str(wrong)) from None
    for place in done.written:
        typer.echo(f"{settings.content.name}/{place}")
    for place in done.dropped:
        screen.print(f"{settings.content.name}/{place} stays as it is; what was published for it is dropped.", markup=False)
    screen.print("Nothing to write: no text was published since the last export." if not done.written else "Written.")


def _export_for_translators(
    to: Path, format_name: Literal["xliff", "po", "csv"], language: list[str] | None, only: list[str] | None, content: Path | None
) -> None:
    from care.content.exchange.passages import KINDS, missing_topics
    from care.content.exchange.returned import Refused
    from care.content.exchange.transfer import export

    library = _read(_folder(content))
    languages, kinds = _known(language, sorted(library.languages), "language"), _known(only, KINDS, "kind of words")
    try:
        files = export(library, to, format_name, languages, kinds)
    except Refused as refused:
        raise _told_why(refused) from None
    except OSError as wrong:
        raise _stop(f"Nothing was written: {wrong.filename or to}: {wrong.strerror}.") from None
    for path in files:
        typer.echo(str(path))
    for each in languages if "topics" in kinds else ():
        for topic in missing_topics(library, each):
            screen.print(f"Left out: {each} has no topic {topic}. `karez content new {topic}` makes its file.", markup=False)
    if not files:
        screen.print("Nothing to write: what is asked for is translated from no other language.")


def content_import(
    files: Annotated[list[Path], typer.Argument(help="Files of an export, or folders of them.")],
    to_write: Annotated[bool, typer.Option("--write", help="Write what is shown.")] = False,
    content: Content = None,
) -> None:
    """Show what translators changed, and write it with --write.  Example: karez content import for-translators --write"""
    from care.content.exchange.returned import Refused
    from care.content.exchange.transfer import prepare, read, write

    root = _folder(content)
    try:
        prepared = prepare(root, _read(root), read(files))
        typer.echo(prepared.difference(root), nl=False)
        for notice in prepared.notices:
            screen.print(notice, style="yellow", markup=False)
        if to_write and prepared.after:
            write(root, prepared, _errors)
    except Refused as refused:
        raise _told_why(refused) from None
    except OSError as wrong:
        raise _stop(f"Nothing was written: {wrong.filename or root}: {wrong.strerror}.") from None
    screen.print(_told(len(prepared.after), to_write))


def _told(count: int, to_write: bool) -> str:
    if not count:
        return "Nothing to write: the files bring no change."
    if not to_write:
        return f"{_count(count, 'file')} would change. Nothing is written yet: type the command again with --write."
    since = "Signatures and recordings of changed words no longer count; the words are in service from the next start."
    return f"{_count(count, 'file')} written. {since}"


def _folder(content: Path | None) -> Path:
    from care.kit.settings import get_settings

    return content or get_settings().content


def _read(root: Path) -> "Library":
    """Words as they stand, checked only when something is written: a text that is half there is what translators are for."""
    from care.content.library import read_library

    library = read_library(root)[0]
    if not library.languages or not library.catalogue.values:
        raise _stop(f"{root} holds no words: name the folder with phrases.yml in it.")
    return library


def _errors(root: Path) -> "list[Problem]":
    from care.supervisor.content import check_content

    return check_content(root)[1]


def _known(asked: list[str] | None, there: list[str] | tuple[str, ...], what: str) -> list[str]:
    for each in asked or ():
        if each not in there:
            raise _stop(f"There is no {what} {each}: use {', '.join(there)}.")
    return [each for each in there if not asked or each in asked]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _told_why(refused: "Refused") -> typer.Exit:
    for refusal in refused.refusals:
        screen.print(str(refusal), markup=False)
    return _stop(f"Nothing was written: {_count(len(refused.refusals), 'reason')} above.")


def _stop(sentence: str) -> typer.Exit:
    screen.print(sentence, style="red", markup=False)
    return typer.Exit(1)
