"""What WeChat's window still gives: counted as the vendor counts it, in whatever order we hear of what a patient did."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.channels.base import Contact
from care.channels.notes import BriefNotes
from care.channels.wechat.window import count_left
from care.kit.clock import HandClock
from care.messages.windows import after
from tests.channels.wechat_post import GUL, MORNING, Desk, later, medicine, open_desk
from tests.vendors.wechat import WeChatServer, open_channel


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        yield opened


async def test_a_button_of_ours_opens_one_minute_and_no_two_days(desk: Desk) -> None:
    desk.she_did("menu")
    await desk.say(medicine())
    later(desk, minutes=1)

    assert desk.said == ["voice", "text"]
    assert desk.plan(medicine()).why == "window-closed"


async def test_the_larger_remainder_counts(desk: Desk) -> None:
    wrote, soon = Contact(GUL, MORNING, "message"), MORNING + timedelta(minutes=5)
    scanned = Contact(GUL, soon, "scan")

    assert after(desk.channel, replace(wrote, spent=1), replace(scanned, opened_by="menu")) == replace(wrote, spent=1)
    assert after(desk.channel, replace(wrote, spent=2), scanned).opened_by == "message"
    assert after(desk.channel, replace(wrote, spent=4), scanned) == scanned
    assert after(desk.channel, Contact(GUL), scanned) == scanned


async def test_an_act_we_hear_of_late_counts_as_if_we_had_heard_in_time(desk: Desk) -> None:
    wrote, scanned = Contact(GUL, MORNING, "message", 2), Contact(GUL, MORNING, "scan", 2)
    before = MORNING - timedelta(seconds=9)

    assert after(desk.channel, wrote, Contact(GUL, before, "message")) == wrote
    assert after(desk.channel, wrote, Contact(GUL, before, "scan")) == wrote
    assert after(desk.channel, scanned, Contact(GUL, before, "message")) == Contact(GUL, before, "message", 2)


# Two of one kind at one moment would be one that is told twice.
ACTS = st.tuples(st.sampled_from(["message", "menu", "follow", "scan", "send", "send", "send"]), st.floats(1, 4000))


@given(st.lists(ACTS, max_size=60))
@settings(max_examples=200, deadline=None)
def test_what_we_count_is_what_the_vendor_counts(acts: list[tuple[str, float]]) -> None:
    clock = HandClock(MORNING)
    vendor, contact = WeChatServer(clock), Contact(GUL)
    channel = open_channel("http://127.0.0.1", BriefNotes(clock.now), clock)
    for act, minutes in acts:
        clock.advance(timedelta(minutes=minutes**2 / 4000))
        if act != "send":
            vendor.did(GUL, act)
            contact = after(channel, contact, Contact(GUL, clock.now(), act))
        elif count_left(contact, clock.now()):
            vendor.people[GUL].left -= 1
            contact = replace(contact, spent=contact.spent + 1)
        person = vendor.people.get(GUL)
        given = person.left if person and person.until and clock.now() < person.until else 0
        assert count_left(contact, clock.now()) == given
