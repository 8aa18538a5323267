"""A nurse sees which words a patient was told: the topic, its revision, and what it was worth at that moment."""

import re

import pytest

from tests.content.signing import Reviewer
from tests.web import Web

FEVER = "fever-infection"
TOLD = re.compile(r'class="revision" title="([^"]+)">(.*?)</span>', re.DOTALL)


async def told(web: Web, patient_id: str) -> list[tuple[str, str]]:
    """Of each line on the nurse's page: its wording, and what is said of it."""
    page = (await (await web.desk()).get(f"/console/patients/{patient_id}?lang=en")).text
    return [(wording, re.sub(r"<.*?>", "", said)) for wording, said in TOLD.findall(page)]


async def test_the_page_keeps_what_a_text_was_worth_when_it_was_told(web_alone: Web, monkeypatch: pytest.MonkeyPatch):
    reviewer, gul = Reviewer(web_alone.ward.library, monkeypatch), await web_alone.ward.patient()
    phone = await web_alone.phone(gul)
    await phone.say(payload=f"topic:{FEVER}")
    reviewer.sign_all("ug")
    await phone.say(payload=f"topic:{FEVER}")
    reviewer.set(reviewer.library.languages["ug"].topics[FEVER], "review", "unreviewed")

    wordings, said = zip(*await told(web_alone, gul.id), strict=True)

    assert [each.split()[0].split("@")[:2] for each in wordings] == [[FEVER, "zh"]] * 2
    assert [each.partition(" · ")[2] for each in said] == ["not signed by a clinician", "signed by a clinician"]
    assert all(each.startswith("Revision ") for each in said)
