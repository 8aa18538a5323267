"""Temperatures said in words become digits that alarm rules can compare."""

import pytest

from care.languages.reading import read


def heard(text):
    return read(text).canonical


@pytest.mark.parametrize("said", ["三十八度五", "三十八点五", "三八度五", "38度5", "38度半", "三十八點五", "38,5", "三十八度半"])
def test_a_fever_in_chinese_words(said):
    assert heard(f"我发烧{said}") == "我发烧38.5"


@pytest.mark.parametrize(
    "said", ["ئوتتۇز سەككىز پۈتۈن ئوندا بەش", "ئوتتۇز سەككىز يېرىم", "38 يېرىم", "38 گرادۇس 5", "ottuz sekkiz yérim", "38,5"]
)
def test_a_fever_in_uyghur_words(said):
    assert "38.5" in heard(f"قىزىتمام {said} بولدى").split()


@pytest.mark.parametrize(
    "said",
    ["отыз сегіз жарым", "отыз сегиз жарым", "отыз сегіз бүтін оннан бес", "отыз сегіз нүкте бес", "отызсегіз жарым", "38,5"],
)
def test_a_fever_in_kazakh_words(said):
    assert "38.5" in heard(f"қызуым {said} болды").split()


def test_a_fever_in_kazakh_words_in_arabic_script():
    assert "38.5" in heard("قىزۋىم وتىز سەگىز جارىم بولدى").split()


def test_an_ending_stays_on_its_number():
    assert "38گە" in heard("қызуым отыз сегізге көтерілді").split()


@pytest.mark.parametrize("said", ["鼻血流了三十分钟", "我四十五岁", "发烧38度2天了"])
def test_minutes_ages_and_days_are_not_temperatures(said):
    assert heard(said) == said


def test_a_number_and_a_count_of_days_stay_two_numbers():
    assert heard("қызуым отыз сегіз, бес күн болды").split()[1:3] == ["38", "بەس"]
