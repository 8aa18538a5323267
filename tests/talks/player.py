"""Plays a talk through HTTP and writes it down again: what people do is read from the file, what we say is heard anew."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

from care.speech.encode import decode
from tests.web import Desk, Phone, Visitor, Web

HOSPITAL = re.compile(r"hospital: (CN|KZ)")
DOING = re.compile(r"(nurse|patient|clock): (.+)")  # everything else in a file was said by us
ALERT = re.compile(r'<article class="alert (?P<tier>[\w-]+).*?data-flag="(?P<flag>[\w-]+)".*?</article>', re.DOTALL)
FIGURES = re.compile(r"<dt>(Due|Taken|Missed|No answer)</dt><dd><bdi>(\d+)</bdi>")
QUOTE = re.compile(r'<blockquote dir="auto">(.*?)</blockquote>', re.DOTALL)
ISOLATES = re.compile("[\u2066-\u2069]")


def region(talk: str) -> str:
    """The country of the hospital: whose emergency number is said."""
    found = HOSPITAL.search(talk)
    assert found, "say where the hospital is: `hospital: CN`"
    return found[1]


def head(talk: str) -> list[str]:
    """What stands before the first doing."""
    return talk[: talk.index("nurse: ")].splitlines()


def doings(talk: str) -> list[tuple[str, str]]:
    """Who does what, in order."""
    return [(found[1], found[2].strip()) for line in talk.splitlines() if (found := DOING.fullmatch(line))]


@dataclass
class Player:
    """One patient's phone and one nurse's desk, and the talk as it is written down."""

    web: Web
    desk: Desk
    written: list[str]
    phone: Phone | None = None
    form: str = ""
    zone: str = ""
    patient: str = ""
    seen: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def owner(self) -> Phone:
        assert self.phone, "link the phone first"
        return self.phone

    async def play(self, who: str, what: str) -> None:
        self.written.append(f"{who}: {what}")
        await getattr(self, f"_{who}")(what)

    async def _nurse(self, what: str) -> None:
        verb, _, rest = what.partition(" ")
        doing: dict[str, Callable[[str], Awaitable[None]]] = {"enrols": self._enrol, "looks": self._look}
        await doing[verb](rest)

    async def _enrol(self, rest: str) -> None:
        """Name · form · zone · plan · first day · hours."""
        name, self.form, self.zone, plan, start, hours = [part.strip() for part in rest.split("·")]
        first, second = hours.split()
        typed = {"name": name, "form": self.form, "zone": self.zone, "template": plan, "step": "save"}
        typed |= {"anchor-cycle1-day1": start, "slots-capecitabine-1": first, "slots-capecitabine-2": second}
        enrolled = await self.desk.submit("/console/enrol", on="/console/enrol", **typed)
        assert enrolled.status == 303, enrolled.text
        self.patient = enrolled.headers["Location"].split("/")[-1].split("?")[0]

    async def _look(self, _rest: str) -> None:
        """The worklist and the patient's doses, as the pages show them to a nurse who signs in anew."""
        self.desk = await self.web.desk()
        worklist = (await self.desk.get("/console?lang=en")).text
        for alert in ALERT.finditer(worklist):
            quote = QUOTE.search(alert[0])
            self.written.append(
                f"    on the worklist: {alert['flag']}, {alert['tier']}{f' — {unescape(quote[1])}' if quote else ''}"
            )
        page = (await self.desk.get(f"/console/patients/{self.patient}?lang=en")).text
        doses = ", ".join(f"{name.lower()} {count}" for name, count in FIGURES.findall(page))
        self.written.append(f"    doses: {doses or 'none due yet'}")

    async def _clock(self, what: str) -> None:
        """Time passes on the patient's clock, and the scheduler looks at what is due."""
        self.web.ward.clock.turn_to(datetime.fromisoformat(what).replace(tzinfo=ZoneInfo(self.zone)))
        await self.web.ward.tick()
        await self._hear(await self.owner.lines(self.seen))

    async def _patient(self, what: str) -> None:
        doing = {"(links with the card)": self._link, "(agrees to reminders and to symptoms)": self._agree}
        if what in doing:
            await doing[what]()
        elif what.startswith("["):
            await self._hear(await self.owner.say(payload=self._payload(what.strip("[]"))))
        else:
            await self._hear(await self.owner.say(what))

    async def _link(self) -> None:
        card = await self.desk.submit(f"/console/patients/{self.patient}/code", on=f"/console/patients/{self.patient}")
        code = re.search(r'id="code">([^<]+)<', card.text)
        assert code, card.text
        stranger: Visitor = self.web.stranger()
        linked = await stranger.post("/v1/link", json={"code": code[1], "form": self.form})
        assert linked.status == 200, linked.text
        self.phone = Phone(stranger.url, stranger.http, {"authorization": f"Bearer {linked.json['token']}"})

    async def _agree(self) -> None:
        asked = (await self.owner.get("/v1/consents")).json["purposes"]
        assert [each["given"] for each in asked] == [None] * len(asked), "something was ticked beforehand"
        for each in asked:
            if each["purpose"] in ("reminders", "symptoms"):
                self._write(each["text"])
                await self._listen(each["audio"])
                given = await self.owner.post("/v1/consents", json={"purpose": each["purpose"], "given": True})
                assert given.status == 204

    def _payload(self, label: str) -> str:
        found = [each["payload"] for line in self.lines for each in line["buttons"] if each["label"] == label]
        assert found, f"no button says {label}"
        return str(found[-1])

    async def _hear(self, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            self.seen = max(self.seen, line["id"])
            self.lines.append(line)
            if line["said_by"] != "patient":
                self._write(line["text"])
                await self._listen(line["audio"])
                if line["buttons"]:
                    self.written.append("    " + " ".join(f"[{each['label']}]" for each in line["buttons"]))

    def _write(self, text: str) -> None:
        first, *rest = [part for part in ISOLATES.sub("", text).splitlines() if part.strip()]
        self.written.extend([f"we: {first}", *(f"    {part}" for part in rest)])

    async def _listen(self, audio: dict[str, Any] | None) -> None:
        """The file is fetched and decoded: what is promised is what sounds."""
        assert audio, "this has no sound"
        async with self.owner.http.get(self.owner.url + audio["url"], headers=self.owner.headers) as reply:
            seconds = decode(await reply.read()).seconds
        assert abs(seconds - audio["seconds"]) < 0.3
        self.written.append(f"    ♪ {audio['label']}")
