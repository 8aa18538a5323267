"""Splits canonical text.  It arrives folded (Uyghur in Latin, Kazakh in Arabic letters, Chinese in Han), so spaces part
the words and a Chinese character stands for itself: Rasa's own tokenizers break every Arabic word or refuse Chinese."""

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

PIECE = re.compile(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class CanonicalTokenizer(Tokenizer):
    """One token a word, one token a Chinese character."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        # The parent class reads these three without defaults of its own.
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: Any, resource: Any, execution_context: Any) -> "CanonicalTokenizer":
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        found = PIECE.finditer(message.get(attribute))
        return [Token(piece.group(), piece.start()) for piece in found]
