"""Asks Aliyun to send, and reads its refusals, which come inside a 200.

Texts: https://help.aliyun.com/document_detail/101414.html and, for the codes, https://help.aliyun.com/document_detail/101346.html
Calls: https://help.aliyun.com/document_detail/114036.html and https://help.aliyun.com/document_detail/114037.html
Neither takes a key of ours against repeats: https://help.aliyun.com/document_detail/55284.html
"""

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import ClientConnectorError, ClientSession, ClientTimeout, ConnectionTimeoutError, DummyCookieJar
from yarl import URL

from care.channels.aliyun.settings import AliyunSettings
from care.channels.aliyun.signer import Call, Signer, encode
from care.channels.base import Cause, SendFailed
from care.kit.json_bytes import read_json

TIMEOUT = ClientTimeout(total=9, connect=3)
VERSION = "2017-05-25"  # of texts and of calls
IDS = ("BizId", "CallId")
OF_A_NUMBER = "isv.BUSINESS_LIMIT_CONTROL"
CODES = {
    OF_A_NUMBER: Cause.BUSY,
    "Throttling": Cause.BUSY,
    "Throttling.User": Cause.BUSY,
    "isv.MOBILE_NUMBER_ILLEGAL": Cause.BAD_ADDRESS,
    "isv.CUSTOMER_REFUSED": Cause.OPTED_OUT,
    "isv.AMOUNT_NOT_ENOUGH": Cause.BROKEN,
    "isv.OUT_OF_SERVICE": Cause.BROKEN,
    "isv.PRODUCT_UN_SUBSCRIPT": Cause.BROKEN,
    "isv.PRODUCT_UNSUBSCRIBE": Cause.BROKEN,
    "isv.DENY_IP_RANGE": Cause.BROKEN,
    "isv.DAY_LIMIT_CONTROL": Cause.BROKEN,  # the limits the account has set itself
    "isv.MONTH_LIMIT_CONTROL": Cause.BROKEN,
    "isv.SECURITY_FROZEN_ACCOUNT": Cause.BROKEN,
    "isp.RAM_PERMISSION_DENY": Cause.BROKEN,
}
# Whole families of codes; the first that fits.  A text or a signature that was not approved is one message's fault.
FAMILIES = (
    ("isv.ACCOUNT_", Cause.BROKEN),
    ("isv.", Cause.REFUSED),
    ("isp.", Cause.UNREACHABLE),
    ("SignatureDoesNotMatch", Cause.BROKEN),
    ("IncompleteSignature", Cause.BROKEN),
    ("InvalidAccessKeyId", Cause.BROKEN),
    ("InvalidTimeStamp", Cause.BROKEN),
    ("Forbidden", Cause.BROKEN),
    ("NoPermission", Cause.BROKEN),
    ("InternalError", Cause.UNREACHABLE),
    ("ServiceUnavailable", Cause.UNREACHABLE),
)
# Something on the way repeated our request: the first may have been taken.
REPEATED = "SignatureNonceUsed"
# house: letters 3 - how Aliyun names the limit that was reached
SPANS = {
    "分钟": timedelta(minutes=1),
    "小时": timedelta(hours=1),
    "天": timedelta(hours=24),
}


class Unclear(Exception):
    """Not Aliyun's own words: nobody knows whether it was taken."""


class Client:
    """One account."""

    def __init__(self, settings: AliyunSettings, now: Callable[[], datetime]) -> None:
        self._now, self._proxy = now, settings.proxy or None
        self._signer = Signer(settings.access_key_id, settings.access_key_secret.get_secret_value())
        self._sms, self._voice = URL(f"{settings.sms_url}/"), URL(f"{settings.voice_url}/")
        self._session: ClientSession | None = None

    def write(self, parameters: dict[str, str]) -> Awaitable[str]:
        """The receipt's id.  Raises SendFailed; anything else means that nobody knows."""
        return self._ask(self._sms, "SendSms", parameters)

    def call(self, action: str, parameters: dict[str, str]) -> Awaitable[str]:
        """The call's id, as for `write`."""
        return self._ask(self._voice, action, parameters)

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _ask(self, base: URL, action: str, parameters: dict[str, str]) -> str:
        host = base.host_port_subcomponent or ""  # as it is written into the request
        call = Call(host, action, VERSION, encode(parameters), self._now(), secrets.token_hex(16))
        # Encoded once, by us: another encoding of the same words has another signature.
        url = URL.build(
            scheme=base.scheme, authority=base.raw_authority, path=base.raw_path, query_string=call.query, encoded=True
        )
        self._session = self._session or ClientSession(timeout=TIMEOUT, cookie_jar=DummyCookieJar())
        try:
            async with self._session.post(url, headers=self._signer.sign(call), proxy=self._proxy) as answer:
                return read_answer(answer.status, await answer.read())
        except (ClientConnectorError, ConnectionTimeoutError):  # nothing was sent
            raise SendFailed(Cause.UNREACHABLE) from None


def read_answer(status: int, body: bytes) -> str:
    """The id of what was taken.  Raises SendFailed for a code of Aliyun's own, Unclear for anything else."""
    try:
        told = read_json(body)
    except ValueError:
        told = None
    code = told.get("Code") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(code, str) or code == REPEATED:
        raise Unclear(f"status {status}")
    if code != "OK":
        raise refusal(code, told)
    for name in IDS:
        if told.get(name):
            return str(told[name])
    raise Unclear("taken without an id")


def refusal(code: str, told: dict[str, Any]) -> SendFailed:
    cause = CODES.get(code) or next((cause for start, cause in FAMILIES if code.startswith(start)), Cause.REFUSED)
    words = f"{told.get('Message')}"
    wait = next((span for name, span in SPANS.items() if name in words), timedelta(minutes=1))
    # The flow limits of a business are counted by telephone number.
    return SendFailed(cause, f"{code}: {words}", wait if cause == Cause.BUSY else None, of_one=code == OF_A_NUMBER)
