"""Opens and seals what names a patient.  Keys are read once a unit of work and forgotten with it."""

from sqlalchemy import select

from care.kit.crypto import CannotOpen, KeyFileBad, seal, unseal
from care.kit.database import Work
from care.people.tables import PatientKey


class Erased(Exception):
    """The patient's key is gone: nothing sealed with it can be read again, by design."""


class Vault:
    """Seals text under a patient's own key, bound to the column it is stored in."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._keys = work.opened_keys

    async def create(self, patient_id: str) -> None:
        """Make the key of a new patient, to be stored in the same transaction as the patient."""
        key, wrapped = self._work.master.new_patient_key(patient_id)
        self._work.session.add(PatientKey(patient_id=patient_id, wrapped=wrapped))
        self._keys[patient_id] = key

    async def seal(self, patient_id: str, column: str, text: str) -> bytes:
        return seal(await self._key(patient_id), text.encode(), f"{patient_id}.{column}")

    async def seal_bytes(self, patient_id: str, column: str, content: bytes) -> bytes:
        return seal(await self._key(patient_id), content, f"{patient_id}.{column}")

    async def open_bytes(self, patient_id: str, column: str, sealed: bytes) -> bytes:
        """As `open`, of what is no text."""
        return unseal(await self._key(patient_id), sealed, f"{patient_id}.{column}")

    async def open(self, patient_id: str, column: str, sealed: bytes) -> str:
        """The text, or raises CannotOpen (damaged, wrong column) or Erased."""
        return unseal(await self._key(patient_id), sealed, f"{patient_id}.{column}").decode()

    async def _key(self, patient_id: str) -> bytes:
        if patient_id not in self._keys:
            row = await self._work.session.get(PatientKey, patient_id)
            if row is None:
                raise Erased(patient_id)
            self._keys[patient_id] = self._work.master.unwrap(patient_id, row.wrapped)
        return self._keys[patient_id]


async def check_master_key(work: Work) -> None:
    """Raises KeyFileBad when the master key does not open this database: better at the start than at the first patient."""
    row = await work.session.scalar(select(PatientKey).limit(1))
    try:
        if row:
            work.master.unwrap(row.patient_id, row.wrapped)
    except CannotOpen as wrong:
        raise KeyFileBad("The master key is not the key of this database. Put the right one back from the safe.") from wrong
