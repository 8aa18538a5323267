"""An app of our own making, strict where vendors are: signed batches, a window that closes, media by number."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from care.channels.base import (
    Abilities,
    Act,
    Answer,
    Cause,
    Contact,
    Forged,
    Inbound,
    Media,
    Plan,
    Post,
    Receipt,
    Said,
    SendFailed,
    Step,
    Unreadable,
    Way,
    Why,
)

SECRET = b"between us"
WINDOWS = {"message": (timedelta(hours=48), 5), "menu": (timedelta(minutes=1), 3)}  # how long, and how many messages


@dataclass
class Courier:
    """Takes text inside its window, a notice outside; `got` are the steps that were sent."""

    name: str = "courier"
    servers: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    got: list[Step] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)

    @property
    def can(self) -> Abilities:
        return Abilities(voice=True, buttons=True, takes_key=False, sound="opus", servers=self.servers)

    def verify(self, post: Post) -> None:
        if post.method == "GET":
            if post.query.get("token") != SECRET.decode():
                raise Forged
        elif not hmac.compare_digest(post.headers.get("x-sign", ""), sign(post.body)):
            raise Forged

    def greet(self, post: Post) -> Answer:
        return Answer(post.query["echo"])

    def parse(self, post: Post) -> list[Inbound]:
        try:
            return [self._read(each) for each in json.loads(post.body)["events"]]
        except (ValueError, KeyError, TypeError) as wrong:
            raise Unreadable from wrong

    def _read(self, event: dict[str, Any]) -> Inbound:
        at = datetime.fromtimestamp(event["at"], UTC) if "at" in event else None
        opens = "" if event["act"] in ("status", "leave", "move") else event.get("opens", "message")
        told = {name: event[name] for name in FIELDS if name in event}
        return Inbound(
            event["key"],
            Act(event["act"]),
            at=at,
            opens=opens,
            aliases=tuple(event.get("aliases", ())),
            formerly=tuple(event.get("formerly", ())),
            **told,
        )

    def thank(self, post: Post) -> Answer:
        return Answer("received")

    def plan(self, said: Said, contact: Contact, now: datetime) -> Plan:
        lasts, quota = WINDOWS[contact.opened_by or "message"]
        if contact.opened_at is None or now - contact.opened_at > lasts or contact.spent >= quota:
            if not said.link:
                raise SendFailed(Cause.WINDOW_CLOSED)
            form: dict[str, Any] = {"title": said.title, "link": said.link}
            form["fills"] = {name: said.content[name] for name in FILLS if name in said.content}
            return Plan((Step(Way.NOTICE, contact.address, said.key, form),), Why.WINDOW_CLOSED)
        body = {"text": said.text, "choices": [[each.label, each.payload] for each in said.choices]}
        words = Step(Way.TEXT, contact.address, said.key, body, spends=1)
        if said.sound and contact.spent + 1 < quota:
            return Plan((Step(Way.VOICE, contact.address, said.key, {}, spends=1, sound=said.sound), words))
        return Plan((words,))

    async def invite(self, code: str) -> str:
        return f"https://courier.example/{code}"

    async def send(self, step: Step) -> Receipt:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        self.got.append(step)
        return Receipt(f"courier-{len(self.got)}")

    async def fetch_media(self, ref: str) -> Media:
        if ref not in self.files:
            raise SendFailed(Cause.REFUSED)
        return Media(self.files[ref], "application/octet-stream")

    async def close(self) -> None:
        return None

    def said(self) -> list[str]:
        """The texts that were sent, and forgotten here."""
        texts, self.got = [step.body.get("text", step.way) for step in self.got], []
        return texts


FILLS = ("hour", "day", "clock")
FIELDS = ("address", "text", "payload", "code", "media", "provider_id", "our_key", "status", "cause")


def sign(body: bytes) -> str:
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


def post_of(*events: dict[str, Any]) -> Post:
    body = json.dumps({"events": list(events)}, ensure_ascii=False).encode()
    return Post("POST", headers={"x-sign": sign(body), "content-type": "application/json"}, body=body)
