"""Rows about people.  Columns ending in `_sealed` hold AES-GCM under the patient's own key (care.people.vault)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from care.kit.database import Base, Moment

Id = String(32)


class Clinic(Base):
    """A hospital department: everything below belongs to exactly one."""

    __tablename__ = "clinic"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Moment)
    answer_within_min: Mapped[dict[str, int] | None] = mapped_column(JSON)  # by tier of alert; None: the proposed times
    keeps_content: Mapped[bool] = mapped_column(default=False)  # its editors write the words all clinics of this server speak
    live_response: Mapped[bool] = mapped_column(default=False)  # whoever is on duty can answer a patient at once


class Staff(Base):
    """Somebody who signs in: nurse, editor, reviewer, administrator."""

    __tablename__ = "staff"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    locale: Mapped[str] = mapped_column(String(10), default="zh")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class SigninLink(Base):
    """A one-time link that lets a person set a password: printed once, used once."""

    __tablename__ = "signin_link"  # house: clinic - its account has one
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class StaffLogin(Base):
    """One signed-in browser.  The cookie holds the secret, the row its fingerprint: signing out really ends it."""

    __tablename__ = "staff_login"  # house: clinic - its account has one
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class Patient(Base):
    """A patient's own choices and state.  There is no column for ethnicity, religion or nationality, by design."""

    __tablename__ = "patient"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    birth_year_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    form: Mapped[str] = mapped_column(String(12))  # language and script the patient chose: ug-Arab, kk-Cyrl ...
    zone: Mapped[str] = mapped_column(String(40))  # the clock the patient said they live by
    audio: Mapped[bool] = mapped_column(default=True)
    stopped_at: Mapped[datetime | None] = mapped_column(Moment)  # the patient's own STOP
    ended_at: Mapped[datetime | None] = mapped_column(Moment)  # death or discharge
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))


class PatientKey(Base):
    """The patient's data key, wrapped by the master key.  Deleting this row erases the patient (care.supervisor.erasing)."""

    __tablename__ = "patient_key"  # house: clinic - its patient has one
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class LinkingCode(Base):
    """The code on a patient's card: single use, short-lived, kept only as a fingerprint."""

    __tablename__ = "linking_code"
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    created_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class FailedTry(Base):
    """A failed try at a linking code or a password, counted so that neither can be guessed."""

    __tablename__ = "failed_try"  # house: clinic - whoever tries is of no clinic yet
    id: Mapped[int] = mapped_column(primary_key=True)
    key_index: Mapped[str] = mapped_column(String(64), index=True)
    tried_at: Mapped[datetime] = mapped_column(Moment)


class Device(Base):
    """Where a patient is reached: a phone or browser with a token of ours, or an address in an app.

    An app's window ledger stands here too: when it was opened, by what, and how much of it was spent since.
    """

    __tablename__ = "device"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    fingerprint: Mapped[str | None] = mapped_column(String(64), unique=True)  # of its token; an address in an app has none
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    address_index: Mapped[str | None] = mapped_column(String(64))  # two patients may share one telephone
    created_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)  # a nurse knows that it is theirs; until then neutral words
    seen_at: Mapped[datetime] = mapped_column(Moment)
    chosen_at: Mapped[datetime | None] = mapped_column(Moment)  # two patients share the telephone, and this one was meant
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_by: Mapped[str] = mapped_column(String(20), default="")
    spent: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_because: Mapped[str | None] = mapped_column(String(40))
    __table_args__ = (
        Index(
            "ix_device_address",
            "channel",
            "address_index",
            "patient_id",
            unique=True,
            sqlite_where=text("closed_at is null and address_index is not null"),
            postgresql_where=text("closed_at is null and address_index is not null"),
        ),
    )


class DeviceAlias(Base):
    """Another name of the same person in the same app: a telephone number beside the vendor's own id."""

    __tablename__ = "device_alias"  # house: clinic - its device has one
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), primary_key=True)
    alias_index: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    alias_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # None: heard before it was kept


class Consent(Base):
    """One act of giving or withdrawing consent for one purpose.  Rows are never changed."""

    __tablename__ = "consent"
    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    purpose: Mapped[str] = mapped_column(String(30))
    given: Mapped[bool]
    wording_hash: Mapped[str] = mapped_column(String(64))
    form: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("ix_consent_latest", "patient_id", "purpose", "id"),)


class Audit(Base):
    """Who looked at or changed which record.  Append-only; each row's hash covers the one before."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    patient_id: Mapped[str | None] = mapped_column(String(32), index=True)
    action: Mapped[str] = mapped_column(String(40))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(Moment)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
