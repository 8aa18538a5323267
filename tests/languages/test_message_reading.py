"""The one entry: a message in, language, script and key out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.languages.reading import read
from care.languages.table import FORMS, form


def test_nausea_is_read_in_every_script():
    assert read("恶心想吐怎么办").canonical == "恶心想吐怎么办"
    assert read("كۆڭلۈم ئاينىۋاتىدۇ").canonical == read("konglum ayniwatidu").canonical == "konglum ayniwatidu"
    assert read("жүрегім айнып тұр").canonical == read("جۇرەگىم اينىپ تۇر").canonical


def test_the_letters_that_were_typed_are_kept_beside_the_key():
    reading = read("ئۆلتۈرۈپ")
    assert (reading.canonical, reading.normalised) == ("olturup", "ئۆلتۈرۈپ")


def test_a_fever_is_a_number_in_the_key_and_in_the_text():
    reading = read("қызуым отыз сегіз жарым", form("kk-Cyrl"))
    assert "38.5" in reading.canonical.split()
    assert reading.normalised == "қызуым 38.5"


@pytest.mark.parametrize("tag", [None, *FORMS])
@given(text=st.text(max_size=60))
def test_whatever_is_sent_is_read_without_an_error(tag, text):
    reading = read(text, form(tag) if tag else None)
    assert reading.language in ("ug", "kk", "zh", "other")
    assert reading.script in ("Arab", "Latn", "Cyrl", "Hans", "Hant", "")
