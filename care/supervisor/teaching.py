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


def teach(settings: Settings, say: Callable[[str], object], files: Path | None = None) -> None:
    """Learn what changed since the last time, else return at once.  Raises TrainingFailed or ContentBroken.

    `files`: the words in service without what the studio published.  Of that nothing is learnt here: `karez retrain` measures
    first, and until then its sentences are known word for word.
    """
    if files is None or not is_taught(files, settings.content, settings.bot):
        train(files or settings.content, settings.bot, say)
    if ngrams.load(corpus.WHERE, corpus.fingerprint(corpus.CONTENT)) is None:
        corpus.build_model(corpus.CONTENT, corpus.WHERE)
    spoken = Library.load(settings.content)
    library = Library.load(files) if files and files != settings.content else spoken
    if not any(learn.load(learn.WHERE, learn.fingerprint(each)) for each in (library, spoken)):
        learn.save(learn.learn(library, rules_of(library)), learn.WHERE, learn.fingerprint(library))
        Listener.load.cache_clear()  # it holds the nets of before


def learnt(settings: Settings) -> str:
    """Names what was learnt last: who holds the assistant's notes and the nets of before takes them anew when it changes."""
    return " ".join((model_name(settings.bot), newest(learn.WHERE), newest(corpus.WHERE)))
