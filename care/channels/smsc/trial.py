"""An account that is nobody's, for measurements: what comes in are reports, each of a message of its own."""

import hashlib
import json

from care.channels.base import Post
from care.channels.trial import Trial, Written

SECRET, SIGNING_WORD = "a-secret-for-measurements", "a-word-for-measurements"


def post(said: Written) -> Post:
    told = {"id": f"bench-{said.number}", "phone": said.address.lstrip("+"), "status": "1", "err": "0"}
    signed = ":".join([told["id"], told["phone"], told["status"], SIGNING_WORD])
    told |= {"ts": str(int(said.at.timestamp())), "sha1": hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()}
    return Post("POST", {"secret": SECRET}, {"content-type": "application/json"}, json.dumps(told).encode())


TRIAL = Trial(
    settings={
        "KAREZ_SMSC_APIKEY": "a-key-for-measurements",
        "KAREZ_SMSC_SECRET": SECRET,
        "KAREZ_SMSC_SIGNING_WORD": SIGNING_WORD,
        "KAREZ_SMSC_BASE_URL": "{url}",
        "KAREZ_SMSC_RESERVE_URL": "",
    },
    answers={"/rest/send/": '{"id": "bench", "cnt": 2}'},
    address=lambda number: f"+7701{number:07}",
    post=post,
)
