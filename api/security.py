"""Who is asking, and whether the request came from our own page (facts: trust, section 7)."""

import hmac
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.middleware.base import RequestResponseEndpoint

from api.state import Door, door_of
from care.people.linking import DEVICE_LIFE, RENEW_AFTER, device_of, renew
from care.people.staff import SignedIn, keep_alive, signed_in

STAFF_COOKIE, PATIENT_COOKIE = "karez_staff", "karez_patient"
SAFE = ("GET", "HEAD", "OPTIONS")
LARGEST_BODY = 64 * 1024
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
    "permissions-policy": "geolocation=(), camera=()",
}


class NotSignedIn(Exception):
    """No valid staff sign-in: the page to sign in is shown."""


class Unlinked(Exception):
    """No open device behind the token."""


class CrossSite(Exception):
    """An unsafe request from another site."""


class Forbidden(Exception):
    """The form's secret is missing or wrong, or the role may not do this."""


async def add_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Headers on every response; bodies larger than any form of ours are refused before they are read."""
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        response = Response("The request is larger than 64 KB.", status_code=413, media_type="text/plain")
    elif request.method not in SAFE and is_cross_site(request):
        response = Response("This request came from another site.", status_code=403, media_type="text/plain")
    else:
        response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "cache-control" not in response.headers:
        response.headers["cache-control"] = "no-store"
    return response


def is_cross_site(request: Request) -> bool:
    """Browsers say where a request comes from; other programs say nothing and need a token anyway."""
    site = request.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        return True
    origin = request.headers.get("origin")
    return origin is not None and origin.split("://")[-1] != request.headers.get("host")


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


def client_address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def signed_in_staff(request: Request, door: Annotated[Door, Depends(door_of)]) -> SignedIn:
    """The member of staff behind the cookie; unsafe methods also need the form's secret."""
    token = request.cookies.get(cookie_name(door, STAFF_COOKIE), "")
    async with door.database.look() as work:
        staff = await signed_in(work, token) if token else None
    if staff is None:
        raise NotSignedIn
    if request.method not in SAFE:
        form = await request.form()
        if not hmac.compare_digest(str(form.get("csrf", "")), staff.csrf):
            raise Forbidden
    if "refresh" not in request.query_params:  # a page that reloads itself is not a person at the desk
        async with door.database.work() as work:
            await keep_alive(work, token)
    return staff


async def linked_patient(request: Request, response: Response, door: Annotated[Door, Depends(door_of)]) -> str:
    """The id of the patient whose device this is.  Using the device keeps it linked, and its cookie alive."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else request.cookies.get(cookie_name(door, PATIENT_COOKIE), "")
    async with door.database.look() as work:
        device = await device_of(work, token) if token else None
        if device is None:
            raise Unlinked
    if device.seen_at < work.now - RENEW_AFTER:
        async with door.database.work() as work:
            await renew(work, device)
        if not bearer:
            set_cookie(door, response, PATIENT_COOKIE, token, int(DEVICE_LIFE.total_seconds()))
    return device.patient_id


TheDoor = Annotated[Door, Depends(door_of)]
Staff = Annotated[SignedIn, Depends(signed_in_staff)]
PatientId = Annotated[str, Depends(linked_patient)]
