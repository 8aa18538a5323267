"""The language table: what a form is, and how a wrong tag is told."""

import pytest

from care.languages.table import FORMS, UnknownForm, form


def test_direction_belongs_to_the_script_not_to_the_language():
    assert form("kk-Arab").direction == "rtl"
    assert form("kk-Cyrl").direction == "ltr"


def test_every_tag_is_its_language_and_its_script():
    assert all(tag == f"{each.language}-{each.script}" for tag, each in FORMS.items())


def test_an_unknown_tag_is_told_with_the_tags_there_are():
    with pytest.raises(UnknownForm, match=r"en-Latn.*use one of.*ug-Arab"):
        form("en-Latn")
