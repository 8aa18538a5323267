"""Telegram's refusals as causes (https://core.telegram.org/bots/api#making-requests)."""

from datetime import timedelta

from telegram.error import TelegramError

from care.channels.base import Cause, SendFailed
from care.channels.telegram.client import Refused

# 404: Telegram knows no such token; 409: somebody else reads this bot's updates by getUpdates.
BY_CODE = {401: Cause.BROKEN, 404: Cause.BROKEN, 409: Cause.BROKEN, 429: Cause.BUSY}
# Telegram has one number for many refusals, and only its words tell them apart.
BLOCKED = "blocked by the user"
NOBODY = ("chat not found", "user not found", "peer_id_invalid", "user_id_invalid", "input_user_deactivated")
NO_SUCH_SOUND = ("wrong file identifier", "wrong remote file", "wrong file_id", "file_reference")


def failed(no: TelegramError, of_a_file: bool = False) -> SendFailed:
    """`of_a_file`: asked for what a patient sent, where 404 says that it is gone."""
    if not isinstance(no, Refused):
        return SendFailed(Cause.UNREACHABLE, str(no))
    cause = Cause.REFUSED if of_a_file and no.code == 404 else _cause(no)
    return SendFailed(cause, str(no), None if no.wait_s is None else timedelta(seconds=no.wait_s))


def _cause(no: Refused) -> Cause:
    words = str(no).lower()
    if no.code == 403:
        return Cause.OPTED_OUT if BLOCKED in words else Cause.BAD_ADDRESS
    if no.code == 400 and any(each in words for each in NOBODY):
        return Cause.BAD_ADDRESS
    return Cause.UNREACHABLE if no.code >= 500 else BY_CODE.get(no.code, Cause.REFUSED)


def is_of_the_sound(no: Refused) -> bool:
    """Telegram no longer knows the recording by the name it gave."""
    return no.code == 400 and any(each in str(no).lower() for each in NO_SUCH_SOUND)
