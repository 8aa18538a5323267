"""`karez audit`: whether the record of who read and changed what is whole, and who saw one patient's."""

from sqlalchemy import func, select

from care.kit.clock import SystemClock
from care.kit.database import Database
from care.kit.settings import Settings
from care.people import audit
from care.people.tables import Audit, Staff
from care.supervisor.backup import Say
from care.supervisor.prepare import CannotStart, is_new, open_database


async def check_audit(settings: Settings, must_hold: str, patient_id: str, say: Say) -> None:
    """Walk the whole chain, and tell who saw a patient if one is named.  Raises CannotStart with the first changed line."""
    if is_new(settings):
        raise CannotStart("There is no database yet, so nothing was noted.")
    database = open_database(settings, SystemClock())
    try:
        if patient_id:
            for line in await who_saw(database, patient_id):
                say(line)
        count, digest = await walk(database, must_hold)
    finally:
        await database.close()
    say(f"{count} lines, none edited, removed or moved. Write this down elsewhere, for --must-hold the next time:\n{digest}")


async def walk(database: Database, must_hold: str) -> tuple[int, str]:
    """How many lines there are, and the last one's digest.  Raises CannotStart."""
    async with database.look() as work:
        wrong = await audit.verify(work, must_hold or audit.FIRST)
        if wrong == audit.CUT_OFF:
            raise CannotStart("The end was cut off: no line has the digest you kept. Compare with your copies.")
        if wrong is not None:
            raise CannotStart(f"Line {wrong} was edited, or a line before it was removed or moved. Compare with your copies.")
        return await work.session.scalar(select(func.count()).select_from(Audit)) or 0, await audit.last_digest(work)


async def who_saw(database: Database, patient_id: str) -> list[str]:
    """A line for each reading and each change of a patient's record: when, who, what.  Raises CannotStart where there is none."""
    async with database.look() as work:
        acts = await audit.acts_on(work, patient_id)
        logins = {row.id: row.login for row in await work.session.scalars(select(Staff))}
    if not acts:
        raise CannotStart(f"Nobody has read or changed a patient {patient_id}; the id stands in the address of their page.")
    return [f"{each.at:%Y-%m-%d %H:%M} UTC  {logins.get(each.staff_id or '', '-'):20}  {each.action}" for each in acts]
