"""Who is asking, and whether the request came from our own page (facts: trust, section 7)."""

import hmac
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.state import Door, the_door
from care.people.linking import DEVICE_LIFE, RENEW_AFTER, Phone, device_of, renew
from care.people.staff import SignedIn, keep_alive, signed_in

STAFF_COOKIE, PATIENT_COOKIE = "karez_staff", "karez_patient"
SAFE = ("GET", "HEAD", "OPTIONS")
# The first start makes an administrator only, who therefore must be able to enrol the first patient.
MAY_SEE_PATIENTS = ("nurse", "admin")
LARGEST_BODY = 64 * 1024
LARGEST_POST = 3 * 1024 * 1024  # of a vendor: WhatsApp's may be 3 MB, says its page on webhooks
LARGEST_UPLOAD = 24 * 1024 * 1024  # a recording of some minutes; only the studio takes one
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; media-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # Not "no-referrer": with it browsers send `Origin: null` even from our own forms, and every form would be refused.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
    "cache-control": "no-store",
    "permissions-policy": "geolocation=(), camera=()",
}


class NotSignedIn(Exception):
    """No valid staff sign-in: the page to sign in is shown."""


class Unlinked(Exception):
    """No open device behind the token."""


TOO_LARGE_SAID = "The request is larger than {} KB."
CROSS_SITE = PlainTextResponse("This request came from another site.", 403)


class Forbidden(Exception):
    """The form's secret is missing or wrong, or the role may not do this."""


class Guard:
    """Headers on every response; requests from other sites and bodies larger than any form of ours are refused.

    Plain ASGI: the framework's own middleware costs every request two tasks and a queue.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        largest = _largest(scope["path"])
        app = _refuse(Headers(scope=scope), scope["method"], largest) or self.app
        await app(scope, _counted(receive, largest), _with_headers(send))


def _largest(path: str) -> int:
    if path.startswith("/studio/"):
        return LARGEST_UPLOAD
    return LARGEST_POST if path.startswith("/hooks/") else LARGEST_BODY


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent


def _counted(receive: Receive, largest: int) -> Receive:
    """A length may be missing or untrue: what really comes is counted."""
    came = 0

    async def received() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > largest:
            raise HTTPException(413, TOO_LARGE_SAID.format(largest // 1024))
        return message

    return received


def _refuse(headers: Headers, method: str, largest: int) -> Response | None:
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > largest:
        return PlainTextResponse(TOO_LARGE_SAID.format(largest // 1024), 413)
    return CROSS_SITE if method not in SAFE and is_cross_site(headers) else None


def is_cross_site(headers: Headers) -> bool:
    """Browsers say where a request comes from; other programs say nothing and need a token anyway."""
    site = headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and origin.split("://")[-1] != headers.get("host")


def cookie_name(door: Door, name: str) -> str:
    return f"__Host-{name}" if door.settings.secure_cookies else name


def set_cookie(door: Door, response: Response, name: str, value: str, seconds: int) -> None:
    """An opaque secret no script can read."""
    response.set_cookie(
        cookie_name(door, name),
        value,
        max_age=seconds,
        path="/",
        secure=door.settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )


def forget_cookie(door: Door, response: Response, name: str) -> None:
    """Browsers drop a `__Host-` cookie only when told with the attributes it was set with."""
    response.delete_cookie(cookie_name(door, name), secure=door.settings.secure_cookies, httponly=True, samesite="strict")


def client_address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def signed_in_staff(request: Request, door: Annotated[Door, Depends(the_door)]) -> SignedIn:
    """The member of staff behind the cookie; unsafe methods also need the form's secret."""
    token = request.cookies.get(cookie_name(door, STAFF_COOKIE), "")
    async with door.database.look() as work:
        staff = await signed_in(work, token) if token else None
    if staff is None:
        raise NotSignedIn
    if request.method not in SAFE:
        form = await request.form()
        if not hmac.compare_digest(str(form.get("csrf", "")).encode(), staff.csrf.encode()):
            raise Forbidden
    if "refresh" not in request.query_params:  # a page that reloads itself is not a person at the desk
        async with door.database.work() as work:
            await keep_alive(work, token)
    return staff


async def at_the_bedside(staff: Annotated[SignedIn, Depends(signed_in_staff)]) -> SignedIn:
    """Somebody who may read and change patients' records; who writes or reviews texts needs none of them."""
    if staff.role not in MAY_SEE_PATIENTS:
        raise Forbidden
    return staff


async def linked_phone(request: Request, response: Response, door: Annotated[Door, Depends(the_door)]) -> Phone:
    """The patient whose device this is.  Using the device keeps it linked, and its cookie alive."""
    token, is_cookie = _token(request, door)
    async with door.database.look() as work:
        phone = await device_of(work, token) if token else None
        if phone is None:
            raise Unlinked
    if phone.seen_at < work.now - RENEW_AFTER:
        async with door.database.work() as work:
            await renew(work, phone.id)
        if is_cookie:
            set_cookie(door, response, PATIENT_COOKIE, token, int(DEVICE_LIFE.total_seconds()))
    door.phones.keep(token, phone, work.now)
    return phone


async def recalled_phone(request: Request, response: Response, door: Annotated[Door, Depends(the_door)]) -> Phone:
    """The same, for what asks again in its own transaction: as it was some minutes ago, without asking the database."""
    found = door.phones.recall(_token(request, door)[0], door.database.clock.now())
    return found or await linked_phone(request, response, door)


def _token(request: Request, door: Door) -> tuple[str, bool]:
    """The phone's secret, and whether it came as a cookie."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return bearer, False
    return request.cookies.get(cookie_name(door, PATIENT_COOKIE), ""), True


async def linked_patient(phone: Annotated[Phone, Depends(linked_phone)]) -> str:
    return phone.patient_id


TheDoor = Annotated[Door, Depends(the_door)]
Staff = Annotated[SignedIn, Depends(signed_in_staff)]
Nurse = Annotated[SignedIn, Depends(at_the_bedside)]
LinkedPhone = Annotated[Phone, Depends(linked_phone)]
RecalledPhone = Annotated[Phone, Depends(recalled_phone)]
PatientId = Annotated[str, Depends(linked_patient)]
