"""What names a person is unreadable without the key, and a bad key file is one clear sentence."""

import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.kit.crypto import CannotOpen, KeyFileBad, MasterKey, load_master_key, seal, unseal
from care.people.patients import NewPatient, card, register
from care.people.tables import Patient, PatientKey
from care.people.vault import Erased, Vault, check_master_key
from tests.ward import Ward

KEY = bytes(range(32))
SURNAMES = ["كېرەم", "Ахметова", "王", "Tursun", "سەيپىدىن"]


def planted(number: int) -> NewPatient:
    """A name and a telephone that can stand nowhere else in the file."""
    name, phone = f"{SURNAMES[number % 5]} {secrets.token_hex(6)}", f"+86 139{secrets.randbelow(10**8):08d}"
    return NewPatient(name=name, form="ug-Arab", zone="Asia/Urumqi", phone=phone, birth_year=1950 + number % 50)


async def test_none_of_200_names_and_telephones_stands_in_the_raw_file(ward: Ward, url: str):
    people = [planted(number) for number in range(200)]
    async with ward.database.work() as work:
        for person in people:
            await register(work, ward.clinic.id, ward.nurse_id, person)
    raw = await everything_stored(ward, url)

    assert len(raw) > 50_000
    found = [part for person in people for part in (person.name, person.phone) if part and part.encode() in raw]
    assert found == []
    assert not any(str(person.phone).replace(" ", "").lstrip("+").encode() in raw for person in people)


async def everything_stored(ward: Ward, url: str) -> bytes:
    """The database file as it lies on the disk; of a server, every row of every table about people."""
    if url.startswith("sqlite"):
        return (ward.home / "karez.db").read_bytes()
    rows = [*await ward.all(Patient), *await ward.all(PatientKey)]
    cells = (getattr(row, column.name) for row in rows for column in row.__table__.columns)
    return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)


async def test_what_was_sealed_opens_again_for_the_nurse(ward: Ward):
    person = planted(1)
    async with ward.database.work() as work:
        shown = await card(work, await register(work, ward.clinic.id, ward.nurse_id, person))

    assert (shown.name, shown.phone, shown.birth_year) == (person.name, person.phone, person.birth_year)


async def test_a_name_copied_into_another_column_does_not_open(ward: Ward):
    gul = await ward.patient()
    await ward.change(Patient, gul.id, phone_sealed=gul.name_sealed)

    async with ward.database.look() as work:
        with pytest.raises(CannotOpen):
            await card(work, await work.session.get_one(Patient, gul.id))


async def test_a_name_copied_to_another_patient_does_not_open(ward: Ward):
    gul, serik = await ward.patient("Gul"), await ward.patient("Serik")
    await ward.change(Patient, serik.id, name_sealed=gul.name_sealed)

    async with ward.database.look() as work:
        with pytest.raises(CannotOpen):
            await card(work, await work.session.get_one(Patient, serik.id))


async def test_a_patients_key_copied_to_another_patient_does_not_open(ward: Ward):
    gul, serik = await ward.patient("Gul"), await ward.patient("Serik")
    async with ward.database.work() as work:
        (await work.session.get_one(PatientKey, serik.id)).wrapped = (await work.session.get_one(PatientKey, gul.id)).wrapped

    async with ward.database.look() as work:
        with pytest.raises(CannotOpen):
            await Vault(work).open(serik.id, "patient.name", serik.name_sealed)


async def test_without_the_patients_key_nothing_of_theirs_opens(ward: Ward):
    gul = await ward.patient()
    async with ward.database.work() as work:
        await work.session.delete(await work.session.get_one(PatientKey, gul.id))

    async with ward.database.look() as work:
        with pytest.raises(Erased):
            await card(work, await work.session.get_one(Patient, gul.id))


@given(st.binary(max_size=200), st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_anywhere_is_noticed(plain: bytes, where: int, change: int):
    sealed = bytearray(seal(KEY, plain, "p.patient.name"))
    sealed[where % len(sealed)] ^= change

    with pytest.raises(CannotOpen):
        unseal(KEY, bytes(sealed), "p.patient.name")


@pytest.mark.parametrize("stub", [b"", b"\x01", b"\x01" + bytes(5), b"\x01" + bytes(12)])
def test_a_cut_off_value_cannot_be_opened_and_breaks_nothing_else(stub: bytes):
    with pytest.raises(CannotOpen):
        unseal(KEY, stub, "p.patient.name")


def test_the_same_words_sealed_twice_look_different():
    assert seal(KEY, b"Gul", "p.patient.name") != seal(KEY, b"Gul", "p.patient.name")


def test_a_blind_index_finds_the_same_telephone_and_tells_kinds_and_hospitals_apart():
    ours, theirs = MasterKey(KEY), MasterKey(bytes(32))

    assert ours.blind_index("phone", "139") == ours.blind_index("phone", "139")
    assert len({ours.blind_index("phone", "139"), ours.blind_index("login", "139"), theirs.blind_index("phone", "139")}) == 3


def test_a_new_key_file_can_be_read_by_its_owner_only(tmp_path: Path):
    load_master_key(tmp_path / "home" / "master.key", create=True)

    assert (tmp_path / "home" / "master.key").stat().st_mode & 0o777 == 0o400


def test_a_second_start_keeps_the_first_key(tmp_path: Path):
    first = load_master_key(tmp_path / "master.key", create=True)

    assert load_master_key(tmp_path / "master.key", create=True).secret == first.secret


def test_a_missing_key_file_is_one_clear_sentence(tmp_path: Path):
    with pytest.raises(KeyFileBad) as wrong:
        load_master_key(tmp_path / "master.key")

    assert str(wrong.value).startswith(f"{tmp_path / 'master.key'}: the master key is missing. Put it back from the safe")


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o644, 0o420])
def test_a_key_others_may_touch_is_refused_with_the_command_that_mends_it(home: Path, mode: int):
    (home / "master.key").chmod(mode)

    with pytest.raises(KeyFileBad, match="chmod 400"):
        load_master_key(home / "master.key")


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_damaged_key_file_is_refused(home: Path, content: bytes):
    (home / "master.key").chmod(0o600)
    (home / "master.key").write_bytes(content)

    with pytest.raises(KeyFileBad, match=r"32 bytes.*from the safe"):
        load_master_key(home / "master.key")


async def test_the_key_of_another_installation_is_one_clear_sentence(ward: Ward):
    await ward.patient()
    ward.database.master = MasterKey(secrets.token_bytes(32))

    async with ward.database.look() as work:
        with pytest.raises(KeyFileBad, match=r"not the key of this database.*from the safe"):
            await check_master_key(work)


async def test_the_right_key_and_an_empty_database_pass_the_check(ward: Ward):
    async with ward.database.look() as work:
        await check_master_key(work)
    await ward.patient()
    async with ward.database.look() as work:
        await check_master_key(work)
