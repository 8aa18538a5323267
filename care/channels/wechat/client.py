"""Calls WeChat: one token for all processes, renewed once when it is refused, and never in a loop.

https://developers.weixin.qq.com/doc/service/en/api/base/api_getstableaccesstoken.html
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from care.channels.base import Cause, Media, Notes, SendFailed
from care.channels.wechat.errors import STALE_TOKEN, Refused, check
from care.channels.wechat.settings import WeChatSettings
from care.kit.json_bytes import read_json, write_json

Reply = dict[str, Any]
READY_S, SAY_S, CONNECT_S = 5.0, 4.0, 2.5  # READY_S and SAY_S together: after 9 s nobody waits for a channel any more
# aiohttp rounds what reaches its threshold up to the next whole second, and both together must not be longer.
READY = aiohttp.ClientTimeout(total=READY_S, connect=CONNECT_S, ceil_threshold=READY_S + 1)
SAY = aiohttp.ClientTimeout(total=SAY_S, connect=CONNECT_S)
JSON = CIMultiDict({"Content-Type": "application/json; charset=utf-8"})
SOCKETS = 128
BIGGEST_MEDIA = 20 * 1024 * 1024
TOKEN_MARGIN = timedelta(minutes=5)  # the vendor renews it so much earlier, and takes both for that long
HELD_FOR = timedelta(minutes=1)  # before this process looks again which token all share
NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
Call = Callable[[str], Awaitable[Reply]]


class Unclear(Exception):
    """An answer without the vendor's own words: a gateway's page, or half of one."""


@contextmanager
def nothing_said() -> Iterator[None]:
    """Whatever goes wrong in here goes wrong before the message itself: it is known not to have been taken."""
    try:
        yield
    except (aiohttp.ClientError, OSError, Unclear) as fault:
        # Not "from fault": some of aiohttp's errors quote the address, and the token stands in it.
        raise SendFailed(Cause.UNREACHABLE, type(fault).__name__) from None


class Client:
    """One account at one base address."""

    def __init__(self, settings: WeChatSettings, notes: Notes, now: Callable[[], datetime]) -> None:
        self._settings, self._notes, self._now = settings, notes, now
        self._base, self._proxy = settings.base.rstrip("/"), settings.proxy or None
        self._token, self._token_until = "", now()
        self._renewing = asyncio.Lock()
        self._open: aiohttp.ClientSession | None = None

    async def say(self, path: str, message: Mapping[str, Any]) -> Reply:
        """One message.  Raises SendFailed, or anything else when nobody knows."""
        body = write_json(message)
        try:
            reply = await self._with_token(lambda token: self._post(path, token, body, SAY))
        except NEVER_LEFT as fault:
            raise SendFailed(Cause.UNREACHABLE, type(fault).__name__) from None
        if "errcode" not in reply:
            raise Unclear
        return reply

    async def ask(self, path: str, question: Mapping[str, Any]) -> Reply:
        """Something that is no message.  Raises SendFailed."""
        body = write_json(question)
        with nothing_said():
            return await self._with_token(lambda token: self._post(path, token, body))

    async def upload(self, kind: str, name: str, content: bytes, media_type: str) -> str:
        """The media id, which lives for three days.  Raises SendFailed."""

        def post(token: str) -> Awaitable[Reply]:
            # A form can be sent once: the second try would be of 0 bytes, were it not made anew.
            form = aiohttp.FormData()
            form.add_field("media", content, filename=name, content_type=media_type)
            return self._post("/cgi-bin/media/upload", token, form, type=kind)

        with nothing_said():
            reply = await self._with_token(post)
            if not reply.get("media_id"):
                raise Unclear
            return str(reply["media_id"])

    async def download(self, media_id: str) -> Media:
        """What a patient sent; a film comes by an address of its own.  Raises SendFailed."""
        found: list[Media] = []

        async def get(token: str) -> Reply:
            async with self._request("GET", "/cgi-bin/media/get", token, {"media_id": media_id}) as answer:
                if not _is_words(answer):
                    found.append(await _read_media(answer))
                    return {}
                return await _read_reply(answer)

        with nothing_said():
            reply = await self._with_token(get)
            return found[0] if found else await self._download_film(str(reply.get("video_url", "")))

    async def close(self) -> None:
        if self._open:
            await self._open.close()

    async def _with_token(self, call: Call) -> Reply:
        token = await self._get_token()
        try:
            return await call(token)
        except Refused as refused:
            if refused.code not in STALE_TOKEN:
                raise
        return await call(await self._get_token(instead_of=token))

    async def _get_token(self, instead_of: str = "") -> str:
        """The one that all processes share.  Whoever comes here first with a refused one asks for the next."""
        if not self._holds(instead_of):
            async with self._renewing:
                if not self._holds(instead_of):
                    with nothing_said():
                        self._token = await self._look_up_token(instead_of)
                    self._token_until = self._now() + HELD_FOR
        return self._token

    def _holds(self, instead_of: str) -> bool:
        return bool(self._token) and self._token != instead_of and self._now() < self._token_until

    async def _look_up_token(self, instead_of: str) -> str:
        if instead_of:
            await self._notes.forget("token", instead_of)
        if known := await self._notes.get("token"):
            return known
        account = {"appid": self._settings.app_id, "secret": self._settings.secret.get_secret_value()}
        wanted = write_json({"grant_type": "client_credential", **account, "force_refresh": False})
        reply = await self._post("/cgi-bin/stable_token", "", wanted)
        token, life_s = str(reply.get("access_token", "")), float(reply.get("expires_in", 0))
        if not token:
            raise Unclear
        await self._notes.put("token", token, self._now() + timedelta(seconds=life_s) - TOKEN_MARGIN)
        return token

    async def _post(
        self, path: str, token: str, body: bytes | aiohttp.FormData, within: aiohttp.ClientTimeout = READY, **query: str
    ) -> Reply:
        headers = JSON if isinstance(body, bytes) else None
        async with self._request("POST", path, token, query, data=body, headers=headers, timeout=within) as answer:
            return await _read_reply(answer)

    def _request(
        self, method: str, path: str, token: str, query: Mapping[str, str], **more: Any
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        address = make_address(self._base + path, token)
        return self._session().request(method, address, params=query, proxy=self._proxy, allow_redirects=False, **more)

    async def _download_film(self, address: str) -> Media:
        if not address.startswith(("https://", "http://")):
            raise Unclear
        async with self._session().get(address, proxy=self._proxy) as answer:
            if answer.status != 200:
                raise Unclear
            return await _read_media(answer)

    def _session(self) -> aiohttp.ClientSession:
        """Opened by the first call, because the channel is made before there is a loop."""
        if not self._open:
            self._open = aiohttp.ClientSession(
                timeout=READY, connector=aiohttp.TCPConnector(limit=SOCKETS), cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._open


@lru_cache(maxsize=16)
def make_address(method: str, token: str) -> URL:
    """Of one method of the API.  It stays the same for the token's two hours, and is made for every message otherwise."""
    return URL(method).with_query({"access_token": token} if token else None)


def _is_words(answer: aiohttp.ClientResponse) -> bool:
    return answer.content_type in ("application/json", "text/plain", "text/html")


async def _read_reply(answer: aiohttp.ClientResponse) -> Reply:
    """Raises Refused for the vendor's own no, Unclear for what is not the vendor's."""
    try:
        reply = read_json(await answer.read())
    except ValueError:
        raise Unclear from None
    if not isinstance(reply, dict) or not isinstance(reply.get("errcode", 0), int):
        raise Unclear
    if answer.status != 200 and "errcode" not in reply:
        raise Unclear
    check(reply)
    return reply


async def _read_media(answer: aiohttp.ClientResponse) -> Media:
    content = bytearray()
    async for piece in answer.content.iter_chunked(64 * 1024):
        content += piece
        if len(content) > BIGGEST_MEDIA:
            raise SendFailed(Cause.REFUSED, "bigger than WeChat's own limits")
    if answer.status != 200:
        raise Unclear
    return Media(bytes(content), answer.content_type)
