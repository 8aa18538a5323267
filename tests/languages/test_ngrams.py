"""The n-gram model: learnt from content, kept in a folder, made anew when there is none."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from care.languages import corpus
from care.languages.identify import identify
from care.languages.ngrams import load, save, train
from tests.content.conftest import few_words

__all__ = ["few_words"]


@pytest.fixture(scope="module")
def built(tmp_path_factory, few_words):
    where = tmp_path_factory.mktemp("var") / "languages"
    corpus.build_model(few_words, where)
    return where


@pytest.fixture
def forgotten(monkeypatch):
    """A process that has not read a message yet."""
    monkeypatch.setattr(corpus, "_kept", {})


def test_a_model_tells_its_classes_apart():
    model = train({"a": ["mama mama"], "b": ["papa papa"]})
    assert model.rank("mama")[0][0] == "a"
    assert model.rank("12 !") == []


def test_a_model_of_nothing_knows_nothing():
    assert train({"a": [], "b": []}).rank("mama") == []


def test_a_saved_model_answers_like_the_trained_one(built, few_words):
    saved = load(built, corpus.fingerprint(few_words))
    assert saved["Latn"].rank("konglum aynidi") == corpus.train_all(few_words)["Latn"].rank("konglum aynidi")


def test_a_model_of_other_content_is_used_only_while_there_is_no_better_one(built):
    assert load(built, "made of something else") is None
    assert load(built)


def test_the_last_models_are_left_and_the_newest_is_used(tmp_path):
    for number in range(5):
        save({"Latn": train({f"class-{number}": ["mama mama"]})}, tmp_path, f"made-{number}")

    assert load(tmp_path)["Latn"].classes == ["class-4"]
    assert load(tmp_path, "made-0") is None
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("written", ["", "{", "[]", json.dumps({"Arab": {}})])
def test_a_broken_file_is_no_model(tmp_path, written):
    (tmp_path / "x.json").write_text(written)
    assert load(tmp_path, "x") is None


def test_without_a_file_the_model_is_trained_on_first_use(forgotten, few_words, monkeypatch, tmp_path):
    monkeypatch.setattr(corpus, "WHERE", tmp_path / "none")
    monkeypatch.setattr(corpus, "CONTENT", few_words)
    assert identify("konglum ayniwatidu").language == "ug"


def test_threads_share_one_model(forgotten):
    with ThreadPoolExecutor(8) as pool:
        assert len({id(models["Arab"]) for models in pool.map(lambda _: corpus.models(), range(16))}) == 1


def test_content_somebody_is_writing_is_read_as_far_as_it_goes(tmp_path):
    (tmp_path / "half.yml").write_text('greet: ["سالام')
    (tmp_path / "topic.md").write_text("---\nid: x\ntitle: كۆڭۈل\n---\nدورا ${name} ئىچىڭ\n")
    assert list(corpus.sentences(tmp_path)) == ['greet: ["سالام', "كۆڭۈل", "دورا   ئىچىڭ"]


def test_metadata_and_keys_are_not_taught(tmp_path):
    (tmp_path / "a.yml").write_text("id: nausea\nfollows: zh@1\nflags: {rf-fever: {say: قىزىتما}}")
    assert list(corpus.sentences(tmp_path)) == ["قىزىتما"]
