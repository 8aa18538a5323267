"""An account that is nobody's, for measurements: what comes in are reports, each of a message of its own."""

import json
from datetime import timedelta, timezone

from care.channels.base import Post
from care.channels.trial import Trial, Written

SECRET, BEIJING = "a-secret-for-measurements", timezone(timedelta(hours=8))


def post(said: Written) -> Post:
    at = f"{said.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    told = {"phone_number": said.address.removeprefix("+86"), "send_time": at, "report_time": at, "success": True}
    told |= {"err_code": "DELIVERED", "sms_size": "2", "biz_id": f"{said.number}^0", "out_id": f"bench-{said.number}"}
    return Post("POST", {"secret": SECRET}, {"content-type": "application/json"}, json.dumps([told]).encode())


TRIAL = Trial(
    settings={
        "KAREZ_ALIYUN_ACCESS_KEY_ID": "a-key-for-measurements",
        "KAREZ_ALIYUN_ACCESS_KEY_SECRET": "a-key-secret-for-measurements",
        "KAREZ_ALIYUN_SECRET": SECRET,
        "KAREZ_ALIYUN_SIGN_NAME": "Karez",
        "KAREZ_ALIYUN_TEMPLATES": '{"medicine": {"code": "SMS_1", "parameters": {"what": "title"}}}',
        "KAREZ_ALIYUN_SMS_URL": "{url}",
        "KAREZ_ALIYUN_VOICE_URL": "{url}",
    },
    answers={"/": '{"Message": "OK", "RequestId": "F655A8D5-B967-440B-8683", "Code": "OK", "BizId": "932702304080415357^0"}'},
    address=lambda number: f"+861380{number:07}",
    post=post,
)
