"""Trains a pipeline and reads lines with it: `python compare.py CONFIG TRAINING` < lines, one JSON line each.

For measuring pipelines against each other; nothing of it serves patients.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from surroundings import settle

TOP = 10


async def main(config: str, training: str) -> None:
    lines = sys.stdin.read().splitlines()
    settle()
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    with tempfile.TemporaryDirectory() as folder:
        model = await asyncio.to_thread(train_nlu, config, training, folder, fixed_model_name="compared")
        agent = Agent.load(model)
        for line in lines:
            parsed = await agent.parse_message(line)
            ranking = [[each["name"], each["confidence"]] for each in parsed["intent_ranking"] if each["name"] != "nlu_fallback"]
            put({"ranking": ranking[:TOP], "topics": parsed.get("topic_ranking", [])})


def put(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    asyncio.run(main(*(str(Path(each).resolve()) for each in sys.argv[1:3])))
