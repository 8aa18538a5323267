"""The release gate: no form may hear less danger, or cry wolf more, than content/alarms.yml allows.

The sentences were written apart from the rules and from what the net is taught, and nothing here asks the assistant.
"""

from pathlib import Path

import pytest

from care.alarms import learn
from care.alarms.listen import Listener
from care.content.library import Library
from care.supervisor.cases import Case
from care.supervisor.gate import Figure, NoDevelopmentSet, danger_figures, development_set, hear_all, language_figures
from care.supervisor.understanding import Danger

CASES = development_set(Path(__file__).parent)


@pytest.fixture(scope="module")
def heard(library: Library) -> dict[str, Danger]:
    assert learn.load(learn.WHERE, learn.fingerprint(library)), "the net was taught with other words than these: run make train"
    return hear_all(CASES, Listener.load(library))


def said(cases: list[Case]) -> list[tuple[str | None, str]]:
    return [(case.flag, case.text) for case in cases]


def figure(figures: list[Figure], what: str, tag: str) -> Figure:
    [found] = [each for each in figures if (each.what, each.form) == (what, tag)]
    return found


def test_every_form_a_patient_may_choose_is_measured(library: Library):
    assert set(CASES) == set(library.forms)
    assert sum(map(len, CASES.values())) >= 600


@pytest.mark.parametrize("tag", CASES)
def test_danger_is_heard_in_every_form(library: Library, heard: dict[str, Danger], tag: str):
    assert figure([*danger_figures(library, heard)], "heard", tag).passed, said(heard[tag].missed)


@pytest.mark.parametrize("tag", CASES)
def test_what_is_no_danger_stays_silent(library: Library, heard: dict[str, Danger], tag: str):
    assert figure([*danger_figures(library, heard)], "false-alarms", tag).passed, said(heard[tag].false)


def test_every_red_flag_is_measured_in_every_form(library: Library):
    for tag, cases in CASES.items():
        assert {case.flag for case in cases if case.flag} == set(library.alarms), tag


@pytest.mark.parametrize("tag", CASES)
def test_the_language_is_known_without_asking(tag: str):
    [found] = language_figures({tag: CASES[tag]})

    assert found.passed, str(found)


def test_no_sentence_that_measures_is_taught(library: Library):
    taught = {
        (language, str(sentence))
        for language, pages in library.languages.items()
        for entry in pages.alarms.values["flags"].values()
        for sentence in (*entry["examples"], *(entry.get("not") or []))
    }
    measured = {(case.form.language, case.text) for cases in CASES.values() for case in cases if case.flag or case.harmless}

    assert measured & taught == set()


def test_a_figure_says_what_it_is_and_what_it_must_be():
    fell, rose = Figure("heard", "ug-Arab", 0.97, 0.98), Figure("false-alarms", "kk-Cyrl", 0.02, 0.05, at_most=True)

    assert (fell.passed, rose.passed) == (False, True)
    assert str(fell) == "ug-Arab: heard 0.970, must be at least 0.980"


def test_without_its_sentences_the_gate_is_closed(tmp_path: Path):
    with pytest.raises(NoDevelopmentSet, match="development set is not installed beside the program"):
        development_set(tmp_path / "understanding")
