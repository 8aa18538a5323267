"""The command `karez content`: what an editor types.  Check the words, see where they stand, begin a topic."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from care.kit.settings import get_settings

if TYPE_CHECKING:  # reading words loads half of Karez, and every command of it passes here
    from datetime import datetime

    from care.content.library import Library
    from care.content.types import Problem

content_app = typer.Typer(no_args_is_help=True, help="The patient words in content/.")
screen = Console(stderr=True, highlight=False, soft_wrap=True)
Folder = Annotated[Path | None, typer.Argument(help="The folder of words, when it is not the one of the settings.")]


@content_app.command("check")
def content_check(
    folder: Folder = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")] = False,
) -> None:
    """Report every problem of content/ as file:line: what: how to mend it.  Example: karez content check"""
    from care.content.check_standing import warn_of_expired
    from care.kit.clock import SystemClock
    from care.studio.checking import check_all

    library, problems = check_all(folder or get_settings().content)
    warn_of_expired(library, SystemClock().now().date(), problems)
    errors, warnings = problems.found, sorted(problems.warnings, key=lambda each: (each.file, each.line))
    for problem in (*errors, *warnings):
        typer.echo(str(problem))
    screen.print(_told(library, errors, warnings, is_in_service=folder is None))
    if errors or (strict and warnings):
        raise typer.Exit(1)


@content_app.command("status")
def content_status(
    folder: Folder = None,
    behind: Annotated[bool, typer.Option("--behind", help="Only what lags behind its source or is not written.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of the table.")] = False,
) -> None:
    """Topics and languages: text, review, sound, questions.  Example: karez content status --behind"""
    from care.supervisor.status import as_object, as_table, look

    settings = get_settings()
    root = folder or settings.content
    found = look(settings.model_copy(update={"content": root}), _read(root))
    if as_json:
        typer.echo(json.dumps(as_object(found, behind), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(as_table(found, behind)))


@content_app.command("new")
def content_new(
    topic_id: Annotated[str, typer.Argument(help="An id in English with dashes; never shown, never used again.")],
    category: Annotated[str, typer.Option("--category", help="Its kind, as in content/topics.yml.")] = "side-effects",
    folder: Annotated[Path | None, typer.Option("--content", help="The folder of words.")] = None,
) -> None:
    """Begin a topic: an empty file a language and its line in topics.yml.  Example: karez content new dry-mouth"""
    from care.content.skeleton import CannotBegin, begin_topic

    root = folder or get_settings().content
    try:
        files = begin_topic(root, _read(root), topic_id, category)
    except (CannotBegin, OSError) as wrong:
        screen.print(str(wrong), style="red", markup=False)
        raise typer.Exit(1) from None
    for path in files:
        typer.echo(str(path))
    screen.print(
        f"Fill them in; until then {topic_id} is not offered.  Its sources and red flags stand in topics.yml.", markup=False
    )


def _read(root: Path) -> "Library":
    """Words that can be read; how good they are is another question."""
    from care.content.library import read_library

    library, problems = read_library(root)
    if problems.found:
        screen.print(f"{_count(len(problems.found), 'problem')}: mend what `karez content check` names first.", style="red")
        raise typer.Exit(1)
    return library


def _told(library: "Library", errors: "list[Problem]", warnings: "list[Problem]", is_in_service: bool) -> str:
    """What it comes to, in one sentence."""
    more = f", {_count(len(warnings), 'warning')}" if warnings else ""
    if errors:
        good = _in_service() if is_in_service else None
        stays = f"; the last good content, of {good[1]:%Y-%m-%d %H:%M} UTC, stays in service" if good else ""
        return f"{_count(len(errors), 'problem')}{more}{stays}."
    files = sum(len(pages.topics) for pages in library.languages.values())
    return f"Good: {files} topic files and {len(library.catalogue.values)} phrases in {len(library.languages)} languages{more}."


def _in_service() -> "tuple[Path, datetime] | None":
    """The last good words and since when they are."""
    from care.supervisor.content import last_good

    return last_good(get_settings().home)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
