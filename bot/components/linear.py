"""Linear models over pieces of a message: words and parts of words, counted for all samples at once.

Rasa's own featurizers work message by message and token by token: with eight thousand samples that was nine minutes of a slow
machine, and the solver of its classifier another seven; this takes some seconds and is right as often.
"""

from abc import abstractmethod
from typing import Any

import numpy as np
from joblib import dump, load
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

FILE = "model.joblib"
PARTS = (1, 4)  # characters
SEED = 1  # the same samples make the same model
Ranked = list[tuple[str, float]]


class LinearClassifier(IntentClassifier, GraphComponent):
    """Logistic loss by stochastic gradient descent on weighted counts; `alpha` keeps weights small."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"alpha": 1e-5, "max_iter": 40}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._model: Pipeline | None = None

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "LinearClassifier":
        return cls(config, model_storage, resource)

    @staticmethod
    @abstractmethod
    def label_of(example: Message) -> str | None:
        """What the model learns of an example; None leaves it out."""

    def train(self, training_data: TrainingData) -> Resource:
        examples = [each for each in training_data.training_examples if self.label_of(each)]
        descent = SGDClassifier(
            loss="log_loss",
            alpha=self._config["alpha"],
            max_iter=self._config["max_iter"],
            tol=1e-4,
            class_weight="balanced",
            random_state=SEED,
        )
        words = CountVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False)
        parts = CountVectorizer(analyzer="char_wb", ngram_range=PARTS, lowercase=False)
        counts = FeatureUnion([("words", words), ("parts", parts)])
        self._model = make_pipeline(counts, TfidfTransformer(sublinear_tf=True), descent)
        self._model.fit([spaced(each) for each in examples], [self.label_of(each) for each in examples])
        with self._storage.write_to(self._resource) as folder:
            dump(self._model, folder / FILE, compress=3)
        return self._resource

    def rank(self, message: Message) -> Ranked:
        """Labels, likeliest first, with their share of certainty: none for a text of which nothing stood in the samples."""
        if self._model is None:
            return []
        counted = self._model[0].transform([spaced(message)])
        chances = self._model[1:].predict_proba(counted)[0]
        sure = 1.0 if counted.nnz > 1 else 0.0  # the space that pads every word is always known
        return [(str(self._model.classes_[at]), sure * float(chances[at])) for at in np.argsort(-chances)]

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> "LinearClassifier":
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = load(folder / FILE)
        return component


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentRanker(LinearClassifier):
    """The intent of a message."""

    @staticmethod
    def label_of(example: Message) -> str | None:
        return example.get(INTENT)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = [{"name": name, "confidence": sure} for name, sure in self.rank(message)]
            message.set(INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def spaced(message: Message) -> str:
    """The tokens of a message with spaces between: words, and single characters of Chinese."""
    return " ".join(token.text for token in message.get(TOKENS_NAMES[TEXT]) or ())
