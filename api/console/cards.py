"""The card a patient takes home: linking code, QR codes, and a line in their own language."""

import asyncio
from dataclasses import dataclass

import segno
from fastapi import Request, Response

from api.pages import page
from api.state import Door
from care.channels.base import Channel, SendFailed
from care.kit.logs import get_log
from care.languages.table import form as form_of
from care.people.staff import SignedIn

INVITE_WITHIN_S = 5.0  # while a nurse waits for the page
log = get_log("cards")


@dataclass(frozen=True)
class Invitation:
    """One app that the card opens with the code in it."""

    channel: str
    address: str
    qr: str


async def card_page(request: Request, door: Door, staff: SignedIn, patient_id: str, name: str, tag: str, code: str) -> Response:
    """The page to print.  The QR codes are images inside the page, so the code stands in no second address."""
    return page(
        request,
        "console/card.html",
        back=f"/console/patients/{patient_id}",
        staff=staff,
        patient_id=patient_id,
        address=door.settings.address,
        name=name,
        code=code,
        qr=_qr(f"{door.settings.address}/?code={code}"),
        invitations=[each for each in [await _invitation(channel, code) for channel in door.channels.values()] if each],
        writing=form_of(tag),
        hint=door.library.phrase(tag, "web-enter-code").text,
        title=door.library.phrase(tag, "web-title").text,
    )


async def _invitation(channel: Channel, code: str) -> Invitation | None:
    """None for an app that no code opens, or whose vendor does not answer now: the card is printed all the same."""
    try:
        async with asyncio.timeout(INVITE_WITHIN_S):
            address = await channel.invite(code)
    except (SendFailed, OSError) as wrong:
        log.warning("card.without", channel=channel.name, error=type(wrong).__name__)
        return None
    return Invitation(channel.name, address, _qr(address)) if address else None


def _qr(address: str) -> str:
    return segno.make(address, error="m").svg_data_uri(scale=5, border=2)
