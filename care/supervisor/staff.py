"""`karez staff add`: an account for a nurse, editor, reviewer or administrator, with the link that sets its password."""

from sqlalchemy import select

from care.kit.clock import clock_of
from care.kit.settings import Settings
from care.people import audit
from care.people.staff import ROLES, create_staff, make_signin_link
from care.people.tables import Clinic, Staff
from care.supervisor.prepare import CannotStart, is_new, open_database


async def add_staff(settings: Settings, login: str, name: str, role: str, clinic_name: str = "", locale: str = "zh") -> str:
    """The address of a link that works once.  A login that is there already gets a fresh link.  Raises CannotStart."""
    if role not in ROLES:
        raise CannotStart(f"There is no role {role}: use one of {', '.join(ROLES)}.")
    if is_new(settings):
        raise CannotStart("There is no clinic yet: start Karez once with `make up`.")
    database = open_database(settings, clock_of(settings.clock_file))
    try:
        async with database.work() as work:
            clinics = {clinic.name: clinic for clinic in await work.session.scalars(select(Clinic).order_by(Clinic.created_at))}
            clinic = clinics.get(clinic_name) if clinic_name else next(iter(clinics.values()), None)
            if clinic is None:
                raise CannotStart(f"There is no clinic {clinic_name}: use one of {', '.join(clinics) or 'none yet'}.")
            row = await work.session.scalar(select(Staff).where(Staff.login == login.lower()))
            if row is not None and (row.role, row.clinic_id) != (role, clinic.id):
                raise CannotStart(f"{login} is {row.role} already: choose another login.")
            row = row or await create_staff(work, clinic.id, login, name, role, locale)
            await audit.note(work, clinic.id, row.id, "staff.linked", role=role)
            token = await make_signin_link(work, row.id)
    finally:
        await database.close()
    return f"{settings.address}/console/welcome?token={token}"
