"""Staff: one-time links, passwords, and sign-ins that really end."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import ColumnElement, delete, func, select, update

from care.kit.database import Work
from care.kit.ids import fingerprint, new_id, new_token
from care.people.tables import Clinic, FailedTry, SigninLink, Staff, StaffLogin

LINK_LIFE = timedelta(minutes=30)
IDLE = timedelta(minutes=15)  # shared ward computers (facts: trust, assertion 17)
ABSOLUTE = timedelta(hours=12)
# Five tries a person and address, not a person: nobody elsewhere can lock a nurse out (facts: trust, assertion 10).
TRIES, TRIES_OF_ADDRESS, TRIES_WITHIN = 5, 50, timedelta(minutes=15)
SHORTEST_PASSWORD = 8
ROLES = ("nurse", "editor", "reviewer", "admin")

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Checked when the login is unknown, so that a wrong name takes as long as a wrong password."""
    return _hasher.hash("nobody has this password")


class SignInRefused(Exception):
    """Wrong name, wrong password, locked or disabled: deliberately one and the same."""


class LinkRefused(Exception):
    """A one-time link that is wrong, used or too old, or a password that is too short."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class SignedIn:
    """Who is behind a request of the console."""

    staff_id: str
    clinic_id: str
    name: str
    role: str
    locale: str
    zone: str  # the clinic's clock: every moment on a staff page is on it
    csrf: str


async def create_staff(work: Work, clinic_id: str, login: str, name: str, role: str, locale: str = "zh") -> Staff:
    """A new member of staff without a password: give them a one-time link."""
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(ROLES)}, not {role}")
    row = Staff(id=new_id(), clinic_id=clinic_id, login=login.lower(), name=name, role=role, locale=locale, created_at=work.now)
    work.session.add(row)
    await work.session.flush()
    return row


async def colleagues(work: Work, clinic_id: str) -> list[Staff]:
    """Everybody of a clinic who may sign in, by name."""
    mine = select(Staff).where(Staff.clinic_id == clinic_id, Staff.disabled_at.is_(None))
    return list(await work.session.scalars(mine.order_by(Staff.name)))


async def everybody(work: Work, clinic_id: str) -> dict[str, str]:
    """The name of everybody who ever signed in at a clinic, by id."""
    rows = await work.session.execute(select(Staff.id, Staff.name).where(Staff.clinic_id == clinic_id))
    return {row[0]: row[1] for row in rows}


async def make_signin_link(work: Work, staff_id: str) -> str:
    """The secret of a link that works once, within LINK_LIFE."""
    token = new_token()
    work.session.add(SigninLink(fingerprint=fingerprint(token), staff_id=staff_id, expires_at=work.now + LINK_LIFE))
    await work.session.flush()
    return token


async def use_signin_link(work: Work, token: str, password: str) -> tuple[str, str]:
    """Set the password and sign in: (cookie secret, CSRF secret).  Ends every older sign-in of this person."""
    if len(password) < SHORTEST_PASSWORD:
        raise LinkRefused("password-short")
    mark = (
        update(SigninLink)
        .where(SigninLink.fingerprint == fingerprint(token), SigninLink.used_at.is_(None), SigninLink.expires_at > work.now)
        .values(used_at=work.now)
        .returning(SigninLink.staff_id)
    )
    staff = await _active(work, Staff.id == await work.session.scalar(mark))
    if staff is None:
        raise LinkRefused("link-unusable")
    staff_id, staff.password_hash = staff.id, await asyncio.to_thread(_hasher.hash, password)
    await work.session.execute(delete(StaffLogin).where(StaffLogin.staff_id == staff_id))
    return await _new_login(work, staff_id)


async def sign_in(work: Work, login: str, password: str, address: str) -> tuple[str, str]:
    """(cookie secret, CSRF secret), or SignInRefused.  Failed tries are counted: commit also after a refusal."""
    person_here = work.master.blind_index("sign-in", f"{login.lower()} {address}")
    limits = {person_here: TRIES, work.master.blind_index("sign-in address", address): TRIES_OF_ADDRESS}
    staff = await _active(work, Staff.login == login.lower())
    nobody = await asyncio.to_thread(_nobody)  # for every login: what is worked out once must not tell whose was the first
    known = staff.password_hash if staff and staff.password_hash else nobody
    # Whoever is locked out costs no more hashing; in a thread, because a tenth of a second is everybody's otherwise.
    right = not await _is_locked(work, limits) and await asyncio.to_thread(_is_right, known, password)
    if not right or staff is None or not staff.password_hash:
        work.session.add_all(FailedTry(key_index=key, tried_at=work.now) for key in limits)
        await work.session.flush()
        raise SignInRefused
    if _hasher.check_needs_rehash(staff.password_hash):
        staff.password_hash = _hasher.hash(password)
    return await _new_login(work, staff.id)


async def _active(work: Work, which: ColumnElement[bool]) -> Staff | None:
    """Somebody who still works here."""
    found: Staff | None = await work.session.scalar(select(Staff).where(which, Staff.disabled_at.is_(None)))
    return found


async def _is_locked(work: Work, limits: dict[str, int]) -> bool:
    recent = select(FailedTry.key_index, func.count()).where(FailedTry.tried_at > work.now - TRIES_WITHIN)
    counted = await work.session.execute(recent.where(FailedTry.key_index.in_(limits)).group_by(FailedTry.key_index))
    return any(tries >= limits[key] for key, tries in counted)


def _is_right(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


async def _new_login(work: Work, staff_id: str) -> tuple[str, str]:
    token, csrf = new_token(), new_token()
    row = StaffLogin(fingerprint=fingerprint(token), staff_id=staff_id, csrf=csrf, created_at=work.now, seen_at=work.now)
    work.session.add(row)
    await work.session.flush()
    return token, csrf


async def signed_in(work: Work, token: str) -> SignedIn | None:
    """Who this cookie belongs to; None when signed out, idle too long, too old, or disabled."""
    row = await work.session.get(StaffLogin, fingerprint(token))
    if row is None or row.seen_at < work.now - IDLE or row.created_at < work.now - ABSOLUTE:
        return None
    staff = await work.session.get(Staff, row.staff_id)
    if staff is None or staff.disabled_at:
        return None
    clinic = await work.session.get_one(Clinic, staff.clinic_id)
    return SignedIn(staff.id, staff.clinic_id, staff.name, staff.role, staff.locale, clinic.zone, row.csrf)


async def keep_alive(work: Work, token: str) -> None:
    """Note that the person is still there; called on what they do, not on what the page does by itself."""
    await work.session.execute(update(StaffLogin).where(StaffLogin.fingerprint == fingerprint(token)).values(seen_at=work.now))


async def sign_out(work: Work, token: str) -> None:
    await work.session.execute(delete(StaffLogin).where(StaffLogin.fingerprint == fingerprint(token)))
