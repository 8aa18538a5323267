"""Asks SMSC.kz to send, and reads its refusals.

Parameters: https://smsc.kz/api/http/send/sms/   Errors: https://smsc.kz/api/http/send/sms/sms_answer/
Calls: https://smsc.kz/api/http/send/voice/
"""

from datetime import timedelta
from typing import Any

from aiohttp import ClientConnectorError, ClientSession, ClientTimeout, ConnectionTimeoutError, DummyCookieJar, FormData

from care.channels.base import Cause, SendFailed
from care.channels.smsc.settings import SmscSettings
from care.kit.json_bytes import read_json, write_json

# Two addresses are tried, the second only when the first took no connection: together at most 9 s.
TIMEOUT = ClientTimeout(total=6.5, connect=2.5)
NOT_REACHED = (ClientConnectorError, ConnectionTimeoutError)
MINUTE = timedelta(minutes=1)
ERRORS: dict[int, tuple[Cause, timedelta | None]] = {
    1: (Cause.OUR_BUG, None),  # parameters
    2: (Cause.BROKEN, None),  # login
    3: (Cause.BROKEN, None),  # balance
    4: (Cause.BROKEN, None),  # our address is blocked after too many errors
    5: (Cause.OUR_BUG, None),  # date
    6: (Cause.REFUSED, None),  # text or sender is forbidden
    7: (Cause.BAD_ADDRESS, None),  # form of the number
    8: (Cause.BAD_ADDRESS, None),  # cannot be delivered to this number
    9: (Cause.BUSY, MINUTE),  # the same request twice within a minute, or 15 at once
}


class Unclear(Exception):
    """Not SMSC's own words: nobody knows whether it was taken."""


class Client:
    """One account."""

    def __init__(self, settings: SmscSettings) -> None:
        self._settings = settings
        self._session: ClientSession | None = None

    async def write(self, asked: dict[str, Any]) -> str:
        """The message's id.  Raises SendFailed; anything else means that nobody knows."""
        message = self._with_account(asked)
        return await self._ask("/rest/send/", lambda: {"json": message})

    async def call(self, asked: dict[str, Any], sound: bytes) -> str:
        """The call's id, as for `write`; the recording travels with the request."""
        return await self._ask("/sys/send.php", lambda: {"data": self._form(asked, sound)})

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _ask(self, path: str, content: Any) -> str:
        for url in filter(None, (self._settings.base_url, self._settings.reserve_url)):
            try:
                return await self._ask_at(url + path, content())
            except NOT_REACHED:
                continue
        raise SendFailed(Cause.UNREACHABLE)

    async def _ask_at(self, url: str, content: dict[str, Any]) -> str:
        self._session = self._session or ClientSession(
            timeout=TIMEOUT, cookie_jar=DummyCookieJar(), json_serialize_bytes=write_json
        )
        async with self._session.post(url, proxy=self._settings.proxy or None, **content) as answer:
            return read_answer(answer.status, await answer.read())

    def _form(self, asked: dict[str, Any], sound: bytes) -> FormData:
        form = FormData({name: str(value) for name, value in self._with_account(asked).items()})
        form.add_field("file1", sound, filename="message.mp3", content_type="audio/mpeg")
        return form

    def _with_account(self, asked: dict[str, Any]) -> dict[str, Any]:
        account = {"apikey": self._settings.apikey.get_secret_value(), "fmt": 3, "charset": "utf-8"}
        return {**account, **({"sender": self._settings.sender} if self._settings.sender else {}), **asked}


def read_answer(status: int, body: bytes) -> str:
    """The id of what was taken.  Raises SendFailed for an error of SMSC's own, Unclear for anything else."""
    try:
        told = read_json(body)
    except ValueError:
        told = None
    if isinstance(told, dict) and "error_code" in told:
        cause, again_after = ERRORS.get(int(told["error_code"]), (Cause.REFUSED, None))
        raise SendFailed(cause, str(told.get("error")), again_after)
    if status != 200 or not isinstance(told, dict) or "id" not in told:
        raise Unclear(f"status {status}")
    return str(told["id"])
