"""Everything that is learnt from content/ before the processes start: the assistant, the languages, the net of alarms."""

from collections.abc import Callable
from pathlib import Path

from care.alarms import learn
from care.alarms.listen import Listener, rules_of
from care.content.library import Library
from care.content.training import is_taught, model_name, train
from care.kit.kept import newest
from care.kit.settings import Settings
from care.languages import corpus, ngrams


def teach(files: Library, spoken: Library, bot: Path, say: Callable[[str], object]) -> None:
    """Learn what changed since the last time, else return at once.  Raises TrainingFailed or ContentBroken.

    `spoken`: `files` with what the studio published.  Of that nothing is learnt here: `karez retrain` measures first, and
    until then its sentences are known word for word.
    """
    if not is_taught(files, spoken, bot):
        train(files, bot, say)
    if ngrams.load(corpus.WHERE, corpus.fingerprint(corpus.CONTENT)) is None:
        corpus.build_model(corpus.CONTENT, corpus.WHERE)
    if not any(learn.load(learn.WHERE, learn.fingerprint(each)) for each in (files, spoken)):
        learn.save(learn.learn(files, rules_of(files)), learn.WHERE, learn.fingerprint(files))
        Listener.load.cache_clear()  # it holds the nets of before


def teach_folder(content: Path, bot: Path, say: Callable[[str], object]) -> None:
    """The same for whoever has read nothing yet."""
    words = Library.load(content)
    teach(words, words, bot, say)


def learnt(settings: Settings) -> str:
    """Names what was learnt last: who holds the assistant's notes and the nets of before takes them anew when it changes."""
    return " ".join((model_name(settings.bot), newest(learn.WHERE), newest(corpus.WHERE)))
