"""Words for whoever is not known to be a patient: nothing about anybody's health, said once, without a record."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from care.channels.base import Cause, Channel, Choice, Contact, Said, SendFailed, Step
from care.content.library import Library
from care.kit.logs import get_log
from care.languages.table import authored_form
from care.messages.gate import Gate, pass_gate
from care.messages.reply import Button, Reply, Wording

NOT_MINE, WHOM = "not-mine", "whom"
AGAIN_S = (1, 5, 25)  # a vendor's pace passes in a second, a broken line in half a minute
LONGEST_S = 60  # who waited longer has written again, or gone
PASSING = (Cause.BUSY, Cause.UNREACHABLE)
log = get_log("inbox")


@dataclass(frozen=True)
class Neutral:
    """One line to one address.  Twice, or never, after a crash: it tells nothing that is not asked again."""

    contact: Contact
    replies: tuple[Reply, ...]
    key: str


def for_strangers(library: Library, phrase: str, **names: str) -> tuple[Reply, ...]:
    """In every language we speak, for we do not know theirs."""
    return tuple(_line(library, authored_form(language).tag, phrase, (), **names) for language in library.languages)


def for_strangers_in_danger(library: Library, region: str) -> tuple[Reply, ...]:
    """The number that helps at once: nobody of ours will call them, for we do not know who they are."""
    number = str(library.numbers(region)["ambulance"]["number"])
    return for_strangers(library, "web-not-emergency", emergency_number=number)


def waits(library: Library, tag: str) -> tuple[Reply, ...]:
    """A nurse has yet to confirm that this telephone is theirs; whoever got it by mistake can say so."""
    return (_line(library, tag, "contact-waits", (Button(library.phrase(tag, "button-not-mine").text, NOT_MINE),)),)


def removed(library: Library, tag: str) -> tuple[Reply, ...]:
    return (_line(library, tag, "contact-removed"),)


def whom(library: Library, tag: str, names: Sequence[tuple[str, str]]) -> tuple[Reply, ...]:
    """Which of the patients who share this telephone?  `names`: (contact's id, name)."""
    return (_line(library, tag, "contact-whom", tuple(Button(name, f"{WHOM}:{id_}") for id_, name in names)),)


def _line(library: Library, tag: str, phrase: str, buttons: tuple[Button, ...] = (), **names: str) -> Reply:
    return Wording(tag).add(library.phrase(tag, phrase, **names)).reply("neutral", buttons=buttons)


async def say(channel: Channel, neutral: Neutral, library: Library, gate: Gate, now: datetime) -> int:
    """Send it now.  What the gate holds is not said; what the vendor refuses is repeated only where that passes soon.

    Returns what it spent.
    """
    passed = [pass_gate(each, library, gate, now.date()) for each in neutral.replies]
    let_out = [each for each in passed if each]
    if not let_out:
        log.warning("neutral.held", channel=channel.name)
        return 0
    choices = tuple(Choice(each.label, each.payload) for reply in let_out for each in reply.buttons)
    text = "\n".join(line for reply in let_out for line in (reply.notice, reply.text) if line)
    said = Said(neutral.key, text, form=let_out[0].form, kind="reply", choices=choices)
    spent = 0
    try:
        for step in channel.plan(said, neutral.contact, now).steps:
            await _send(channel, step)
            spent += step.spends
    except SendFailed as no:
        log.warning("neutral.refused", channel=channel.name, cause=no.cause)
    return spent


async def _send(channel: Channel, step: Step) -> None:
    """Raises SendFailed.  Nothing else asks it of them: a question that is lost here leaves somebody waiting for good."""
    for again_s in AGAIN_S:
        try:
            await channel.send(step)
            return
        except SendFailed as no:
            wait_s = no.again_after.total_seconds() if no.again_after else again_s
            if no.cause not in PASSING or wait_s > LONGEST_S:
                raise
            await asyncio.sleep(wait_s)
    await channel.send(step)
