"""Everything that is learnt from content/ before the processes start: the assistant, the languages, the net of alarms."""

from collections.abc import Callable

from care.alarms import learn
from care.alarms.listen import Listener, rules_of
from care.content.library import Library
from care.content.training import train
from care.kit.settings import Settings
from care.languages import corpus, ngrams


def teach(settings: Settings, say: Callable[[str], object]) -> None:
    """Learn what changed since the last time, else return at once.  Raises TrainingFailed or ContentBroken."""
    train(settings.content, settings.bot, say)
    if ngrams.load(corpus.WHERE, corpus.fingerprint(corpus.CONTENT)) is None:
        corpus.build_model(corpus.CONTENT, corpus.WHERE)
    library = Library.load(settings.content)
    made_from = learn.fingerprint(library)
    if learn.load(learn.WHERE, made_from) is None:
        learn.save(learn.learn(library, rules_of(library)), learn.WHERE, made_from)
        Listener.load.cache_clear()  # it holds the nets of before
