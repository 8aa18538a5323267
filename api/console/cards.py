"""The card a patient takes home: linking code, QR codes, and a line in their own language."""

from dataclasses import dataclass
from typing import Any

import segno
from fastapi import Request, Response

from api.pages import page
from api.state import Door
from care.channels.base import Channel, SendFailed
from care.kit.logs import get_log
from care.languages.table import form as form_of
from care.people.staff import SignedIn

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
    address = channel.invite(code)
    ticket: Any = getattr(channel, "ticket", None)  # some vendors make the address themselves, one for each code
    if not address and ticket:
        try:
            address = await ticket(code)
        except (SendFailed, OSError) as wrong:
            log.warning("card.without", channel=channel.name, error=type(wrong).__name__)
    return Invitation(channel.name, address, _qr(address)) if address else None


def _qr(address: str) -> str:
    return segno.make(address, error="m").svg_data_uri(scale=5, border=2)
