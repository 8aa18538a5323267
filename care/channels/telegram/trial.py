"""A bot that is nobody's, for measurements."""

import json

from care.channels.base import Post
from care.channels.trial import Trial, Written

SECRET = "a-word-for-measurements"  # noqa: S105 - of nobody
JSON = {"content-type": "application/json"}
TAKEN = {"message_id": 41, "from": {"id": 1, "is_bot": True, "first_name": "Karez"}, "chat": {"id": 2, "type": "private"}}


def post(said: Written) -> Post:
    person = {"id": int(said.address), "first_name": "Bench"}
    message = {"message_id": said.number, "from": {**person, "is_bot": False}, "chat": {**person, "type": "private"}}
    message |= {"date": int(said.at.timestamp()), "text": said.words}
    body = json.dumps({"update_id": 1 + said.number, "message": message}, ensure_ascii=False).encode()
    return Post("POST", {}, {**JSON, "x-telegram-bot-api-secret-token": SECRET}, body)


TRIAL = Trial(
    settings={
        "KAREZ_TELEGRAM_TOKEN": "1:a-token-for-measurements",
        "KAREZ_TELEGRAM_BOT": "karez_bench_bot",
        "KAREZ_TELEGRAM_SECRET": SECRET,
        "KAREZ_TELEGRAM_BASE_URL": "{url}/bot",
        "KAREZ_TELEGRAM_BASE_FILE_URL": "{url}/file/bot",
    },
    answers={"/sendMessage": json.dumps({"ok": True, "result": TAKEN})},
    address=lambda number: str(7_000_000_000 + number),
    post=post,
)
