"""The second person: submit, send back, sign.  A signature is written into the text itself and belongs to these words alone."""

from datetime import date

from sqlalchemy import select

from care.content.review import digest
from care.people import audit
from care.people.clocks import local
from care.studio.desk import Desk
from care.studio.drafts import add_edition, edition_of, lock, note
from care.studio.pages import UNREVIEWED, page_of, with_header
from care.studio.tables import Draft, Edition
from care.studio.types import MAY_SIGN, BadDay, Did, NeedsComment, OwnWords, Seen, State, WrongState


async def submit(desk: Desk, draft_id: str, seen: int) -> None:
    """Ask for review.  Raises WrongState, Seen."""
    draft = await _look(desk, draft_id, seen, State.DRAFT, State.PUBLISHED)
    draft.state = State.IN_REVIEW
    await note(desk, draft, Did.SUBMITTED)


async def send_back(desk: Desk, draft_id: str, seen: int, comment: str) -> None:
    """Back to whoever writes, with what to mend.  Raises NeedsComment, WrongState, Seen."""
    draft = await _look(desk, draft_id, seen, State.IN_REVIEW, State.SIGNED)
    if not comment.strip():
        raise NeedsComment
    if draft.state == State.SIGNED:  # what was sent back is nobody's word any more, whatever is saved next
        text = (await edition_of(desk, draft)).text
        await add_edition(desk, draft, with_header(draft.language, draft.place, text, {"review": UNREVIEWED}))
    draft.state = State.DRAFT
    await note(desk, draft, Did.SENT_BACK, comment.strip())


async def sign(desk: Desk, draft_id: str, seen: int, until: date) -> None:
    """Vouch for these words until a day.  Recordings are vouched for one by one (care.studio.recordings.hear).

    Raises NotAllowed, OwnWords, BadDay, WrongState, Seen.
    """
    desk.need("sign", MAY_SIGN)
    draft = await _look(desk, draft_id, seen, State.IN_REVIEW)
    newest, today = await edition_of(desk, draft), local(desk.work.now, desk.who.zone).date()
    if await author_of(desk, draft, newest.words) == desk.who.staff_id:
        raise OwnWords
    if until <= today:
        raise BadDay(until)
    words = digest(page_of(draft.language, draft.place, newest.text))
    signature = {"by": desk.who.name, "on": today, "until": until, "of": words}
    await add_edition(desk, draft, with_header(draft.language, draft.place, newest.text, {"review": signature}))
    draft.state = State.SIGNED
    await note(desk, draft, Did.SIGNED)
    await audit.note(desk.work, desk.clinic_id, desk.who.staff_id, "text.signed", draft=draft.id, edition=draft.edition)


async def author_of(desk: Desk, draft: Draft, words: str) -> str | None:
    """Who first wrote these words; None when they came from a file.  Whoever restores them later is not their author."""
    first = select(Edition.made_by).where(Edition.draft_id == draft.id, Edition.words == words).order_by(Edition.number).limit(1)
    author: str | None = await desk.work.session.scalar(first)
    return author


async def _look(desk: Desk, draft_id: str, seen: int, *states: State) -> Draft:
    """The draft, if it is in one of these states and the person decides about what is there now."""
    draft = await lock(desk, draft_id)
    if draft.state not in states:
        raise WrongState(draft.state, states)
    if draft.edition != seen:
        raise Seen(draft.edition)
    return draft
