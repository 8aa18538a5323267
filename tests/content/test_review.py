"""A signature is for words, not for a file: it ends when they change, when their source moves on, and on its day."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from care.content.reading import Page, read_topic, read_yaml
from care.content.review import Proof, Standing, digest, is_behind, review, standing, weakest
from care.content.types import Problems
from tests.content.breaking import change, rewrite, split

FEVER = "topics/fever-infection.md"
MONDAY, LATER = date(2026, 11, 30), date(2027, 11, 30)


def page_of(words: Path, name: str) -> Page:
    return (read_topic if name.endswith(".md") else read_yaml)(words / name, words, Problems())


def sign(words: Path, name: str, until: date = LATER) -> Page:
    """A reviewer's signature under the words as they are."""
    of = digest(page_of(words, name))
    rewrite(words / name, "review", {"by": "reviewer-2", "on": MONDAY, "until": until, "of": of})
    return page_of(words, name)


@pytest.mark.parametrize("name", [f"ug/{FEVER}", "ug/phrases.yml", "ug/alarms.yml", "plans/capecitabine-14-7.yml"])
def test_words_are_signed_by_the_signature_given_for_them(words: Path, name: str):
    assert standing(page_of(words, name), None, MONDAY) == Standing.UNREVIEWED
    assert standing(sign(words, name), None, MONDAY) == Standing.SIGNED


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (f"ug/{FEVER}", "title: ", "title: x"),
        (f"ug/{FEVER}", "summary: ", "summary: x"),
        (f"ug/{FEVER}", "emergency: ", "emergency: x"),
        ("ug/phrases.yml", "menu: ", "menu: x"),
        ("ug/alarms.yml", "say: ", "say: x"),
    ],
)
def test_changed_words_are_unreviewed_of_themselves(words: Path, name: str, old: str, new: str):
    sign(words, name)
    change(words / name, old, new)

    assert standing(page_of(words, name), None, MONDAY) == Standing.UNREVIEWED


def test_one_more_word_in_a_body_takes_its_signature(words: Path):
    sign(words, f"ug/{FEVER}")
    text = (words / "ug" / FEVER).read_text("utf-8")
    (words / "ug" / FEVER).write_text(f"{text.rstrip()} x\n", "utf-8")

    assert standing(page_of(words, f"ug/{FEVER}"), None, MONDAY) == Standing.UNREVIEWED


def test_another_sample_another_letter_form_or_another_order_is_no_other_text(words: Path):
    signed = digest(sign(words, f"ug/{FEVER}"))
    header, body = split(words / "ug" / FEVER)
    values = dict(reversed(yaml.safe_load(header).items())) | {"questions": ["another question"]}
    composed = yaml.safe_dump(values, allow_unicode=True, sort_keys=False).replace("ئ", "\u064a\u0654")
    (words / "ug" / FEVER).write_text(f"---\n{composed}---\n{body}\n\n", "utf-8")

    assert digest(page_of(words, f"ug/{FEVER}")) == signed


def test_a_signature_ends_the_day_after_its_last(words: Path):
    page = sign(words, f"ug/{FEVER}")

    assert standing(page, None, LATER) == Standing.SIGNED
    assert standing(page, None, date(2027, 12, 1)) == Standing.EXPIRED


def test_a_translation_is_behind_once_its_source_moves_on_signed_or_not(words: Path):
    unsigned, signed = page_of(words, f"kk/{FEVER}"), sign(words, f"ug/{FEVER}")
    assert standing(signed, page_of(words, f"zh/{FEVER}"), MONDAY) == Standing.SIGNED
    rewrite(words / "zh" / FEVER, "revision", 9)
    source = page_of(words, f"zh/{FEVER}")

    assert standing(signed, source, MONDAY) == Standing.BEHIND
    assert standing(signed, source, date(2028, 1, 1)) == Standing.BEHIND
    assert (standing(unsigned, source, MONDAY), is_behind(unsigned, source)) == (Standing.UNREVIEWED, True)


def test_words_said_to_be_in_step_with_a_newer_source_are_signed_again(words: Path):
    sign(words, f"ug/{FEVER}")
    rewrite(words / "zh" / FEVER, "revision", 9)
    rewrite(words / "ug" / FEVER, "follows", "zh@9")

    assert standing(page_of(words, f"ug/{FEVER}"), page_of(words, f"zh/{FEVER}"), MONDAY) == Standing.UNREVIEWED


def test_a_signature_typed_by_hand_is_one_too(words: Path):
    of = digest(page_of(words, f"ug/{FEVER}"))
    change(words / "ug" / FEVER, "unreviewed", f'{{by: reviewer-2, on: 2026-11-30, until: 2027-11-30, of: "{of}"}}')

    assert standing(page_of(words, f"ug/{FEVER}"), None, MONDAY) == Standing.SIGNED


@pytest.mark.parametrize("lost", ["by", "on", "until", "of"])
def test_half_a_signature_is_none(words: Path, lost: str):
    page = sign(words, f"ug/{FEVER}")
    del page.values["review"][lost]

    assert review(page) is None
    assert standing(page, None, MONDAY) == Standing.UNREVIEWED


def test_what_is_said_together_is_worth_what_its_weakest_part_is_worth():
    good, short = Proof(is_signed=True, until=LATER), Proof(is_signed=True, until=MONDAY)

    assert weakest([good, short]).on(LATER) == Standing.EXPIRED
    assert weakest([good, Proof(is_signed=True, is_behind=True, until=LATER)]).on(MONDAY) == Standing.BEHIND
    assert weakest([good, Proof()]).on(MONDAY) == weakest([]).on(MONDAY) == Standing.UNREVIEWED
