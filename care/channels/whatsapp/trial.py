"""A number that is nobody's, for measurements."""

import hashlib
import hmac
import json

from care.channels.base import Post
from care.channels.trial import Trial, Written

APP_SECRET = "an-app-secret-for-measurements"  # noqa: S105 - of nobody
TAKEN = {"messaging_product": "whatsapp", "contacts": [{"input": "1", "wa_id": "1"}], "messages": [{"id": "wamid.HBgLbench"}]}


def post(said: Written) -> Post:
    words = {"type": "text", "text": {"body": said.words}}
    sent = {"from_user_id": said.address, "id": f"wamid.{said.number}", "timestamp": str(int(said.at.timestamp()))}
    person = {"profile": {"name": "Bench"}, "user_id": said.address}
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "contacts": [person]}
    change = {"field": "messages", "value": {**value, "messages": [{**sent, **words}]}}
    told = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    body = json.dumps(told, ensure_ascii=False).encode()
    signature = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return Post("POST", {}, {"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"}, body)


TRIAL = Trial(
    settings={
        "KAREZ_WHATSAPP_TOKEN": "a-token-for-measurements",
        "KAREZ_WHATSAPP_PHONE_ID": "1",
        "KAREZ_WHATSAPP_NUMBER": "+10000000000",
        "KAREZ_WHATSAPP_APP_SECRET": APP_SECRET,
        "KAREZ_WHATSAPP_VERIFY_TOKEN": "a-word-for-measurements",
        "KAREZ_WHATSAPP_BASE_URL": "{url}",
    },
    answers={"/messages": json.dumps(TAKEN)},
    address=lambda number: f"KZ.{10**19 + number}",
    post=post,
)
