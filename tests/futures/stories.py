"""Who these patients are, what is done to their plans, and which of their days are written down."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from care.people import consent
from care.people.contacts import Person, add_contact, note_opening
from care.people.linking import link, make_code
from care.people.patients import NewPatient, register
from care.people.tables import Patient
from care.plans.booking import book
from care.plans.cycles import confirm_next_cycle, postpone_cycle
from care.plans.enrol import Enrolment
from care.plans.forecast import Booking, SpecialTimes
from care.plans.pauses import pause
from care.plans.rhythm import set_special_times
from care.plans.tables import CarePlan
from tests.plans.course import act, enrolled
from tests.ward import Ward

BEIJING, XINJIANG, KAZAKHSTAN = "Asia/Shanghai", "Asia/Urumqi", "Asia/Almaty"
Deed = Callable[[Ward, Patient, CarePlan], Awaitable[Any]]

WECHAT = {
    **{"KAREZ_WECHAT_APP_ID": "wx", "KAREZ_WECHAT_SECRET": "s", "KAREZ_WECHAT_TOKEN": "t", "KAREZ_WECHAT_AES_KEY": "k" * 43},
    "KAREZ_WECHAT_FORMS": '{"medicine": {"template": "medicine", "fields": {"thing1": "title", "time2": "hour"}}}',
}
SMSC = {"KAREZ_SMSC_APIKEY": "k", "KAREZ_SMSC_SECRET": "s"}


async def nothing(ward: Ward, patient: Patient, plan: CarePlan) -> None:
    """Everything goes as planned."""


@dataclass(frozen=True)
class Story:
    """One demo patient.  `now` and `enrolled` are hours of their own clock; `first`: the first day that is shown."""

    name: str
    about: str
    form: str
    zone: str
    locale: str  # of the nurse who reads it
    choice: Enrolment
    now: str
    days: int
    enrolled: str = ""
    first: str = ""
    deed: Deed = nothing
    answered: bool = True
    demo: bool = True
    consents: bool = True
    linked: bool = True
    app: str = ""  # they are reached there, under a confirmed address
    wrote: str = ""  # when they last wrote there
    region: Literal["CN", "KZ"] = "CN"
    account: Mapping[str, str] = field(default_factory=dict)  # settings of that channel

    def moment(self, hour: str) -> datetime:
        return datetime.fromisoformat(hour).replace(tzinfo=ZoneInfo(self.zone))

    async def live(self, ward: Ward) -> Patient:
        """The patient on the morning from which one looks ahead."""
        ward.clock.turn_to(self.moment(self.enrolled or self.now))
        async with ward.database.work() as work:
            patient = await register(work, ward.clinic.id, ward.nurse_id, NewPatient("Gul", self.form, self.zone))
            if self.linked:
                await link(work, await make_code(work, patient, ward.nurse_id), "test")
            if self.app:
                device = await add_contact(work, patient, Person(self.app, "77"), confirmed=True)
                device.seen_at = self.moment(self.wrote or self.now)
                note_opening(device, "message", device.seen_at)
            for purpose in ("reminders", "symptoms") if self.consents else ():
                await consent.record(work, patient, purpose, True, "w", "web")
        plan = await enrolled(ward, patient, self.choice)
        if self.enrolled:
            ward.clock.turn_to(self.moment(self.now))
            await ward.tick()  # what fell due meanwhile is over
        await self.deed(ward, patient, plan)
        return patient


async def postponed(ward: Ward, patient: Patient, plan: CarePlan) -> None:
    """Two days later than planned, and then a nurse agrees."""
    await act(ward, postpone_cycle, plan, 2, date(2026, 12, 24), ward.nurse_id)
    await act(ward, confirm_next_cycle, plan, ward.nurse_id, date(2026, 12, 24))


async def in_hospital(ward: Ward, patient: Patient, plan: CarePlan) -> None:
    await act(ward, pause, patient.id, "hospital", ward.nurse_id)


async def booked(ward: Ward, patient: Patient, plan: CarePlan) -> None:
    """Early in the morning, so that three hours before is still night."""
    appointment = Booking(date(2026, 12, 1), "09:30")
    await act(ward, book, plan, "visit-y1-2", date(2026, 11, 30), appointment, ward.nurse_id)


async def other_hours(ward: Ward, patient: Patient, plan: CarePlan) -> None:
    times = SpecialTimes("antiviral", date(2026, 12, 2), date(2026, 12, 2), ("06:00",))
    await act(ward, set_special_times, plan, times, ward.nurse_id)


def tablets(start: str) -> Enrolment:
    return Enrolment("capecitabine-14-7", {"cycle1-day1": start}, {"capecitabine": ["08:00", "20:00"]})


STORIES = [
    Story(
        "capecitabine-last-tablets",
        "The last tablets of a cycle, the rest week, and a next cycle that waits for a nurse.",
        *("ug-Arab", XINJIANG, "ug", tablets("2026-12-01")),
        now="2026-12-01T06:00",
        first="2026-12-14",
        days=4,
    ),
    Story(
        "capecitabine-cycle-postponed",
        "A cycle begins two days later than planned, on the clock of Kazakhstan.",
        *("kk-Cyrl", KAZAKHSTAN, "kk", tablets("2026-12-01")),
        now="2026-12-22T12:00",
        days=4,
        enrolled="2026-12-01T06:00",
        deed=postponed,
    ),
    Story(
        "breast-leap-day",
        "Operated on 30 November: the visit three months later falls on 29 February 2028.",
        *("zh-Hans", BEIJING, "zh"),
        Enrolment("breast-endocrine-5y", {"surgery-date": "2027-11-30", "endocrine-start": "2028-01-31"}, {"tablet": ["08:00"]}),
        now="2028-02-28T06:00",
        days=3,
    ),
    Story(
        "gastric-month-end",
        "Operated on 31 August: the visit of 30 November, booked for an hour whose last reminder would come at night.",
        *("zh-Hans", XINJIANG, "zh"),
        Enrolment("gastric-post-gastrectomy", {"surgery-date": "2026-08-31"}, {}),
        now="2026-11-29T12:00",
        days=3,
        deed=booked,
    ),
    Story(
        "esophageal-not-asked",
        "Nobody has asked this patient yet whether reminders may come.",
        *("ug-Arab", BEIJING, "en"),
        Enrolment("esophageal-post-crt", {"last-rt-date": "2026-11-24"}, {}),
        now="2026-12-01T06:00",
        days=2,
        consents=False,
    ),
    Story(
        "hcc-special-times",
        "An antiviral at another hour on one day, in the Arabic script of Kazakh.",
        *("kk-Arab", XINJIANG, "zh"),
        Enrolment(
            "hcc-resection-antiviral",
            {"surgery-date": "2026-11-01", "antiviral-start": "2026-12-01"},
            {"antiviral": ["08:00"]},
            ("antiviral",),
        ),
        now="2026-12-01T06:00",
        days=3,
        deed=other_hours,
    ),
    Story(
        "nsclc-unanswered",
        "Three tablets a day, and nobody answers.",
        *("ug-Latn", XINJIANG, "ug"),
        Enrolment("nsclc-egfr-tki", {"tki-start": "2026-12-01"}, {"tki": ["07:00", "14:00", "21:00"]}, (), {"tki": "6"}),
        now="2026-12-01T06:00",
        days=2,
        answered=False,
    ),
    Story(
        "chop-unreviewed",
        "Outside demo mode: no clinician has signed a text yet, and nothing goes out.",
        *("zh-Hans", BEIJING, "zh"),
        Enrolment("chop-21-cycle", {"cycle1-day1": "2026-12-01"}, {"steroid": ["08:30"]}),
        now="2026-12-01T06:00",
        days=3,
        demo=False,
    ),
    Story(
        "radiotherapy-early-hour",
        "Treatment at nine: the reminder three hours before waits until the quiet hours end.",
        *("kk-Cyrl", KAZAKHSTAN, "kk"),
        Enrolment("radiotherapy-6w", {"rt-day1": "2026-12-01"}, {"fraction": ["09:00"]}),
        now="2026-12-01T12:00",
        days=4,
    ),
    Story(
        "colorectal-in-hospital",
        "In hospital: nothing is said until a nurse resumes the plan.",
        *("ug-Arab", XINJIANG, "zh"),
        Enrolment("colorectal-surveillance", {"surgery-date": "2026-09-01"}, {}),
        now="2026-12-01T06:00",
        days=2,
        deed=in_hospital,
    ),
    Story(
        "cervical-no-phone",
        "The card was never used: what should be said goes to the nurse.",
        *("kk-Arab", XINJIANG, "kk"),
        Enrolment("cervical-post-crt", {"last-rt-date": "2026-12-01"}, {}),
        now="2026-12-01T06:00",
        days=3,
        linked=False,
    ),
    Story(
        "opioid-hour-lived-twice",
        "The night of 29 February 2024, when Kazakhstan lived the hour before midnight twice.",
        *("kk-Cyrl", KAZAKHSTAN, "en"),
        Enrolment(
            "opioid-pain-followup",
            {"opioid-start-or-change": "2024-02-29"},
            {"regular-dose": ["11:30", "23:30"], "laxative": ["20:00"]},
            (),
            {"regular-dose": "11"},
        ),
        now="2024-02-29T06:00",
        days=3,
    ),
    Story(
        "palliative-at-home",
        "Comfort medicines in the morning and in the evening, and how the patient and the family are.",
        *("ug-Arab", BEIJING, "ug"),
        Enrolment(
            "palliative-home",
            {"enrolment": "2026-12-01"},
            {"regular-medicines": ["09:00", "21:00"]},
            (),
            {"regular-medicines": "11"},
        ),
        now="2026-12-01T06:00",
        days=3,
    ),
    Story(
        "wechat-window-closes",
        "Reached in WeChat only, where the last word is a day old: open for another day, then a form for medicines alone.",
        *("zh-Hans", BEIJING, "zh", tablets("2026-12-01")),
        now="2026-12-01T06:00",
        days=3,
        linked=False,
        app="wechat",
        wrote="2026-11-30T12:00",
        account=WECHAT,
    ),
    Story(
        "text-messages-only",
        "No smartphone: each message is a text with a link.",
        *("kk-Cyrl", KAZAKHSTAN, "kk", tablets("2026-12-01")),
        now="2026-12-01T06:00",
        days=2,
        linked=False,
        app="smsc",
        region="KZ",
        account=SMSC,
    ),
]
