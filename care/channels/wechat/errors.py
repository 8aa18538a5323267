"""What WeChat's numbers mean: it answers 200 to everything and hides the refusal in `errcode`.

https://developers.weixin.qq.com/doc/service/en/guide/dev/api/errorcode.html
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from care.channels.base import Cause, SendFailed

STALE_TOKEN = (40001, 40014, 42001)
STALE_MEDIA = 40007

CAUSES = {
    -1: Cause.UNREACHABLE,  # "system busy"
    45011: Cause.BUSY,  # this minute's calls are used
    # wrong openid, not a follower, has unfollowed
    **dict.fromkeys((40003, 43004, 50005), Cause.BAD_ADDRESS),
    # refuses whatever we send
    **dict.fromkeys((43019, 48002), Cause.OPTED_OUT),
    # the window is shut; its messages are used; this form is refused, and what the patient writes still opens the window
    **dict.fromkeys((45015, 45047, 43101), Cause.WINDOW_CLOSED),
    # file of a strange kind or size, dead media, escaped JSON, no such form, too long, a form's field
    **dict.fromkeys((40004, 40005, 40006, 40007, 40010, 40033, 40037), Cause.REFUSED),
    **dict.fromkeys((45001, 45002, 45003, 45004, 45005, 45006, 45007, 45008, 47003), Cause.REFUSED),
    # no such message, nothing in it, not JSON
    **dict.fromkeys((40008, 44001, 44002, 44003, 44004, 47001), Cause.OUR_BUG),
    # token (after it was renewed), AppID, AppSecret, whitelist, today's calls, permission, ban, frozen account
    **dict.fromkeys((*STALE_TOKEN, 40002, 40013, 40125, 40164, 41001, 45009), Cause.BROKEN),
    **dict.fromkeys((48001, 48004, 50001, 50002), Cause.BROKEN),
}
AGAIN_AFTER = {Cause.BUSY: timedelta(minutes=1)}  # the limit is counted by the minute


class Refused(SendFailed):
    """The vendor's own no, with its number."""

    def __init__(self, code: int, said: str) -> None:
        cause = cause_of(code)
        super().__init__(cause, f"{code} {said}", AGAIN_AFTER.get(cause))
        self.code = code


def cause_of(code: int) -> Cause:
    """A number that is not known is a refusal all the same: the message was not taken."""
    return CAUSES.get(code, Cause.REFUSED)


def check(reply: Mapping[str, Any]) -> None:
    """Raises Refused for a number other than 0."""
    code: int = reply.get("errcode", 0)
    if code != 0:
        raise Refused(code, str(reply.get("errmsg", "")))
