"""Ways for a nurse to open a plan's page and to send one of its forms, as the page itself would."""

import re
from dataclasses import dataclass

from care.people.tables import Patient
from care.plans.enrol import Enrolment, enrol
from care.plans.tables import CarePlan, PlanChange
from tests.web import CSRF, Answer, Desk, Web

PROBLEM = re.compile(r'<span class="problem" role="alert">(.*?)</span>')
TABLETS = Enrolment("capecitabine-14-7", {"cycle1-day1": "2026-12-01"}, {"capecitabine": ["08:00", "20:00"]})
FOLLOW_UP = Enrolment("colorectal-surveillance", {"surgery-date": "2026-09-03"}, {})


@dataclass
class Hand:
    """Aynur at her desk, with one plan of Gul's open."""

    web: Web
    desk: Desk
    gul: Patient
    plan: CarePlan

    @property
    def page(self) -> str:
        return f"/console/plans/{self.plan.id}"

    @property
    def care(self) -> str:
        return f"/console/patients/{self.gul.id}/care"

    async def do(self, act: str, on: str = "", **fields: str) -> Answer:
        """Send one form of the plan's page, or of the page of the whole care."""
        address = on or self.page
        csrf = CSRF.search((await self.desk.get(address)).text)
        assert csrf
        return await self.desk.post(address, data={"csrf": csrf[1], "do": act, "form": act, **fields})

    async def then(self, answer: Answer) -> str:
        """The page a form that was taken leads to."""
        assert answer.status == 303, problems(answer) or answer.text
        page = await self.desk.get(answer.headers["Location"])
        assert page.status == 200
        return page.text

    async def sign_in_again(self) -> None:
        """Whoever was away for half an hour is asked again."""
        self.desk = await reader(self.web)

    async def now(self) -> CarePlan:
        async with self.web.ward.database.look() as work:
            return await work.session.get_one(CarePlan, self.plan.id)

    async def changes(self) -> list[str]:
        rows = await self.web.ward.all(PlanChange)
        return [each.kind for each in sorted(rows, key=lambda each: each.made_at)]


def problems(answer: Answer) -> list[str]:
    """What the page asks to be mended."""
    return PROBLEM.findall(plain(answer.text))


def what_is_done(page: str) -> str:
    """The part of a page that tells what has just been done."""
    return page.partition('<section class="calm just-done" id="done"')[2].partition("</section>")[0]


def plain(page: str) -> str:
    """Without the marks that keep digits and foreign names in their place."""
    return page.replace("<bdi>", "").replace("</bdi>", "")


async def reader(web: Web) -> Desk:
    """Aynur, who reads English today."""
    desk = await web.desk()
    await desk.get("/console/rota?lang=en")
    return desk


async def at_hand(web: Web, choice: Enrolment = TABLETS, name: str = "Gul", desk: Desk | None = None) -> Hand:
    gul = await web.ward.patient(name)
    async with web.ward.database.work() as work:
        plan = await enrol(work, web.ward.library, gul, choice, web.ward.nurse_id)
    return Hand(web, desk or await reader(web), gul, plan)
