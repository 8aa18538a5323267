"""Whether a folder of words can be used: exactly what `karez content check` says, before anything of it speaks."""

from pathlib import Path

from care.alarms.rules import read_rules
from care.content.check_numbers import check_numbers
from care.content.check_standing import check_standing
from care.content.check_texts import check_texts
from care.content.counting import warn_of_audio, warn_of_size
from care.content.library import Library, read_library
from care.content.reading import Page
from care.content.training import collect
from care.content.types import ContentBroken, Problem, Problems
from care.kit.collecting import all_is_kept
from care.speech.check import warn_of_unsaid
from care.speech.wording import SpeechBroken, Wording


def check_content(root: Path) -> tuple[Library, list[Problem]]:
    """Everything that keeps words from being used."""
    library, problems = check_all(root)
    return library, problems.found


def check_all(root: Path) -> tuple[Library, Problems]:
    """The same with its warnings: files, alarm rules, spoken numbers, texts against their source and language, samples."""
    with all_is_kept():  # half of the time went into looking for garbage
        return _check_all(root)


def _check_all(root: Path) -> tuple[Library, Problems]:
    library, problems = read_library(root)
    for language, pages in library.languages.items():
        read_rules(language, pages.alarms, set(library.alarms), problems)
        if pages.speech.values:  # a missing file is reported once, where it is read
            _check_speech(pages.speech, problems)
    for check in (check_standing, check_texts, check_numbers, warn_of_size, warn_of_unsaid):
        check(library, problems)
    warn_of_audio(library, root, problems)
    if not problems.found:
        try:
            list(collect(library))
        except ContentBroken as clash:
            problems.found += clash.problems
    return library, problems


def _check_speech(page: Page, problems: Problems) -> None:
    try:
        Wording.of(page.values)
    except SpeechBroken as broken:
        for each in broken.problems:
            what, _, mend = each.partition(": ")
            name = what.split()[0]
            if name in page.values or name not in page.keys:  # else its kind was reported, and it counts as absent
                problems.add(page.file, page.line(name), what, mend)
