"""Danger in the shapes people type it in: broken by dots and lines, on the neighbour's keyboard, in shorthand."""

import pytest

from care.alarms.listen import Listener
from care.content.library import Library
from care.languages.reading import read
from care.languages.table import form


def hears(library: Library, tag: str, text: str) -> bool:
    return bool(Listener.load(library).hear(text, read(text, form(tag))))


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("kk-Cyrl", "Қызуымды өлшедім. 39,1"),
        ("kk-Cyrl", "температура... 38.9"),
        ("kk-Cyrl", "қызуы бар ма? 39,5"),
        ("kk-Cyrl", "қызуым көтерілді… 39 болды"),
        ("kk-Cyrl", "тыныс... ала алмай жатырмын"),
        ("kk-Cyrl", "қан\nтоқтамай\nкетіп жатыр"),
        ("ug-Arab", "قىزىتمام... 39 بولدى"),
        ("ug-Arab", "قىزىتمامنى ئۆلچىدىم. 39.2"),
        ("ug-Arab", "نەپەس… ئالالمايۋاتىمەن"),
        ("ug-Latn", "temperaturam... 39 boldi"),
        ("zh-Hans", "量了体温。 39.2"),
        ("zh-Hans", "体温…… 39度"),
    ],
)
def test_a_sentence_broken_by_dots_or_lines_is_one(library: Library, tag: str, text: str) -> None:
    assert hears(library, tag, text)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("kk-Arab", "خيميادان كەيىن قىزۋىم كوتەرىلدى"),  # one letter of a Uyghur keyboard
        ("ug-Arab", "بەدىنىم وتتەك قىزىۋاتىدۇ"),  # one letter of a Kazakh keyboard
    ],
)
def test_a_letter_of_the_neighbours_keyboard_does_not_silence_their_own_language(library: Library, tag: str, text: str) -> None:
    assert hears(library, tag, text)


@pytest.mark.parametrize(("tag", "text"), [("kk-Cyrl", "qyzuym 39"), ("kk-Cyrl", "qyzuym 39.5"), ("zh-Hans", "T39.5")])
def test_shorthand_in_latin_letters_is_heard(library: Library, tag: str, text: str) -> None:
    assert hears(library, tag, text)


@pytest.mark.parametrize(
    ("tag", "text"),
    [("zh-Hans", "没有发烧\n肚子也不疼"), ("kk-Cyrl", "қызуым жоқ\nбасым да ауырмайды"), ("zh-Hans", "CT 做完了")],
)
def test_what_is_denied_line_by_line_stays_silent(library: Library, tag: str, text: str) -> None:
    assert not hears(library, tag, text)


@pytest.mark.parametrize("mark", [". ", "! ", "。 ", "\n", "... "])
def test_a_sentence_about_the_past_that_begins_with_a_number_silences_nothing(library: Library, mark: str) -> None:
    assert hears(library, "zh-Hans", f"我发烧38度5{mark}3年前也有过")


@pytest.mark.parametrize("many", ["\n", "... ", "! ", ". "])
def test_a_message_of_nothing_but_marks_is_read_at_once(library: Library, many: str) -> None:
    """Strangers may write too: where the marks were looked through again and again it took hours."""
    assert hears(library, "zh-Hans", f"发烧{many * 5_000}39度") in (True, False)
