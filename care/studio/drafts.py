"""Writing: begin a draft, save it, restore an edition, merge with a file that changed meanwhile; nothing saved is ever lost."""

from pathlib import PurePosixPath

from sqlalchemy import func, select

from care.content.review import digest_of, follows, words
from care.content.writing import Value
from care.kit.ids import new_id
from care.languages.table import languages
from care.studio.desk import Desk, fingerprint
from care.studio.pages import SOURCE, UNREVIEWED, page_of, revision_of, skeleton, stays_signed, tidy, with_header
from care.studio.tables import Draft, Edition, Step
from care.studio.topics import is_listed
from care.studio.types import Conflict, Did, NoSuchText, Saved, State


async def begin(desk: Desk, language: str, place: str) -> Draft:
    """The draft of a text: the one under way, or a new one from the words that speak now.  Raises NoSuchText."""
    file, draft = desk.file(language, place), await _find(desk, language, place)
    now = await desk.in_service(language, place)
    if now is None and draft is None:
        now = await _blank(desk, language, place)
    if draft is None:
        draft = Draft(
            id=new_id(),
            clinic_id=desk.clinic_id,
            language=language,
            place=place,
            base=fingerprint(file),
            state=State.PUBLISHED if file is not None else State.DRAFT,
            edition=0,
        )
        desk.work.session.add(draft)
        await desk.work.session.flush()
        await _add(desk, draft, now or "", 0, made_by=None)
        await note(desk, draft, Did.BEGAN)
    elif draft.state == State.PUBLISHED and now is not None:
        await _catch_up(desk, draft, now, fingerprint(file))
    return draft


async def _find(desk: Desk, language: str, place: str) -> Draft | None:
    mine = select(Draft).where(Draft.clinic_id == desk.clinic_id, Draft.language == language, Draft.place == place)
    found: Draft | None = await desk.work.session.scalar(mine.with_for_update())
    return found


async def _blank(desk: Desk, language: str, place: str) -> str:
    """An empty text for a topic that is listed and not written in this language yet."""
    topic_id = PurePosixPath(place).stem
    if not (place.startswith("topics/") and await is_listed(desk, topic_id)):
        raise NoSuchText(f"{language}/{place}")
    return skeleton(topic_id, await source_of(desk, language, place))


async def _catch_up(desk: Desk, draft: Draft, now: str, base: str) -> None:
    """Nobody's work is under way: what speaks now is where the next work begins."""
    if (await edition_of(desk, draft)).text != now:
        draft.edition = await _next(desk, draft)
        await _add(desk, draft, now, draft.edition, made_by=None)
    draft.base = base


async def save(
    desk: Desk, draft_id: str, seen: int, text: str, *, meaning_changed: bool = False, follows_now: bool = False
) -> Saved | Conflict:
    """Keep what was written on top of edition `seen`.

    `meaning_changed` (a source): its revision is one above the one in service, so that its translations fall behind.
    `follows_now`: it was brought up to the source as that is in service now, or is a translation of it from now on.
    A Conflict is an answer, not an error: commit it, for it keeps both texts.  Raises Unreadable, NoSuchText.
    """
    draft = await lock(desk, draft_id)
    newest = await edition_of(desk, draft)
    header = await _header(desk, draft, newest.text, meaning_changed, follows_now)
    return await _put(desk, draft, seen, with_header(draft.language, draft.place, tidy(text), header), Did.SAVED)


async def restore(desk: Desk, draft_id: str, seen: int, number: int) -> Saved | Conflict:
    """Make an older edition the newest.  Who signed it then is asked again; its revision stays today's."""
    draft = await lock(desk, draft_id)
    old = await edition_of(desk, draft, number)
    header = await _header(desk, draft, old.text, meaning_changed=False, follows_now=False, keeps_follows=True)
    return await _put(desk, draft, seen, with_header(draft.language, draft.place, old.text, header), Did.RESTORED)


async def merge(
    desk: Desk, draft_id: str, seen: int, text: str, *, meaning_changed: bool = False, follows_now: bool = False
) -> Saved | Conflict:
    """As save, by somebody who has seen the file as it is on the disk now: it is no conflict any more."""
    saved = await save(desk, draft_id, seen, text, meaning_changed=meaning_changed, follows_now=follows_now)
    draft = await lock(desk, draft_id)
    if isinstance(saved, Saved):
        draft.base = fingerprint(desk.file(draft.language, draft.place))
        await note(desk, draft, Did.MERGED)
    return saved


async def _header(
    desk: Desk, draft: Draft, text: str, meaning_changed: bool, follows_now: bool, keeps_follows: bool = False
) -> dict[str, Value]:
    """The lines nobody types: the signature stays with its words, revisions move by the editor's ticks alone."""
    page = page_of(draft.language, draft.place, text)
    now = await desk.in_service(draft.language, draft.place)
    spoken = page_of(draft.language, draft.place, now) if now else None
    header: dict[str, Value] = {"review": page.values.get("review", "unreviewed")}
    source = await source_of(desk, draft.language, draft.place) if follows_now else None
    if source:
        return header | {"follows": f"{source[0]}@{source[1]}"} | ({"revision": None} if "revision" in page.values else {})
    if "revision" in page.values:
        header["revision"] = revision_of(spoken) + meaning_changed if revision_of(spoken) else revision_of(page)
    if made_from := follows(page):
        language, revision = (follows(spoken) if spoken and not keeps_follows else None) or made_from
        header["follows"] = f"{language}@{revision}"
    return header


async def source_of(desk: Desk, language: str, place: str) -> tuple[str, int] | None:
    """The language a text is translated from, and its revision in service; None: nobody wrote it in another language yet."""
    for other in sorted(languages(), key=lambda each: each != SOURCE):
        text = await desk.in_service(other, place) if other != language else None
        revision = revision_of(page_of(other, place, text)) if text else 0
        if revision:
            return other, revision
    return None


async def _put(desk: Desk, draft: Draft, seen: int, text: str, what: Did) -> Saved | Conflict:
    newest = await edition_of(desk, draft)
    if text == newest.text:
        return Saved(draft.edition, State(draft.state))  # pressed twice, or nothing changed
    is_vouched = stays_signed(*(page_of(draft.language, draft.place, each) for each in (text, newest.text)))
    if not is_vouched:
        text = with_header(draft.language, draft.place, text, {"review": UNREVIEWED})
    number = await _next(desk, draft)
    if seen != draft.edition:
        await _add(desk, draft, text, number, made_by=desk.who.staff_id, is_aside=True)
        return Conflict(draft.edition, newest.text, newest.made_by or "", newest.made_at, number, text)
    await _add(desk, draft, text, number, made_by=desk.who.staff_id)
    draft.edition = number
    draft.state = State.SIGNED if is_vouched else State.DRAFT
    await note(desk, draft, what)
    return Saved(number, State(draft.state))


async def add_edition(desk: Desk, draft: Draft, text: str) -> None:
    """A further edition made by an action of the studio itself."""
    draft.edition = await _next(desk, draft)
    await _add(desk, draft, text, draft.edition, made_by=desk.who.staff_id)


async def _add(desk: Desk, draft: Draft, text: str, number: int, *, made_by: str | None, is_aside: bool = False) -> None:
    row = Edition(
        draft_id=draft.id,
        number=number,
        clinic_id=draft.clinic_id,
        text=text,
        words=digest_of(words(page_of(draft.language, draft.place, text))),
        is_aside=is_aside,
        made_by=made_by,
        made_at=desk.work.now,
    )
    desk.work.session.add(row)
    await desk.work.session.flush()


async def _next(desk: Desk, draft: Draft) -> int:
    return int(await desk.work.session.scalar(select(func.max(Edition.number)).where(Edition.draft_id == draft.id)) or 0) + 1


async def lock(desk: Desk, draft_id: str) -> Draft:
    """The draft, held until the unit of work ends: whoever comes second sees what the first one did.  Raises NoSuchText."""
    mine = select(Draft).where(Draft.id == draft_id, Draft.clinic_id == desk.clinic_id)
    draft: Draft | None = await desk.work.session.scalar(mine.with_for_update())
    if draft is None:
        raise NoSuchText(draft_id)
    return draft


async def edition_of(desk: Desk, draft: Draft, number: int | None = None) -> Edition:
    """An edition by its number, without one the newest.  Raises NoSuchText."""
    found = await desk.work.session.get(Edition, (draft.id, draft.edition if number is None else number))
    if found is None:
        raise NoSuchText(f"{draft.language}/{draft.place} edition {number}")
    return found


async def note(desk: Desk, draft: Draft, what: Did, comment: str = "") -> None:
    """One line of the draft's story."""
    desk.work.session.add(
        Step(
            clinic_id=draft.clinic_id,
            draft_id=draft.id,
            edition=draft.edition,
            what=what,
            by=desk.who.staff_id,
            at=desk.work.now,
            comment=comment,
        )
    )
    await desk.work.session.flush()
