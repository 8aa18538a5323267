"""The card a patient takes home: linking code, QR, and a line in their own language."""

import segno
from fastapi import Request, Response

from api.pages import page
from api.state import Door
from care.languages.table import form as form_of
from care.people.staff import SignedIn


def card_page(request: Request, door: Door, staff: SignedIn, patient_id: str, name: str, tag: str, code: str) -> Response:
    """The page to print.  The QR is an image inside the page, so the code stands in no second address."""
    return page(
        request,
        "console/card.html",
        back=f"/console/patients/{patient_id}",
        staff=staff,
        patient_id=patient_id,
        address=door.settings.address,
        name=name,
        code=code,
        qr=segno.make(f"{door.settings.address}/?code={code}", error="m").svg_data_uri(scale=5, border=2),
        writing=form_of(tag),
        hint=door.library.phrase(tag, "web-enter-code").text,
        title=door.library.phrase(tag, "web-title").text,
    )
