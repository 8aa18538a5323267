"""The record of who read what: a row that was edited, removed or put elsewhere is found."""

from typing import Any

import pytest
from sqlalchemy import delete, update

from care.people import audit
from care.people.audit import note, note_list, verify
from care.people.tables import Audit
from care.supervisor.audit_check import walk, who_saw
from care.supervisor.prepare import CannotStart
from tests.ward import Ward, side_by_side

EDITS: dict[str, Any] = {
    "who read": {"staff_id": None},
    "whom": {"patient_id": "somebody-else"},
    "what was done": {"action": "nothing"},
    "its details": {"detail": {"count": 0}},
    "the digest": {"digest": "f" * 64},
    "the link to the row before": {"previous": "f" * 64},
}


async def noted(ward: Ward, count: int = 5) -> list[int]:
    """The ids of some rows, oldest first."""
    for number in range(count):
        async with ward.database.work() as work:
            await note(work, ward.clinic.id, ward.nurse_id, "patient.read", f"patient-{number}", count=number)
    return sorted(row.id for row in await ward.all(Audit))


async def first_broken(ward: Ward) -> int | None:
    async with ward.database.look() as work:
        return await verify(work)


async def test_an_untouched_record_is_whole_however_long(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audit, "PAGE", 2)
    assert await first_broken(ward) is None
    await noted(ward)
    assert await first_broken(ward) is None


async def test_an_edit_of_anything_is_found_at_its_row(ward: Ward):
    ids = await noted(ward)
    found = {}
    for what, edit in EDITS.items():
        before = {name: getattr(next(row for row in await ward.all(Audit) if row.id == ids[2]), name) for name in edit}
        await ward.change(Audit, ids[2], **edit)
        found[what] = await first_broken(ward)
        await ward.change(Audit, ids[2], **before)

    assert found == dict.fromkeys(EDITS, ids[2])
    assert await first_broken(ward) is None


async def test_an_edited_row_with_a_fresh_digest_is_found_at_the_next_one(ward: Ward):
    ids = await noted(ward)
    async with ward.database.work() as work:
        row = await work.session.get_one(Audit, ids[2])
        row.patient_id = "somebody-else"
        row.digest = audit.digest_of(row)

    assert await first_broken(ward) == ids[3]


async def test_a_removed_row_is_found(ward: Ward):
    ids = await noted(ward)
    async with ward.database.work() as work:
        await work.session.execute(delete(Audit).where(Audit.id == ids[2]))

    assert await first_broken(ward) == ids[3]


async def test_the_removed_first_row_is_found(ward: Ward):
    ids = await noted(ward)
    async with ward.database.work() as work:
        await work.session.execute(delete(Audit).where(Audit.id == ids[0]))

    assert await first_broken(ward) == ids[1]


async def test_two_rows_that_changed_places_are_found(ward: Ward):
    ids = await noted(ward)
    async with ward.database.work() as work:
        for old, new in ((ids[1], 900), (ids[3], ids[1]), (900, ids[3])):
            await work.session.execute(update(Audit).where(Audit.id == old).values(id=new))

    assert await first_broken(ward) == ids[1]


async def test_a_cut_off_end_is_found_by_whoever_kept_the_last_digest(ward: Ward):
    ids = await noted(ward)
    async with ward.database.look() as work:
        kept = await audit.last_digest(work)
    async with ward.database.work() as work:
        await work.session.execute(delete(Audit).where(Audit.id.in_(ids[3:])))

    async with ward.database.look() as work:
        assert await verify(work) is None
        assert await verify(work, must_hold=kept) == audit.CUT_OFF


async def test_many_readers_at_once_make_one_chain(ward: Ward):
    async def read(number: int) -> None:
        async with ward.database.work() as work:
            await note(work, ward.clinic.id, ward.nurse_id, "patient.read", f"patient-{number}")

    await side_by_side(*(read(number) for number in range(12)))

    assert len(await ward.all(Audit)) == 12
    assert await first_broken(ward) is None


async def test_what_is_taken_back_leaves_no_gap_in_the_chain(ward: Ward):
    await noted(ward, 2)
    with pytest.raises(ZeroDivisionError):
        await fail_after_noting(ward)
    await noted(ward, 2)

    assert len(await ward.all(Audit)) == 4
    assert await first_broken(ward) is None


async def fail_after_noting(ward: Ward) -> None:
    async with ward.database.work() as work:
        await note(work, ward.clinic.id, ward.nurse_id, "patient.read")
        raise ZeroDivisionError


async def test_the_command_counts_the_lines_and_names_the_one_that_was_changed(ward: Ward):
    rows = await noted(ward)
    count, digest = await walk(ward.database, "")
    assert count >= len(rows)
    assert await walk(ward.database, digest) == (count, digest)
    with pytest.raises(CannotStart, match="The end was cut off"):
        await walk(ward.database, "e" * 64)

    await ward.change(Audit, rows[2], action="nothing")

    with pytest.raises(CannotStart, match=f"Line {rows[2]} was edited"):
        await walk(ward.database, "")


async def test_who_saw_a_patient_is_told_line_by_line_with_the_lists_they_stood_on(ward: Ward):
    async with ward.database.work() as work:
        await note_list(work, ward.clinic.id, ward.nurse_id, "patients.listed", ["gul", "serik"])
        await note(work, ward.clinic.id, ward.nurse_id, "patient.read", "serik")
        await note(work, ward.clinic.id, None, "patient.enrolled", "gul")

    lines = await who_saw(ward.database, "gul")

    assert [line.split()[3:] for line in lines] == [["aynur", "patients.listed"], ["-", "patient.enrolled"]]
    with pytest.raises(CannotStart, match="Nobody has read"):
        await who_saw(ward.database, "gu_")
