"""What Meta's error codes mean for us, in its answers and in its webhooks.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from care.channels.base import Cause, SendFailed

PAIR_S = 6.0  # Meta lets one message go to one person in so many seconds (131056)
NO_IDS = 131062  # this kind of message needs a telephone number
TO_ONE_PERSON = 131056
# Of a sound that is to go out: its id is unknown or too old.
SOUND_GONE = frozenset({100, 131009, 131052, 131053})

CODES: dict[Cause, tuple[int, ...]] = {
    Cause.WINDOW_CLOSED: (131047,),
    Cause.BAD_ADDRESS: (NO_IDS, 131021),
    Cause.NOT_DELIVERED: (131026, 131030),  # no WhatsApp there, an old one, terms not agreed to: only a repetition says more
    Cause.BUSY: (TO_ONE_PERSON, 130429, 80007, 4),
    Cause.UNREACHABLE: (1, 2, 131000, 131016, 131057, 133004),
    Cause.OPTED_OUT: (131050,),
    # 131048 and 131049: Meta holds this person to have had enough; 130472: they are part of an experiment of Meta's.
    Cause.REFUSED: (
        *(100, 130472, 131008, 131009, 131048, 131049, 131051, 131052, 131053, 135000),
        *(132000, 132001, 132005, 132007, 132008, 132012),
    ),
    Cause.BROKEN: (
        *(0, 3, 10, 33, 190, *range(200, 300), 368),
        *(130497, 131005, 131031, 131037, 131042, 131044, 131045, 131064, 132015, 132016, 133010),
    ),
}
CAUSES = {code: cause for cause, codes in CODES.items() for code in codes}
# Meta names no time: one person's limit is known, a number's throughput counts by the second, an app's calls by the hour.
AGAIN_AFTER = {
    TO_ONE_PERSON: timedelta(seconds=PAIR_S),
    130429: timedelta(seconds=1),
    80007: timedelta(minutes=1),
    4: timedelta(minutes=1),
    131057: timedelta(minutes=2),
}
BY_STATUS = {401: Cause.BROKEN, 403: Cause.BROKEN, 429: Cause.BUSY}


class Refused(SendFailed):
    """Meta answered in its own words that it did not take it."""

    def __init__(self, code: int, cause: Cause, said: str = "") -> None:
        super().__init__(cause, said, AGAIN_AFTER.get(code), of_one=code == TO_ONE_PERSON)
        self.code = code


def cause_of(code: int, status: int = 400, is_transient: bool = False) -> Cause:
    """A code nobody has told us of is judged by the status beside it."""
    unknown = Cause.UNREACHABLE if status >= 500 or is_transient else BY_STATUS.get(status, Cause.REFUSED)
    return CAUSES.get(code, unknown)


def refusal(error: Mapping[str, Any], status: int) -> Refused:
    """Of the `error` of an answer.  Raises ValueError for one without a code, which is not Meta's."""
    code = code_of(error)
    details = error.get("error_data")
    said = details.get("details") if isinstance(details, dict) else error.get("message")
    return Refused(code, cause_of(code, status, bool(error.get("is_transient"))), f"{code} {said}")


def code_of(error: Mapping[str, Any]) -> int:
    """Raises ValueError where there is none."""
    try:
        return int(error["code"])
    except (KeyError, TypeError, OverflowError) as none:
        raise ValueError("no code") from none
