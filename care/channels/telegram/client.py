"""The bot's way to Telegram: aiohttp beneath python-telegram-bot, and its refusals told apart from lost answers.

Every call may end in one of three errors: Refused (Telegram's own words), Unreached (nothing was written to the wire) or
Lost (nobody knows).  None of them holds an address of Telegram's, because the token stands in it.
"""

import json
from collections.abc import Mapping
from typing import Any

import aiohttp
from multidict import CIMultiDict
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from care.channels.telegram.settings import TelegramSettings
from care.kit.json_bytes import read_json, write_json

CONNECT_S = 3.0
FETCH_S = 60.0  # a recording of 20 MB over a slow line; may be asked for again
MOST_BYTES = 20 * 1024 * 1024  # what getFile gives
SMALL = 64 * 1024  # bytes; nearly every answer
JSON = CIMultiDict({"Content-Type": "application/json"})
GATEWAYS = (502, 504)  # somebody speaks for a server that was not heard: it may have taken the call
NOTHING_WRITTEN = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


class Refused(TelegramError):
    """Telegram answered, and did not do it."""

    def __init__(self, code: int, words: str, wait_s: float | None = None) -> None:
        super().__init__(words)
        self.code, self.wait_s = code, wait_s


class Unreached(TelegramError):
    """The call was never written."""


class Lost(TelegramError):
    """No answer of Telegram's own."""


def read_refusal(status: int, payload: bytes) -> TelegramError:
    """What a status beyond 299, or an `ok` that is false, means.  https://core.telegram.org/bots/api#making-requests"""
    try:
        said = read_json(payload)
    except ValueError:
        said = None
    if status in GATEWAYS or not isinstance(said, dict) or said.get("ok") is not False:
        return Lost(f"status {status}")
    parameters = said.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    code = said.get("error_code")
    return Refused(code if isinstance(code, int) else status, str(said.get("description")), wait)


class Wire(BaseRequest):
    """One pool of connections, opened at the first call.  `proxy`: empty for none."""

    def __init__(self, timeout_s: float, proxy: str, sockets: int) -> None:
        self._timeout_s, self._sockets = timeout_s, sockets
        self._session: aiohttp.ClientSession | None = None
        self._how: dict[str, dict[str, Any]] = {
            method: {
                "timeout": aiohttp.ClientTimeout(total=total_s, sock_connect=CONNECT_S),
                "proxy": proxy or None,
                "allow_redirects": False,  # it follows nobody elsewhere, with the token in its address
            }
            for method, total_s in (("GET", FETCH_S), ("POST", timeout_s))
        }

    @property
    def read_timeout(self) -> float | None:
        return self._timeout_s

    async def initialize(self) -> None:
        """Nothing: the session belongs to the loop that first calls."""

    async def shutdown(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def call(self, url: str, asked: Mapping[str, Any], voice: bytes = b"") -> dict[str, Any]:
        """One method of the Bot API, past the library: it builds two hundred fields of an answer of which we read two.

        `voice`: a recording to upload.  Raises as do_request does.
        """
        data = _with_voice(asked, voice) if voice else write_json(asked)
        _, payload = await self._exchange(url, "POST", data, None if voice else JSON)
        result: dict[str, Any] = self.parse_json_payload(payload)["result"]
        return result

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more: Any
    ) -> tuple[int, bytes]:
        """What the library calls.  Raises Refused, Unreached or Lost, with nothing in them but Telegram's own words."""
        return await self._exchange(url, method, request_data.json_parameters if request_data else None, None)

    async def _exchange(self, url: str, method: str, data: Any, headers: CIMultiDict[str] | None) -> tuple[int, bytes]:
        try:
            async with self._open().request(method, url, data=data, headers=headers, **self._how[method]) as answer:
                payload = await _read(answer)
                status = answer.status
        except NOTHING_WRITTEN as wrong:
            raise Unreached(type(wrong).__name__) from None
        except (aiohttp.ClientError, OSError) as wrong:
            raise Lost(type(wrong).__name__) from None
        if not 200 <= status <= 299:
            raise read_refusal(status, payload)
        return status, payload

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._sockets), cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The library's own would log an answer it cannot read, with the patient's words in it."""
        try:
            said = read_json(payload)
        except ValueError:
            raise Lost("not JSON") from None
        if not isinstance(said, dict) or said.get("ok") is not True:
            raise read_refusal(200, payload)
        return said


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The whole of it.  Raises Lost for more than Telegram ever sends."""
    told = answer.content_length
    if told is not None and told <= SMALL and "Content-Encoding" not in answer.headers:
        return await answer.read()
    read = bytearray()
    async for part in answer.content.iter_chunked(256 * 1024):
        read += part
        if len(read) > MOST_BYTES:
            raise Lost("too much")
    return bytes(read)


def _with_voice(asked: Mapping[str, Any], voice: bytes) -> aiohttp.FormData:
    fields = {name: told if isinstance(told, str) else json.dumps(told, ensure_ascii=False) for name, told in asked.items()}
    form = aiohttp.FormData(fields)
    form.add_field("voice", voice, filename="voice.ogg", content_type="audio/ogg")
    return form


class Line:
    """The bot: `bot` for what is rare, `call` for every message."""

    def __init__(self, settings: TelegramSettings, sockets: int) -> None:
        token = settings.token.get_secret_value()
        self._wire = Wire(settings.timeout_s, settings.proxy, sockets)
        self.bot = Bot(token, settings.base_url, settings.base_file_url, self._wire, self._wire)
        self.bot_id = token.partition(":")[0]

    async def call(self, method: str, asked: Mapping[str, Any], voice: bytes = b"") -> dict[str, Any]:
        return await self._wire.call(f"{self.bot.base_url}/{method}", asked, voice)

    async def close(self) -> None:
        await self._wire.shutdown()
