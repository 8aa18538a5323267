"""The nets that hear danger are those of the words in service; others only while they are nearly the same."""

import copy
from pathlib import Path

import pytest

from care.alarms import learn
from care.alarms.listen import rules_of
from care.content.library import Library
from care.content.shape import META


def kazakh(library: Library, topics: int | None = None, intents: bool = True) -> Library:
    """One language of the library, with so many topics, and with or without what patients say all day."""
    own = copy.copy(library)
    pages = copy.copy(library.languages["kk"])
    pages.topics = dict(list(pages.topics.items())[:topics])
    pages.intents = copy.copy(pages.intents)
    pages.intents.values = {key: said for key, said in pages.intents.values.items() if intents or key in META}
    own.languages = {"kk": pages}
    return own


def taught(library: Library, where: Path) -> int:
    """How many sentences the net was made from that listens to patients."""
    return learn.nets_of(library, rules_of(library), where)["kk"].taught


def teach(library: Library, where: Path) -> int:
    made = learn.learn(library, rules_of(library))
    learn.save(made, where, learn.fingerprint(library))
    return made["kk"].taught


def test_nets_made_of_few_words_do_not_listen_to_patients(library: Library, tmp_path: Path):
    few = teach(kazakh(library, topics=2, intents=False), tmp_path)

    assert taught(kazakh(library), tmp_path) > 1.4 * few


def test_nets_of_nearly_the_same_words_serve_until_the_next_teaching(library: Library, tmp_path: Path):
    nearly = teach(kazakh(library, topics=-1), tmp_path)

    assert taught(kazakh(library), tmp_path) == nearly


@pytest.mark.parametrize("written", ["", "[]", "[[1]]", '[["kk", {}, 0.0, {}]]'])
def test_a_file_that_is_no_net_is_as_none(tmp_path: Path, written: str):
    (tmp_path / "broken.json").write_text(written)

    assert learn.load(tmp_path, "broken") is None
