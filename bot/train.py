"""Trains the model from data/nlu.yml (written by `karez train`) into models/<name>.tar.gz."""

import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
warnings.simplefilter("ignore")


def main(name: str) -> None:
    import rasa.model_training

    result = rasa.model_training.train(
        domain="domain.yml",
        config="config.yml",
        training_files=["data", "rules"],
        output="models",
        fixed_model_name=name,
        force_training=True,
    )
    if not result.model:
        raise SystemExit("no model was made")


if __name__ == "__main__":
    main(sys.argv[1])
