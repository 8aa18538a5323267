"""What an operator asks for is answered or refused with a sentence; a rehearsal takes along what it needs, and no name."""

import asyncio
import os
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from care.kit.clock import HandClock, SystemClock
from care.kit.settings import ROOT, Settings
from care.messages.gate import Gate
from care.people.tables import Patient, Staff
from care.plans.future import LONGEST_DAYS, PreviewRefused, Wish
from care.supervisor.prepare import CannotStart
from care.supervisor.preview import preview_plan
from scheduler.apart import LEFT, is_taken, set_apart
from scheduler.preview import preview
from tests.house.tables import all_tables
from tests.plans.conftest import url as url  # SQLite
from tests.plans.course import enrolled, tablets
from tests.ward import NOON, Ward

TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"patient_id": "nobody"}, "patient-unknown"),
        ({"first": TODAY - timedelta(days=1)}, "preview-in-the-past"),
        ({"first": date(2032, 1, 1)}, "date-far-away"),
        ({"days": 0}, "too-many-days"),
        ({"days": LONGEST_DAYS + 1}, "too-many-days"),
    ],
)
async def test_what_cannot_be_foretold_is_refused(ward: Ward, asked: dict[str, Any], code: str):
    gul = await ward.patient()
    wish = Wish(**{"patient_id": gul.id, "now": NOON, **asked})

    with pytest.raises(PreviewRefused) as refused:
        await preview(ward.database, ward.library, Gate(demo=True), wish)

    assert [problem.code for problem in refused.value.problems] == [code]


async def test_a_patient_who_said_stop_hears_nothing_and_the_page_says_so(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())
    await ward.change(Patient, gul.id, stopped_at=NOON)

    future = await preview(ward.database, ward.library, Gate(demo=True), Wish(gul.id, NOON, days=1))

    assert future.bars == ("stopped",)
    assert {(each.state, each.why, each.text) for each in future.entries} == {("muted", "stopped", "")}


def test_every_table_of_a_patient_is_taken_along_or_left_on_purpose():
    tables = [each.table for each in all_tables()]
    of_a_patient = {each.name for each in tables if {"patient_id", "message_id", "occurrence_id"} & set(each.columns.keys())}

    assert of_a_patient - {each.name for each in tables if is_taken(each)} == LEFT


async def test_who_works_at_the_clinic_is_not_taken_along(ward: Ward):
    gul = await ward.patient()

    async with set_apart(ward.database, gul.id, HandClock(NOON)) as apart, apart.look() as work:
        staff = list(await work.session.scalars(select(Staff)))

    assert [(each.id, each.name, each.password_hash) for each in staff] == [(ward.nurse_id, "", None)]


async def test_a_word_that_is_no_date_is_refused_with_an_example(ward: Ward):
    with pytest.raises(CannotStart, match="soon is no date"):
        await preview_plan(Settings(home=ward.home), "nobody", "soon", 7, "en", True)


async def command(home: Path, *arguments: str) -> tuple[int | None, str, str]:
    """The command as an operator types it, on the ward's day."""
    (home / "clock").write_text(str((NOON - SystemClock().now()).total_seconds()))
    settings = {"KAREZ_HOME": str(home), "KAREZ_CLOCK_FILE": str(home / "clock"), "KAREZ_DEMO": "true"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "care.cli", "plan", "preview", *arguments),
        cwd=ROOT,
        env=os.environ | settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    return process.returncode, said.decode(), complained.decode()


async def test_the_command_prints_the_days_and_nothing_else(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())

    code, said, complained = await command(ward.home, "--patient", gul.id, "--days", "1")

    assert (code, complained) == (0, "")
    assert said.startswith("# What happens next: 1 December 2026")
    assert "### 20:00, Beijing time" in said
