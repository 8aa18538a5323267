"""The three calls we make of Meta's Graph API: send a message, upload a sound, fetch what a patient sent.

https://developers.facebook.com/documentation/business-messaging/whatsapp/reference
"""

from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    FormData,
    TCPConnector,
)
from multidict import CIMultiDict
from yarl import URL

from care.channels.base import Cause, Media, SendFailed
from care.channels.whatsapp.causes import refusal
from care.channels.whatsapp.settings import WhatsAppSettings
from care.kit.json_bytes import read_json, write_json

WITHIN_S, CONNECT_S = 9.0, 4.0
UPLOAD_WITHIN_S = 5.0
SOCKETS = 128
MEDIA_MOST = 16 * 1024 * 1024  # bytes; of sounds, the largest kind we take
NOT_SENT = (ClientConnectorError, ConnectionTimeoutError)  # no connection, so nothing left this machine
Json = dict[str, Any]


@lru_cache(maxsize=128)
def limit(total_s: float) -> ClientTimeout:
    """Made once for each tenth of a second that is left: it takes as long to make as to write the message."""
    return ClientTimeout(total=total_s, sock_connect=CONNECT_S)


class Unclear(Exception):
    """An answer that is not Meta's own (a gateway's page, half of one): nobody knows what became of the message."""


class Graph:
    """One phone number's side of the API.  Its connections open with the first call."""

    def __init__(self, settings: WhatsAppSettings) -> None:
        self._settings, self._proxy = settings, settings.proxy or None
        # Made once, in the client's own types: it would turn them into these for every message.
        self._key = CIMultiDict({"Authorization": f"Bearer {settings.token}"})
        self._of_json = CIMultiDict({**self._key, "Content-Type": "application/json"})
        self._messages = URL(self._url(f"{settings.phone_id}/messages"))
        self._opened: ClientSession | None = None

    async def send(self, message: Json, within_s: float) -> str:
        """Meta's id of the message.  Raises SendFailed; anything else means that nobody knows."""
        answer = await self._post(self._messages, within_s, data=write_json(message), headers=self._of_json)
        try:
            return str(answer["messages"][0]["id"])
        except (LookupError, TypeError) as wrong:
            raise Unclear from wrong

    async def upload(self, content: bytes) -> str:
        """The id under which this sound may be sent.  Raises SendFailed whatever happens: no message has been sent yet."""
        if len(content) > MEDIA_MOST:
            raise SendFailed(Cause.REFUSED, "the recording is too large")
        form = FormData({"messaging_product": "whatsapp", "type": "audio/ogg"})
        form.add_field("file", content, filename="voice.ogg", content_type="audio/ogg")
        try:
            return str(
                (await self._post(self._url(f"{self._settings.phone_id}/media"), UPLOAD_WITHIN_S, data=form, headers=self._key))[
                    "id"
                ]
            )
        except (Unclear, ClientError, TimeoutError, KeyError) as wrong:
            raise SendFailed(Cause.UNREACHABLE) from wrong

    async def fetch(self, ref: str) -> Media:
        """What a patient sent, at most MEDIA_MOST bytes.  Raises SendFailed: it may be asked for again."""
        try:
            async with self._session.get(self._url(quote(ref, safe="")), headers=self._key, proxy=self._proxy) as response:
                found = await _read(response)
            where = self._behind_relay(str(found["url"]))
            async with self._session.get(where, headers=self._key, proxy=self._proxy) as response:
                return Media(await _download(response), str(found.get("mime_type") or response.content_type))
        except (Unclear, ClientError, TimeoutError, KeyError, ValueError) as wrong:
            raise SendFailed(Cause.UNREACHABLE) from wrong

    async def close(self) -> None:
        if self._opened:
            await self._opened.close()

    async def _post(self, url: URL | str, within_s: float, **body: Any) -> Json:
        try:
            async with self._session.post(url, timeout=limit(round(within_s, 1)), proxy=self._proxy, **body) as response:
                return await _read(response)
        except NOT_SENT as wrong:
            raise SendFailed(Cause.UNREACHABLE) from wrong

    @property
    def _session(self) -> ClientSession:
        if self._opened is None:
            self._opened = ClientSession(
                connector=TCPConnector(limit=SOCKETS),
                cookie_jar=DummyCookieJar(),
                timeout=limit(WITHIN_S),
            )
        return self._opened

    def _url(self, path: str) -> str:
        return f"{self._settings.base_url.rstrip('/')}/{path}"

    def _behind_relay(self, url: str) -> str:
        """The media's address, which Meta names by its own host; it lives five minutes and wants the token too."""
        if not self._settings.media_url:
            return url
        parts = urlsplit(url)
        return f"{self._settings.media_url.rstrip('/')}{parts.path}?{parts.query}"


async def _read(response: ClientResponse) -> Json:
    """Meta's answer.  Raises SendFailed for a refusal in its own words, Unclear for whatever is not Meta's."""
    try:
        answer = read_json(await response.read())
        if isinstance(answer.get("error"), dict):
            raise refusal(answer["error"], response.status)
    except (ValueError, AttributeError) as wrong:
        raise Unclear(response.status) from wrong
    if response.status >= 300:
        raise Unclear(response.status)
    return dict(answer)


async def _download(response: ClientResponse) -> bytes:
    """Raises SendFailed for one that is too large, before all of it has come."""
    if response.status != 200:
        raise Unclear(response.status)
    content = bytearray()
    async for piece in response.content.iter_chunked(64 * 1024):
        content += piece
        if len(content) > MEDIA_MOST:
            raise SendFailed(Cause.REFUSED, "the media is too large")
    return bytes(content)
