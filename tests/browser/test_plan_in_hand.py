"""A nurse who reads Uyghur postpones a cycle, sees what changed and takes it back; nothing breaks on a phone, nor in Kazakh."""

import pytest

from tests.browser.looks import must_look_well
from tests.browser.people import SET_VALUE, Nurse
from tests.web import Web

POSTPONED, TAKEN_BACK = "كۇرس كېچىكتۈرۈلدى", "قايتۇرۇۋېلىندى"
OPEN_ALL = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


@pytest.fixture
async def web(web_alone: Web) -> Web:
    """Nobody talks with the assistant here."""
    return web_alone


async def test_a_cycle_is_postponed_and_taken_back_in_uyghur(web: Web, nurse: Nurse) -> None:
    gul = await web.ward.patient("ئايگۈل")
    plan = await web.ward.enrolled(gul)
    await nurse.sign_in(web, "ug")
    await nurse.go(f"/console/patients/{gul.id}")
    await nurse.click(f"a[href='/console/plans/{plan}']")
    await nurse.run(SET_VALUE, await nurse.find("#postpone [name=start]"), "2026-12-29")
    await nurse.click("#postpone button")

    await nurse.find(".just-done", POSTPONED)
    assert "29" in await nurse.text(".just-done .what")
    assert await nurse.direction() == "rtl"
    await must_look_well(nurse)
    await nurse.click(".just-done button")
    await nurse.find(".just-done", TAKEN_BACK)

    for path in (f"/console/plans/{plan}", f"/console/patients/{gul.id}/care", f"/console/patients/{gul.id}/plan"):
        for language, width in (("ug", 1280), ("ug", 360), ("kk", 360)):
            await nurse.resize(width)
            await nurse.go(f"{path}?lang={language}")
            await nurse.run(OPEN_ALL)
            await must_look_well(nurse)
