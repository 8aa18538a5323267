"""The release gate: no form may hear less danger, or cry wolf more, than content/alarms.yml allows.

The sentences were written apart from the rules and from what the net is taught, and nothing here asks the assistant.
"""

from pathlib import Path

import pytest

from care.alarms import learn
from care.alarms.listen import Listener
from care.content.library import Library
from care.supervisor.cases import Case, read_cases
from care.supervisor.understanding import Danger, by_form, hear_danger, identified

CASES = by_form(read_cases(Path(__file__).parent))
LONGER_THAN_TEN = ((11, 20), (21, 40))


@pytest.fixture(scope="module")
def heard(library: Library) -> dict[str, Danger]:
    assert learn.load(learn.WHERE, learn.fingerprint(library)), "the net was taught with other words than these: run make train"
    listener = Listener.load(library)
    return {tag: hear_danger(cases, listener) for tag, cases in CASES.items()}


def said(cases: list[Case]) -> list[tuple[str | None, str]]:
    return [(case.flag, case.text) for case in cases]


def test_every_form_a_patient_may_choose_is_measured(library: Library):
    assert set(CASES) == set(library.forms)
    assert sum(map(len, CASES.values())) >= 600


@pytest.mark.parametrize("tag", CASES)
def test_danger_is_heard_in_every_form(library: Library, heard: dict[str, Danger], tag: str):
    assert heard[tag].recall >= library.floors["heard"], said(heard[tag].missed)


@pytest.mark.parametrize("tag", CASES)
def test_what_is_no_danger_stays_silent(library: Library, heard: dict[str, Danger], tag: str):
    assert heard[tag].false_alarms <= library.floors["false_alarms"], said(heard[tag].false)


def test_every_red_flag_is_measured_in_every_form(library: Library):
    for tag, cases in CASES.items():
        assert {case.flag for case in cases if case.flag} == set(library.alarms), tag


@pytest.mark.parametrize("tag", CASES)
def test_the_language_is_known_without_asking(tag: str):
    found = identified(CASES[tag])

    assert all(right >= 0.97 * of for length, (right, of) in found.items() if length in LONGER_THAN_TEN), found


def test_no_sentence_that_measures_is_taught(library: Library):
    taught = {
        (language, str(sentence))
        for language, pages in library.languages.items()
        for entry in pages.alarms.values["flags"].values()
        for sentence in (*entry["examples"], *(entry.get("not") or []))
    }
    measured = {(case.form.language, case.text) for cases in CASES.values() for case in cases if case.flag or case.harmless}

    assert measured & taught == set()
