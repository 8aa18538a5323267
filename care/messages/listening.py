"""Links to a page that plays one message: no sign-in, an address nobody can guess, an end, and a note that it was heard."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from care.kit.database import Work
from care.kit.ids import fingerprint, new_link_token
from care.messages.reply import Reply
from care.messages.tables import Listening, Message
from care.messages.types import State, overtaken_by
from care.people.tables import FailedTry, Patient
from care.people.vault import Erased, Vault

SEALED_AS = "listening.said"
MESSAGE = "message:"  # begins the key of a line that a message of the scheduler became
KEPT_AFTER = timedelta(days=30)  # an old link is told from a wrong one for so long
TRIES, TRIES_WITHIN = 30, timedelta(minutes=15)  # wrong addresses from one place that are still looked at one by one


@dataclass(frozen=True)
class Listenable:
    """What a link leads to; `spoken` is empty when its time is over."""

    form: str
    spoken: str = ""
    recording: str = ""
    notice: str = ""


async def make_link(work: Work, patient: Patient, reply: Reply, line_key: str, life: timedelta, token: str = "") -> str:
    """The path of a page that plays this reply for `life` (settings: listen_life).

    `line_key`: the line it is or becomes, `message:<id>` for a message.  `token`: of a path that was thought of before.
    Two calls make two links, and both work: a message that is sent again takes nothing away from the first copy.
    """
    await _forget_old(work, patient.id)
    token = token or new_link_token()
    said = {"spoken": reply.spoken, "recording": reply.recording, "notice": reply.notice}
    row = Listening(
        fingerprint=fingerprint(token),
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        line_key=line_key,
        form=reply.form,
        said_sealed=await Vault(work).seal(patient.id, SEALED_AS, json.dumps(said, ensure_ascii=False)),
        expires_at=work.now + life,
    )
    work.session.add(row)
    await work.session.flush()
    return path_of(token)


def path_of(token: str) -> str:
    """Of the page that plays it."""
    return f"/listen/{token}"


async def find_link(work: Work, token: str) -> Listenable | None:
    """What a link leads to.  None: there is no such link, or its patient was erased."""
    row = await work.session.get(Listening, fingerprint(token))
    if row is None:
        return None
    try:
        said = json.loads(await Vault(work).open(row.patient_id, SEALED_AS, row.said_sealed))
    except Erased:
        return None
    return Listenable(row.form, **said) if row.expires_at > work.now else Listenable(row.form)


async def mark_heard(work: Work, token: str) -> None:
    """Somebody pressed play and listened: the first time counts.  An old or wrong link changes nothing."""
    mine = (Listening.fingerprint == fingerprint(token), Listening.expires_at > work.now, Listening.heard_at.is_(None))
    marked = update(Listening).where(*mine).values(heard_at=work.now).returning(Listening.line_key)
    line_key = await work.session.scalar(marked)
    if line_key and line_key.startswith(MESSAGE):
        message = (Message.id == line_key.removeprefix(MESSAGE), Message.state.in_(overtaken_by(State.READ)))
        await work.session.execute(update(Message).where(*message).values(state=State.READ, why=None))


async def heard_lines(work: Work, patient_id: str) -> Mapping[str, datetime]:
    """By the key of a line, when it was first listened to through a link."""
    heard = select(Listening.line_key, func.min(Listening.heard_at)).where(Listening.patient_id == patient_id)
    rows = await work.session.execute(heard.where(Listening.heard_at.is_not(None)).group_by(Listening.line_key))
    return {key: moment for key, moment in rows if moment}


async def note_wrong(work: Work, address: str) -> bool:
    """Count a link that leads nowhere.  False: too many from this place, nothing is written any more.

    Right links work all the same: behind one address of a mobile network stand many patients.
    """
    key_index = work.master.blind_index("listen", address)
    recent = (FailedTry.key_index == key_index, FailedTry.tried_at > work.now - TRIES_WITHIN)
    if (await work.session.scalar(select(func.count()).where(*recent)) or 0) >= TRIES:
        return False
    work.session.add(FailedTry(key_index=key_index, tried_at=work.now))
    return True


async def _forget_old(work: Work, patient_id: str) -> None:
    """What nobody can open any more goes when the next link of the same patient is made, so that the table stays small."""
    old = (Listening.patient_id == patient_id, Listening.expires_at < work.now - KEPT_AFTER)
    await work.session.execute(delete(Listening).where(*old))
