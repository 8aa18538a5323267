"""Trains a model from data/nlu.yml (written by `karez train`): python train.py FOLDER NAME makes FOLDER/NAME.tar.gz."""

import sys

from surroundings import settle


def main(folder: str, name: str) -> None:
    settle()
    import rasa.model_training

    result = rasa.model_training.train(
        domain="domain.yml",
        config="config.yml",
        training_files=["data/nlu.yml", "rules"],
        output=folder,
        fixed_model_name=name,
        force_training=True,
    )
    if not result.model:
        raise SystemExit("no model was made")


if __name__ == "__main__":
    main(*sys.argv[1:])
