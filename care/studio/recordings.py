"""A person's voice for some words: kept beside the draft, heard by a second person, silent as soon as the words change."""

from string import Template

from sqlalchemy import select

from care.content.reading import Page
from care.content.review import digest_of, words
from care.kit.ids import new_id
from care.studio.desk import Desk
from care.studio.drafts import edition_of, lock
from care.studio.overlay import announce
from care.studio.pages import page_of
from care.studio.sound import Sound
from care.studio.tables import Draft, Recording
from care.studio.types import NoSuchText, OwnWords, Seen


async def add_recording(desk: Desk, draft_id: str, seen: int, sound: Sound, number: str, key: str = "") -> Recording:
    """Somebody said these words.  `key`: which phrase or red flag; a topic is recorded whole.

    `number`: the emergency number of the clinic's region; a voice says one country's only.  Raises NoSuchText, Seen.
    """
    draft = await lock(desk, draft_id)
    if draft.edition != seen:
        raise Seen(draft.edition)
    page = page_of(draft.language, draft.place, (await edition_of(desk, draft)).text)
    if key and page.file.endswith(".md"):
        raise NoSuchText(key)  # a topic is recorded whole
    row = Recording(
        id=new_id(),
        clinic_id=desk.clinic_id,
        language=draft.language,
        key=key or key_of(draft),
        words=spoken_digest(page, key, number),
        sound=sound.name,
        seconds=sound.seconds,
        made_by=desk.who.staff_id,
        made_at=desk.work.now,
    )
    desk.work.session.add(row)
    await desk.work.session.flush()
    return row


async def hear(desk: Desk, recording_id: str) -> None:
    """A second person says that the recording says its words.  Raises OwnWords, NoSuchText."""
    row = await _find(desk, recording_id)
    if row.made_by == desk.who.staff_id:
        raise OwnWords
    row.heard_by, row.heard_at = desk.who.staff_id, desk.work.now


async def remove(desk: Desk, recording_id: str) -> None:
    """Nobody hears it again.  One that is in a file of content/ by now is removed there.  Raises NoSuchText."""
    row = await _find(desk, recording_id)
    row.removed_at = desk.work.now
    if row.published_in:
        await announce(desk.work, "dropped", made_by=desk.who.staff_id)


async def recordings_of(desk: Desk, draft: Draft) -> list[Recording]:
    """All recordings of a text, the newest first, those of older words too."""
    page = page_of(draft.language, draft.place, (await edition_of(desk, draft)).text)
    keys = [key_of(draft)] if draft.place.endswith(".md") else list(words(page))
    mine = select(Recording).where(Recording.clinic_id == desk.clinic_id, Recording.language == draft.language)
    mine = mine.where(Recording.key.in_(keys), Recording.removed_at.is_(None))
    return list(await desk.work.session.scalars(mine.order_by(Recording.made_at.desc(), Recording.id)))


async def _find(desk: Desk, recording_id: str) -> Recording:
    mine = select(Recording).where(Recording.id == recording_id, Recording.clinic_id == desk.clinic_id)
    row: Recording | None = await desk.work.session.scalar(mine.where(Recording.removed_at.is_(None)).with_for_update())
    if row is None:
        raise NoSuchText(recording_id)
    return row


def key_of(draft: Draft) -> str:
    """A topic's own id; other files are recorded phrase by phrase."""
    return draft.place.removeprefix("topics/").removesuffix(".md")


def spoken_digest(page: Page, key: str, number: str) -> str:
    """What a recording is named by: the words as a voice says them (care.content.review, recording_of).

    Raises NoSuchText for a phrase that is not there, or that has other names in it: it would say one patient's to all.
    """
    said = words(page)
    if not page.file.endswith(".md"):
        said = {key: said[key]} if key in said else {}
    filled = {name: Template(text).safe_substitute(emergency_number=number) for name, text in said.items()}
    if not filled or any("${" in text for text in filled.values()):
        raise NoSuchText(key)
    return digest_of(filled)


def topic_digests(desk: Desk, page: Page) -> set[str]:
    """A topic's words as every region's recording would be named; none when no voice may say them."""
    regions = desk.read("numbers.yml")["regions"].values()
    try:
        return {spoken_digest(page, "", str(region["ambulance"]["number"])) for region in regions}
    except NoSuchText:
        return set()
